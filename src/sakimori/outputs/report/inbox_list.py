"""Findings of the inbox for machines: as plain JSON values, and as rows for spreadsheets."""

import csv
from collections.abc import Iterable
from datetime import datetime
from typing import Final, TextIO

from sakimori.findings.inbox import InboxFinding
from sakimori.findings.triage import Remark
from sakimori.model.verdict import Verdict
from sakimori.outputs.report.csv_table import cell
from sakimori.outputs.report.detection_list import plain_detection
from sakimori.outputs.report.json_document import verdict_record
from sakimori.outputs.report.plain_values import plain, utc
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

COLUMNS: Final = (
    "severity", "state", "title", "message", "account", "region", "subject", "time_first", "time_last", "count",
    "untouched_days", "owner", "due_on", "disposition", "reason", "case", "rule", "producer", "witnesses", "id",
)  # fmt: skip
"""In order; the heading of each is the text `found.column_<name>`."""


def plain_finding(found: InboxFinding, now: datetime, remarks: Iterable[Remark] = ()) -> dict[str, object]:
    """One finding as JSON has it; `detection` or `posture` holds what its own source says of it."""
    triage = found.triage
    own: dict[str, object] = (
        {"posture": plain(verdict_record(found.told))}
        if isinstance(found.told, Verdict)
        else {"detection": plain_detection(found.told)}
    )
    return {
        "id": found.id,
        "kind": "posture" if found.is_posture else "detection",
        "producer": found.producer,
        "rule": found.told.rule,
        "severity": found.severity.value,
        "state": found.standing.value,
        "suppression": found.suppression or None,
        "title": {"en": found.title.en, "ja": found.title.ja},
        "account": found.told.account,
        "region": found.told.region,
        "subject": found.subject or None,
        "case": found.case or None,
        "first_seen": utc(found.first_seen),
        "last_seen": utc(found.last_seen),
        "untouched_days": found.untouched_for(now).days,
        "is_late": found.is_late(now),
        "owner": triage.owner or None,
        "due_on": triage.due_on.isoformat() if triage.due_on else None,
        "disposition": triage.disposition.value if triage.disposition else None,
        "reason": triage.reason or None,
        "decided_by": triage.decided_by or None,
        "decided_at": utc(triage.decided_at),
        "witnesses": [{"id": each.id, "producer": each.producer, "rule": each.rule} for each in found.witnesses],
        "history": [{"at": utc(each.at), "by": each.by, "act": each.act.value, "text": each.text} for each in remarks],
        **own,
    }


def write_inbox_csv(findings: Iterable[InboxFinding], stream: TextIO, language: Language, now: datetime) -> None:
    """Write a byte order mark, the headings and a row for each; `stream` must not translate line ends (`newline=""`)."""
    stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([say(f"found.column_{name}", language) for name in COLUMNS])
    for each in findings:
        writer.writerow([cell(value) for value in _row(each, language, now)])


def _row(found: InboxFinding, language: Language, now: datetime) -> tuple[str, ...]:
    told, triage = found.told, found.triage
    if isinstance(told, Verdict):
        first, last, count = found.first_seen, found.last_seen, 1
    else:
        first, last, count = told.first_at, told.last_at, told.count
    return (
        say(f"report.severity_{found.severity}", language),
        say(f"found.state_{found.standing}", language),
        found.title.in_(language),
        told.message.in_(language),
        told.account,
        told.region,
        found.subject,
        utc(first) or "",
        utc(last) or "",
        str(count),
        str(found.untouched_for(now).days),
        triage.owner,
        triage.due_on.isoformat() if triage.due_on else "",
        say(f"found.disposition_{triage.disposition}", language) if triage.disposition else "",
        triage.reason,
        found.case,
        told.rule,
        found.producer,
        " ".join(each.producer for each in found.witnesses),
        found.id,
    )
