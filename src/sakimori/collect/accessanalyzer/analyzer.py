"""Analyzers of IAM Access Analyzer."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

_EXTERNAL = ("ACCOUNT", "ORGANIZATION")


def _is_active(record: Record, _context: Context) -> bool:
    return record["status"] == "ACTIVE"


def _watches_external_access(record: Record, _context: Context) -> bool:
    return record["type"] in _EXTERNAL


TABLE = table(
    "aws_accessanalyzer_analyzer",
    "Analyzers of IAM Access Analyzer in this account; one of an organisation stands in the account that manages it.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::AccessAnalyzer::Analyzer",
    rows=call("accessanalyzer:ListAnalyzers", "analyzers"),
    columns=[
        col("arn", TEXT, "The analyzer's ARN.", "arn"),
        col("name", TEXT, "The analyzer's name.", "name"),
        col("type", TEXT, "What it watches and how far: ACCOUNT, ORGANIZATION, ACCOUNT_UNUSED_ACCESS, …", "type"),
        col("status", TEXT, "ACTIVE, CREATING, DISABLED or FAILED.", "status"),
        col("is_active", BOOLEAN, "It is watching.", _is_active),
        col("watches_external_access", BOOLEAN, "It looks for resources that someone outside can reach.",
            _watches_external_access),
        col("created_at", TIMESTAMP, "When it was made.", "createdAt"),
    ],
)  # fmt: skip
