"""The story of an exposed service: each door lets the attacker in until it is closed, and the machine until it is cut off."""

from collections.abc import Iterator

import pytest

from sakimori.simulate.clock import StoryClock
from sakimori.simulate.drill.openings import is_open
from sakimori.simulate.machine import MachineCutOff, role_credentials
from sakimori.simulate.scenarios.leaked.story import Story
from sakimori.simulate.server import SimulatedAccount

HOME = "ap-northeast-1"


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount("exposed-service", clock=StoryClock(speed=0)) as found:
        yield found


def story_of(account: SimulatedAccount) -> Story:
    assert isinstance(account.story, Story)
    return account.story


def works(story: Story) -> set[str]:
    return {f"{each.call} {each.target}".strip() for each in story.attacker.retry() if each.is_harmful}


@pytest.mark.slow
def test_a_closed_door_is_refused_and_a_forgotten_one_lets_in(account: SimulatedAccount) -> None:
    """Slow: a story of its own is played."""
    story, ec2 = story_of(account), account.client("ec2", region=HOME)
    assert all(is_open(account.state, each) for each in (*story.openings, *story.meant))
    ssh, database, bucket, desktop, disk = story.openings
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_ingress(GroupId=ssh.id, IpPermissions=[rule])
    ec2.modify_snapshot_attribute(
        SnapshotId=disk.id, Attribute="createVolumePermission", OperationType="remove", GroupNames=["all"]
    )
    still = works(story)
    assert {f"{each.call} {each.name}" for each in (database, bucket, desktop)} <= still
    assert not {f"{each.call} {each.name}" for each in (ssh, disk)} & still


@pytest.mark.slow
def test_a_machine_gives_credentials_until_it_is_cut_off(account: SimulatedAccount) -> None:
    """Slow: a story of its own is played."""
    story, ec2 = story_of(account), account.client("ec2", region=HOME)
    assert f"machine:Use {story.machine}" in works(story)
    [machine] = ec2.describe_instances(InstanceIds=[story.machine])["Reservations"][0]["Instances"]
    group = ec2.create_security_group(GroupName="quarantine", Description="no rules", VpcId=machine["VpcId"])["GroupId"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    ec2.modify_instance_attribute(InstanceId=story.machine, Groups=[group])
    with pytest.raises(MachineCutOff):
        role_credentials(account.state, HOME, story.machine)
    # The credentials that were read from it before live on.
    still = works(story)
    assert f"machine:Use {story.machine}" not in still
    assert "ec2:RunInstances p4d.24xlarge" in still
