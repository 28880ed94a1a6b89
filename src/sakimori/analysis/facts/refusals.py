"""Facts of a refused call: what was tried, and on what. CloudTrail leaves the parameters of many refused calls out.

Form of the message: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

import re
from typing import Final

from sakimori.analysis.facts.event_parts import text_in
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.model.verdict import Text

_LONGEST: Final = 4_000
_ACTION: Final = re.compile(r"not authorized to perform:? ([a-z0-9-]{1,40}:[A-Za-z0-9]{1,100})")
_RESOURCE: Final = re.compile(r" on resource:? (?:(?:user|role|group|policy|instance profile) )?(\S{1,600})")


def refused_resource(event: Event) -> str:
    """The name or ARN that the message tells; "" where it tells none."""
    found = _RESOURCE.search(text_in(event.get("errorMessage"))[:_LONGEST])
    return found[1].rstrip(".,;") if found else ""


def _resource(event: Event, _: Surroundings) -> str:
    return refused_resource(event)


def _action(event: Event, _: Surroundings) -> str:
    found = _ACTION.search(text_in(event.get("errorMessage"))[:_LONGEST])
    return found[1] if found else ""


FACTS: Final = (
    Fact(
        name="fact.refused_action",
        type=FactType.TEXT,
        sentence=Text(
            en="The permission that was missing, such as iam:PassRole; empty if the message tells none.",
            ja="不足していたアクセス許可（iam:PassRole など）。メッセージに記載がない場合は空です。",
        ),
        reads=("errorMessage",),
        of=_action,
    ),
    Fact(
        name="fact.refused_resource",
        type=FactType.TEXT,
        sentence=Text(
            en="The name or ARN of what the refused call would have acted upon; empty if the message tells none.",
            ja="拒否された操作の対象の名前または ARN。メッセージに記載がない場合は空です。",
        ),
        reads=("errorMessage",),
        of=_resource,
    ),
)
