"""An access key of a user that nobody may use any more (Security Hub: IAM.3, IAM.8, IAM.22): switched off, not deleted.

A finding names a user and one of the two places for keys in the credential report, which has no ids of keys. Which key
lies in a place is told by the days on which it was made and last used; where these do not tell, nothing is done.
A password cannot be given back once it is deleted, and the root user's keys are the root user's: both are done by hand.
Source: botocore's model of iam; IAM User Guide, "Generate credential reports for your AWS account" (a key that is not
active may stand there without its day) and "Update access keys".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.actions.resources.mended import changes_if_there, unless_gone, wanted_if_there
from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.aws.refusal import Refusal
from sakimori.collect.iam.credential_report import GENERATE, GET, KINDS, read_credentials
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import GapKind, Scope

_LIST: Final = "iam:ListAccessKeys"
_LAST_USED: Final = "iam:GetAccessKeyLastUsed"
_UPDATE: Final = "iam:UpdateAccessKey"
_CALLER: Final = "sts:GetCallerIdentity"
_OFF: Final = "Inactive"
_NOT_A_KEY: Final[State] = {"key": "", "status": ""}
_SHOWN: Final = 4
_IN_USE: Final = timedelta(days=30)
"""What was used so lately is needed: a key is replaced where it is used before it is switched off."""
_KIND: Final = Kind(
    service="iam",
    call=_LIST,
    has_region=False,
    pattern=rf"(root|user/([!-~]*/)?[A-Za-z0-9+=,.@_-]{{1,64}})/({'|'.join(KINDS)})",
)

Key = Mapping[str, Any]
Slot = Mapping[str, Any]


def _place(site: Site) -> tuple[str, str, str]:
    """The user's ARN and name, and which credential."""
    who, _, kind = _KIND.name(site).rpartition("/")
    return site.resource.removesuffix(f"/{kind}"), who.rpartition("/")[2], kind


def _is_by_hand(site: Site) -> bool:
    arn, _, kind = _place(site)
    return kind == "password" or arn.endswith(":root")


def _lacks(site: Site) -> str:
    if not _is_by_hand(site):
        return ""
    is_root = _place(site)[0].endswith(":root")
    return "fix_data.access_key_inactive_root" if is_root else "fix_data.access_key_inactive_password"


def _read(site: Site, _name: str) -> State | None:
    if _is_by_hand(site):
        return _NOT_A_KEY
    arn, user, kind = _place(site)
    keys = site.all_of(_LIST, "AccessKeyMetadata", UserName=user)
    if not keys:
        return None
    slots = {str(each["kind"]): each for each in read_credentials(site.door, site.region) if each.get("arn") == arn}
    if kind not in slots:
        raise _unknown("NotInCredentialReport")
    (other,) = (each for each in slots if each not in (kind, "password"))
    found = _key_in(site, slots[kind], slots[other], keys)
    return None if found is None else {"key": found["AccessKeyId"], "status": found["Status"]}


def _key_in(site: Site, slot: Slot, other: Slot, keys: Sequence[Key]) -> Key | None:
    """The key in this place of the report, None where it is empty; Refusal where the report does not tell."""
    mine, others = _fits(site, slot, keys), _fits(site, other, keys)
    if len(mine) == 1 and mine != others:
        return mine[0]
    left = [each for each in keys if each not in others]
    if len(others) == 1 and len(left) <= 1:
        return left[0] if left else None
    if len(keys) == 1 and not others:
        return keys[0]
    raise _unknown("WhichAccessKeyIsNotKnown")


def _fits(site: Site, slot: Slot, keys: Sequence[Key]) -> list[Key]:
    """The keys that were made when the place says, or were last used when it says."""
    made = [each for each in keys if slot["rotated_at"] and _minute(each["CreateDate"]) == _minute(slot["rotated_at"])]
    if len(made) == 1 or not slot["last_used_at"]:
        return made
    return [each for each in made or keys if _minute(_last_use(site, each).get("LastUsedDate")) == _minute(slot["last_used_at"])]  # fmt: skip


def _minute(moment: datetime | None) -> datetime | None:
    return moment.replace(second=0, microsecond=0) if moment else None


def _last_use(site: Site, key: Key) -> Mapping[str, Any]:
    answer = site.call(_LAST_USED, AccessKeyId=key["AccessKeyId"]) or {}
    return answer.get("AccessKeyLastUsed") or {}


def _unknown(code: str) -> Refusal:
    return Refusal(call=GET, kind=GapKind.MALFORMED, code=code, message="the report does not tell which key it means")


def _wanted(_site: Site, state: State) -> State:
    return state if state == _NOT_A_KEY or not is_there(state) else {**state, "status": _OFF}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now.get("key") != target.get("key"):
        return ()  # the key of then is gone; the one that took its place is another matter
    text = "fix_data.access_key_inactive_off" if target["status"] == _OFF else "fix_data.access_key_inactive_on"
    values = {"user": _place(site)[1], "key": now["key"][-_SHOWN:]}
    return (Change(name="status", call=_call(site, target), undo=(_call(site, now),), text=text, values=values),)


def _call(site: Site, state: State) -> Call:
    named = {"UserName": _place(site)[1], "AccessKeyId": state["key"], "Status": state["status"]}
    return Call(operation=_UPDATE, region=site.region, parameters=named)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    arn, user, _ = _place(site)
    values = {"user": user, "key": state["key"][-_SHOWN:]}
    found: list[Caution] = []
    if (site.call(_CALLER) or {}).get("Arn") == arn:
        found.append(Caution(text="fix_data.access_key_inactive_own", values=values, blocks=True))
    try:
        used = _last_use(site, {"AccessKeyId": state["key"]})
    except Refusal as refusal:
        return [*found, Caution(text="fix_data.access_key_inactive_unseen", values={**values, "code": refusal.code})]
    day = used.get("LastUsedDate")
    if day is None:
        return [*found, Caution(text="fix_data.access_key_inactive_never", values=values)]
    last = {"day": day.date().isoformat(), "service": str(used.get("ServiceName")), "region": str(used.get("Region"))}
    is_in_use = site.as_of is not None and site.as_of - day < _IN_USE
    text = "fix_data.access_key_inactive_in_use" if is_in_use else "fix_data.access_key_inactive_used"
    return [*found, Caution(text=text, values={**values, **last}, blocks=is_in_use)]


STEP: Final = Step(
    id="access-key-inactive",
    order=2110,
    texts="fix_data.access_key_inactive",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    rules=(
        "aws.iam.access-key-rotated", "aws.iam.credential-used-recently", "aws.iam.user-one-active-access-key",
        "aws.iam.user-without-key-from-setup",
    ),
    reads=(GENERATE, GET, _LIST, _LAST_USED, _CALLER),
    writes=(_UPDATE,),
    read=unless_gone(unless_others(_KIND, _read), "NoSuchEntity"),
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    lacks=_lacks,
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)  # fmt: skip
