"""What the search for paths walks through: one account or several, what runs in them, and who is tied to whom."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.ask import Policies, ask
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.paths.techniques import WORKLOADS, Target
from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.analysis.iam.principal import principal_of
from sakimori.analysis.iam.request import Request
from sakimori.collect.policy_document import NotUnderstoodError
from sakimori.collect.policy_reach import account_in

_SSO_PATH: Final = "/aws-reserved/sso.amazonaws.com/"
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]\Z")
_MOST_REGIONS: Final = 5
_REQUESTED: Final = "aws:requestedregion"
ANYBODY: Final = "*"
# Whose endpoint IAM has. Source: IAM User Guide, "AWS global condition context keys", aws:RequestedRegion.
HOME_REGIONS: Final[Mapping[str, str]] = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Something that runs with a role: an instance (by its profile), a function, a build project, and so on."""

    kind: Target
    arn: str
    role: str
    """The role's ARN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """What runs in the account. Of a kind that is not among `known`, whatever could exist may."""

    workloads: tuple[Workload, ...] = ()
    known: frozenset[Target] = frozenset()

    def is_known(self, kind: Target) -> bool:
        """Whether all of the kind were told."""
        return kind in self.known


UNKNOWN_COMPUTE: Final = Compute()


def policy_versions(records: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Policy, ...]]:
    """By ARN of a customer managed policy, the versions that are not in force, the oldest first.

    From the same records as the account. A version that is not understood is left out: nothing is proved by it.
    """
    found = defaultdict[str, list[Policy]](list)
    for record in records:
        versions, arn = record.get("PolicyVersionList"), str(record.get("Arn", ""))
        if not isinstance(versions, list) or ":iam::aws:" in arn:
            continue
        for told in cast("list[object]", versions):
            version = cast("Mapping[str, Any]", told) if isinstance(told, dict) else {"IsDefaultVersion": True}
            if not version.get("IsDefaultVersion"):
                name = f"{arn.rpartition('/')[2]}@{version.get('VersionId', '')}"
                try:
                    found[arn].append(policy_of(name, version.get("Document"), arn))
                except NotUnderstoodError:
                    continue
    return {arn: tuple(sorted(policies, key=lambda each: each.name)) for arn, policies in found.items()}


@dataclass(frozen=True, kw_only=True)
class World:
    """`accounts`: the first is the one in question, the others are those whose roles it may reach."""

    accounts: tuple[IamAccount, ...]
    compute: Compute = UNKNOWN_COMPUTE
    versions: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict[str, tuple[Policy, ...]])
    passwords: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """By ARN of the user, whether there is a console password; of others it is not known."""

    @cached_property
    def home(self) -> Mapping[str, IamAccount]:
        """The account of each identity, by ARN."""
        return {arn: account for account in reversed(self.accounts) for arn in account.identities}

    @cached_property
    def identities(self) -> Mapping[str, Identity]:
        """All, by ARN."""
        return {arn: account.identities[arn] for arn, account in self.home.items()}

    def account_named(self, number: str) -> IamAccount | None:
        """By its twelve digits."""
        return next((each for each in self.accounts if each.account == number), None)

    @cached_property
    def users(self) -> tuple[str, ...]:
        """ARNs of the users of all accounts."""
        return tuple(user.arn for account in self.accounts for user in account.users)

    @cached_property
    def roles(self) -> tuple[Identity, ...]:
        """Of all accounts, each account's in the order of their ARNs."""
        return tuple(role for account in self.accounts for role in account.roles)

    # -- who is trusted --------------------------------------------------------------------------

    @cached_property
    def _by_service(self) -> Mapping[tuple[str, str], tuple[tuple[Identity, bool], ...]]:
        found = defaultdict[tuple[str, str], list[tuple[Identity, bool]]](list)
        for role in self.roles:
            for service in sorted(_services(role)):
                if (trust := _lets_in(role, service)) is not False:
                    found[role.principal.account, service].append((role, bool(trust)))
        return {key: tuple(roles) for key, roles in found.items()}

    def trusting(self, account: str, services: Iterable[str]) -> Iterator[tuple[Identity, str, bool]]:
        """Roles of the account that one of the services may assume, with the first such service and whether that is sure."""
        seen = set[str]()
        for service in services:
            for role, is_sure in self._by_service.get((account, service), ()):
                if role.arn not in seen:
                    seen.add(role.arn)
                    yield role, service, is_sure
        for role in self._unread_trust.get(account, ()):
            for service in services:
                yield role, service, False
                break

    @cached_property
    def _unread_trust(self) -> Mapping[str, tuple[Identity, ...]]:
        return {
            each.account: tuple(role for role in each.roles if role.is_trust_unread and not role.is_service_linked)
            for each in self.accounts
        }

    @cached_property
    def federated(self) -> Mapping[str, tuple[Identity, ...]]:
        """By ARN of a SAML or OIDC provider, the roles whose trust names it."""
        found = defaultdict[str, list[Identity]](list)
        for role in self.roles:
            for clause in role.trust.allows if role.trust else ():
                for provider in clause.statement.principals.federated:
                    if provider.startswith("arn:") and role not in found[provider]:
                        found[provider].append(role)
        return {provider: tuple(found[provider]) for provider in sorted(found)}

    @cached_property
    def trusted_by(self) -> Mapping[str, tuple[Identity, ...]]:
        """Roles by whom their trust names: an ARN, an id, an account's number, * for anybody; ?NUMBER where it is not known."""
        found = defaultdict[str, list[Identity]](list)
        for role in self.roles:
            for key in sorted(_trust_keys(role)):
                found[key].append(role)
        return {key: tuple(roles) for key, roles in found.items()}

    def sso_roles(self, account: str) -> tuple[Identity, ...]:
        """Roles that IAM Identity Center keeps in the account."""
        return tuple(
            each for each in self.roles if each.path.startswith(_SSO_PATH) and each.principal.account == account
        )

    # -- what is attached to whom ----------------------------------------------------------------

    @cached_property
    def holders(self) -> Mapping[str, tuple[str, ...]]:
        """By ARN of a managed policy, the users and roles that it bears on, their groups' included."""
        return _grouped(
            (policy.arn, arn) for arn, who in self.identities.items() for policy in who.policies if policy.arn
        )

    @cached_property
    def group_holders(self) -> Mapping[str, tuple[str, ...]]:
        """By ARN of a managed policy, the groups that have it, by ARN."""
        groups = (group for account in self.accounts for group in account.groups.values())
        return _grouped((policy.arn, group.arn) for group in groups for policy in group.policies if policy.arn)

    @cached_property
    def bounded(self) -> Mapping[str, tuple[str, ...]]:
        """By ARN of a managed policy, the users and roles whose boundary it is."""
        return _grouped((who.boundary.arn, arn) for arn, who in self.identities.items() if who.boundary)

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """By ARN of a group, its users."""
        return _grouped(
            (account.groups[name].arn, user.arn)
            for account in self.accounts
            for user in account.users
            for name in user.groups
            if name in account.groups
        )

    @cached_property
    def group_policies(self) -> Mapping[str, tuple[Policy, ...]]:
        """By ARN of a group."""
        return {group.arn: group.policies for account in self.accounts for group in account.groups.values()}

    def workloads(self, account: str, kind: Target) -> tuple[Workload, ...]:
        """Those told, of one kind, in the order of their ARNs."""
        return self._workloads.get((account, kind), ())

    @cached_property
    def _workloads(self) -> Mapping[tuple[str, Target], tuple[Workload, ...]]:
        found = defaultdict[tuple[str, Target], list[Workload]](list)
        for each in sorted(self.compute.workloads, key=lambda each: each.arn):
            if each.kind in WORKLOADS and each.role in self.identities:
                found[account_in(each.role), each.kind].append(each)
        return {key: tuple(each) for key, each in found.items()}

    # -- where -----------------------------------------------------------------------------------

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Regions worth a try for a call that may be made anywhere: the home of IAM, then those that policies name."""
        home = HOME_REGIONS.get(self.accounts[0].partition, "us-east-1")
        named = {region for policy in self.all_policies for region in _named_regions(policy)}
        return (home, *sorted(named - {home}))[:_MOST_REGIONS]

    @cached_property
    def is_regional(self) -> bool:
        """Whether some policy asks for the Region of a call."""
        return any(
            condition.key.lower() == _REQUESTED
            for policy in self.all_policies
            for clause in (*policy.allows, *policy.denies)
            for condition in clause.statement.conditions
        )

    @cached_property
    def all_policies(self) -> tuple[Policy, ...]:
        """Every policy that bears on somebody, each once."""
        found = dict[int, Policy]()
        for who in self.identities.values():
            for policy in (*who.policies, who.boundary, who.trust):
                if policy is not None:
                    found[id(policy)] = policy
        for account in self.accounts:
            for level in (*(account.scp or ()), *(account.rcp or ())):
                found.update((id(policy), policy) for policy in level)
        return tuple(found.values())


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found = defaultdict[str, set[str]](set)
    for key, value in pairs:
        found[key].add(value)
    return {key: tuple(sorted(values)) for key, values in found.items()}


def _services(role: Identity) -> set[str]:
    return {
        name for clause in (role.trust.allows if role.trust else ()) for name in clause.statement.principals.services
    }


def _lets_in(role: Identity, service: str) -> bool | None:
    """Whether the service may assume the role on behalf of the account that it is in."""
    number = role.principal.account
    try:
        principal = principal_of(service)
    except ValueError:
        return False
    context = Context({"aws:sourceaccount": (number,), "aws:sourceowner": (number,)}, is_open=True)
    request = Request(
        principal=principal, action="sts:AssumeRole", resource=role.arn, context=context, resource_account=number
    )
    return ask(request, Policies(resource=role.trust)).is_allowed


def _named_regions(policy: Policy) -> Iterator[str]:
    for clause in (*policy.allows, *policy.denies):
        for condition in clause.statement.conditions:
            if condition.key.lower() == _REQUESTED:
                yield from (value for value in condition.values if _REGION.match(value))
        for pattern in clause.statement.resources:
            region = [*pattern.split(":", 4), "", "", "", ""][3]
            if _REGION.match(region):
                yield region


def _trust_keys(role: Identity) -> set[str]:
    if role.is_trust_unread:
        return {f"?{role.principal.account}"}
    keys = set[str]()
    for clause in role.trust.allows if role.trust else ():
        principals = clause.statement.principals
        if principals.reaches_anyone:
            keys.add(ANYBODY)
        keys.update(trust_key(each) for each in principals.aws)
    return keys


def trust_key(member: str) -> str:
    """Under what a member of a trust's Principal.AWS is kept in `trusted_by`."""
    try:
        told = principal_of(member)
    except ValueError:
        # A unique id.
        return member
    if told.arn.endswith(":root"):
        return told.account
    # A session is one of its role's; its ARN does not tell the role's path.
    return ANYBODY if told.session else told.arn
