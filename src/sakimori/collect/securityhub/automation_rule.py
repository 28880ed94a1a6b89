"""Automation rules of Security Hub CSPM: what changes findings as they come in.

Sources: Security Hub API reference, CreateAutomationRule and AutomationRulesFindingFilters; user guide,
"Understanding automation rules in Security Hub CSPM" (order, terminal rules).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Derive, Record, call, col, table
from sakimori.collect.securityhub.hub import NOT_SUBSCRIBED
from sakimori.model.words import Scope

_KINDS_OF_FINDINGS: Final = ("ComplianceSecurityControlId", "GeneratorId", "Id", "Title", "Type")
_NAMES_OF_RESOURCES: Final = ("Id", "ResourceApplicationArn", "ResourceApplicationName", "ResourceId", "ResourceTags")
# BatchGetAutomationRules takes at most 100.
_BATCH: Final = 100


def _names(fields: Sequence[str]) -> Derive:
    """Whether one of the fields must be exactly one of the values that the rule lists."""

    def derive(record: Record, _context: Context) -> bool:
        found: list[Sequence[Mapping[str, Any]]] = [record["Criteria"].get(field) or () for field in fields]
        return any(tests and all(test.get("Comparison") == "EQUALS" for test in tests) for tests in found)

    return derive


def _suppresses(record: Record, _context: Context) -> bool:
    updates = [action.get("FindingFieldsUpdate") or {} for action in record["Actions"]]
    return any((update.get("Workflow") or {}).get("Status") in {"SUPPRESSED", "RESOLVED"} for update in updates)


def _is_enabled(record: Record, _context: Context) -> bool | None:
    return {"ENABLED": True, "DISABLED": False}.get(record.get("RuleStatus", ""))


TABLE = table(
    "aws_securityhub_automation_rule",
    "Automation rules of Security Hub CSPM.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::SecurityHub::AutomationRule",
    rows=[
        call("securityhub:ListAutomationRules", "AutomationRulesMetadata[].RuleArn", absent=NOT_SUBSCRIBED),
        call("securityhub:BatchGetAutomationRules", "Rules", batch="AutomationRulesArns", batch_size=_BATCH),
    ],
    columns=[
        col("arn", TEXT, "The rule's ARN.", "RuleArn"),
        col("name", TEXT, "The rule's name.", "RuleName"),
        col("description", TEXT, "What somebody wrote of it; '' where nothing.", "Description", when_absent=""),
        col("status", TEXT, "ENABLED or DISABLED.", "RuleStatus"),
        col("is_enabled", BOOLEAN, "It acts on findings.", _is_enabled),
        col("rule_order", INTEGER, "From 1 to 1000; rules with lower numbers act first.", "RuleOrder"),
        col("is_terminal", BOOLEAN, "Of a finding that it matches, no later rule is asked.", "IsTerminal"),
        col("criteria", TEXT, "What a finding must be like, as JSON in the form of CreateAutomationRule.", "Criteria"),
        col("actions", TEXT, "What it changes in the finding, as JSON in the form of CreateAutomationRule.", "Actions"),
        col("suppresses", BOOLEAN, "It sets findings to SUPPRESSED or RESOLVED, out of everyone's sight.", _suppresses),
        col("names_type", BOOLEAN, "It says exactly which controls, generators, titles or types of findings it is for.",
            _names(_KINDS_OF_FINDINGS)),
        col("names_resource", BOOLEAN, "It says exactly which resources, applications or tags it is for.",
            _names(_NAMES_OF_RESOURCES)),
        col("created_by", TEXT, "The principal that made it; '' where AWS does not say.", "CreatedBy", when_absent=""),
        col("created_at", TIMESTAMP, "When it was made.", "CreatedAt"),
        col("updated_at", TIMESTAMP, "When it was last changed.", "UpdatedAt"),
    ],
)  # fmt: skip
