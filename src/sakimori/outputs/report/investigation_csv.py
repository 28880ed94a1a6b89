"""The timeline of an investigation as CSV for spreadsheets: one row a write, or a run of reads; times are UTC."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from sakimori.analysis.incident.investigation import Investigation
from sakimori.outputs.report.csv_table import cell
from sakimori.outputs.report.plain_values import utc
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

_COLUMNS: Final = (
    "time", "until", "account", "region", "principal", "key", "ip", "calls", "error", "count", "resource", "questions", "event",
)  # fmt: skip


def investigation_csv(found: Investigation, language: Language) -> str:
    """Headings and rows, with the mark that tells a spreadsheet that it is UTF-8."""
    stream = io.StringIO(newline="")
    stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([say(f"investigate.column_{name}", language) for name in _COLUMNS])
    for entry in found.entries:
        row: Iterable[object] = (
            utc(entry.at), utc(entry.until), entry.account, entry.region, entry.principal, entry.key_id, entry.ip, " ".join(entry.calls),
            entry.error, entry.count, entry.resource, " ".join(entry.questions), entry.event_id,
        )  # fmt: skip
        writer.writerow([cell(str(each)) for each in row])
    return stream.getvalue()
