"""`sakimori iam inventory`: what there is in an account's IAM, what of it is used, and what may go in which order.

As JSON (`sakimori.iam_inventory/1`): `account`, `as_of`, `unused_days`, `has_credentials`, `has_lake`;
`items`, each with `kind` (root, user, password, access_key, role, group, policy), `name`, `arn` (of a password or key its
user's), `use` (used, unused, never, new, inactive, unknown), `last_used_at`, `idle_days`, `created_at`, `age_days`, `has_mfa`,
`is_active`, `power` and `power_at_most` (none, ordinary, escalating, strong; they differ where something is not known),
`owner`, `owner_tag`, `count`, `advice` (keep, look, deactivate, delete, leave_to_aws) and `because`;
`steps` in order, each with `phase` (1 to 6), `says`, `call`, `subject`, `what` and `message` {en, ja};
`leavers` (null without --leavers): `lines`, `columns`, `matches` (`line`, `text`, `principal`, `relation` is or owns,
`sureness` certain, likely or possible, `where`) and `unmatched` (`line`, `texts`); and `notes`.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TextIO

import click

from sakimori.analysis.iam.cleanup import Step
from sakimori.analysis.iam.inventory import STALE, Advice, Item, Kind, Use
from sakimori.analysis.iam.leavers import Leavers
from sakimori.app.clock import utc_now
from sakimori.app.iam import IamSource
from sakimori.app.iam_inventory import Inventory, seen_in_lake, take_inventory
from sakimori.cli.iam_source import account_options, print_notes, source_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.outputs import form_by_ending, text_at
from sakimori.cli.prose import tell
from sakimori.cli.query_table import print_rows
from sakimori.model.errors import UsageError
from sakimori.model.extras import ensure_libraries
from sakimori.outputs.report.formats import file_at
from sakimori.outputs.report.iam_inventory import (
    LEAVER_COLUMNS,
    InventoryBook,
    InventoryWords,
    write_inventory_csv,
    write_inventory_xlsx,
)
from sakimori.outputs.report.plain_values import escaped_json, utc
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say, say_error

_SHOWN: Final = ("kind", "name", "use", "last_used", "age_days", "mfa", "power", "owner", "advice", "because")
_STEPS_SHOWN: Final = 60
_UNMATCHED_SHOWN: Final = 20
_FRESH: Final = timedelta(days=2)
_NUMBERS: Final = frozenset({"age_days"})


@click.command(
    "inventory",
    cls=SpokenCommand,
    help=say("iam_inventory.inventory_help", spoken()),
    short_help=say("iam_inventory.inventory_short", spoken()),
)
@option(
    "--unused-days",
    type=click.IntRange(1, 3650),
    default=90,
    show_default=True,
    help_="iam_inventory.option_unused_days",
)
@option("--leavers", type=click.Path(path_type=Path, dir_okay=False), help_="iam_inventory.option_leavers")
@option("--stale", is_flag=True, help_="iam_inventory.option_stale")
@account_options
@option("--format", "format_", type=click.Choice(["terminal", "csv", "xlsx", "json"]))
@option("--output", type=click.Path(path_type=Path, dir_okay=False), help_="iam_inventory.option_output")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> None:
    """Take stock."""
    form, output = _form_of(given)
    source = source_of(home, given)
    seen = seen_in_lake(home, source.account.account, clock=utc_now)
    now = source.as_of or utc_now()
    found = take_inventory(
        source, now, unused_days=given["unused_days"], seen=seen, leavers=given["leavers"]
    )  # fmt: skip
    items = [
        each for each in found.items if not given["stale"] or each.advice not in {Advice.KEEP, Advice.LEAVE_TO_AWS}
    ]
    if form == "terminal":
        print_notes(source)
        _print(found, items, given["leavers"], spoken())
        return
    _write(_Told(source, found, items), form, output)
    if output is not None:
        tell(say("iam_inventory.written", spoken(), path=output), err=True)


def _form_of(given: Mapping[str, Any]) -> tuple[str, Path | None]:
    form = form_by_ending(given, ("csv", "xlsx", "json"), "json")
    if form == "xlsx" and given["output"] is None:
        raise UsageError("iam_inventory.xlsx_needs_output")
    if form == "xlsx":
        ensure_libraries("openpyxl")  # said before an account is read, which may take minutes
    return form, given["output"] if form != "terminal" else None


class _Told:
    """The inventory with what it stands on."""

    def __init__(self, source: IamSource, found: Inventory, items: Sequence[Item]) -> None:
        self.source, self.found, self.items = source, found, items
        self.words = InventoryWords(spoken(), found.now, found.unused_days, found.leavers)

    def about(self, language: Language) -> Iterator[str]:
        at = show_time(self.found.now, language)
        yield say("iam_inventory.as_of", language, account=self.source.account.account, at=at)
        yield _counted(self.found, language)
        yield from _notes(self.found, language)
        yield from (say(f"iam.note_{each.name}", language, **each.values) for each in self.source.notes)


def _write(told: _Told, form: str, output: Path | None) -> None:
    if output is None:
        _write_text(told, form, sys.stdout)
    elif form == "xlsx":
        book = InventoryBook(
            items=told.items, steps=told.found.steps, leavers=told.found.leavers, about=tuple(told.about(spoken()))
        )
        with file_at(output) as file:
            write_inventory_xlsx(book, told.words, file, spoken())
    else:
        with text_at(output) as stream:
            _write_text(told, form, stream)


def _write_text(told: _Told, form: str, stream: TextIO) -> None:
    if form == "csv":
        write_inventory_csv(told.items, told.words, stream)
    else:
        stream.write(escaped_json(_plain(told)) + "\n")


# -- on a terminal -----------------------------------------------------------------------------


def _print(found: Inventory, items: Sequence[Item], leavers: Path | None, language: Language) -> None:
    words = InventoryWords(language, found.now, found.unused_days, found.leavers)
    if items:
        rows = [tuple(words.item(each)[name] for name in _SHOWN) for each in items]
        columns = [(name, "INT" if name in _NUMBERS else "VARCHAR") for name in _SHOWN]
        print_rows(words.headings(_SHOWN), columns, rows, sys.stdout)
    else:
        tell(say("iam_inventory.nothing_stale", language))
    tell("")
    tell(_counted(found, language))
    for line in _notes(found, language):
        tell(line)
    tell("")
    _print_steps(found.steps, words, language)
    if found.leavers is not None and leavers is not None:
        tell("")
        _print_leavers(found.leavers, leavers, words, language)


def _print_steps(steps: Sequence[Step], words: InventoryWords, language: Language) -> None:
    if not steps:
        tell(say("iam_inventory.steps_none", language))
        return
    tell(say("iam_inventory.steps_heading", language))
    phase = ""
    for step in steps[:_STEPS_SHOWN]:
        heading, sentence, call = words.step(step)
        if heading != phase:
            phase = heading
            tell(f"  {heading}")
        tell(f"    - {clean(sentence)}" + (f"  [{call}]" if call else ""))
    if len(steps) > _STEPS_SHOWN:
        tell(f"    {say('iam_inventory.steps_more', language, count=len(steps) - _STEPS_SHOWN)}")
    tell(f"  {say('iam_inventory.steps_again', language)}")


def _print_leavers(found: Leavers, path: Path, words: InventoryWords, language: Language) -> None:
    matched = len({each.line.number for each in found.matches})
    tell(
        say("iam_inventory.leavers_heading", language, path=path, lines=found.lines, matched=matched,
            unmatched=len(found.unmatched))
    )  # fmt: skip
    if found.heading:
        tell(say("iam_inventory.leavers_columns", language, columns=found.heading))
    if found.matches:
        rows = [words.leaver(each) for each in found.matches]
        columns = [(name, "VARCHAR") for name in LEAVER_COLUMNS]
        print_rows(words.headings(LEAVER_COLUMNS), columns, rows, sys.stdout)
    for line in found.unmatched[:_UNMATCHED_SHOWN]:
        tell(say("iam_inventory.leavers_unmatched", language, line=line.number, text=" ".join(line.texts)))
    if len(found.unmatched) > _UNMATCHED_SHOWN:
        tell(say("iam_inventory.leavers_more", language, count=len(found.unmatched) - _UNMATCHED_SHOWN))
    tell(say("iam_inventory.leavers_hint", language))


def _counted(found: Inventory, language: Language) -> str:
    kinds = Counter(each.kind for each in found.items)
    return say(
        "iam_inventory.counts", language, users=kinds[Kind.USER], keys=kinds[Kind.ACCESS_KEY] if found.has_credentials else None,
        roles=kinds[Kind.ROLE], groups=kinds[Kind.GROUP], policies=kinds[Kind.POLICY], days=found.unused_days,
        stale=sum(each.use in STALE for each in found.items), unknown=sum(each.use is Use.UNKNOWN for each in found.items),
        gone=sum(each.advice in {Advice.DELETE, Advice.DEACTIVATE} for each in found.items),
    )  # fmt: skip


def _notes(found: Inventory, language: Language) -> Iterator[str]:
    for name in _note_names(found):
        reason = say_error(found.lake_fault, language) if found.lake_fault else ""
        yield say(f"iam_inventory.{name}", language, at=found.newest_at, reason=reason)


def _note_names(found: Inventory) -> Iterator[str]:
    if not found.has_credentials:
        yield "note_no_credentials"
    yield "note_lake_unread" if found.lake_fault else "note_lake" if found.has_lake else "note_no_lake"
    if found.newest_at is not None and found.now - found.newest_at > _FRESH:
        yield "note_old_file"
    if any(each.kind is Kind.USER and each.advice is Advice.DELETE for each in found.items):
        yield "note_not_recorded"


# -- for machines ------------------------------------------------------------------------------


def _plain(told: _Told) -> dict[str, object]:
    found = told.found
    return {
        "schema": "sakimori.iam_inventory/1",
        "account": told.source.account.account,
        "as_of": utc(found.now),
        "unused_days": found.unused_days,
        "has_credentials": found.has_credentials,
        "has_lake": found.has_lake,
        "items": [_plain_item(each, found) for each in told.items],
        "steps": [_plain_step(each) for each in found.steps],
        "leavers": _plain_leavers(found.leavers) if found.leavers else None,
        "notes": [*_note_names(found), *(each.name for each in told.source.notes)],
    }


def _plain_item(item: Item, found: Inventory) -> dict[str, object]:
    return {
        "kind": item.kind, "name": item.name, "arn": item.arn, "use": item.use, "last_used_at": utc(item.last_used_at),
        "idle_days": item.idle_days(found.now), "created_at": utc(item.created_at), "age_days": item.age_days(found.now),
        "has_mfa": item.has_mfa, "is_active": item.is_active, "power": item.level, "power_at_most": item.at_most,
        "owner": item.owner or None, "owner_tag": item.owner_tag or None, "count": item.count, "advice": item.advice,
        "because": item.because or None,
    }  # fmt: skip


def _plain_step(step: Step) -> dict[str, object]:
    values = {"subject": step.subject, "what": step.what}
    return {
        "phase": int(step.phase), "says": step.says, "call": step.call or None, "subject": step.subject or None,
        "what": step.what or None,
        "message": {"en": say(f"iam_inventory.step_{step.says}", "en", **values), "ja": say(f"iam_inventory.step_{step.says}", "ja", **values)},
    }  # fmt: skip


def _plain_leavers(found: Leavers) -> dict[str, object]:
    return {
        "lines": found.lines,
        "columns": list(found.heading),
        "matches": [
            {
                "line": each.line.number, "text": each.text, "principal": each.who.arn,
                "relation": "owns" if each.is_owner else "is", "sureness": each.sureness, "where": each.where,
            }
            for each in found.matches
        ],
        "unmatched": [{"line": each.number, "texts": list(each.texts)} for each in found.unmatched],
    }  # fmt: skip
