"""SCPs and RCPs from a snapshot of the management account: what then is certain of a member account, and who is in a unit."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from sakimori.analysis.iam.answer import Decision
from sakimori.analysis.iam.can import asked_about, can
from sakimori.analysis.iam.read_tables import ORGANIZATION_TABLES
from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.collecting import CollectRequest, collect_snapshot
from sakimori.app.iam import IamSource, LiveRequest, find_identity, read_live
from sakimori.app.organization import collected_organizations
from sakimori.aws.door import Door
from sakimori.simulate.organization import make_organization
from sakimori.simulate.server import SimulatedAccount

MEMBER, MANAGEMENT = 0, 1
SCP = {"Version": "2012-10-17", "Statement": {"Sid": "NoStop", "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*"}}  # fmt: skip
RCP = {"Version": "2012-10-17", "Statement": {
    "Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class World:
    simulated: SimulatedAccount
    home: Path
    unit: str

    def door(self, account: int, patch: pytest.MonkeyPatch) -> Door:
        found = self.simulated.credentials(account=account)
        patch.setenv("AWS_ACCESS_KEY_ID", found.access_key_id)
        patch.setenv("AWS_SECRET_ACCESS_KEY", found.secret_access_key)
        return open_doors(AccessRequest(endpoint_url=self.simulated.endpoint_url, regions=("us-east-1",)))[0]

    def live(self, account: int, patch: pytest.MonkeyPatch) -> IamSource:
        request = LiveRequest(home=self.home, max_age=timedelta(hours=1))
        return read_live(request, self.door(account, patch), clock=utc_now)

    def collect_organization(self, patch: pytest.MonkeyPatch) -> None:
        request = CollectRequest(home=self.home, tables=("aws_organizations_organization", *ORGANIZATION_TABLES))
        collect_snapshot(request, [self.door(MANAGEMENT, patch)], clock=utc_now)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with SimulatedAccount(accounts=2) as simulated:
        states = simulated.states
        make_organization(states[MANAGEMENT], [(states[MEMBER], "production")])
        organizations = simulated.client("organizations", account=MANAGEMENT)
        root = organizations.list_roots()["Roots"][0]["Id"]
        organizations.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
        upper = organizations.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
        lower = organizations.create_organizational_unit(ParentId=upper, Name="Prod")["OrganizationalUnit"]["Id"]
        organizations.move_account(AccountId=states[MEMBER].account_id, SourceParentId=root, DestinationParentId=lower)
        for kind, document in (("SERVICE_CONTROL_POLICY", SCP), ("RESOURCE_CONTROL_POLICY", RCP)):
            made = organizations.create_policy(Content=json.dumps(document), Description="-", Name=kind, Type=kind)
            organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=upper)
        yield World(simulated, tmp_path / "home", upper)


def decided(source: IamSource, action: str, resource: str = "*") -> Decision:
    owner = next(each for each in source.account.users if each.name == "owner")
    return can(source.account, find_identity(source.account, owner.arn), asked_about(action, resource)).decision


@pytest.mark.slow
def test_a_member_account_alone_is_unknown_and_with_its_management_account_certain(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = world.live(MEMBER, monkeypatch)
    assert "scp_unread" in {note.name for note in alone.notes}
    assert decided(alone, "ec2:StartInstances") is Decision.UNKNOWN
    world.collect_organization(monkeypatch)
    found = world.live(MEMBER, monkeypatch)
    assert {note.name for note in found.notes} & {"scp_unread", "organization_as_of"} == {"organization_as_of"}
    assert decided(found, "ec2:StartInstances") is Decision.ALLOWED
    assert decided(found, "ec2:StopInstances") is Decision.EXPLICIT_DENY
    queue = f"arn:aws:sqs:us-east-1:{found.account.account}:jobs"
    assert decided(found, "sqs:SendMessage", queue) is Decision.EXPLICIT_DENY
    assert found.account.scp is not None
    assert [len(level) for level in found.account.scp] == [1, 2, 1, 1]


@pytest.mark.slow
def test_what_the_organization_denies_does_not_reach_its_management_account(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert decided(world.live(MANAGEMENT, monkeypatch), "ec2:StopInstances") is Decision.ALLOWED


@pytest.mark.slow
def test_a_unit_has_the_accounts_of_the_units_below_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert collected_organizations(world.home) is None
    world.collect_organization(monkeypatch)
    found = collected_organizations(world.home)
    assert found is not None
    (organization,) = found.organizations
    member, managing = (world.simulated.states[each].account_id for each in (MEMBER, MANAGEMENT))
    assert organization.management_account == managing
    assert organization.unit("/Workloads") == organization.unit(world.unit) == world.unit
    assert organization.members(world.unit) == (member,)
    assert organization.unit("/Nowhere") is None
    root = organization.unit("/")
    assert root is not None
    assert set(organization.members(root)) == {member, managing}
