"""Versions of Kubernetes, and how long EKS supports each."""

from sakimori.collect.declaration import TEXT, TIMESTAMP, call, col, table
from sakimori.model.words import Scope

TABLE = table(
    "aws_eks_cluster_version",
    "Versions of Kubernetes that EKS knows, with the support that each still has.",
    key="version",
    scope=Scope.REGION,
    resource_type="AWS::EKS::Cluster",
    # Local clusters on Outposts have versions of their own.
    rows=call("eks:DescribeClusterVersions", "clusterVersions[?clusterType=='eks']", includeAll=True),
    columns=[
        col("version", TEXT, "The version, like 1.34.", "clusterVersion"),
        col("support_status", TEXT, "STANDARD_SUPPORT, EXTENDED_SUPPORT or UNSUPPORTED.", "versionStatus"),
        col("standard_support_ends_at", TIMESTAMP, "When its standard support ends.", "endOfStandardSupportDate"),
        col("extended_support_ends_at", TIMESTAMP, "When its extended support, which costs more, ends.",
            "endOfExtendedSupportDate"),
    ],
)  # fmt: skip
