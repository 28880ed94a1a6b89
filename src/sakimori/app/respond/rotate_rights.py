"""R32: what a thief gave to the old user, or changed of what it had: the new user must not have it.

List A joins the same change of the same user to one line, so the events of the thief's keys are asked too: each names its policy.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sakimori.analysis.incident.events import Asked, Events, user_key
from sakimori.app.respond.case import Case

_OF_USER: Final = {
    "AttachUserPolicy": ("attached", "policyArn"),
    "PutUserPolicy": ("inline", "policyName"),
    "AddUserToGroup": ("group", "groupName"),
}
"""What is given to a user, and by which member of the request it is named."""
_OF_BOUNDARY: Final = frozenset({"PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary"})
_OF_OTHERS: Final = {
    "AttachGroupPolicy": "groupName",
    "PutGroupPolicy": "groupName",
    "CreatePolicyVersion": "policyArn",
    "SetDefaultPolicyVersion": "policyArn",
}
"""What changes things that the user may have rights by."""
_NAMES: Final = frozenset({*_OF_USER, *_OF_BOUNDARY, *_OF_OTHERS})


def left_out(case: Case, user: str, events: Events | None) -> tuple[str, ...]:
    """The words of `Wishes.left_out` for this user (an ARN), from list A and from the events of the closure's keys."""
    name = user_key(user)[1]
    return tuple(sorted({each for change, told in _changes(case, events) for each in _words(change, told, name)}))


def is_whole(case: Case, events: Events | None) -> bool:
    """Whether no change of rights can be missing: where list A joined several, the events must have been asked without a gap."""
    joined = any(each.get("change") in _NAMES and int(each.get("count") or 1) > 1 for each in case.made)
    if not joined:
        return True
    return events is not None and not events.is_cut and all(each.is_complete for each in events.looked)


def _changes(case: Case, events: Events | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in case.made:
        if each.get("change") in _NAMES:
            yield str(each["change"]), each.get("told") or {}
    ids = _key_ids(case)
    if events is not None and ids:
        for event in events.by_keys(ids, Asked(names=_NAMES, since=None, writes=True, with_data=False)):
            if not event.error:
                yield event.name, event.request


def _key_ids(case: Case) -> tuple[str, ...]:
    held: Iterable[str] = (str(each.get("id") or "") for each in case.closure.get("credentials") or ())
    return tuple(
        each for each in dict.fromkeys((*held, case.suspect.key_id)) if each and not each.startswith("console:")
    )


def _words(change: str, told: Mapping[str, Any], name: str) -> Iterator[str]:
    if change in _OF_OTHERS:
        yield f"changed {str(told.get(_OF_OTHERS[change]) or '')[:300]}"
        return
    # Without a name the call is for whoever makes it: the suspect, mostly. Rather one right too few.
    if str(told.get("userName") or name) != name:
        return
    if change in _OF_BOUNDARY:
        yield "changed boundary"
        return
    kind, member = _OF_USER[change]
    yield f"{kind} {str(told.get(member) or '')[:300]}"
