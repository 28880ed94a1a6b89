"""`sakimori ask`: questions in words, answered from the lake.

`who-did` as JSON (`sakimori.who_did/1`): `asked`, `read_as` (`event` or `resource`), `deeds` in the order of time (each with
`part`: `by` the thing that was asked about, `on` it, or "" for an operation), `count` (all of them; the newest 10,000 are
there), `has_data_events` (null where there was no need to look), `meant` (the recorded operation that is most like one that
nobody called, else null) and `coverage` as in `sakimori.query/1`.
"""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.who_did import Deed, WhoDid, who_did
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.cli.log_scope import scoped, where_of
from sakimori.cli.query_output import most_on_stdout
from sakimori.cli.query_table import print_rows
from sakimori.cli.searched import print_lines, print_searched
from sakimori.outputs.report.plain_values import escaped_json, plain
from sakimori.texts.language import Language, show_time
from sakimori.texts.sentences import say

SINCE: Final = "90d"
_COLUMNS: Final = ("when", "who", "session", "origin", "action", "target", "result")


@click.group("ask", cls=SpokenGroup, **described("ask"))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def command() -> None:
    """Group of the questions."""


@command.command("who-did", help=say("query.ask_who_did", spoken()))
@click.argument("what", metavar="RESOURCE|EVENT")
@scoped()
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def who_did_command(home: Path, what: str, **given: Any) -> None:
    """Say who called an operation, or touched a thing."""
    found = who_did(home, what, where_of(home, given, utc_now(), since=SINCE), clock=utc_now)
    if given["format_"] == "json":
        click.echo(escaped_json(_plain(found)))
    else:
        _print(found, spoken())


def _print(found: WhoDid, language: Language) -> None:
    if not found.deeds:
        has_looked = any(coverage.row_count for coverage in found.searched.logs)
        text = f"query.nobody_{found.read_as}" if has_looked else "query.nobody_looked"
        click.echo(say(text, language, what=found.asked))
        print_searched(found.searched, language)
        if found.has_data_events is False and has_looked:
            click.echo(say("query.no_data_events", language))
        if found.meant:
            click.echo(say("query.event_meant", language, near=found.meant))
        return
    click.echo(say(f"query.deeds_{found.read_as}", language, count=found.count, what=found.asked))
    shown = found.deeds[-most_on_stdout() :]
    headings = [say(f"query.column_{name}", language) for name in _COLUMNS]
    rows = [_row(deed, language) for deed in shown]
    print_rows(headings, [(name, "VARCHAR") for name in _COLUMNS], rows, sys.stdout)
    if len(shown) < found.count:
        click.echo(say("query.deeds_cut", language, count=len(shown)), err=True)
    print_lines(found.searched.doubts(language), to_stderr=True)


def _row(deed: Deed, language: Language) -> tuple[str | None, ...]:
    result = deed.error or say("query.succeeded", language)
    return (
        show_time(deed.at, language, seconds=True),
        deed.who,
        deed.session,
        deed.origin,
        deed.action,
        deed.target,
        result,
    )


def _plain(found: WhoDid) -> dict[str, object]:
    return {
        "schema": "sakimori.who_did/1",
        "asked": found.asked,
        "read_as": str(found.read_as),
        "deeds": [plain(asdict(deed)) for deed in found.deeds],
        "count": found.count,
        "has_data_events": found.has_data_events,
        "meant": found.meant or None,
        "coverage": found.searched.plain(),
    }
