"""Clusters of EKS."""

from collections.abc import Mapping, Sequence
from typing import Any

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str:
    return f"arn:{context.partition}:eks:{context.region}:{context.account_id}:cluster/{record['value']}"


def _logged(record: Record) -> Sequence[str] | None:
    """The kinds of control plane logs that are on; None where AWS said nothing of logs."""
    listed: Sequence[Mapping[str, Any]] | None = (record.get("Cluster", {}).get("logging") or {}).get("clusterLogging")
    if listed is None:
        return None
    return sorted({kind for each in listed if each.get("enabled") for kind in each.get("types") or ()})


def _logs_audit(record: Record, _context: Context) -> bool | None:
    logged = _logged(record)
    return None if logged is None else "audit" in logged


def _encrypts_secrets(record: Record, _context: Context) -> bool | None:
    cluster = record.get("Cluster", {})
    if not cluster:
        return None
    return any("secrets" in (each.get("resources") or ()) for each in cluster.get("encryptionConfig") or ())


TABLE = table(
    "aws_eks_cluster",
    "Kubernetes clusters of EKS; clusters elsewhere that are only connected are left out.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EKS::Cluster",
    rows=call("eks:ListClusters", "clusters", maxResults=100),
    each=[call("eks:DescribeCluster", "cluster", name="Cluster", with_={"name": "value"})],
    columns=[
        col("arn", TEXT, "The cluster's ARN.", _arn),
        col("name", TEXT, "The cluster's name.", "value"),
        col("version", TEXT, "Its version of Kubernetes, like 1.34.", "Cluster.version"),
        col("status", TEXT, "CREATING, ACTIVE, DELETING, FAILED, UPDATING or PENDING.", "Cluster.status"),
        col("endpoint_is_public", BOOLEAN, "Its API server answers on the internet, if perhaps not to every address.",
            "Cluster.resourcesVpcConfig.endpointPublicAccess"),
        col("endpoint_is_private", BOOLEAN, "Its API server answers inside its VPC.",
            "Cluster.resourcesVpcConfig.endpointPrivateAccess"),
        col("public_access_cidrs", TEXT, "The addresses that a public endpoint answers to, separated by commas.",
            "Cluster.resourcesVpcConfig.publicAccessCidrs"),
        col("log_types", TEXT, "The control plane logs that are on, separated by commas; '' where none is.",
            lambda record, _: _logged(record), needs=["Cluster"]),
        col("logs_audit", BOOLEAN, "Every request to its API server is written to the audit log.",
            _logs_audit, needs=["Cluster"]),
        col("encrypts_secrets_with_own_key", BOOLEAN, "Its secrets are encrypted with a KMS key of the account.",
            _encrypts_secrets, needs=["Cluster"]),
        col("created_at", TIMESTAMP, "When it was made.", "Cluster.createdAt"),
    ],
)  # fmt: skip
