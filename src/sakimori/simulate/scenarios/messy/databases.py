"""The company's databases beside the first three: good ones, a forgotten one, one without a network, and their copies."""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO, VIRGINIA

_PARTNER: Final = "333333333333"
_SMALL: Final = {"DBInstanceClass": "db.t3.micro", "PubliclyAccessible": False}
_ALONE: Final = {
    **_SMALL,
    "AllocatedStorage": 20,
    "MasterUsername": "awase",
    "MasterUserPassword": "not-a-secret-awase",
}
_INSTANCES: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "awase-kintai": (
        TOKYO,
        {
            "Engine": "mysql",
            "StorageEncrypted": True,
            "MultiAZ": True,
            "DeletionProtection": True,
            "EnableCloudwatchLogsExports": ["error", "slowquery"],
            "DBSubnetGroupName": "awase-private",
        },
    ),
    "awase-crm": (TOKYO, {"Engine": "postgres", "DBSubnetGroupName": "awase-crm", "StorageEncrypted": True}),
    # It sends its slow queries, which tell nothing of who signed in.
    "awase-legacy": (
        VIRGINIA,
        {"Engine": "mysql", "AutoMinorVersionUpgrade": False, "EnableCloudwatchLogsExports": ["slowquery"]},
    ),
}
_SNAPSHOTS: Final = {
    "awase-report-test": ("awase-report", ("all",)),
    "awase-report-partner": ("awase-report", (_PARTNER,)),
    "awase-prod-monthly": ("awase-prod", ()),
}
_CLUSTER_SNAPSHOTS: Final = {
    "awase-demo-before-launch": ("awase-demo", ("all",)),
    "awase-orders-monthly": ("awase-orders", (_PARTNER,)),
}


def seed(seeding: Seeding) -> None:
    """Instances, clusters and the snapshots that were made of them; the first three instances are there already."""
    _networks(seeding)
    for name, (region, settings) in _INSTANCES.items():
        seeding.client("rds", region).create_db_instance(DBInstanceIdentifier=name, **_ALONE, **settings)
    _clusters(seeding)
    _snapshots(seeding)


def _networks(seeding: Seeding) -> None:
    """A VPC that came with the CRM: one subnet has a way out, the other none; only one group keeps to the other."""
    ec2, rds = seeding.client("ec2", TOKYO), seeding.client("rds", TOKYO)
    crm = ec2.create_vpc(CidrBlock="10.46.0.0/16")["Vpc"]["VpcId"]
    inner, outer = (
        ec2.create_subnet(VpcId=crm, CidrBlock=f"10.46.{number}.0/24")["Subnet"]["SubnetId"] for number in (1, 2)
    )
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=crm)
    routes = ec2.create_route_table(VpcId=crm)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=routes, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=routes, SubnetId=outer)
    groups = {"awase-private": [inner], "awase-crm": [inner, outer]}
    for name, subnets in groups.items():
        rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription=name, SubnetIds=subnets)


def _clusters(seeding: Seeding) -> None:
    rds = seeding.client("rds", TOKYO)
    master = {"MasterUsername": "awase", "MasterUserPassword": "not-a-secret-awase"}
    rds.create_db_cluster(
        DBClusterIdentifier="awase-orders",
        Engine="aurora-mysql",
        StorageEncrypted=True,
        DeletionProtection=True,
        EnableCloudwatchLogsExports=["audit", "error"],
        **master,
    )
    # Someone wanted a database within a minute, reachable from home.
    rds.create_db_cluster(
        DBClusterIdentifier="awase-demo",
        Engine="aurora-postgresql",
        EnableVPCNetworking=False,
        EnableInternetAccessGateway=True,
        EnableIAMDatabaseAuthentication=True,
        **master,
    )
    for cluster, engine, zones in (("awase-orders", "aurora-mysql", "ac"), ("awase-demo", "aurora-postgresql", "a")):
        for zone in zones:
            rds.create_db_instance(
                DBInstanceIdentifier=f"{cluster}-{zone}",
                DBClusterIdentifier=cluster,
                Engine=engine,
                AvailabilityZone=f"{TOKYO}{zone}",
                **_SMALL,
            )


def _snapshots(seeding: Seeding) -> None:
    rds = seeding.client("rds", TOKYO)
    for name, (instance, sharers) in _SNAPSHOTS.items():
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=instance)
        if sharers:
            rds.modify_db_snapshot_attribute(
                DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(sharers)
            )
    for name, (cluster, sharers) in _CLUSTER_SNAPSHOTS.items():
        rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=name, DBClusterIdentifier=cluster)
        rds.modify_db_cluster_snapshot_attribute(
            DBClusterSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(sharers)
        )
