"""Statements of the policies of clusters of Amazon MSK, by which other accounts connect from their own networks.

Source: Amazon MSK Developer Guide, "Multi-VPC private connectivity".
"""

from collections.abc import Iterator

from sakimori.aws.refusal import NOT_OFFERED
from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if record.get("Policy"):
        yield from statement_rows(record.get("ClusterArn"), record["Policy"])


TABLE = table(
    "aws_kafka_cluster_policy_statement",
    "Statements of the policies of Amazon MSK clusters.",
    key="id",
    parent="cluster_arn",
    parent_key="ClusterArn",
    scope=Scope.REGION,
    resource_type="AWS::MSK::Cluster",
    rows=call("kafka:ListClustersV2", "ClusterInfoList", absent=(NOT_OFFERED,)),
    each=[
        call("kafka:GetClusterPolicy", "Policy", with_={"ClusterArn": "ClusterArn"}, absent=("NotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("cluster_arn", "cluster"),
)  # fmt: skip
