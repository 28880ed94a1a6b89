"""IAM Identity Center behind the endpoint: people, permission sets, and what of these each account has.

An account is given a role for a permission set when somebody is assigned to it there. What is changed afterwards reaches the
role when the set is provisioned, which goes on in the background and may fail in one account alone. The role's path names the
Region, but for us-east-1. Sources: IAM Identity Center User Guide, "Manage AWS accounts with permission sets", "Referencing
permission sets in resource policies", "Delegated administration" (what a delegate may not), "IAM Identity Center quotas";
botocore's model of sso-admin.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from moto.organizations.models import organizations_backends

from sakimori.simulate.sessions import iam_of

if TYPE_CHECKING:
    # The state holds Identity Center.
    from sakimori.simulate.state import AccountState

RESERVED: Final = "/aws-reserved/sso.amazonaws.com/"
INLINE: Final = "AwsSSOInlinePolicy"
_PATHLESS: Final = "us-east-1"
_LONGEST_SESSION: Final = "43200"
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """What an account has of a permission set."""

    role: str
    inline_policy: str = ""
    managed: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class PermissionSet:
    """One permission set: as it is written, by account what is there of it, and who was assigned where."""

    name: str
    arn: str
    created_at: datetime
    inline_policy: str = ""
    managed: tuple[str, ...] = ()
    session_seconds: int = _HOUR
    accounts: dict[str, Provisioned] = field(default_factory=dict[str, Provisioned])
    assigned: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Accounts with ids of people."""

    def is_current(self, account: str) -> bool:
        """Whether the account has what is written."""
        there = self.accounts[account]
        return (there.inline_policy, there.managed) == (self.inline_policy, self.managed)


@dataclass(slots=True, kw_only=True)
class Provisioning:
    """One request to bring a permission set to accounts; `account` "" for all that have it."""

    id: str
    permission_set: str
    account: str
    at: datetime
    due: datetime
    reason: str = ""
    status: str = "IN_PROGRESS"


@dataclass(slots=True, kw_only=True)
class IdentityCenter:
    """One instance of an organisation. `delegate` is the account that may administer it besides the owner, "" for none."""

    owner: str
    region: str
    delegate: str = ""
    id: str = field(default_factory=lambda: f"ssoins-{secrets.token_hex(8)}")
    store: str = field(default_factory=lambda: f"d-{secrets.token_hex(5)}")
    partition: str = "aws"
    people: dict[str, str] = field(default_factory=dict[str, str])
    """User names by id."""
    sets: dict[str, PermissionSet] = field(default_factory=dict[str, PermissionSet])
    """By ARN."""
    requests: dict[str, Provisioning] = field(default_factory=dict[str, Provisioning])
    failing: dict[str, str] = field(default_factory=dict[str, str])
    """By account: why nothing can be provisioned there."""
    takes: timedelta = timedelta(0)
    """So long a provisioning goes on."""

    @property
    def arn(self) -> str:
        """Of the instance."""
        return f"arn:{self.partition}:sso:::instance/{self.id}"

    @property
    def store_arn(self) -> str:
        """As events name the identity store."""
        return f"arn:{self.partition}:identitystore::{self.owner}:identitystore/{self.store}"

    @property
    def portal(self) -> str:
        """The provider of identities that each account has for it."""
        return f"AWSSSO_{self.id.removeprefix('ssoins-')}_DO_NOT_DELETE"

    def add_person(self, name: str) -> str:
        """A new person's id."""
        made = f"{secrets.token_hex(5)}-{uuid4()}"
        self.people[made] = name
        return made

    def person(self, name: str) -> str:
        """The id of a user name, which knows no case; "" where there is none."""
        return next((each for each, known in self.people.items() if known.casefold() == name.casefold()), "")

    def add_set(self, name: str, at: datetime) -> PermissionSet:
        """A new permission set that allows nothing."""
        arn = f"arn:{self.partition}:sso:::permissionSet/{self.id}/ps-{secrets.token_hex(8)}"
        made = self.sets[arn] = PermissionSet(name=name, arn=arn, created_at=at)
        return made

    def assign(self, held: PermissionSet, state: "AccountState", person: str) -> None:
        """Let a person into an account; the first one brings the role there."""
        held.assigned.add((state.account_id, person))
        if state.account_id not in held.accounts:
            _bring(self, held, state)

    def provision(self, held: PermissionSet, account: str, states: "dict[str, AccountState]", now: datetime) -> Provisioning:  # fmt: skip
        """Begin to bring it to an account, or to all that have it."""
        made = Provisioning(
            id=str(uuid4()), permission_set=held.arn, account=account, at=now, due=now + self.takes
        )  # fmt: skip
        self.requests[made.id] = made
        self.settle(states, now)
        return made

    def is_provisioning(self, held: PermissionSet) -> bool:
        """Whether a request for it goes on."""
        return any(each.permission_set == held.arn and each.status == "IN_PROGRESS" for each in self.requests.values())

    def settle(self, states: "dict[str, AccountState]", now: datetime) -> None:
        """End the requests whose time has come."""
        for each in self.requests.values():
            if each.status == "IN_PROGRESS" and each.due <= now:
                self._end(each, states)

    def _end(self, request: Provisioning, states: "dict[str, AccountState]") -> None:
        held = self.sets[request.permission_set]
        reasons: list[str] = []
        for account in [request.account] if request.account else list(held.accounts):
            if account in self.failing:
                reasons.append(f"{account}: {self.failing[account]}")
            elif account in states:
                _bring(self, held, states[account])
        request.status, request.reason = ("FAILED", "; ".join(reasons)) if reasons else ("SUCCEEDED", "")


def make_identity_center(owner: "AccountState", region: str, *, delegate: str = "") -> IdentityCenter:
    """Enable it in the management account, in that Region: no API does that of an organisation's."""
    made = IdentityCenter(owner=owner.account_id, region=region, delegate=delegate, partition=owner.partition)
    owner.services.identity_center = made
    return made


def centers_seen(state: "AccountState", region: str) -> Iterator[IdentityCenter]:
    """The instances that an account sees in a Region: its own, and that of its organisation."""
    management = organizations_backends.master_accounts.get(state.account_id)
    for account, other in state.accounts.items():
        found = other.services.identity_center
        is_ours = account == state.account_id or (management is not None and management[0] == account)
        if found is not None and is_ours and found.region == region:
            yield found


def _bring(center: IdentityCenter, held: PermissionSet, state: "AccountState") -> None:
    """Write the role of a permission set as the set is written now."""
    iam: Any = iam_of(state)
    before = held.accounts.get(state.account_id)
    name = before.role if before else f"AWSReservedSSO_{held.name}_{secrets.token_hex(8)}"
    if before is None:
        path = RESERVED if center.region == _PATHLESS else f"{RESERVED}{center.region}/"
        iam.create_role(
            name, json.dumps(_trust(center, state)), path, permissions_boundary=None, description="", tags=[],
            max_session_duration=_LONGEST_SESSION,
        )  # fmt: skip
    if held.inline_policy:
        iam.put_role_policy(name, INLINE, held.inline_policy)
    elif before and before.inline_policy:
        iam.delete_role_policy(name, INLINE)
    for arn in held.managed:
        if before is None or arn not in before.managed:
            iam.attach_role_policy(arn, name)
    for arn in before.managed if before else ():
        if arn not in held.managed:
            iam.detach_role_policy(arn, name)
    held.accounts[state.account_id] = Provisioned(role=name, inline_policy=held.inline_policy, managed=held.managed)


def _trust(center: IdentityCenter, state: "AccountState") -> dict[str, Any]:
    provider = f"arn:{state.partition}:iam::{state.account_id}:saml-provider/{center.portal}"
    condition = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    allowed = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"], "Condition": condition}  # fmt: skip
    return {"Version": "2012-10-17", "Statement": [allowed]}
