"""Tables in a text for AWS, cut to what fits; the whole table goes along as CSV."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sakimori.outputs.case.facts import Item, RogueCost
from sakimori.outputs.case.reply_form import Attachment, Sentence
from sakimori.outputs.report.csv_table import cell
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

MOST_ROWS: Final = 120
"""More lines than that nobody at AWS reads; the rest is in the attachment anyway."""
_ID: Final = 100
_WORD: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """As many rows of text as are shown, how many there are, and what writes the file that holds them whole."""

    rows: tuple[Sentence, ...]
    count: int
    file: str
    written: Callable[[], Attachment]


def item_table(items: Sequence[Item], name: str, most: int, language: Language) -> Table:
    """What was made or changed without authorisation; the account is told where there are several."""
    row = "case_reply.row_account" if len({each.account for each in items}) > 1 else "case_reply.row"
    rows = tuple(
        Sentence(
            text=say(
                row, language, kind=kind_name(each.kind), id=clean(each.id, _ID), account=clean(each.account, _WORD),
                region=clean(each.region, _WORD), change=clean(each.change, _WORD), at=each.at,
                state=say(f"case_reply.state_{each.state}", language),
            ),
            evidence=each.evidence,
        )
        for each in items[: min(most, MOST_ROWS)]
    )  # fmt: skip
    return Table(rows=rows, count=len(items), file=name, written=lambda: _item_file(items, name, language))


def _item_file(items: Sequence[Item], name: str, language: Language) -> Attachment:
    heads = ("kind", "id", "account", "region", "change", "at", "state")
    cells = [
        (each.kind, each.id, each.account, each.region, each.change, show_time(each.at, language, seconds=True), say(f"case_reply.state_{each.state}", language))
        for each in items
    ]  # fmt: skip
    return _file(name, heads, cells, language)


def cost_table(costs: Sequence[RogueCost], name: str, most: int, language: Language) -> Table:
    """What the unauthorised use cost."""
    rows = tuple(
        Sentence(
            text=say(
                "case_reply.bill_row_estimate" if each.is_estimate else "case_reply.bill_row", language,
                region=clean(each.region, _WORD), usage=clean(each.usage, _WORD), resource=clean(each.resource, _ID),
                amount=money(each.amount),
            ),
            evidence=each.evidence,
        )
        for each in costs[: min(most, MOST_ROWS)]
    )  # fmt: skip
    return Table(rows=rows, count=len(costs), file=name, written=lambda: _cost_file(costs, name, language))


def _cost_file(costs: Sequence[RogueCost], name: str, language: Language) -> Attachment:
    heads = ("account", "region", "usage", "resource", "amount", "estimate")
    cells = [
        (each.account, each.region, each.usage, each.resource, money(each.amount), say("case_reply.yes" if each.is_estimate else "case_reply.no", language))
        for each in costs
    ]  # fmt: skip
    return _file(name, heads, cells, language)


def shown_rows(table: Table, language: Language) -> tuple[Sentence, ...]:
    """The rows, and where there are more a line that says how many."""
    left = table.count - len(table.rows)
    if not left:
        return table.rows
    return (*table.rows, Sentence(text=say("case_reply.more", language, count=left, file=table.file), is_claim=False))


def fitting(write: Callable[[int], str], longest: int, fits: Callable[[str], bool]) -> int:
    """The most rows a table with which the text fits; 0 where even none does."""
    low, high = 0, min(longest, MOST_ROWS)
    if fits(write(high)):
        return high
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(write(middle)) else (low, middle - 1)
    return low


def kind_name(kind: str) -> str:
    """As people call it.

    >>> kind_name("AWS::EC2::Instance")
    'EC2 Instance'
    """
    return clean(kind.removeprefix("AWS::").replace("::", " "), _WORD)


def money(amount: Decimal) -> str:
    """Two places, digits grouped."""
    return f"{amount:,.2f}"


def _file(name: str, heads: Sequence[str], cells: Sequence[Sequence[str]], language: Language) -> Attachment:
    stream = io.StringIO(newline="")
    stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([say(f"case_reply.table_{head}", language) for head in heads])
    writer.writerows([cell(each) for each in row] for row in cells)
    return Attachment(name=name, text=stream.getvalue())
