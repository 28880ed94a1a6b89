"""The inventory of IAM for others: rows in words, CSV, and a workbook with a sheet each for things, steps and leavers."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final, TextIO

from sakimori.analysis.iam.cleanup import Step
from sakimori.analysis.iam.inventory import Advice, Item, Use
from sakimori.analysis.iam.leavers import LeaverMatch, Leavers
from sakimori.analysis.iam.powers import Level
from sakimori.outputs.report.csv_table import cell
from sakimori.texts.language import Language, show_time, show_value
from sakimori.texts.sentences import say

COLUMNS: Final = (
    "kind", "name", "use", "last_used", "idle_days", "age_days", "mfa", "active", "power", "owner", "count", "advice", "because",
    "leaver", "created", "arn",
)  # fmt: skip
"""In order; the heading of each is the text `iam_inventory.column_<name>`."""
LEAVER_COLUMNS: Final = ("line", "text", "relation", "kind", "name", "sureness", "where", "arn")
STEP_COLUMNS: Final = ("phase", "step", "call")
_WIDTHS: Final = (14, 32, 14, 22, 12, 12, 8, 8, 20, 28, 14, 14, 34, 16, 22, 60)
_LEAVER_WIDTHS: Final = (8, 32, 18, 14, 32, 14, 20, 60)
_STEP_WIDTHS: Final = (28, 80, 34)
_NUMBERS: Final = frozenset({"idle_days", "age_days", "count"})
_FONTS: Final = {"ja": "Yu Gothic", "en": "Calibri"}


class InventoryWords:
    """Makes the words of rows, in one language, as of one moment."""

    def __init__(self, language: Language, now: datetime, unused_days: int, leavers: Leavers | None = None) -> None:
        self._language: Language = language
        self._now, self._days = now, unused_days
        self._leaving = dict[str, LeaverMatch]()
        for match in leavers.matches if leavers else ():
            self._leaving.setdefault(match.who.arn, match)

    def headings(self, columns: Sequence[str]) -> list[str]:
        """Of columns of any of the tables."""
        return [self._say(f"column_{name}") for name in columns]

    def item(self, item: Item) -> Mapping[str, str]:
        """One thing, by column."""
        match = self._leaving.get(item.arn)
        return {
            "kind": self._say(f"kind_{item.kind}"),
            "name": item.name,
            "use": self._say(f"use_{item.use}"),
            "last_used": self._last(item),
            "idle_days": _number(item.idle_days(self._now)),
            "age_days": _number(item.age_days(self._now)),
            "mfa": self._flag(item.has_mfa, is_asked=str(item.kind) in {"root", "user", "password"}),
            "active": self._flag(item.is_active, is_asked=str(item.kind) in {"password", "access_key"}),
            "power": level_words(item.level, item.at_most, self._language),
            "owner": item.owner,
            "count": _number(item.count),
            "advice": self._say(f"advice_{item.advice}"),
            "because": self._say(f"because_{item.because}", days=self._days) if item.because else "",
            "leaver": self._say(f"sure_{match.sureness}") if match else "",
            "created": show_time(item.created_at, self._language) if item.created_at else "",
            "arn": item.arn,
        }

    def step(self, step: Step) -> tuple[str, str, str]:
        """One step: phase, what is to do, the call."""
        words = self._say(f"step_{step.says}", subject=step.subject, what=step.what)
        return self._say(f"phase_{int(step.phase)}"), words, step.call

    def leaver(self, match: LeaverMatch) -> tuple[str, ...]:
        """One match, in the order of LEAVER_COLUMNS."""
        tag = match.where.removeprefix("tag:")
        where = self._say("leavers_by_tag", tag=tag) if match.where.startswith("tag:") else self._say("leavers_by_name")
        return (
            str(match.line.number), match.text, self._say("relation_owns" if match.is_owner else "relation_is"),
            self._say(f"kind_{'role' if match.who.is_role else 'user'}"), match.who.name, self._say(f"sure_{match.sureness}"),
            where, match.who.arn,
        )  # fmt: skip

    def nobody(self) -> str:
        """For a line that matches nobody."""
        return self._say("leavers_nobody")

    def _last(self, item: Item) -> str:
        if item.last_used_at:
            return show_time(item.last_used_at, self._language)
        return self._say("use_unknown") if item.use is Use.UNKNOWN else ""

    def _flag(self, value: bool | None, *, is_asked: bool) -> str:  # noqa: FBT001 - the value itself is the boolean
        return show_value(value, self._language) if is_asked else ""

    def _say(self, name: str, **values: object) -> str:
        return say(f"iam_inventory.{name}", self._language, **values)


def level_words(level: Level | None, at_most: Level | None, language: Language) -> str:
    """A level of power, and where that is not certain how high it may be; "" for what has none."""
    if level is None:
        return ""
    word = say(f"iam_inventory.level_{level}", language)
    if at_most is None or at_most is level:
        return word
    return say(
        "iam_inventory.level_between", language, level=word, at_most=say(f"iam_inventory.level_{at_most}", language)
    )


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def write_inventory_csv(items: Sequence[Item], words: InventoryWords, stream: TextIO) -> None:
    """Write a byte order mark, the headings and a row for each; `stream` must not translate line ends (`newline=""`)."""
    stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(words.headings(COLUMNS))
    for item in items:
        row = words.item(item)
        writer.writerow([cell(row[name]) for name in COLUMNS])


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryBook:
    """What a workbook holds. `about`: the sentences of its last sheet, of what it is and what was not told."""

    items: Sequence[Item]
    steps: Sequence[Step]
    leavers: Leavers | None
    about: Sequence[str]


def write_inventory_xlsx(book: InventoryBook, words: InventoryWords, stream: BinaryIO, language: Language) -> None:
    """Write the workbook; ImportError where openpyxl is not installed."""
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and for workbooks alone

    from sakimori.outputs.report.workbook_sheet import HEADING, PLAIN, Look, Sheet, Value  # noqa: PLC0415

    looks = {
        Advice.DELETE: Look(ink="8B0015", is_bold=True),
        Advice.DEACTIVATE: Look(ink="8A2A06", is_bold=True),
        Advice.LOOK: Look(ink="6B4E00", is_bold=True),
    }
    workbook = Workbook(write_only=True)
    workbook.properties.creator = "sakimori"

    def table(title: str, widths: Sequence[int], columns: Sequence[str]) -> Sheet:
        sheet = Sheet(workbook, say(f"iam_inventory.{title}", language), widths, _FONTS[language])
        sheet.table()
        sheet.write(*words.headings(columns), looks=[HEADING] * len(columns))
        return sheet

    sheet = table("sheet_items", _WIDTHS, COLUMNS)
    for item in book.items:
        row = words.item(item)
        values: list[Value] = [int(row[name]) if name in _NUMBERS and row[name] else row[name] for name in COLUMNS]
        look = looks.get(item.advice, PLAIN)
        sheet.write(*values, looks=[look if name == "advice" else PLAIN for name in COLUMNS])
    sheet.add_filter()
    sheet = table("sheet_steps", _STEP_WIDTHS, STEP_COLUMNS)
    for step in book.steps:
        sheet.write(*words.step(step))
    if book.leavers is not None:
        sheet = table("sheet_leavers", _LEAVER_WIDTHS, LEAVER_COLUMNS)
        for match in book.leavers.matches:
            sheet.write(*words.leaver(match))
        for line in book.leavers.unmatched:
            sheet.write(str(line.number), " ".join(line.texts), words.nobody())
    sheet = Sheet(workbook, say("iam_inventory.sheet_about", language), (120,), _FONTS[language])
    for sentence in book.about:
        sheet.write(sentence)
    workbook.save(stream)
