from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.staging import HOME, Stage

from sakimori.actions.fix import image_not_shared as image
from sakimori.actions.fix import rds_snapshot_not_shared as rds_snapshot
from sakimori.actions.fix import snapshot_not_shared as snapshot
from sakimori.actions.plan import Standing
from sakimori.actions.step import Step
from sakimori.model.action import Approval
from sakimori.model.errors import ActionError

OWN = "606060606060"
PARTNER = "111122223333"
ALL = (snapshot.STEP, image.STEP, rds_snapshot.STEP)


def make_snapshot(stage: Stage, *groups: str) -> str:
    ec2 = stage.client("ec2")
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{HOME}a")["VolumeId"]
    made = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    share = {"SnapshotId": made, "Attribute": "createVolumePermission", "OperationType": "add"}
    ec2.modify_snapshot_attribute(**share, UserIds=[PARTNER])
    if groups:
        ec2.modify_snapshot_attribute(**share, GroupNames=list(groups))
    return made


def make_image(stage: Stage, *groups: str) -> str:
    ec2 = stage.client("ec2")
    made = ec2.register_image(Name="shop")["ImageId"]
    added = [{"UserId": PARTNER}, *({"Group": each} for each in groups)]
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": added})
    return made


def make_rds_snapshot(stage: Stage, *groups: str, of_cluster: bool = False) -> str:
    """The resource of its ARN."""
    rds = stage.client("rds")
    user = {"MasterUsername": "shop", "MasterUserPassword": "not-a-secret-1"}
    share = {"AttributeName": "restore", "ValuesToAdd": [PARTNER, *groups]}
    if of_cluster:
        rds.create_db_cluster(DBClusterIdentifier="shop", Engine="aurora-postgresql", **user)
        rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="old", DBClusterIdentifier="shop")
        rds.modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier="old", **share)
        return "cluster-snapshot:old"
    rds.create_db_instance(DBInstanceIdentifier="shop", Engine="mysql", DBInstanceClass="db.t3.micro", AllocatedStorage=20, **user)  # fmt: skip
    rds.create_db_snapshot(DBSnapshotIdentifier="old", DBInstanceIdentifier="shop")
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="old", **share)
    return "snapshot:old"


def permissions(stage: Stage, made: str) -> list[Any]:
    told = stage.client("ec2").describe_snapshot_attribute(SnapshotId=made, Attribute="createVolumePermission")
    return told["CreateVolumePermissions"]


def test_a_public_snapshot_is_private_and_its_account_shares_stay(stage: Stage) -> None:
    made = make_snapshot(stage, "all")
    plan = mends_and_is_taken_back(stage, snapshot.STEP, f"arn:aws:ec2:{HOME}::snapshot/{made}")
    assert [each.text for each in plan.to_make[0].cautions] == ["fix_network.was_public"]
    assert permissions(stage, made) == [{"UserId": PARTNER}]


def test_a_snapshot_cannot_be_made_public_again_where_the_region_blocks_it(stage: Stage) -> None:
    resource = f"arn:aws:ec2:{HOME}::snapshot/{make_snapshot(stage, 'all')}"
    stage.client("ec2").enable_snapshot_block_public_access(State="block-new-sharing")
    plan = stage.plan(snapshot.STEP, (HOME, resource))
    assert "fix_network.sharing_blocked" in [each.text for each in plan.to_make[0].cautions]
    stage.apply(plan)
    with pytest.raises(ActionError, match="OperationNotPermitted"):
        stage.undo()


def test_a_public_image_is_private_and_its_account_shares_stay(stage: Stage) -> None:
    made = make_image(stage, "all")
    mends_and_is_taken_back(stage, image.STEP, f"arn:aws:ec2:{HOME}::image/{made}")
    told = stage.client("ec2").describe_image_attribute(ImageId=made, Attribute="launchPermission")
    assert told["LaunchPermissions"] == [{"UserId": PARTNER}]


@pytest.mark.parametrize("of_cluster", [False, True], ids=["instance", "cluster"])
def test_a_public_database_snapshot_is_private_and_its_account_shares_stay(stage: Stage, of_cluster: bool) -> None:
    resource = make_rds_snapshot(stage, "all", of_cluster=of_cluster)
    rule = rds_snapshot.STEP.rules[of_cluster]
    mends_and_is_taken_back(stage, rds_snapshot.STEP, f"arn:aws:rds:{HOME}:{OWN}:{resource}", [rule])
    rds = stage.client("rds")
    if of_cluster:
        told = rds.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier="old")
        listed = told["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]
    else:
        told = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier="old")
        listed = told["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]
    assert listed[0]["AttributeValues"] == [PARTNER]


def test_what_is_shared_with_accounts_alone_is_left_alone(stage: Stage) -> None:
    private = {
        snapshot.STEP: f"ec2:{HOME}::snapshot/{make_snapshot(stage)}",
        image.STEP: f"ec2:{HOME}::image/{make_image(stage)}",
        rds_snapshot.STEP: f"rds:{HOME}:{OWN}:{make_rds_snapshot(stage)}",
    }
    for step, resource in private.items():
        assert item_of(stage, step, f"arn:aws:{resource}").standing is Standing.AS_WANTED


@pytest.mark.parametrize(
    ("step", "resource"),
    [
        (snapshot.STEP, f"ec2:{HOME}::snapshot/snap-0123456789abcdef0"),
        (image.STEP, f"ec2:{HOME}::image/ami-0123456789abcdef0"),
        (rds_snapshot.STEP, f"rds:{HOME}:{OWN}:snapshot:gone"),
        (rds_snapshot.STEP, f"rds:{HOME}:{OWN}:cluster-snapshot:gone"),
    ],
)
def test_what_is_gone_is_left_alone(stage: Stage, step: Step, resource: str) -> None:
    assert item_of(stage, step, f"arn:aws:{resource}").standing is Standing.AS_WANTED


def test_two_people_agree_to_what_others_may_depend_on() -> None:
    assert {step.approval for step in ALL} == {Approval.TWO_PERSON}


@pytest.mark.parametrize("resource", [f"rds:{HOME}:{OWN}:snapshot:rds:auto", f"rds:us-east-1:{OWN}:snapshot:old", f"rds:{HOME}::snapshot:old", f"rds:{HOME}:{OWN}:db:old"])  # fmt: skip
def test_an_id_of_something_else_is_not_read(stage: Stage, resource: str) -> None:
    item = item_of(stage, rds_snapshot.STEP, f"arn:aws:{resource}")
    assert item.reason == "rds:DescribeDBSnapshotAttributes: NotThisResource"
