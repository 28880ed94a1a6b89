"""Statements of the policies of layers of Lambda: each version of a layer has its own.

Source: Lambda API Reference, "GetLayerVersionPolicy".
"""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" in record:
        yield from statement_rows(record.get("LayerVersionArn"), record["Policy"])


TABLE = table(
    "aws_lambda_layer_policy_statement",
    "Statements of the policies of Lambda layers, of each version by itself.",
    key="id",
    parent="layer_version_arn",
    parent_key="LayerVersionArn",
    scope=Scope.REGION,
    resource_type="AWS::Lambda::LayerVersion",
    rows=[
        call("lambda:ListLayers", "Layers"),
        call("lambda:ListLayerVersions", "LayerVersions", with_={"LayerName": "LayerName"}, keep={"LayerName": "LayerName"}),
    ],
    each=[
        call("lambda:GetLayerVersionPolicy", "Policy", with_={"LayerName": "LayerName", "VersionNumber": "Version"},
             absent=("ResourceNotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("layer_version_arn", "version of the layer"),
)  # fmt: skip
