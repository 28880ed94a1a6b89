"""Amazon Detective's behavior graphs of this account."""

from sakimori.collect.declaration import TEXT, TIMESTAMP, call, col, table
from sakimori.model.words import Scope

TABLE = table(
    "aws_detective_graph",
    "Behavior graphs of Amazon Detective that this account administers.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Detective::Graph",
    rows=call("detective:ListGraphs", "GraphList"),
    columns=[
        col("arn", TEXT, "The graph's ARN.", "Arn"),
        col("created_at", TIMESTAMP, "When Detective was turned on.", "CreatedTime"),
    ],
)  # fmt: skip
