"""The lake and the event history tell of the same theft what the events themselves do."""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.analysis.incident.incident_events import (
    ACCOUNT,
    KEY,
    NOW,
    OTHER,
    SEED,
    T0,
    Tale,
    keep,
    record,
    role,
    theft,
    user,
)

from sakimori.analysis.incident.closure import closure_of
from sakimori.analysis.incident.event_history import cut_back_to
from sakimori.analysis.incident.events import ALL, Asked, Events, HeldEvents
from sakimori.analysis.incident.form import Closure, Event
from sakimori.analysis.incident.lake_events import LakeEvents
from sakimori.analysis.incident.lookup_events import LookupEvents, Span
from sakimori.analysis.incident.made import made_by
from sakimori.analysis.incident.merged_events import MergedEvents, compared
from sakimori.analysis.incident.seeds import Subject, SubjectKind, seeds_of
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import Clock
from sakimori.lake.engines.duck import Engine
from sakimori.lake.log_reader import LogReader
from sakimori.model.account import Account
from sakimori.model.words import GapKind

ALL_OF_THEM = {KEY, "AKIA2", "ASIA8", "ASIA1", "ASIA2", "ASIA3"}
REGIONS = ("us-east-1", "us-west-2")
_NAMES = {"AccessKeyId": "key_id", "EventName": "name"}


class History:
    """A door behind which LookupEvents answers out of some events, two on a page."""

    def __init__(self, account: str, events: list[Event], refused: tuple[str, ...] = ()) -> None:
        self.account = Account(id=account, partition="aws", regions=REGIONS, selected=REGIONS)
        self.refusals = ()
        self.asked = Counter[tuple[str, str]]()
        self._events = [each for each in events if each.account == account]
        self._refused = refused
        self._lock = threading.Lock()

    def call(self, operation: str, region: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        assert operation == "cloudtrail:LookupEvents"
        if region in self._refused:
            raise Refusal(kind=GapKind.DENIED, code="AccessDenied", message="no", call=operation)
        (attribute,) = parameters["LookupAttributes"]
        name, value = attribute["AttributeKey"], attribute["AttributeValue"]
        with self._lock:
            self.asked[region, value] += 1
        found = [
            each
            for each in self._events
            if each.region == region and self._fits(each, name, value) and each.at >= parameters["StartTime"]
        ]
        begin = int(parameters.get("NextToken", "0"))
        page = [{"CloudTrailEvent": json.dumps(record(each))} for each in found[begin : begin + 2]]
        return {"Events": page, **({"NextToken": str(begin + 2)} if begin + 2 < len(found) else {})}

    def pages(self, operation: str, region: str, parameters: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        yield self.call(operation, region, parameters)

    @staticmethod
    def _fits(event: Event, name: str, value: str) -> bool:
        if name in _NAMES:
            return getattr(event, _NAMES[name]) == value
        if name == "ResourceName":
            return value in event.resources
        return name == "Username" and event.principal.rsplit("/", 1)[-1] == value


def history(*, refused: tuple[str, ...] = (), events: list[Event] | None = None, most_pages: int = 200) -> LookupEvents:
    told = theft().events if events is None else events
    doors = [History(ACCOUNT, told, refused), History(OTHER, told, refused)]
    return LookupEvents(doors, Span(now=NOW), times=Clock(sleep=lambda _: None), most_pages=most_pages)


def keys(closure: Closure) -> set[str]:
    return set(closure.key_ids)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[LakeEvents]:
    home = tmp_path / "home"
    keep(home, tmp_path / "logs", theft().events)
    with closing(Engine(threads=1)) as engine, closing(LogReader(home)) as reader:
        yield LakeEvents(engine, reader, NOW)


@pytest.mark.slow
def test_the_lake_leads_to_the_same_credentials_as_the_events_themselves(lake: LakeEvents) -> None:
    held = closure_of(HeldEvents(theft().events, lake.looked), [SEED], NOW)
    assert keys(held) == ALL_OF_THEM
    assert closure_of(lake, [SEED], NOW) == held


@pytest.mark.slow
def test_the_event_history_leads_to_the_same_credentials_and_is_asked_each_thing_once(lake: LakeEvents) -> None:
    told = theft().events
    doors = [History(ACCOUNT, told), History(OTHER, told)]
    source = LookupEvents(doors, Span(now=NOW), times=Clock(sleep=lambda _: None))
    closure = closure_of(source, [SEED], NOW)
    assert keys(closure) == ALL_OF_THEM
    before = sum(doors[0].asked.values())
    assert {each.id for each in made_by(closure, source)} == {each.id for each in made_by(closure, lake)}
    assert sum(doors[0].asked.values()) == before
    assert doors[0].asked["us-west-2", KEY] == 1


def test_a_region_that_refuses_is_a_gap_and_no_region_that_was_read() -> None:
    source = history(refused=("us-west-2",))
    closure = closure_of(source, [SEED], NOW)
    (looked,) = source.looked
    assert looked.regions == ("us-east-1",)
    assert looked.regions_asked == 2
    assert not looked.is_complete
    assert {gap.region for gap in looked.gaps} == {"us-west-2"}
    assert keys(closure) < ALL_OF_THEM


def test_more_pages_than_the_bounds_allow_are_told_as_a_cut() -> None:
    many = [replace(theft().events[0], event_id=f"m{number}") for number in range(30)]
    source = history(events=many, most_pages=3)
    closure = closure_of(source, [SEED], NOW)
    assert closure.is_cut
    assert any(gap.code == "TooManyPages" for gap in source.looked[0].gaps)


def test_from_where_on_too_many_pages_were_read_is_told_and_a_later_start_reads_all() -> None:
    first = theft().events[0]
    many = [
        replace(first, event_id=f"m{number}", at=first.at + timedelta(minutes=number)) for number in reversed(range(30))
    ]
    source = history(events=many, most_pages=3)
    list(source.by_keys([first.key_id]))
    (looked,) = source.looked
    seen = sorted(each.at for each in source.by_keys([first.key_id]))
    assert first.at < seen[0] == looked.cut_at == cut_back_to([looked])
    assert cut_back_to([replace(looked, contested=1)]) is None
    doors = [History(ACCOUNT, many)]
    later = LookupEvents(doors, Span(now=NOW, since=looked.cut_at), times=Clock(sleep=lambda _: None), most_pages=3)
    list(later.by_keys([first.key_id]))
    assert (later.looked[0].is_complete, later.looked[0].cut_at, cut_back_to(later.looked)) == (True, None, None)


@pytest.mark.slow
def test_what_one_of_two_sources_lacks_the_other_tells_and_the_difference_is_counted(lake: LakeEvents) -> None:
    fewer = [each for each in theft().events if each.name != "CreateUser"]
    other = history(events=fewer)
    both = MergedEvents([lake, other])
    assert keys(closure_of(both, [SEED], NOW)) == ALL_OF_THEM
    found = compared(lake, other, [KEY, "AKIA2"], since=T0, until=NOW)
    assert not found.agree
    assert (found.first_count - found.second_count, found.only_first_count, found.only_second_count) == (1, 1, 0)
    same = compared(lake, history(), [KEY, "AKIA2"], since=T0, until=NOW)
    assert not same.first_count or same.agree


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        ALL,
        Asked(names=frozenset({"CreateUser", "AssumeRole"})),
        Asked(writes=True),
        Asked(writes=False, with_data=False),
        Asked(since=T0, until=T0),
    ],
)
def test_every_question_has_one_answer_whoever_gives_it(lake: LakeEvents, asked: Asked) -> None:
    held = HeldEvents(theft().events)
    assert _answers(lake, asked) == _answers(held, asked)


def _answers(source: Events, asked: Asked) -> list[list[str]]:
    events = (
        source.by_keys([KEY, "AKIACI"], asked),
        source.by_users([user("mallory"), "ci"], asked),
        source.by_users([role("admin")], asked),
        source.by_roles([role("guest", OTHER)], asked),
        source.by_shared(["shared"], asked),
        source.by_names(["CreateRole", "ConsoleLogin"], asked),
    )
    seen = (
        source.seen_users([user("mallory")], asked),
        source.seen_sessions(["i-1"], asked),
        source.seen_from(["203.0.113.9"], asked),
    )
    found = [sorted(each.event_id for each in answer) for answer in events]
    return found + [
        sorted(f"{each.principal} {each.key_id} {each.at} {each.is_console}" for each in answer) for answer in seen
    ]


def test_a_question_about_thousands_of_keys_has_the_same_answer(lake: LakeEvents) -> None:
    many = [KEY, *(f"ASIANONE{number}" for number in range(3_000))]
    assert {each.event_id for each in lake.by_keys(many)} == {
        each.event_id for each in HeldEvents(theft().events).by_keys([KEY])
    }
    assert sum(each.write_count for each in lake.others(many)) >= 1


def test_a_source_that_tells_another_thing_under_an_id_does_not_hide_what_the_other_tells() -> None:
    tale = Tale()
    made = tale.makes_key("mallory", "AKIAMALLORY")
    other = replace(made, response={"accessKey": {"accessKeyId": "AKIAOTHER", "userName": "mallory"}})
    both = MergedEvents([HeldEvents([other]), HeldEvents([made])])
    assert len(list(both.by_keys([KEY]))) == 2
    assert len(list(MergedEvents([HeldEvents([made]), HeldEvents([made])]).by_keys([KEY]))) == 1


def test_a_resource_is_meant_by_its_arn_where_events_have_its_id_or_name_alone() -> None:
    tale = Tale()
    machines = [{"instanceId": f"i-{number:017x}", "imageId": "ami-1"} | {f"m{each}": each for each in range(60)} for number in range(8)]  # fmt: skip
    tale.tell("RunInstances", service="ec2", response={"instancesSet": {"items": machines}})
    tale.tell("PutBucketPolicy", key="ASIA" + "0" * 16, service="s3", request={"bucketName": "web"})
    tale.tell("CreateUser", key="AKIA" + "0" * 16, request={"userName": "web"})
    events = HeldEvents(tale.events)

    def by(arn: str) -> list[str]:
        return [each.id for each in seeds_of(Subject(kind=SubjectKind.RESOURCE, id=arn), events, Asked())]

    assert by(f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-{7:017x}") == [KEY]
    assert by("arn:aws:s3:::web") == ["ASIA" + "0" * 16]
