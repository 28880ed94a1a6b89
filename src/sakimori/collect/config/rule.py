"""Rules of AWS Config."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _is_active(record: Record, _context: Context) -> bool | None:
    state = record.get("ConfigRuleState")
    return None if state is None else state in {"ACTIVE", "EVALUATING"}


def _is_managed(record: Record, _context: Context) -> bool | None:
    owner = record.get("Source", {}).get("Owner")
    return None if owner is None else owner == "AWS"


TABLE = table(
    "aws_config_rule",
    "Rules of AWS Config, those that other AWS services made too.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Config::ConfigRule",
    rows=call("config:DescribeConfigRules", "ConfigRules"),
    columns=[
        col("arn", TEXT, "The rule's ARN.", "ConfigRuleArn"),
        col("name", TEXT, "The rule's name.", "ConfigRuleName"),
        col("source_identifier", TEXT, "The managed rule, or the function that evaluates; '' for a policy of its own.",
            "Source.SourceIdentifier", when_absent=""),
        col("is_managed", BOOLEAN, "AWS wrote it.", _is_managed),
        col("created_by", TEXT, "The AWS service that made it; '' where someone of the account did.",
            "CreatedBy", when_absent=""),
        col("state", TEXT, "ACTIVE, EVALUATING, DELETING or DELETING_RESULTS.", "ConfigRuleState"),
        col("is_active", BOOLEAN, "It evaluates.", _is_active),
    ],
)  # fmt: skip
