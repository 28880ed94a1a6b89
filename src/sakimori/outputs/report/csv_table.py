"""One row a verdict, for spreadsheets: UTF-8 with a byte order mark, headings and words in the reader's language.

A spreadsheet runs a cell that begins with a formula's sign, and a resource's name is
chosen by whoever made the resource: such cells get a leading apostrophe.
"""

import csv
from collections.abc import Sequence
from datetime import datetime
from typing import Final, TextIO

from sakimori.model.assessment import Assessment
from sakimori.model.verdict import Verdict
from sakimori.model.words import Status
from sakimori.outputs.report.framework_words import related
from sakimori.outputs.report.plain_values import as_json
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

COLUMNS: Final = (
    "status", "severity", "title", "message", "account", "alias", "region", "resource", "resource_type", "change",
    "reason", "muted", "muted_until", "first_seen", "last_seen", "fix", "rule", "evidence", "id", "requirements",
)  # fmt: skip
"""In order; the heading of each is the text `report.column_<name>`."""

# Excel takes the full-width signs of a Japanese keyboard for the ASCII ones.
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CELL: Final = 32_000
"""Excel cuts a cell at 32,767 characters."""


def write_csv(assessment: Assessment, stream: TextIO, language: Language) -> None:
    """Write the mark, the headings and the rows; `stream` must not translate line ends (`newline=""`)."""
    stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([say(f"report.column_{name}", language) for name in COLUMNS])
    rows = VerdictRows(assessment, language)
    for verdict in assessment.verdicts:
        writer.writerow([cell(value) for value in rows.row(verdict)])


def cell(text: str) -> str:
    """`text` as a cell that no spreadsheet takes for a formula.

    >>> cell("=1+1"), cell(" @x"), cell("plain")
    ("'=1+1", "' @x", 'plain')
    """
    shown = clean(text, _CELL) if not text.isprintable() or len(text) > _CELL else text
    return f"'{shown}" if text.lstrip(" \u3000").startswith(FORMULA_SIGNS) else shown


class VerdictRows:
    """Makes the cells of a verdict, as text that is not yet escaped for any kind of table."""

    def __init__(self, assessment: Assessment, language: Language) -> None:
        self._language: Language = language
        self._changes = assessment.changes
        self._aliases = {covered.account.id: covered.account.alias for covered in assessment.accounts}
        self._titles = {rule.id: rule.title.in_(language) for rule in assessment.rules}
        self._fixes = {rule.id: rule.fix.in_(language) for rule in assessment.rules}
        self._requirements = {rule.id: "; ".join(related(rule.frameworks)) for rule in assessment.rules}
        self._words = {
            name: say(f"report.{name}", language)
            for name in ("status_fail", "status_unknown", "status_pass", "severity_critical", "severity_high",
                         "severity_medium", "severity_low", "severity_informational", "is_new", "still_open")
        }  # fmt: skip

    def row(self, verdict: Verdict) -> Sequence[str]:
        """The cells of one verdict, in the order of COLUMNS."""
        identity, mute = verdict.id, verdict.mute
        reason = say(f"report.kind_{verdict.reason}", self._language) if verdict.status is Status.UNKNOWN else ""
        return (
            self._words[f"status_{verdict.status}"], self._words[f"severity_{verdict.severity}"],
            self._titles.get(verdict.rule, ""), verdict.message.in_(self._language), verdict.account,
            self._aliases.get(verdict.account, ""), verdict.region, verdict.resource, verdict.resource_type,
            self._change(identity), reason, mute.reason if mute else "",
            mute.until.isoformat() if mute and mute.until else "", self._time(verdict.first_seen),
            self._time(verdict.last_seen), self._fixes.get(verdict.rule, ""), verdict.rule,
            as_json(verdict.evidence) if verdict.evidence else "", identity, self._requirements.get(verdict.rule, ""),
        )  # fmt: skip

    def _change(self, identity: str) -> str:
        if identity in self._changes.new:
            return self._words["is_new"]
        return self._words["still_open"] if identity in self._changes.still_open else ""

    def _time(self, value: datetime | None) -> str:
        return show_time(value, self._language) if value else ""
