"""Event patterns of EventBridge, and which events of CloudTrail one lets through.

Sources: EventBridge user guide, "Comparison operators for use in event patterns" and "AWS service
events delivered via AWS CloudTrail"; for read-only events, "Receiving read-only management events
from AWS services".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from sakimori.collect.cloudtrail.watched import WATCHED, Event, Judge, Value, watches
from sakimori.collect.kleene import every, opposite, some
from sakimori.collect.wildcard import matches_wildcard

_MAX_CHARACTERS: Final = 20_000  # several times what PutRule accepts
_MAX_DEPTH: Final = 20
_DETAIL_TYPES: Final = {
    "AwsApiCall": "AWS API Call via CloudTrail",
    "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
}
"""By CloudTrail's `eventType`. Events of other types are not asked of a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a rule stands; events that reach it are of this account and Region."""

    account_id: str
    region: str


@lru_cache(maxsize=1024)
def watched_by(pattern: str, place: Place, *, with_reads: bool) -> Mapping[str, bool | None]:
    """Of each watched thing, by name, whether a rule with this pattern sees it; None where it is not understood.

    Without `with_reads` the rule is in the state ENABLED, in which it is not given what only reads.
    """
    try:
        matches = parse(pattern)
    except (ValueError, RecursionError):
        return dict.fromkeys((watched.name for watched in WATCHED), None)

    def judge(event: Event, guess: bool) -> bool | None:  # noqa: FBT001 - the form of a Judge
        if event["eventType"] not in _DETAIL_TYPES:
            return True
        return False if event["readOnly"] is True and not with_reads else matches(_wrapped(event, place), guess)

    return {watched.name: watches(judge, watched) for watched in WATCHED}


def _wrapped(event: Event, place: Place) -> Event:
    """The event as EventBridge carries it."""
    service = str(event["eventSource"]).removesuffix(".amazonaws.com")
    return {
        "source": f"aws.{service}",
        "detail-type": _DETAIL_TYPES[str(event["eventType"])],
        "account": place.account_id,
        "region": place.region,
        "detail.awsRegion": place.region,
        **{f"detail.{path}": value for path, value in event.items()},
    }


def parse(pattern: str) -> Judge:
    """A judge of wrapped events; ValueError where the text is no event pattern."""
    if len(pattern) > _MAX_CHARACTERS:
        raise ValueError(pattern[:40])
    return _object(json.loads(pattern), "", 0)


def _object(node: object, path: str, depth: int) -> Judge:
    if not isinstance(node, dict) or not node or depth > _MAX_DEPTH:
        raise ValueError(path)
    judges = [_member(str(name), value, path, depth) for name, value in cast("dict[str, object]", node).items()]
    return lambda event, guess: every(judge(event, guess) for judge in judges)


def _member(name: str, value: object, path: str, depth: int) -> Judge:
    if name == "$or":
        if not isinstance(value, list) or not value:
            raise ValueError(path)
        judges = [_object(each, path, depth + 1) for each in cast("list[object]", value)]
        return lambda event, guess: some(judge(event, guess) for judge in judges)
    if "." in name:
        # A member with a dot in its name, which would look like a member within a member.
        raise ValueError(name)
    below = f"{path}.{name}" if path else name
    if isinstance(value, dict):
        return _object(cast("object", value), below, depth + 1)
    if not isinstance(value, list) or not value:
        raise ValueError(below)
    return _Leaf(below, tuple(cast("list[object]", value)))


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One of several tests must hold of one member."""

    path: str
    tests: tuple[object, ...]

    def __call__(self, event: Event, guess: bool) -> bool | None:  # noqa: FBT001 - the form of a Judge
        if self.path not in event:
            return None
        return some(_holds(test, event[self.path], guess=guess) for test in self.tests)


def _holds(test: object, found: Value, *, guess: bool) -> bool:
    if isinstance(test, dict):
        return _operator(cast("dict[str, Any]", test), found, guess=guess)
    # A missing member is not null, and true is not 1.
    return found is not None and type(test) is type(found) and test == found


def _operator(test: Mapping[str, Any], found: Value, *, guess: bool) -> bool:
    if len(test) != 1:
        return guess
    ((name, wanted),) = test.items()
    if name == "exists" and isinstance(wanted, bool):
        return (found is not None) is wanted
    if name == "anything-but":
        # Of a member that is missing nothing is written.
        return guess if found is None else _anything_but(wanted, found, guess=guess)
    if name not in _OF_TEXT:
        return guess
    return isinstance(found, str) and _of_text(name, wanted, found, guess=guess)


def _anything_but(wanted: object, found: Value, *, guess: bool) -> bool:
    unwanted = cast("list[object]", wanted) if isinstance(wanted, list) else [wanted]
    if any(isinstance(each, dict) and name in each for each in unwanted for name in ("anything-but", "exists")):
        # EventBridge takes no such thing, and each level of it would double the work.
        return guess
    answers = {value: some(_holds(each, found, guess=value) for each in unwanted) for value in (False, True)}
    return guess if answers[False] is not answers[True] else opposite(answers[guess]) is True


_OF_TEXT: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard")


def _of_text(name: str, wanted: object, found: str, *, guess: bool) -> bool:
    if isinstance(wanted, dict) and set(cast("dict[str, object]", wanted)) == {"equals-ignore-case"}:
        wanted, found = str(cast("dict[str, object]", wanted)["equals-ignore-case"]).lower(), found.lower()
    listed = cast("list[object]", wanted) if isinstance(wanted, list) else [wanted]
    if not all(isinstance(each, str) for each in listed):
        return guess
    return any(_text_holds(name, str(each), found) for each in listed)


def _text_holds(name: str, wanted: str, found: str) -> bool:
    match name:
        case "prefix":
            return found.startswith(wanted)
        case "suffix":
            return found.endswith(wanted)
        case "wildcard":
            return matches_wildcard(wanted, found)
        case _:
            return found.lower() == wanted.lower()
