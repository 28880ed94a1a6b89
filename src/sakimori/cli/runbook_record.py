"""Runbooks and playbooks for machines: JSON with both languages, commands with and without what is known."""

from collections.abc import Iterable, Mapping
from typing import Final

from sakimori.app.runbook import Answer, filled
from sakimori.model.verdict import Text
from sakimori.outputs.report.framework_record import both
from sakimori.rules.runbooks.form import FindingType, Move, Playbook, PlaybookStep
from sakimori.rules.runbooks.library import Library, Meant

RUNBOOK: Final = "sakimori.runbook/1"
PLAYBOOK: Final = "sakimori.playbook/1"
LIST: Final = "sakimori.runbooks/1"


def runbook_record(found: Answer, asked: str) -> dict[str, object]:
    """What was asked, the finding of the store behind it, and each runbook that is meant, whole."""
    finding = found.finding
    return {
        "schema": RUNBOOK,
        "asked": asked,
        "finding": {"id": finding.id, "type": finding.rule, "severity": str(finding.severity), "account": finding.account,
                    "region": finding.region, "native_id": finding.native_id} if finding else None,
        "values": dict(found.values),
        "runbooks": [_runbook(each, found.values) for each in found.meant],
    }  # fmt: skip


def playbook_record(book: Playbook) -> dict[str, object]:
    """The playbook with its steps in their order."""
    return {
        "schema": PLAYBOOK,
        "id": book.id,
        "title": both(book.title),
        "words": list(book.words),
        "clock": book.clock,
        "means": both(book.means),
        "source": list(book.source),
        "steps": [_step(each) for each in book.steps],
    }


def list_record(library: Library, *, with_runbooks: bool) -> dict[str, object]:
    """What there is, without the texts."""
    runbooks = library.runbooks.values() if with_runbooks else ()
    return {
        "schema": LIST,
        "runbooks": [
            {"id": each.id, "family": str(each.family), "title": both(each.title), "within": each.within,
             "types": list(each.types), "playbook": each.playbook or None}
            for each in runbooks
        ],
        "playbooks": [
            {"id": each.id, "title": both(each.title), "clock": each.clock, "steps": [step.id for step in each.steps]}
            for each in library.playbooks.values()
        ],
    }  # fmt: skip


def _runbook(meant: Meant, values: Mapping[str, str]) -> dict[str, object]:
    book = meant.runbook
    return {
        "id": book.id,
        "family": str(book.family),
        "is_near": meant.is_near,
        "title": both(book.title),
        "within": book.within,
        "means": both(book.means),
        "danger": both(book.danger),
        "asked_types": [each.name for each in meant.types],
        "types": [_type(each) for each in book.types.values()],
        **{key: _moves(getattr(book, key), values) for key in ("look", "contain")},
        "benign": [both(each) for each in book.benign],
        "close": _moves(book.close, values),
        "playbook": book.playbook or None,
        "source": book.source,
    }


def _type(found: FindingType) -> dict[str, object]:
    return {
        "type": found.name,
        "severity": str(found.severity),
        "means": both(found.means),
        "seen_as": found.seen_as or None,
        "is_retired": found.is_retired,
    }


def _moves(moves: Iterable[Move], values: Mapping[str, str]) -> list[dict[str, object]]:
    return [
        {
            "text": both(each.text),
            "commands": [filled(command, values) for command in each.commands],
            "templates": list(each.commands),
            "console": _or_none(each.console),
        }
        for each in moves
    ]


def _step(step: PlaybookStep) -> dict[str, object]:
    return {
        "id": step.id,
        "title": both(step.title),
        "why": both(step.why),
        "only_if": _or_none(step.only_if),
        "within": step.within,
        "approver": str(step.approver),
        "reversible": str(step.reversible),
        "action": step.action or None,
        "commands": [filled(command, {}) for command in step.commands],
        "templates": list(step.commands),
        "console": _or_none(step.console),
        "evidence": both(step.evidence),
    }


def _or_none(text: Text | None) -> dict[str, str] | None:
    return both(text) if text else None
