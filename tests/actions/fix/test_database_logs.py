from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.fix.told import told_site
from tests.actions.staging import HOME, Stage

from sakimori.actions.fix import database_cluster_logs_exported as cluster
from sakimori.actions.fix import database_logs_exported as instance
from sakimori.actions.fix import redshift_audited as redshift
from sakimori.actions.plan import Standing, plan_item

OWN = "606060606060"
USER = {"MasterUsername": "shop", "MasterUserPassword": "Not-a-secret-1"}
DB = f"arn:aws:rds:{HOME}:{OWN}:db:shop"
DB_CLUSTER = f"arn:aws:rds:{HOME}:{OWN}:cluster:shop"
WAREHOUSE = f"arn:aws:redshift:{HOME}:{OWN}:cluster:shop"


def make_instance(stage: Stage, *logs: str, engine: str = "mysql") -> None:
    stage.client("rds").create_db_instance(
        DBInstanceIdentifier="shop", Engine=engine, DBInstanceClass="db.t3.micro", AllocatedStorage=20,
        EnableCloudwatchLogsExports=list(logs), **USER,
    )  # fmt: skip


def make_cluster(stage: Stage, *logs: str) -> None:
    stage.client("rds").create_db_cluster(
        DBClusterIdentifier="shop", Engine="aurora-mysql", EnableCloudwatchLogsExports=list(logs), **USER
    )


def make_warehouse(stage: Stage) -> None:
    stage.client("redshift").create_cluster(ClusterIdentifier="shop", NodeType="ra3.large", **USER)


@pytest.mark.parametrize("logs", [(), ("slowquery",)], ids=["none", "another"])
def test_the_main_log_of_an_instance_is_sent_and_others_stay(stage: Stage, logs: tuple[str, ...]) -> None:
    make_instance(stage, *logs)
    mends_and_is_taken_back(stage, instance.STEP, DB)
    (told,) = stage.client("rds").describe_db_instances()["DBInstances"]
    assert sorted(told["EnabledCloudwatchLogsExports"]) == sorted([*logs, "error"])


@pytest.mark.parametrize("logs", [(), ("slowquery",)], ids=["none", "another"])
def test_the_main_log_of_a_cluster_is_sent_and_others_stay(stage: Stage, logs: tuple[str, ...]) -> None:
    make_cluster(stage, *logs)
    plan = mends_and_is_taken_back(stage, cluster.STEP, DB_CLUSTER)
    assert [each.text for each in plan.to_make[0].cautions] == ["fix_network.audit_needs_parameter"]
    assert [each.price for each in plan.to_make[0].cost.unknown] == ["cloudwatch.logs_gb"]
    (told,) = stage.client("rds").describe_db_clusters()["DBClusters"]
    assert sorted(told["EnabledCloudwatchLogsExports"]) == sorted([*logs, "audit"])


def test_a_warehouse_sends_its_audit_logs_and_no_longer_after_an_undo(stage: Stage) -> None:
    make_warehouse(stage)
    mends_and_is_taken_back(stage, redshift.STEP, WAREHOUSE)
    told = stage.client("redshift").describe_logging_status(ClusterIdentifier="shop")
    assert told["LogDestinationType"] == "cloudwatch"


def test_what_is_sent_already_is_left_alone(stage: Stage) -> None:
    make_instance(stage, "error")
    make_cluster(stage, "audit")
    make_warehouse(stage)
    stage.client("s3").create_bucket(Bucket="audit-of-shop", CreateBucketConfiguration={"LocationConstraint": HOME})
    stage.client("redshift").enable_logging(ClusterIdentifier="shop", BucketName="audit-of-shop")
    assert item_of(stage, instance.STEP, DB).standing is Standing.AS_WANTED
    assert item_of(stage, cluster.STEP, DB_CLUSTER).standing is Standing.AS_WANTED
    assert item_of(stage, redshift.STEP, WAREHOUSE).standing is Standing.AS_WANTED, "to S3 is as good"


def test_what_is_gone_is_left_alone(stage: Stage) -> None:
    for step, resource in ((instance.STEP, DB), (cluster.STEP, DB_CLUSTER), (redshift.STEP, WAREHOUSE)):
        assert item_of(stage, step, resource).standing is Standing.AS_WANTED


@pytest.mark.parametrize(
    "told",
    [
        {
            "Engine": "postgres",
            "PendingModifiedValues": {"PendingCloudwatchLogsExports": {"LogTypesToEnable": ["postgresql"]}},
        },
        {"Engine": "aurora-mysql", "DBClusterIdentifier": "shop"},
        {"Engine": "custom-oracle-ee"},
        {"Engine": "of-next-year"},
    ],
    ids=["on its way", "of a cluster", "custom", "unknown engine"],
)
def test_nothing_is_asked_where_nothing_is_to_be_sent(told: dict[str, Any]) -> None:
    site = told_site(DB, {"rds:DescribeDBInstances": {"DBInstances": [{"DBInstanceStatus": "available", **told}]}})
    assert plan_item(instance.STEP, site).standing is Standing.AS_WANTED


def test_a_log_that_is_being_turned_off_is_turned_on_again() -> None:
    pending = {"PendingCloudwatchLogsExports": {"LogTypesToDisable": ["error"]}}
    told = {"Engine": "mysql", "EnabledCloudwatchLogsExports": ["error"], "PendingModifiedValues": pending}
    item = plan_item(instance.STEP, told_site(DB, {"rds:DescribeDBInstances": {"DBInstances": [told]}}))
    assert item.standing is Standing.TO_MAKE
