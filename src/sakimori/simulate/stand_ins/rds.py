"""Where RDS puts a database whose maker named no subnets, and clusters that are in no VPC at all."""

from typing import Final

from moto.ec2.models import ec2_backends
from moto.rds.models import DBInstance, DBSubnetGroup, RDSBackend, rds_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_SUCCESS: Final = 300
_DEFAULT: Final = "default"
_EVERYONE: Final = "all"
_NO_VPC: Final = "EnableVPCNetworking"
_NEEDED_WITHOUT_VPC: Final = ("EnableInternetAccessGateway", "EnableIAMDatabaseAuthentication")


def create_cluster(desk: Desk) -> Answer:
    """Moto's cluster, which remembers whether it has VPC networking or an internet access gateway instead.

    Source: RDS API reference, CreateDBCluster, EnableVPCNetworking and EnableInternetAccessGateway.
    """
    asked = desk.parameters()
    has_vpc = asked.get(_NO_VPC, True)
    missing = [name for name in _NEEDED_WITHOUT_VPC if not asked.get(name)]
    if not has_vpc and (missing or asked.get("Engine") != "aurora-postgresql"):
        raise ServiceError(
            "InvalidParameterCombination", "A cluster without VPC networking needs a gateway and IAM.", 400
        )
    if has_vpc and asked.get("EnableInternetAccessGateway"):
        raise ServiceError("InvalidParameterCombination", "VPC networking and a gateway exclude each other.", 400)
    answer = desk.moto()
    if answer.status < _SUCCESS:
        cluster = _backend(desk).clusters[str(asked["DBClusterIdentifier"])]
        # Moto writes every attribute that the service's model names into its answers.
        setattr(cluster, "vpc_networking_enabled", has_vpc)  # noqa: B010 - moto does not declare it
        setattr(cluster, "internet_access_gateway_enabled", not has_vpc)  # noqa: B010 - moto does not declare it
    return answer


def create_instance(desk: Desk) -> Answer:
    """Moto's instance, put into the default VPC's subnets unless its maker chose others or its cluster has no VPC.

    Source: RDS API reference, CreateDBInstance, DBSubnetGroupName.
    """
    answer = desk.moto()
    if answer.status < _SUCCESS:
        backend = _backend(desk)
        made: DBInstance = backend.databases[str(desk.parameters()["DBInstanceIdentifier"])]
        cluster = backend.clusters.get(made.db_cluster_identifier or "")
        if not hasattr(made, "db_subnet_group") and getattr(cluster, "vpc_networking_enabled", True):
            made.db_subnet_group = _default_group(desk, backend)
    return answer


def modify_cluster(desk: Desk) -> Answer:
    """Moto's answer, with the logs that are sent to CloudWatch Logs from now on, which moto forgets.

    Source: RDS API reference, ModifyDBCluster, CloudwatchLogsExportConfiguration.
    """
    asked = desk.parameters()
    cluster = _backend(desk).clusters.get(str(asked["DBClusterIdentifier"]))
    if cluster is None:
        raise ServiceError("DBClusterNotFoundFault", f"DBCluster {asked['DBClusterIdentifier']} not found.", 404)
    change = asked.get("CloudwatchLogsExportConfiguration") or {}
    off = set(change.get("DisableLogTypes") or ())
    sent = {*cluster.enabled_cloudwatch_logs_exports, *(change.get("EnableLogTypes") or ())} - off
    answer = desk.moto()
    cluster.enabled_cloudwatch_logs_exports = sorted(sent)
    return answer


def share_snapshot(desk: Desk) -> Answer:
    """Moto's answer; an encrypted snapshot is never made public.

    Source: RDS API reference, ModifyDBSnapshotAttribute and ModifyDBClusterSnapshotAttribute.
    """
    asked = desk.parameters()
    backend = _backend(desk)
    snapshot = backend.database_snapshots.get(asked.get("DBSnapshotIdentifier", "")) or backend.cluster_snapshots.get(
        asked.get("DBClusterSnapshotIdentifier", "")
    )
    if snapshot is not None and snapshot.encrypted and _EVERYONE in (asked.get("ValuesToAdd") or ()):
        raise ServiceError("InvalidParameterValue", "An encrypted snapshot cannot be shared as public.", 400)
    return desk.moto()


STAND_INS: Final[dict[str, StandIn]] = {
    "rds:CreateDBCluster": create_cluster,
    "rds:CreateDBInstance": create_instance,
    "rds:ModifyDBCluster": modify_cluster,
    "rds:ModifyDBClusterSnapshotAttribute": share_snapshot,
    "rds:ModifyDBSnapshotAttribute": share_snapshot,
}


def _backend(desk: Desk) -> RDSBackend:
    return rds_backends[desk.state.account_id][desk.call.region]


def _default_group(desk: Desk, backend: RDSBackend) -> DBSubnetGroup:
    if _DEFAULT not in backend.subnet_groups:
        ec2 = ec2_backends[desk.state.account_id][desk.call.region]
        default = ec2.default_vpc
        subnets = [subnet for subnet in ec2.describe_subnets() if default and subnet.vpc_id == default.id]
        backend.create_subnet_group(_DEFAULT, "default", subnets, [])
    return backend.subnet_groups[_DEFAULT]
