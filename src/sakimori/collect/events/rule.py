"""Rules of EventBridge, on every bus."""

import json
from typing import Final

from sakimori.collect.declaration import BOOLEAN, TEXT, Call, Context, Record, call, col, table
from sakimori.collect.events.pattern import parse
from sakimori.collect.kleene import some
from sakimori.model.words import Scope

LIST: Final[tuple[Call, ...]] = (
    call("events:ListEventBuses", "EventBuses"),
    call("events:ListRules", "Rules", with_={"EventBusName": "Name"}),
)
_SENDERS: Final = (
    ("aws.guardduty", "GuardDuty Finding"),
    ("aws.securityhub", "Security Hub Findings - Imported"),
    ("aws.securityhub", "Findings Imported V2"),
    ("aws.inspector2", "Inspector2 Finding"),
    ("aws.macie", "Macie Finding"),
    ("aws.access-analyzer", "Access Analyzer Finding"),
    ("aws.health", "AWS Health Event"),
)
"""Who sends findings, under which type: user guides of the services, each on its events in EventBridge."""


def _reports_findings(record: Record, _context: Context) -> bool | None:
    """Whether the pattern, as far as sender and type go, lets some finding through; it must speak of one of the two."""
    pattern = record.get("EventPattern")
    if not pattern:
        return False
    try:
        judge, spoken = parse(pattern), json.loads(pattern)
    except (ValueError, RecursionError):
        return None
    if not {"source", "detail-type"} & set(spoken):
        return None if "$or" in spoken else False
    samples = [{"source": source, "detail-type": kind} for source, kind in _SENDERS]
    # What is not known of a sample (its detail) may be anything: only a plain No keeps every finding out.
    answers = {some(judge(sample, guess) is not False for sample in samples) for guess in (False, True)}
    return answers.pop() if len(answers) == 1 else None


def _is_enabled(record: Record, _context: Context) -> bool | None:
    state = record.get("State")
    return None if state is None else state != "DISABLED"


TABLE = table(
    "aws_events_rule",
    "Rules of EventBridge on all buses, those that AWS's services made too.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Events::Rule",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The rule's ARN.", "Arn"),
        col("name", TEXT, "The rule's name, unique on its bus.", "Name"),
        col("bus_name", TEXT, "The bus that it listens to.", "EventBusName"),
        col("state", TEXT, "ENABLED, DISABLED or ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.", "State"),
        col("is_enabled", BOOLEAN, "It acts.", _is_enabled),
        col("event_pattern", TEXT, "Which events it takes, as JSON; '' where it only goes by the clock.",
            "EventPattern", when_absent=""),
        col("schedule", TEXT, "When it runs by the clock; '' where it does not.", "ScheduleExpression", when_absent=""),
        col("managed_by", TEXT, "The service of AWS that made it for itself; '' where none did.",
            "ManagedBy", when_absent=""),
        col("reports_findings", BOOLEAN,
            "It takes findings of GuardDuty, Security Hub, Inspector, Macie, IAM Access Analyzer or events of AWS Health.",
            _reports_findings),
    ],
)  # fmt: skip
