from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.fix.told import told_site
from tests.actions.staging import HOME, Stage

from sakimori.actions.fix import database_cluster_deletion_protected as cluster_protected
from sakimori.actions.fix import database_deletion_protected as protected
from sakimori.actions.fix import database_not_public as not_public
from sakimori.actions.fix import minor_upgrades_automatic as upgrades
from sakimori.actions.plan import Standing, plan_item
from sakimori.actions.step import Step
from sakimori.simulate.faults import Fault, Kind

OWN = "606060606060"
USER = {"MasterUsername": "shop", "MasterUserPassword": "not-a-secret-1"}
OF_INSTANCES = (not_public.STEP, protected.STEP, upgrades.STEP)


def arn(name: str, kind: str = "db") -> str:
    return f"arn:aws:rds:{HOME}:{OWN}:{kind}:{name}"


def make_instance(stage: Stage, **settings: Any) -> str:
    """An instance of which everything is wrong, but for these settings."""
    wrong = {
        "PubliclyAccessible": True,
        "DeletionProtection": False,
        "AutoMinorVersionUpgrade": False,
        "Engine": "mysql",
    }
    made = {**wrong, "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20, **USER, **settings}
    stage.client("rds").create_db_instance(DBInstanceIdentifier="shop", **made)
    return arn("shop")


def make_cluster(stage: Stage, **settings: Any) -> str:
    made = {"Engine": "aurora-postgresql", **USER, **settings}
    stage.client("rds").create_db_cluster(DBClusterIdentifier="shop", **made)
    return arn("shop", "cluster")


@pytest.mark.parametrize("step", OF_INSTANCES, ids=lambda step: step.id)
def test_a_setting_of_an_instance_is_made_safe_and_put_back(stage: Stage, step: Step) -> None:
    plan = mends_and_is_taken_back(stage, step, make_instance(stage))
    (change,) = plan.to_make[0].changes
    assert "ApplyImmediately" not in change.call.parameters, "other changes that wait would be made with it"


def test_a_cluster_is_protected_and_put_back(stage: Stage) -> None:
    mends_and_is_taken_back(stage, cluster_protected.STEP, make_cluster(stage, DeletionProtection=False))


@pytest.mark.parametrize("step", OF_INSTANCES, ids=lambda step: step.id)
def test_an_instance_that_is_safe_or_gone_is_left_alone(stage: Stage, step: Step) -> None:
    safe = make_instance(stage, PubliclyAccessible=False, DeletionProtection=True, AutoMinorVersionUpgrade=True)
    assert item_of(stage, step, safe).standing is Standing.AS_WANTED
    assert item_of(stage, step, arn("gone")).standing is Standing.AS_WANTED
    assert item_of(stage, step, arn("shop", "cluster")).standing is Standing.UNREADABLE


def test_a_cluster_that_is_protected_or_gone_is_left_alone(stage: Stage) -> None:
    safe = make_cluster(stage, DeletionProtection=True)
    assert item_of(stage, cluster_protected.STEP, safe).standing is Standing.AS_WANTED
    assert item_of(stage, cluster_protected.STEP, arn("gone", "cluster")).standing is Standing.AS_WANTED


def test_an_instance_of_a_cluster_is_protected_with_it(stage: Stage) -> None:
    make_cluster(stage)
    rds = stage.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="one",
        DBClusterIdentifier="shop",
        Engine="aurora-postgresql",
        DBInstanceClass="db.t3.micro",
    )
    assert item_of(stage, protected.STEP, arn("one")).standing is Standing.AS_WANTED


@pytest.mark.parametrize("engine", ["custom-oracle-ee", "docdb"])
def test_engines_that_the_rule_leaves_out_are_left_alone(engine: str) -> None:
    told = {"Engine": engine, "AutoMinorVersionUpgrade": False, "DBInstanceStatus": "available"}
    site = told_site(arn("shop"), {"rds:DescribeDBInstances": {"DBInstances": [told]}})
    assert plan_item(upgrades.STEP, site).standing is Standing.AS_WANTED


def group_with(stage: Stage, *ranges: str) -> str:
    ec2 = stage.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="db", Description="db", VpcId=vpc)["GroupId"]
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 3306,
        "ToPort": 3306,
        "IpRanges": [{"CidrIp": each} for each in ranges],
    }
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    return group


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        (("10.0.0.0/8", "192.168.1.0/24"), None),
        (("10.0.0.0/8", "8.8.8.0/24", "0.0.0.0/0"), ["0.0.0.0/0", "8.8.8.0/24"]),
    ],
)
def test_who_would_be_cut_off_is_read_from_the_security_groups(
    stage: Stage, ranges: tuple[str, ...], told: list[str] | None
) -> None:
    resource = make_instance(stage, VpcSecurityGroupIds=[group_with(stage, *ranges)])
    (caution,) = item_of(stage, not_public.STEP, resource).cautions
    expected = "fix_network.outsiders_none" if told is None else "fix_network.outsiders"
    assert (caution.text, caution.values.get("ranges")) == (expected, told)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ec2:DescribeSecurityGroupRules"))
    (caution,) = item_of(stage, not_public.STEP, resource).cautions
    assert caution.text == "harden.not_looked_at"


def test_a_database_that_is_not_ready_is_said_to_be_so(stage: Stage) -> None:
    resource = make_instance(stage)
    stage.client("rds").stop_db_instance(DBInstanceIdentifier="shop")
    for step in OF_INSTANCES:
        assert item_of(stage, step, resource).cautions[0].values["status"] == "stopped"


def test_the_restart_that_upgrades_bring_is_said_with_its_window(stage: Stage) -> None:
    resource = make_instance(stage, PreferredMaintenanceWindow="sun:18:00-sun:18:30")
    assert item_of(stage, upgrades.STEP, resource).cautions[-1].values["window"] == "sun:18:00-sun:18:30"
