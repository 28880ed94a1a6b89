"""List A: what the credentials of a closure created and changed. Everything else of the window is list B.

Which event says that of what is data (`rulebook/incident/made.yaml`). A write that is not there is of the kind `other`: it is
in the list too, by the first resource that the event names, for a thing that nobody listed may be the one that matters.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Final

import msgspec

from sakimori.analysis.incident.closure import closure_events
from sakimori.analysis.incident.events import Asked, Events
from sakimori.analysis.incident.form import Closure, Event, Made
from sakimori.analysis.incident.issued import HANDING_OUT, LONG_LIVED, partition_of
from sakimori.analysis.incident.json_paths import all_at, flat, text_at, texts_at
from sakimori.texts.bounded_yaml import read_yaml

OTHER: Final = "other"
OWN: Final = "own."
"""Before what an event tells of this one of several things that it made."""
_PARTS: Final = ("policyArn", "policyName", "userName")
"""By what the event tells: which part of a thing was changed."""
MOST_MADE: Final = 10_000
_MOST_EVENT_IDS: Final = 50
_OF_ANSWER: Final = 15
_NO_THINGS: Final = (HANDING_OUT - LONG_LIVED) | {
    "ConsoleLogin", "GetSigninToken", "SwitchRole", "ExitRole", "RenewRole", "CheckMfa", "Federate", "Authenticate",
}  # fmt: skip
"""Operations that hand out or use credentials, and change no thing."""


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    of: str
    kind: str
    id: list[str]
    arn: list[str] = []
    form: str = ""
    user: list[str] = []
    new: bool = False
    own: str = ""
    """Where the answer has a member for each thing: what it says of one is told with that one alone."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    made: list[_Line]


@cache
def made_lines() -> Mapping[tuple[str, str], _Line]:
    """What is known of operations, by service and name."""
    with as_file(files("sakimori") / "rulebook" / "incident" / "made.yaml") as path:
        told: Any = read_yaml(path).data
    lines = msgspec.convert(told, _File).made
    return {(service, name): line for line in lines for service, _, name in [line.of.partition(" ")]}


def made_by(
    closure: Closure, events: Events, *, asked: Asked | None = None, is_known: Callable[[Event], bool] | None = None
) -> tuple[Made, ...]:
    """What the closure created and changed, in the order of time; of more than `MOST_MADE` things the first ones.

    `is_known` tells events that come from where the owner of the key usually works.
    """
    wanted = asked or Asked()
    writes = Asked(since=wanted.since, until=wanted.until, writes=True, with_data=False)
    return made_in(closure_events(closure, events, writes), is_known)


def made_in(events: Iterable[Event], is_known: Callable[[Event], bool] | None = None) -> tuple[Made, ...]:
    """What these events created and changed."""
    found: dict[tuple[object, ...], list[tuple[Event, Made]]] = {}
    for event in events:
        for made in made_of(event, is_known):
            # Two policies that were attached to one user are two things to put back.
            part = tuple(str(made.told.get(each, "")) for each in _PARTS)
            mark = (made.kind, made.id, made.account, made.region, made.change, part, made.is_from_known_origin)
            found.setdefault(mark, []).append((event, made))
    joined = [_joined(each) for each in found.values()]
    return tuple(sorted(joined, key=lambda made: (made.at, made.kind, made.id, made.change))[:MOST_MADE])


def made_of(event: Event, is_known: Callable[[Event], bool] | None = None) -> tuple[Made, ...]:
    """What one event created or changed; nothing where AWS refused, and of a read."""
    if event.error or event.read_only or event.name in _NO_THINGS or _is_quarantine(event):
        return ()
    line = made_lines().get((event.source.partition(".")[0], event.name))
    origin = is_known is not None and is_known(event)
    told = {
        **flat(event.request),
        **{f"response.{name}": value for name, value in flat(event.response, most=_OF_ANSWER).items()},
    }
    if line is None:
        return (_made(event, OTHER, _any_id(event), event.resources[0] if event.resources else "", told, origin),)
    parts = {"request": event.request, "response": event.response}
    ids = next((found for path in line.id if (found := texts_at(parts, path))), ())
    arns = tuple(arn for path in line.arn for arn in texts_at(parts, path))
    user = text_at(parts, *line.user) or event.caller_name
    return tuple(
        _made(
            event,
            line.kind,
            each,
            _arn(line, event, each, arns, user),
            {**told, **_own(line, parts, each)},
            origin,
            is_new=line.new,
        )
        for each in (ids or (_any_id(event),))
    )


def _own(line: _Line, parts: Mapping[str, object], id_: str) -> Mapping[str, object]:
    """What the answer says of the thing of this id."""
    members = (flat(each, most=_OF_ANSWER) for each in all_at(parts, line.own)) if line.own else ()
    found = next((each for each in members if id_ in each.values()), dict[str, object]())
    return {f"{OWN}{name}": value for name, value in found.items()}


def _made(  # noqa: PLR0913, PLR0917 - the parts of one thing
    event: Event,
    kind: str,
    id_: str,
    arn: str,
    told: Mapping[str, object],
    origin: bool,  # noqa: FBT001
    *,
    is_new: bool = False,
) -> Made:
    return Made(
        kind=kind,
        id=id_[:2_048],
        arn=arn[:2_048],
        account=event.account,
        region=event.region,
        is_created=is_new,
        event_ids=(event.event_id,),
        at=event.at,
        by=event.key_id or event.principal,
        change=event.name,
        told=told,
        is_from_known_origin=origin,
        address=event.ip,
    )


def _arn(line: _Line, event: Event, id_: str, arns: tuple[str, ...], user: str) -> str:
    if id_.startswith("arn:"):
        return id_
    own = [arn for arn in arns if arn.endswith(id_)] or list(arns)
    if len(arns) == 1 or (own and own != list(arns)):
        return own[0]
    if not line.form:
        return next((each for each in event.resources if id_ in each), "")
    parts = {"{account}": event.account, "{region}": event.region, "{user}": user, "{id}": id_}
    form = line.form
    # Values last: what a stranger named `{id}` must not be filled in again.
    pieces = [parts.get(piece, piece) for piece in _split(form)]
    return f"arn:{partition_of(event)}:" + "".join(pieces)


def _split(form: str) -> list[str]:
    pieces = list[str]()
    for piece in form.split("{"):
        head, closing, rest = piece.partition("}")
        pieces += [f"{{{head}}}", rest] if closing else [piece]
    return pieces


def _any_id(event: Event) -> str:
    """By what the thing may be called where the catalogue does not say."""
    if event.resources:
        return event.resources[0]
    named = [
        value
        for name, value in flat(event.request, most=10).items()
        if name.lower().endswith(("name", "id", "arn", "identifier"))
    ]
    return next((str(value) for value in named if value), "")


def _is_quarantine(event: Event) -> bool:
    """AWS attaches its quarantine policy in the name of the user whose key was found: that is no deed of the thief."""
    policy = text_at(event.request, "policyArn")
    return (
        event.name == "AttachUserPolicy"
        and ":policy/AWSCompromisedKeyQuarantine" in policy
        and policy.split(":")[4:5] == ["aws"]
    )


def _joined(pairs: list[tuple[Event, Made]]) -> Made:
    """One thing and one kind of change: the first event, with the others' ids."""
    pairs.sort(key=lambda pair: (pair[0].at, pair[0].event_id))
    first = pairs[0][1]
    ids = tuple(dict.fromkeys(event.event_id for event, _ in pairs))
    return replace(first, event_ids=ids[:_MOST_EVENT_IDS], count=len(ids))
