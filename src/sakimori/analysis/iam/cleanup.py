"""In which order unused users, roles, groups and policies are taken away: what can be undone first, then a wait, then the rest.

Source: IAM API Reference, "DeleteUser", "DeleteRole", "DeleteGroup", "DeletePolicy" (what must be gone before each) and
"DeleteInstanceProfile" (it must hold no role).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, cast

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.inventory import Advice, Item, Kind


class Phase(IntEnum):
    """What is done in one go; the next begins when it is over."""

    STOP = 1
    """What can be given back: keys are deactivated, passwords removed, unused roles denied everything."""
    WAIT = 2
    USERS = 3
    ROLES = 4
    GROUPS = 5
    POLICIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call, `call` as IAM names it ("" where there is none to make), on a subject, with what it takes away.

    `says` names a sentence `iam_inventory.step_<says>`.
    """

    phase: Phase
    says: str
    call: str = ""
    subject: str = ""
    what: str = ""


# In the order in which IAM lets them go; what no listing tells is taken away if it is there.
_OF_USER: Final = (
    ("delete_password", "iam:DeleteLoginProfile"),
    ("delete_keys", "iam:DeleteAccessKey"),
    ("delete_certificates", "iam:DeleteSigningCertificate"),
    ("delete_ssh_keys", "iam:DeleteSSHPublicKey"),
    ("delete_git", "iam:DeleteServiceSpecificCredential"),
    ("delete_mfa", "iam:DeactivateMFADevice"),
)


def cleanup_of(account: IamAccount, items: Sequence[Item]) -> tuple[Step, ...]:
    """The steps for all that is to be deactivated or deleted, in order; none where there is nothing."""
    return tuple(_Plan(account, items).steps())


class _Plan:
    def __init__(self, account: IamAccount, items: Sequence[Item]) -> None:
        self.account = account
        self.gone = {each.arn for each in items if each.advice is Advice.DELETE and each.kind in {Kind.USER, Kind.ROLE}}
        self.by = defaultdict[tuple[Kind, Advice], list[Item]](list)
        self.rows = defaultdict[str, list[Item]](list)
        for item in items:
            self.by[item.kind, item.advice].append(item)
            if item.kind in {Kind.PASSWORD, Kind.ACCESS_KEY}:
                self.rows[item.arn].append(item)

    def steps(self) -> Iterator[Step]:
        first = list(self._stop())
        rest = [*self._users(), *self._keys(), *self._roles(), *self._groups(), *self._policies()]
        yield from first
        if first:
            yield Step(phase=Phase.WAIT, says="wait")
        yield from sorted(rest, key=lambda each: each.phase)

    def _stop(self) -> Iterator[Step]:
        keys = self.by[Kind.ACCESS_KEY, Advice.DEACTIVATE]
        of_users = [
            each for arn in self.gone for each in self.rows[arn] if each.kind is Kind.ACCESS_KEY and each.is_active
        ]
        # The root user's, of which no policy limits what it may do.
        of_root = [each for each in self.by[Kind.ACCESS_KEY, Advice.DELETE] if each.is_active]
        for name in sorted({each.name for each in (*keys, *of_users, *of_root)}):
            yield Step(phase=Phase.STOP, says="deactivate_key", call="iam:UpdateAccessKey", subject=name)
        for arn in sorted(self.gone):
            who = self.account.identities[arn]
            if not who.is_role and not self.rows[arn]:
                # Nobody told which keys there are.
                yield Step(phase=Phase.STOP, says="deactivate_all", call="iam:UpdateAccessKey", subject=who.name)
        passwords = self.by[Kind.PASSWORD, Advice.DEACTIVATE]
        theirs = [each for arn in self.gone for each in self.rows[arn] if each.kind is Kind.PASSWORD and each.is_active]
        for item in sorted({*passwords, *theirs}, key=lambda each: each.name):
            yield Step(phase=Phase.STOP, says="delete_password", call="iam:DeleteLoginProfile", subject=item.name)
        for item in self.by[Kind.ROLE, Advice.DELETE]:
            yield Step(
                phase=Phase.STOP, says="deny_role", call="iam:AttachRolePolicy", subject=item.name, what="AWSDenyAll"
            )

    def _users(self) -> Iterator[Step]:
        for item in self.by[Kind.USER, Advice.DELETE]:
            user = self.account.identities[item.arn]
            # Of a user whose credentials were read, the password went in the first phase.
            for says, call in _OF_USER[1:] if self.rows[item.arn] else _OF_USER:
                yield Step(phase=Phase.USERS, says=says, call=call, subject=item.name)
            yield from self._policies_of(user, Phase.USERS, "User")
            for group in user.groups:
                yield self._step(Phase.USERS, "leave_group", "iam:RemoveUserFromGroup", item.name, group)
            yield Step(phase=Phase.USERS, says="delete_user", call="iam:DeleteUser", subject=item.name)

    def _keys(self) -> Iterator[Step]:
        """Keys of users that stay: those that were deactivated now, and those that were before."""
        for advice in (Advice.DEACTIVATE, Advice.DELETE):
            for item in self.by[Kind.ACCESS_KEY, advice]:
                if item.arn not in self.gone:
                    yield Step(phase=Phase.USERS, says="delete_key", call="iam:DeleteAccessKey", subject=item.name)

    def _roles(self) -> Iterator[Step]:
        for item in self.by[Kind.ROLE, Advice.DELETE]:
            role = self.account.identities[item.arn]
            for arn in role.instance_profiles:
                name = arn.rpartition("/")[2]
                call = "iam:RemoveRoleFromInstanceProfile"
                yield self._step(Phase.ROLES, "leave_profile", call, item.name, name)
                yield self._step(Phase.ROLES, "delete_profile", "iam:DeleteInstanceProfile", name, "")
            yield self._step(Phase.ROLES, "detach_policy", "iam:DetachRolePolicy", item.name, "AWSDenyAll")
            yield from self._policies_of(role, Phase.ROLES, "Role")
            yield Step(phase=Phase.ROLES, says="delete_role", call="iam:DeleteRole", subject=item.name)

    def _policies_of(self, who: Identity, phase: Phase, kind: str) -> Iterator[Step]:
        for name in _told(who.raw.get("AttachedManagedPolicies"), "PolicyName"):
            yield self._step(phase, "detach_policy", f"iam:Detach{kind}Policy", who.name, name)
        for name in _told(who.raw.get(f"{kind}PolicyList"), "PolicyName"):
            yield self._step(phase, "delete_inline", f"iam:Delete{kind}Policy", who.name, name)
        if who.raw.get("PermissionsBoundary"):
            yield self._step(phase, "delete_boundary", f"iam:Delete{kind}PermissionsBoundary", who.name, "")

    def _groups(self) -> Iterator[Step]:
        for item in self.by[Kind.GROUP, Advice.DELETE]:
            yield self._step(Phase.GROUPS, "empty_group", "iam:DetachGroupPolicy", item.name, "")
            yield self._step(Phase.GROUPS, "delete_group", "iam:DeleteGroup", item.name, "")

    def _policies(self) -> Iterator[Step]:
        for item in self.by[Kind.POLICY, Advice.DELETE]:
            yield self._step(Phase.POLICIES, "delete_versions", "iam:DeletePolicyVersion", item.name, "")
            yield self._step(Phase.POLICIES, "delete_policy", "iam:DeletePolicy", item.name, "")

    @staticmethod
    def _step(phase: Phase, says: str, call: str, subject: str, what: str) -> Step:
        return Step(phase=phase, says=says, call=call, subject=subject, what=what)


def _told(records: object, key: str) -> Iterator[str]:
    if isinstance(records, Sequence) and not isinstance(records, str):
        for each in cast("Sequence[object]", records):
            if isinstance(each, Mapping):
                yield str(cast("Mapping[str, Any]", each).get(key, ""))
