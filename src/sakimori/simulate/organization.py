"""What an organisation, as moto keeps it, means to one of its accounts, and how accounts come to be in one.

Source: AWS Organizations User Guide, "SCP evaluation" (each level above the account must allow; the management account is
not reached).
"""

from collections.abc import Sequence
from typing import Any, Final

from moto.organizations.models import FakeAccount, OrganizationsBackend, organizations_backends

from sakimori.simulate.state import AccountState

_SCP: Final = "SERVICE_CONTROL_POLICY"
_MOST_LEVELS: Final = 7
"""A root, five levels of organisational units, the account. Source: "Quotas for AWS Organizations"."""

Levels = tuple[tuple[str, ...], ...]


def scps_of(state: AccountState) -> Levels | None:
    """The texts of the SCPs that reach the account, the root's first; None for one that is in no organisation, or manages it."""
    managed_by = organizations_backends.master_accounts.get(state.account_id)
    if managed_by is None:
        return None
    backend = organizations_backends[managed_by[0]][managed_by[1]]
    member: Any = next((each for each in backend.accounts if each.id == state.account_id), None)
    if backend.org is None or member is None:
        return None
    levels, parents = [_scps(member)], {each.id: each for each in backend.ou}
    above: Any = parents.get(member.parent_id)
    while above is not None and len(levels) < _MOST_LEVELS:
        levels.append(_scps(above))
        above = parents.get(above.parent_id)
    return tuple(reversed(levels))


def organization_id_of(state: AccountState) -> str:
    """`o-…`, "" for an account of its own."""
    managed_by = organizations_backends.master_accounts.get(state.account_id, (state.account_id, state.partition))
    organization = organizations_backends[managed_by[0]][managed_by[1]].org
    return organization.id if organization else ""


def make_organization(management: AccountState, members: Sequence[tuple[AccountState, str]]) -> None:
    """An organisation with all features and SCPs on; `members` with the names of their accounts."""
    backend: OrganizationsBackend = organizations_backends[management.account_id][management.partition]
    backend.create_organization("us-east-1", FeatureSet="ALL")
    organization: Any = backend.org
    backend.enable_policy_type(RootId=organization.root_id, PolicyType=_SCP)
    for state, name in members:
        _join(backend, state, name)


def _join(backend: OrganizationsBackend, state: AccountState, name: str) -> None:
    """moto makes up the number of a new account; these have theirs, and it is invited rather than made."""
    organization: Any = backend.org
    member: Any = FakeAccount(organization, AccountName=name, Email=f"{name}@example.com")
    member.id, member.joined_method = state.account_id, "INVITED"
    backend.accounts.append(member)
    for policy in tuple(backend.policies):
        if policy.aws_managed:
            backend.attach_policy(PolicyId=policy.id, TargetId=member.id)
    organizations_backends.master_accounts[state.account_id] = (backend.account_id, backend.partition)


def _scps(level: Any) -> tuple[str, ...]:
    return tuple(str(policy.content) for policy in level.attached_policies if policy.type == _SCP)
