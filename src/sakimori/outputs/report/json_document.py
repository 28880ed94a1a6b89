"""The machine's report: one JSON document, `sakimori.assess/1`, described by `schema/assess-1.schema.json`.

Keys may be added under the same version; none is renamed, removed or given another
meaning without a new one. One verdict a line, written as it comes: a million verdicts
need no memory.
"""

from collections.abc import Iterator
from typing import Final, TextIO

from sakimori.model.assessment import AccountCoverage, Assessment, RuleSummary
from sakimori.model.gap import Gap
from sakimori.model.remedy import Remedy
from sakimori.model.verdict import Verdict
from sakimori.outputs.report.framework_record import both, framework_record
from sakimori.outputs.report.plain_values import as_json, utc

SCHEMA: Final = "sakimori.assess/1"


def write_json(assessment: Assessment, stream: TextIO) -> None:
    """Write the document, ended by a newline."""
    stream.write("{\n")
    stream.writelines(f'"{key}": {as_json(value)},\n' for key, value in _head(assessment).items())
    _list(stream, "gaps", (_gap(gap) for gap in assessment.gaps))
    stream.write(",\n")
    _list(stream, "rules", (_rule(rule) for rule in assessment.rules))
    stream.write(",\n")
    _list(stream, "frameworks", (framework_record(framework) for framework in assessment.frameworks))
    stream.write(",\n")
    changes = assessment.changes
    new, still_open = changes.new, changes.still_open
    _list(stream, "verdicts", (verdict_record(v, new=new, still_open=still_open) for v in assessment.verdicts))
    stream.write("\n}\n")


def _list(stream: TextIO, key: str, records: Iterator[dict[str, object]]) -> None:
    stream.write(f'"{key}": [')
    for number, record in enumerate(records):
        stream.write(",\n" if number else "\n")
        stream.write(as_json(record))
    stream.write("]")


def _head(assessment: Assessment) -> dict[str, object]:
    score, changes = assessment.score, assessment.changes
    return {
        "schema": SCHEMA,
        "run": assessment.run,
        "snapshot": assessment.snapshot,
        "as_of": utc(assessment.as_of),
        "thresholds": assessment.thresholds,
        "next": {"step": both(assessment.next_step), "command": assessment.next_command},
        "score": {
            "controls": score.controls,
            "risk_weighted": score.risk_weighted,
            "coverage": score.coverage,
            "controls_passed": score.controls_passed,
            "controls_failed": score.controls_failed,
            "controls_unknown": score.controls_unknown,
        },
        "changes": {
            "previous_run_at": utc(changes.previous_run_at),
            "new": sorted(changes.new),
            "still_open": sorted(changes.still_open),
            "fixed": [verdict_record(verdict) for verdict in changes.fixed],
        },
        "coverage": {"accounts": [_account(covered) for covered in assessment.accounts]},
    }


def _account(covered: AccountCoverage) -> dict[str, object]:
    account = covered.account
    return {
        "account": account.id,
        "alias": account.alias,
        "partition": account.partition,
        "regions": account.regions,
        "regions_selected": account.selected,
        "regions_are_known": account.regions_are_known,
        "units_read": covered.units_read,
        "units_wanted": covered.units_wanted,
    }


def _gap(gap: Gap) -> dict[str, object]:
    return {
        "table": gap.table,
        "account": gap.account,
        "region": gap.region,
        "parent": gap.parent,
        "call": gap.call,
        "kind": gap.kind,
        "code": gap.code,
        "message": gap.message,
    }


def _rule(rule: RuleSummary) -> dict[str, object]:
    return {
        "id": rule.id,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "title": both(rule.title),
        "why": both(rule.why),
        "fix": both(rule.fix),
        "references": rule.references,
        "story": rule.story,
        "remedy": _remedy(rule.remedy),
        "frameworks": [{"framework": framework, "requirement": each} for framework, each in rule.frameworks],
        "passed": rule.passed,
        "failed": rule.failed,
        "unknown": rule.unknown,
        "muted": rule.muted,
    }


def _remedy(remedy: Remedy) -> dict[str, object]:
    return {
        "console": both(remedy.console),
        "cli": remedy.cli,
        "terraform": remedy.terraform,
        "breaks": both(remedy.breaks),
        "undo": both(remedy.undo),
    }


def verdict_record(verdict: Verdict, *, new: frozenset[str] = frozenset(),
                   still_open: frozenset[str] = frozenset()) -> dict[str, object]:  # fmt: skip
    """One verdict; `change` is `new`, `still_open` or null."""
    identity, mute = verdict.id, verdict.mute
    return {
        "id": identity,
        "rule": verdict.rule,
        "status": verdict.status,
        "severity": verdict.severity,
        "confidence": verdict.confidence,
        "partition": verdict.partition,
        "account": verdict.account,
        "region": verdict.region,
        "resource": verdict.resource,
        "resource_type": verdict.resource_type,
        "message": both(verdict.message),
        "reason": verdict.reason,
        "parameters": verdict.parameters,
        "evidence": verdict.evidence,
        "muted": None if mute is None else {"reason": mute.reason, "owner": mute.owner, "until": mute.until},
        "change": "new" if identity in new else "still_open" if identity in still_open else None,
        "first_seen": utc(verdict.first_seen),
        "last_seen": utc(verdict.last_seen),
    }
