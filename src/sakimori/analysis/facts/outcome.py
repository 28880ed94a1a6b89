"""Facts of what came of a call: denied, failed, succeeded, tried without effect; and its name without a version."""

import re
from functools import lru_cache
from typing import Final

from sakimori.analysis.facts.event_parts import is_true, mapping_in, text_in
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.model.verdict import Text

# Source: "Common error types" of the services' API references; EC2 User Guide, "Error codes" (Client.*).
# NotAuthorizedException is Cognito's word for a wrong password, which is no refusal by a policy.
_REFUSAL: Final = re.compile(
    r"AccessDenied|Unauthorized|AuthorizationError|Forbidden|NotAuthorized(?!Exception)", re.IGNORECASE
)
_DRY_RUN: Final = "DryRunOperation"
# Where a record of sign-in tells its outcome, under the name of the event.
# Source: CloudTrail User Guide, "AWS Management Console sign-in events"; IAM Identity Center User Guide, "CloudTrail".
_OUTCOMES: Final = ("responseElements", "serviceEventDetails")
# Operations of 2012–2020 carry the version of their API in the event's name.
_VERSION: Final = re.compile(r"20\d\d(?:_?\d\d){2}(?:v\d+)?\Z")
# Services whose event source is not the prefix of their actions.
# Source: Service Authorization Reference, against the services' CloudTrail pages.
_PREFIXES: Final = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "tagging": "tag",
    "runtime.sagemaker": "sagemaker",
    "models.lex": "lex",
    "runtime.lex": "lex",
    "data.iot": "iot",
    "servicecatalog-appregistry": "servicecatalog",
}


def _code(event: Event) -> str:
    return text_in(event.get("errorCode"))


def _is_denied(event: Event, _: Surroundings) -> bool:
    code = _code(event)
    return bool(code) and _REFUSAL.search(code) is not None


def _has_failed(event: Event, _: Surroundings) -> bool:
    if event.get("errorCode") or event.get("errorMessage"):
        return True
    name = text_in(event.get("eventName"))
    return any(mapping_in(event.get(place)).get(name) == "Failure" for place in _OUTCOMES)


def _has_succeeded(event: Event, surroundings: Surroundings) -> bool:
    return not _has_failed(event, surroundings)


def _is_dry_run(event: Event, _: Surroundings) -> bool:
    return _code(event).endswith(_DRY_RUN) or is_true(mapping_in(event.get("requestParameters")).get("dryRun"))


def _action(event: Event, _: Surroundings) -> str | None:
    source, name = event.get("eventSource"), event.get("eventName")
    if not (isinstance(source, str) and isinstance(name, str) and source and name):
        return None
    return _named(source, name)


@lru_cache(maxsize=8192)
def _named(source: str, name: str) -> str:
    service = source.removesuffix(".cn").removesuffix(".amazonaws.com")
    return f"{_PREFIXES.get(service, service)}:{_VERSION.sub('', name)}"


FACTS: Final = (
    Fact(
        name="fact.denied",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="The call was refused for want of permission. A failed sign-in is not refused but failed.",
            ja="権限がないため呼び出しが拒否されました。サインインの失敗は拒否ではなく失敗として扱います。",
        ),
        reads=("errorCode",),
        of=_is_denied,
    ),
    Fact(
        name="fact.failed",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="The call had no effect: an error, a refusal, or a failed sign-in.",
            ja="呼び出しは成立しませんでした（エラー、拒否、またはサインインの失敗）。",
        ),
        reads=("errorCode", "errorMessage", "eventName", "responseElements", "serviceEventDetails"),
        of=_has_failed,
    ),
    Fact(
        name="fact.succeeded",
        type=FactType.BOOLEAN,
        sentence=Text(en="The call took effect.", ja="呼び出しが成功しました。"),
        reads=("errorCode", "errorMessage", "eventName", "responseElements", "serviceEventDetails"),
        of=_has_succeeded,
    ),
    Fact(
        name="fact.dry_run",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="The call only asked whether it would be allowed (DryRun).",
            ja="許可されるかどうかだけを確かめる呼び出し（DryRun）です。",
        ),
        reads=("errorCode", "requestParameters"),
        of=_is_dry_run,
    ),
    Fact(
        name="fact.action",
        type=FactType.TEXT,
        sentence=Text(
            en="Service and operation without the API's version, such as lambda:CreateFunction.",
            ja="サービスとオペレーションの名前です。API のバージョンは含みません（例: lambda:CreateFunction）。",
        ),
        reads=("eventName", "eventSource"),
        of=_action,
    ),
)
