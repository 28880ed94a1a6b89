"""Redshift's provisioned clusters: who reaches them, how, and what they log."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

_REQUIRE_TLS = "require_ssl"
_GROUP = "ClusterParameterGroups[0].ParameterGroupName"
_IN_FORCE = "in-sync"


def _arn(record: Record, context: Context) -> str | None:
    name = record.get("ClusterIdentifier")
    if not name:
        return None
    return f"arn:{context.partition}:redshift:{context.region}:{context.account_id}:cluster:{name}"


def _requires_tls(record: Record, _context: Context) -> bool | None:
    """Whether the parameter says so and is in force: it is static, and waits for a restart of the cluster.

    Source: Redshift API reference, ClusterParameterStatus.
    """
    values = {each["ParameterName"]: each.get("ParameterValue") for each in record.get("Parameters") or ()}
    wanted = {"true": True, "false": False}.get(str(values.get(_REQUIRE_TLS)).lower())
    group = (record.get("ClusterParameterGroups") or [{}])[0]
    states = {
        each.get("ParameterName"): each.get("ParameterApplyStatus")
        for each in group.get("ClusterParameterStatusList") or ()
    }
    return wanted and states.get(_REQUIRE_TLS, _IN_FORCE) == _IN_FORCE


TABLE = table(
    "aws_redshift_cluster",
    "Provisioned clusters of Redshift.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Redshift::Cluster",
    rows=call("redshift:DescribeClusters", "Clusters", MaxRecords=100),
    each=[
        call("redshift:DescribeLoggingStatus", "@", name="Logging", with_={"ClusterIdentifier": "ClusterIdentifier"}),
        call("redshift:DescribeClusterParameters", "Parameters", when=_GROUP, with_={"ParameterGroupName": _GROUP}),
    ],
    columns=[
        col("arn", TEXT, "The cluster's ARN.", _arn),
        col("name", TEXT, "The cluster's identifier.", "ClusterIdentifier"),
        col("status", TEXT, "available, paused, creating, …", "ClusterStatus"),
        col("node_type", TEXT, "ra3.large, dc2.large, …", "NodeType"),
        col("is_publicly_accessible", BOOLEAN, "It has a public address.", "PubliclyAccessible"),
        col("is_encrypted", BOOLEAN, "Its data is encrypted at rest.", "Encrypted"),
        col("has_enhanced_vpc_routing", BOOLEAN, "COPY and UNLOAD go through the VPC and not over the internet.",
            "EnhancedVpcRouting"),
        col("vpc_id", TEXT, "The VPC it is in; '' where AWS names none.", "VpcId", when_absent=""),
        col("parameter_group", TEXT, "The parameter group it uses; default.redshift-… is AWS's own.", _GROUP),
        col("requires_tls", BOOLEAN, "It refuses connections without TLS; the parameter is set and in force.",
            _requires_tls, needs=["Parameters"]),
        col("audit_logging_is_enabled", BOOLEAN, "It sends its audit logs to S3 or CloudWatch Logs.",
            "Logging.LoggingEnabled"),
        col("log_destination", TEXT, "s3, cloudwatch or s3table; '' where AWS names none.",
            "Logging.LogDestinationType", when_absent=""),
    ],
)  # fmt: skip
