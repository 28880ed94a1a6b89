"""Facts of the instances that a request starts or changes."""

import re
from collections.abc import Iterator
from typing import Final

from sakimori.analysis.facts.event_parts import mapping_in, members_of, pairs_in, request, text_in, texts_in
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.model.verdict import Text

# Operations that name types of instances which are to run. Source: EC2, EC2 Auto Scaling, SageMaker, EMR, ECS API References.
_STARTING: Final = re.compile(
    r"(?:Run(?:Instances|JobFlow)|Request(?:SpotInstances|SpotFleet)|Create\w*|Modify(?:InstanceAttribute|Fleet|SpotFleetRequest)"
    r"|(?:Update|Put)\w*|AddInstance\w+|SetDesiredCapacity)\Z"
)
_TYPE: Final = re.compile(
    r"(?:[a-z]+\.)?([a-z]{1,4}\d[a-z0-9-]*|u-[a-z0-9-]+|mac\d[a-z0-9-]*)\.((\d*)[a-z]+[a-z0-9-]*)\Z"
)
_ACCELERATED: Final = re.compile(r"(?:p|g|gr|trn|inf|dl|vt|f)\d")
_LARGE: Final = 16
_COUNTS: Final = frozenset(
    {"maxcount", "instancecount", "targetcapacity", "totaltargetcapacity", "desiredcapacity", "initialinstancecount"}
)
_BY_ID: Final = frozenset({"StartInstances", "StopInstances", "RebootInstances", "TerminateInstances"})
_USER_DATA: Final = frozenset({"userdata", "userdatascript"})
_MOST_INSTANCES: Final = 10_000_000


def _types(event: Event) -> tuple[str, ...]:
    if not _STARTING.match(text_in(event.get("eventName"))):
        return ()
    return tuple(dict.fromkeys(_named_types(event)))


def _named_types(event: Event) -> Iterator[str]:
    for name, value in pairs_in(dict(request(event))):
        if name.lower() not in {"instancetype", "instancetypes", "masterinstancetype", "slaveinstancetype"}:
            continue
        # ModifyInstanceAttribute gives `instanceType: {"value": …}`.
        given = mapping_in(value)
        texts = texts_in(given.get("value", value))
        yield from (text for text in texts if _TYPE.match(text))


def _instance_types(event: Event, _: Surroundings) -> tuple[str, ...]:
    return _types(event)


def _is_gpu(event: Event, _: Surroundings) -> bool:
    return any(_ACCELERATED.match(found[1]) for text in _types(event) if (found := _TYPE.match(text)))


def _is_large(event: Event, _: Surroundings) -> bool:
    return any(_has_large_size(text) for text in _types(event))


def _has_large_size(text: str) -> bool:
    found = _TYPE.match(text)
    if found is None:
        return False
    return found[2].startswith("metal") or (found[2].endswith("xlarge") and int(found[3] or "1") >= _LARGE)


def _count(event: Event, _: Surroundings) -> int | None:
    """The answer tells how many were started; without it, the most that were asked for."""
    name = text_in(event.get("eventName"))
    if name in _BY_ID:
        return len(members_of(request(event).get("instancesSet"))) or None
    if not _STARTING.match(name):
        return None
    answer = mapping_in(mapping_in(event.get("responseElements")).get("instancesSet"))
    if started := members_of(answer):
        return len(started)
    counts = [
        number
        for key, value in pairs_in(dict(request(event)))
        if key.lower() in _COUNTS and (number := _number(value)) is not None
    ]
    return sum(counts) if counts else None


def _number(value: object) -> int | None:
    text = text_in(value)
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_INSTANCES))):
        return None
    return int(text)


def _gives_user_data(event: Event, _: Surroundings) -> bool:
    """Whether code for the start is given; CloudTrail masks what it says.

    Source: recorded events (`"userData": "<sensitiveDataRemoved>"`).
    """
    if not _STARTING.match(text_in(event.get("eventName"))):
        return False
    return any(name.lower() in _USER_DATA and bool(value) for name, value in pairs_in(dict(request(event))))


_READS: Final = ("eventName", "requestParameters")

FACTS: Final = (
    Fact(
        name="fact.instance_types",
        type=FactType.TEXTS,
        sentence=Text(
            en="The types of the instances that are asked for, of EC2 and of services that run them.",
            ja="要求されたインスタンスタイプです（EC2、およびインスタンスを使うサービス）。",
        ),
        reads=_READS,
        of=_instance_types,
    ),
    Fact(
        name="fact.instance_count",
        type=FactType.INTEGER,
        sentence=Text(
            en="How many instances were started, stopped or terminated, or at most asked for.",
            ja="起動・停止・終了された、または要求されたインスタンスの最大数です。",
        ),
        reads=(*_READS, "responseElements"),
        of=_count,
    ),
    Fact(
        name="fact.gpu_instance",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="One of the types has GPUs or other accelerators (p, g, trn, inf, dl, vt, f).",
            ja="GPU などのアクセラレーターを備えたインスタンスタイプです（p、g、trn、inf、dl、vt、f）。",
        ),
        reads=_READS,
        of=_is_gpu,
    ),
    Fact(
        name="fact.large_instance",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="One of the types is 16xlarge or larger, or bare metal.",
            ja="16xlarge 以上、またはベアメタルのインスタンスタイプです。",
        ),
        reads=_READS,
        of=_is_large,
    ),
    Fact(
        name="fact.user_data_given",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="User data, which runs when an instance starts, is given.",
            ja="インスタンスの起動時に実行されるユーザーデータが指定されています。",
        ),
        reads=_READS,
        of=_gives_user_data,
    ),
)
