"""The company's two data warehouses: one that a consultant set up in a hurry, one as it should be."""

from typing import Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO

_COMMON: Final = {
    "NodeType": "ra3.large",
    "ClusterType": "single-node",
    "MasterUsername": "awase",
    "MasterUserPassword": "not-a-secret-Awase1",
}


def seed(seeding: Seeding) -> None:
    """Two clusters; the good one has a parameter group of its own, for AWS's default groups cannot be changed."""
    redshift = seeding.client("redshift", TOKYO)
    redshift.create_cluster(ClusterIdentifier="awase-bi", PubliclyAccessible=True, **_COMMON)
    group = "awase-tls"
    redshift.create_cluster_parameter_group(
        ParameterGroupName=group, ParameterGroupFamily="redshift-1.0", Description="TLS のみ"
    )
    required = [{"ParameterName": "require_ssl", "ParameterValue": "true"}]
    redshift.modify_cluster_parameter_group(ParameterGroupName=group, Parameters=required)
    redshift.create_cluster(
        ClusterIdentifier="awase-dwh",
        PubliclyAccessible=False,
        Encrypted=True,
        EnhancedVpcRouting=True,
        ClusterParameterGroupName=group,
        **_COMMON,
    )
    redshift.enable_logging(
        ClusterIdentifier="awase-dwh",
        LogDestinationType="cloudwatch",
        LogExports=["connectionlog", "userlog", "useractivitylog"],
    )
