"""The timeline as CSV: what DFIR-IRIS takes, and what a spreadsheet opens.

The columns are those that DFIR-IRIS asks for when a CSV file is uploaded to a case's timeline (dfir-iris/iris-web,
`source/app/blueprints/case/case_timeline_routes.py`, `case_events_upload_csv`, and `EventSchema`): all ten, a date as
`2026-11-23T02:14:00.000000` with its offset apart, tags between `|`. Assets, IoCs and a category must exist in the case there by
name, so these columns stay empty. It splits lines before it reads cells: no cell may hold a line break.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, TextIO

from sakimori.outputs.case.facts import CaseFacts, Moment
from sakimori.outputs.report.csv_table import cell
from sakimori.texts.language import JST, Language, clean
from sakimori.texts.sentences import say

COLUMNS: Final = (
    "event_date", "event_tz", "event_title", "event_category", "event_content", "event_raw", "event_source", "event_assets",
    "event_iocs", "event_tags",
)  # fmt: skip
_TITLE: Final = 250
_CONTENT: Final = 2_000
_RAW: Final = 20_000
_TAG: Final = 40
_MOST: Final = 200_000


def write_timeline(facts: CaseFacts, stream: TextIO, language: Language) -> None:
    """Write mark, headings and rows, the earliest first; `stream` must not translate line ends (`newline=""`)."""
    stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for moment in all_moments(facts)[:_MOST]:
        writer.writerow([cell(each) if number > 1 else each for number, each in enumerate(_row(moment, language))])


def all_moments(facts: CaseFacts) -> list[Moment]:
    """What happened and what was done about it, in order."""
    return sorted((*facts.moments, *_done(facts)), key=lambda moment: moment.at)


def _done(facts: CaseFacts) -> Iterator[Moment]:
    for step in facts.steps:
        tags = ("response", step.id)
        yield Moment(at=step.at, what=step.title, source=facts.case, actor=step.by, tags=tags, evidence=step.evidence)


def _row(moment: Moment, language: Language) -> tuple[str, ...]:
    at = moment.at.astimezone(JST if language == "ja" else UTC)
    title = _line(moment.what.in_(language), _TITLE) or "-"
    return (
        at.replace(tzinfo=None).isoformat(timespec="microseconds"), _offset(at), title, "", _content(moment, language),
        _line(moment.raw, _RAW), _line(moment.source, _TITLE), "", "", "|".join(_tags(moment.tags)),
    )  # fmt: skip


def _content(moment: Moment, language: Language) -> str:
    told = (
        ("case_report.column_actor", moment.actor), ("case_report.column_account", moment.account),
        ("case_report.column_region", moment.region), ("case_report.column_evidence", ", ".join(moment.evidence)),
    )  # fmt: skip
    return _line("; ".join(f"{say(name, language)}: {value}" for name, value in told if value), _CONTENT)


def _tags(tags: Iterable[str]) -> Iterator[str]:
    yield from (_line(tag.replace("|", " ").replace(",", " "), _TAG) for tag in tags)


def _offset(at: datetime) -> str:
    shown = f"{at:%z}"
    return f"{shown[:3]}:{shown[3:]}"


def _line(text: str, limit: int) -> str:
    """One line: whatever anybody takes for a line's end is a space."""
    return clean(" ".join(text[: limit * 2].split()), limit)
