"""Checks of Trusted Advisor and what they say; AWS answers only accounts with a paid support plan."""

from collections.abc import Iterator

from sakimori.aws.door import Door
from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Reader, Record, col, table
from sakimori.model.words import Scope

_CHECKS = "support:DescribeTrustedAdvisorChecks"
_SUMMARIES = "support:DescribeTrustedAdvisorCheckSummaries"
_BATCH = 100


def _checks(door: Door, region: str) -> Iterator[Record]:
    """Each check with its summary under `summary`, where AWS gave one."""
    checks = [check for page in door.pages(_CHECKS, region, {"language": "en"}) for check in page.get("checks", ())]
    ids = [check["id"] for check in checks if check.get("id")]
    summaries: dict[str, Record] = {}
    for start in range(0, len(ids), _BATCH):
        answer = door.call(_SUMMARIES, region, {"checkIds": ids[start : start + _BATCH]})
        summaries.update({summary.get("checkId", ""): summary for summary in answer.get("summaries", ())})
    for check in checks:
        yield {**check, "summary": summaries.get(check.get("id", ""), {})}


def _arn(record: Record, context: Context) -> str | None:
    found = record.get("id")
    return f"arn:{context.partition}:trustedadvisor:::check/{found}" if found else None


def _has_problem(record: Record, _context: Context) -> bool | None:
    """Unknown where Trusted Advisor has not looked."""
    return {"ok": False, "warning": True, "error": True}.get(record["summary"].get("status", ""))


TABLE = table(
    "aws_trustedadvisor_check",
    "Checks of Trusted Advisor and what they say.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::TrustedAdvisor::Check",
    rows=Reader(function=_checks, operations=(_CHECKS, _SUMMARIES)),
    columns=[
        col("arn", TEXT, "The check's ARN; it is the same in every account.", _arn),
        col("check_id", TEXT, "The check's id.", "id"),
        col("name", TEXT, "The check's name, in English.", "name"),
        col("category", TEXT,
            "security, cost_optimizing, fault_tolerance, performance, service_limits or operational_excellence.",
            "category"),
        col("status", TEXT, "ok, warning, error or not_available.", "summary.status"),
        col("has_problem", BOOLEAN, "Its status is warning or error; NULL where Trusted Advisor has not looked.",
            _has_problem),
        col("flagged_count", INTEGER, "Resources that it flags.", "summary.resourcesSummary.resourcesFlagged"),
        col("suppressed_count", INTEGER, "Resources that someone took out of it.",
            "summary.resourcesSummary.resourcesSuppressed"),
        col("checked_at", TIMESTAMP, "When it was last refreshed.", "summary.timestamp"),
    ],
)  # fmt: skip
