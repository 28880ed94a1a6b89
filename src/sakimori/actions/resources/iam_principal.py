"""A user or a role of IAM as an incident names it: its ARN, its policies, and whether it is the one who asks.

The operations on users and on roles differ by one word. Source: botocore's model of iam; IAM User Guide, "IAM and AWS STS
quotas" (inline policies of a user may have 2,048 characters together, of a role 10,240, white space not counted; ten
managed policies may be attached, more where the quota was raised); API reference, GetAccountSummary (the quotas).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.policy_statements import policy_text
from sakimori.actions.site import Site
from sakimori.actions.step import Caution
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Call, Change

ABSENT: Final = "NoSuchEntity"
CALLER: Final = "sts:GetCallerIdentity"
SUMMARY: Final = "iam:GetAccountSummary"
LIST_KEYS: Final = "iam:ListAccessKeys"
LAST_USED: Final = "iam:GetAccessKeyLastUsed"
NAME: Final = r"([!-~]*/)?[A-Za-z0-9+=,.@_-]{1,64}"
"""A path, and a name."""
QUARANTINE: Final = ":iam::aws:policy/AWSCompromisedKeyQuarantine"
"""What the ARNs of the policies hold by which AWS itself quarantines a user whose key it found in public."""
SHOWN: Final = 4
"""So many characters of a key id are shown."""
_DEFAULT_ATTACHED: Final = 10
_FIXED_PATHS: Final = ("aws-reserved/", "aws-service-role/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Users, roles or groups: `noun` is the word in the operations' names, `size` the characters that inline policies may have by default."""

    noun: str
    kind: Kind
    size: int

    @property
    def reads(self) -> tuple[str, ...]:
        """What `is_there`, `written`, `attached`, `has_room` and `may_attach` call."""
        forms = ("Get{}", "Get{}Policy", "List{}Policies", "ListAttached{}Policies")
        return (*map(self._named, forms), SUMMARY)

    @property
    def written_calls(self) -> tuple[str, str]:
        """What `written_change` calls: puts and deletes."""
        return self._named("Put{}Policy"), self._named("Delete{}Policy")

    @property
    def attached_calls(self) -> tuple[str, str]:
        """What `attached_change` calls: attaches and detaches."""
        return self._named("Attach{}Policy"), self._named("Detach{}Policy")

    def name(self, site: Site) -> str:
        """Its name without the path; Refusal where the id is none of this kind, here."""
        return self.kind.name(site).rpartition("/")[2]

    def is_there(self, site: Site, name: str) -> bool:
        """Whether there is one of this name."""
        return site.call(self._named("Get{}"), (ABSENT,), **{self._parameter: name}) is not None

    def written(self, site: Site, name: str, policy: str) -> str | None:
        """The inline policy of this name, word by word; None where there is none."""
        answer = site.call(self._named("Get{}Policy"), (ABSENT,), **{self._parameter: name, "PolicyName": policy})
        return None if answer is None else document_text(answer["PolicyDocument"])

    def attached(self, site: Site, name: str) -> frozenset[str]:
        """The ARNs of the attached policies."""
        found = site.all_of(self._named("ListAttached{}Policies"), "AttachedPolicies", **{self._parameter: name})
        return frozenset(str(each["PolicyArn"]) for each in found)

    def has_room(self, site: Site, name: str, policy: str, text: str) -> bool:
        """Whether an inline policy of this name and text still fits beside the others."""
        names = site.all_of(self._named("List{}Policies"), "PolicyNames", **{self._parameter: name})
        others = [self.written(site, name, each) or "" for each in names if each != policy]
        return sum(map(len, (text, *others))) <= _quota(site, f"{self.noun}PolicySizeQuota", self.size)

    def may_attach(self, site: Site, name: str) -> bool:
        """Whether one more policy may be attached."""
        quota = _quota(site, f"AttachedPoliciesPer{self.noun}Quota", _DEFAULT_ATTACHED)
        return len(self.attached(site, name)) < quota

    def written_change(self, site: Site, policy: str, states: tuple[str | None, str | None], text: str) -> Change:
        """The change of the inline policy of this name from one text to another, None for no policy; `text` is the sentence."""
        name = self.name(site)
        there, back = (self._write(site, name, policy, each) for each in reversed(states))
        values = {"name": name, "policy": policy}
        return Change(name=f"inline {policy}", call=there, undo=(back,), text=text, values=values)

    def attached_change(self, site: Site, arn: str, text: str, *, is_attached: bool) -> Change:
        """The change that attaches the policy, or takes it off."""
        name = self.name(site)
        named = {self._parameter: name, "PolicyArn": arn}
        attach, detach = self.attached_calls
        on = Call(operation=attach, region=site.region, parameters=named)
        off = Call(operation=detach, region=site.region, parameters=named, settled=(ABSENT,))
        there, back = (on, off) if is_attached else (off, on)
        values = {"name": name, "policy": arn.rpartition("/")[2]}
        return Change(name=f"attached {arn}", call=there, undo=(back,), text=text, values=values)

    @property
    def _parameter(self) -> str:
        return f"{self.noun}Name"

    def _named(self, form: str) -> str:
        return f"iam:{form.format(self.noun)}"

    def _write(self, site: Site, name: str, policy: str, text: str | None) -> Call:
        put, delete = self.written_calls
        named = {self._parameter: name, "PolicyName": policy}
        if text is None:
            return Call(operation=delete, region=site.region, parameters=named, settled=(ABSENT,))
        return Call(operation=put, region=site.region, parameters={**named, "PolicyDocument": text})


USER: Final = Holder(
    noun="User",
    kind=Kind(service="iam", call="iam:GetUserPolicy", prefix="user/", pattern=NAME, has_region=False),
    size=2048,
)
ROLE: Final = Holder(
    noun="Role",
    kind=Kind(service="iam", call="iam:GetRolePolicy", prefix="role/", pattern=NAME, has_region=False),
    size=10_240,
)

GROUP: Final = Holder(
    noun="Group",
    kind=Kind(service="iam", call="iam:GetGroupPolicy", prefix="group/", pattern=r"([!-~]*/)?[A-Za-z0-9+=,.@_-]{1,128}", has_region=False),
    size=5120,
)  # fmt: skip


def document_text(document: Any) -> str:
    """A policy document as IAM keeps it, which is as somebody wrote it, without the white space."""
    return policy_text(document) if isinstance(document, Mapping) else str(document)


def parsed(text: str | None) -> Mapping[str, Any]:
    """The document of a text; empty where it is none."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def is_caller(site: Site, arn: str) -> bool:
    """Whether this program's own calls are made by this user, or by a session of this role."""
    told = str((site.call(CALLER) or {}).get("Arn"))
    if told == arn:
        return True
    head, _, rest = told.partition(":assumed-role/")
    is_same_account = head.split(":")[-1:] == arn.split(":")[4:5]
    return is_same_account and ":role/" in arn and bool(rest) and rest.split("/")[0] == arn.rpartition("/")[2]


def not_the_caller(site: Site, arn: str) -> Sequence[Caution]:
    """What holds a step back that would lock out this program itself; also that nobody could look who it is."""

    def own() -> Sequence[Caution]:
        name = arn.rpartition("/")[2]
        return (Caution(text="respond_steps.own", values={"name": name}, blocks=True),) if is_caller(site, arn) else ()

    return looked(own, blocks=True)


def cannot_be_edited(arn: str) -> Sequence[Caution]:
    """What holds a step back from a role of IAM Identity Center or of a service: AWS takes no change of it in IAM."""
    path = arn.partition(":role/")[2]
    if not path.startswith(_FIXED_PATHS):
        return ()
    is_of_center = path.startswith(_FIXED_PATHS[0])
    text = "respond_steps.role_of_identity_center" if is_of_center else "respond_steps.role_of_service"
    return (Caution(text=text, values={"name": path.rpartition("/")[2]}, blocks=True),)


def last_uses(site: Site, user: str) -> Sequence[Caution]:
    """When each active key of a user was last used, and for what: that is what stops."""
    keys = site.all_of(LIST_KEYS, "AccessKeyMetadata", UserName=user)
    return [last_use(site, user, each["AccessKeyId"]) for each in keys if each["Status"] == "Active"]


def last_use(site: Site, user: str, key: str) -> Caution:
    """When this key was last used, and for what."""
    used = (site.call(LAST_USED, AccessKeyId=key) or {}).get("AccessKeyLastUsed") or {}
    values = {"user": user, "key": key[-SHOWN:]}
    moment = used.get("LastUsedDate")
    if not isinstance(moment, datetime):
        return Caution(text="respond_steps.key_never_used", values=values)
    told = {
        "day": moment.date().isoformat(),
        "service": str(used.get("ServiceName")),
        "region": str(used.get("Region")),
    }
    return Caution(text="respond_steps.key_last_used", values={**values, **told})


def _quota(site: Site, name: str, default: int) -> int:
    """The account's quota; AWS's default where it may not be read."""
    try:
        return int((site.call(SUMMARY) or {}).get("SummaryMap", {}).get(name, default))
    except Refusal:
        return default
