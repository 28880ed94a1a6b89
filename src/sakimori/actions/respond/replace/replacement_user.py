"""R32: a new user with the rights of one whose key leaked, so that the denial of the old one can stay.

It gets the old user's groups, policies, boundary and tags; not what denies the old one (AWS's quarantine, ours), and not what
a thief gave it. No password, no key, no device goes along. The resource is the new user's ARN; the old one is `Wishes.replaces`.
Sources: botocore's model of iam; IAM User Guide, "Permissions boundaries for IAM entities", "Tags for IAM users".
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.iam_principal import ABSENT, LIST_KEYS, QUARANTINE, USER
from sakimori.actions.resources.mended import GONE
from sakimori.actions.resources.named_resource import is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import GapKind, Scope

ID: Final = "replacement-user"
CASE_TAG: Final = "sakimori:case"
_GET: Final = "iam:GetUser"
_TAGS: Final = "iam:ListUserTags"
_GROUPS: Final = "iam:ListGroupsForUser"
_CREATE: Final = "iam:CreateUser"
_DELETE: Final = "iam:DeleteUser"
_PUT_BOUNDARY: Final = "iam:PutUserPermissionsBoundary"
_NO_BOUNDARY: Final = "iam:DeleteUserPermissionsBoundary"
_TAG: Final = "iam:TagUser"
_UNTAG: Final = "iam:UntagUser"
_ADD: Final = "iam:AddUserToGroup"
_REMOVE: Final = "iam:RemoveUserFromGroup"
_DENY_ALL: Final = ":iam::aws:policy/AWSDenyAll"
_OURS: Final = ("SakimoriQuarantine-", "AWSRevokeOlderSessions")
_ADMIN: Final = ":iam::aws:policy/AdministratorAccess"
_CHANGED: Final = "changed "
_MOST_NAMED: Final = 10


def _parts(site: Site, name: str) -> State | None:
    """What makes the rights of a user; None where there is none of this name."""
    found = site.call(_GET, (ABSENT,), UserName=name)
    if found is None:
        return None
    user = found["User"]
    names = site.all_of("iam:ListUserPolicies", "PolicyNames", UserName=name)
    return {
        "path": str(user.get("Path") or "/"),
        "boundary": str((user.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") or ""),
        "groups": sorted(str(each["GroupName"]) for each in site.all_of(_GROUPS, "Groups", UserName=name)),
        "attached": sorted(USER.attached(site, name)),
        "written": {str(each): USER.written(site, name, each) for each in sorted(names)},
        "tags": {str(each["Key"]): str(each["Value"]) for each in site.all_of(_TAGS, "Tags", UserName=name)},
    }


def _read(site: Site, _name: str) -> State | None:
    return _parts(site, USER.name(site))


def _lacks(site: Site) -> str:
    return "" if site.wishes.replaces and site.wishes.case else "respond_rotate.no_old_user"


def _old(site: Site) -> State:
    old = USER.name(replace(site, resource=site.wishes.replaces))
    found = _parts(site, old)
    if found is None:
        raise Refusal(call=_GET, kind=GapKind.REFUSED, code=ABSENT, message=old)
    return found


def _wanted(site: Site, state: State) -> State:
    old, left = _old(site), frozenset(site.wishes.left_out)
    attached = [each for each in old["attached"] if not _is_denial(each) and f"attached {each}" not in left]
    written = {
        name: text
        for name, text in old["written"].items()
        if not name.startswith(_OURS) and f"inline {name}" not in left
    }
    return {
        # AWS's own tags cannot be set; a path cannot be changed without changing who it is.
        "path": state["path"] if is_there(state) else old["path"],
        "boundary": old["boundary"],
        "groups": [each for each in old["groups"] if f"group {each}" not in left],
        "attached": attached,
        "written": written,
        "tags": {**{key: value for key, value in old["tags"].items() if not key.startswith("aws:")}, CASE_TAG: site.wishes.case},
    }  # fmt: skip


def _is_denial(arn: str) -> bool:
    return QUARANTINE in arn or arn.endswith(_DENY_ALL)


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target:
        return ()
    name = USER.name(site)
    if target == GONE:
        return (*_parted(site, name, now, _empty(now)), _deleted(site, name))
    if now == GONE:
        # What is given with the creation is there from the first moment: a boundary that came later would leave a gap.
        start = {**_empty(target), "boundary": target["boundary"], "tags": target["tags"]}
        return (_created(site, name, target), *_parted(site, name, start, target))
    return _parted(site, name, now, target)


def _empty(state: State) -> State:
    return {**state, "boundary": "", "groups": [], "attached": [], "written": {}, "tags": {}}


def _created(site: Site, name: str, target: State) -> Change:
    boundary = {"PermissionsBoundary": target["boundary"]} if target["boundary"] else {}
    named = {"UserName": name, "Path": target["path"], **boundary}
    call = Call(operation=_CREATE, region=site.region, parameters={**named, "Tags": _listed(target["tags"])})
    undo = Call(operation=_DELETE, region=site.region, parameters={"UserName": name}, settled=(ABSENT,))
    values = {"name": name, "old": site.wishes.replaces.rpartition("/")[2]}
    return Change(name="user", call=call, undo=(undo,), text="respond_rotate.user_made", values=values)


def _deleted(site: Site, name: str) -> Change:
    call = Call(operation=_DELETE, region=site.region, parameters={"UserName": name}, settled=(ABSENT,))
    return Change(
        name="user", call=call, text="respond_rotate.user_gone", lasting="respond_rotate.user_gone_lasting",
        values={"name": name},
    )  # fmt: skip


def _parted(site: Site, name: str, now: State, target: State) -> list[Change]:
    """The changes of a user that is there: what bounds it first, what gives it rights after."""
    found: list[Change] = []
    if now["boundary"] != target["boundary"]:
        pair = (_bounded(site, name, target["boundary"]), _bounded(site, name, now["boundary"]))
        found.append(_pair("boundary", pair, "respond_rotate.boundary", name, target["boundary"] or "-"))
    if now["tags"] != target["tags"]:
        found += _tagged(site, name, now["tags"], target["tags"])
    for arn in sorted(set(now["attached"]) ^ set(target["attached"])):
        is_there_then = arn in target["attached"]
        text = "respond_steps.policy_attached" if is_there_then else "respond_steps.policy_detached"
        found.append(USER.attached_change(site, arn, text, is_attached=is_there_then))
    for policy in sorted({*now["written"], *target["written"]}):
        states = (now["written"].get(policy), target["written"].get(policy))
        if states[0] != states[1]:
            text = "respond_steps.inline_gone" if states[1] is None else "respond_steps.inline_put"
            found.append(USER.written_change(site, policy, states, text))
    for group in sorted(set(now["groups"]) ^ set(target["groups"])):
        named = {"UserName": name, "GroupName": group}
        add = Call(operation=_ADD, region=site.region, parameters=named)
        remove = Call(operation=_REMOVE, region=site.region, parameters=named, settled=(ABSENT,))
        is_in = group in target["groups"]
        pair = (add, remove) if is_in else (remove, add)
        text = "respond_rotate.group_joined" if is_in else "respond_rotate.group_left"
        found.append(_pair(f"group {group}", pair, text, name, group))
    # IAM may not see yet the user that was made a moment ago.
    return [each if each.call.settled else replace(each, call=replace(each.call, not_yet=(ABSENT,))) for each in found]


def _pair(name: str, calls: tuple[Call, Call], text: str, user: str, what: str) -> Change:
    return Change(name=name, call=calls[0], undo=(calls[1],), text=text, values={"name": user, "what": what})


def _bounded(site: Site, name: str, arn: str) -> Call:
    if not arn:
        return Call(operation=_NO_BOUNDARY, region=site.region, parameters={"UserName": name}, settled=(ABSENT,))
    named = {"UserName": name, "PermissionsBoundary": arn}
    return Call(operation=_PUT_BOUNDARY, region=site.region, parameters=named)


def _tagged(site: Site, name: str, now: dict[str, str], target: dict[str, str]) -> list[Change]:
    wrong = {key: value for key, value in target.items() if now.get(key) != value}
    gone = sorted(now.keys() - target.keys())
    found: list[Change] = []
    if wrong:
        call = Call(operation=_TAG, region=site.region, parameters={"UserName": name, "Tags": _listed(wrong)})
        undo = Call(operation=_UNTAG, region=site.region, parameters={"UserName": name, "TagKeys": sorted(wrong)})
        found.append(_pair("tags", (call, undo), "respond_rotate.tagged", name, ", ".join(sorted(wrong))))
    if gone:
        call = Call(operation=_UNTAG, region=site.region, parameters={"UserName": name, "TagKeys": gone}, settled=(ABSENT,))  # fmt: skip
        back = {key: now[key] for key in gone}
        undo = Call(operation=_TAG, region=site.region, parameters={"UserName": name, "Tags": _listed(back)})
        found.append(_pair("tags gone", (call, undo), "respond_rotate.untagged", name, ", ".join(gone)))
    return found


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    def found() -> Sequence[Caution]:
        return (*_strange(site, state), *_left_out(site), *_rights(site))

    return looked(found, blocks=True)


def _strange(site: Site, state: State) -> list[Caution]:
    """A user who is there already and was not made for this incident is somebody else's: nobody gives it rights unseen."""
    is_ours = not is_there(state) or state["tags"].get(CASE_TAG) == site.wishes.case
    values = {"name": USER.name(site)}
    return [] if is_ours else [Caution(text="respond_rotate.user_taken", values=values, blocks=True)]


def _left_out(site: Site) -> list[Caution]:
    told, old = site.wishes.left_out, _old(site)
    given = {*old["attached"], *old["groups"], old["boundary"], "boundary"}
    changed = [each.removeprefix(_CHANGED) for each in told if each.startswith(_CHANGED)]
    changed = [each for each in changed if each in given]
    left = [each for each in told if not each.startswith(_CHANGED)]
    found = [Caution(text="respond_rotate.rights_left_out", values=_some(left))] if left else []
    if changed:
        found.append(Caution(text="respond_rotate.rights_changed", values=_some(changed), blocks=True))
    return found


def _some(names: list[str]) -> dict[str, Any]:
    return {"what": names[:_MOST_NAMED], "count": len(names)}


def _rights(site: Site) -> list[Caution]:
    old = _old(site)
    name = site.wishes.replaces.rpartition("/")[2]
    found = [Caution(text="respond_rotate.by_arn", values={"old": name})]
    if any(each.endswith(_ADMIN) for each in old["attached"]):
        found.append(Caution(text="respond_rotate.is_admin", values={"old": name}))
    return found


def _let_go(site: Site, before: State, now: State) -> None:
    """A user with a key is not deleted: whoever uses it would stop."""
    if before != GONE or not is_there(now):
        return
    keys = site.all_of(LIST_KEYS, "AccessKeyMetadata", UserName=USER.name(site))
    if keys:
        raise Refusal(call=_DELETE, kind=GapKind.REFUSED, code="UserHasAccessKeys", message=USER.name(site))


STEP: Final = Step(
    id=ID,
    order=5010,
    texts="respond_rotate.step_user",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    reads=tuple(dict.fromkeys((_GET, _GROUPS, _TAGS, "iam:ListUserPolicies", *USER.reads, LIST_KEYS))),
    writes=(_CREATE, _DELETE, _PUT_BOUNDARY, _NO_BOUNDARY, _TAG, _UNTAG, *USER.attached_calls, *USER.written_calls, _ADD, _REMOVE),
    read=unless_others(USER.kind, _read),
    wanted=_wanted,
    towards=_towards,
    lacks=_lacks,
    owner=owner,
    cautions=_cautions,
    let_go=_let_go,
    of_resources=True,
)  # fmt: skip
