"""`sakimori suppress sync`: what suppresses in AWS itself, judged and compared; the calls that differ, to be copied."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.inbox import who_am_i
from sakimori.app.settings import read_settings
from sakimori.app.suppress import Court, known_of
from sakimori.app.suppression_sync import Difference, Line, Synced, compare, open_commands
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.query_table import print_rows
from sakimori.cli.suppress_pages import plain_fault, print_faults
from sakimori.findings.imported.told import SERVICES
from sakimori.findings.suppression.files import Maker, plain
from sakimori.model.exit_codes import BLIND, COMPLETED
from sakimori.outputs.report.plain_values import as_json
from sakimori.state.store import open_store
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_NAME = 200


@click.command("sync", cls=SpokenCommand, help=say("suppress.sync_help", spoken()))
@access_options
@option("--state")
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def sync_command(home: Path, **given: Any) -> int:
    """Compare with AWS."""
    doors = open_doors(AccessRequest.of(given, read_settings(home / "config.toml")), ask_token=ask_token)
    known = known_of(home)
    with open_store(given["state"] or home / "state.db") as store, store.read() as connection:
        synced = compare(Court(connection, Maker(who_am_i(None), utc_now()), known), doors)
    if given["format_"] == "json":
        click.echo(as_json(_plain(synced)))
    else:
        _print(synced)
    return BLIND if synced.gaps else COMPLETED


def _print(synced: Synced) -> None:
    language = spoken()
    for gap in synced.gaps:
        told = {"region": gap.region, "account": gap.account, "call": gap.call, "code": gap.code}
        click.echo(say("suppress.sync_gap", language, service=SERVICES[gap.table], **told), err=True)
    if not synced.lines:
        if not synced.gaps:
            click.echo(say("suppress.sync_nothing", language))
        return
    names = ("service", "account", "region", "name", "difference", "faults")
    headings = [say(f"suppress.column_{name}", language) for name in names]
    print_rows(headings, [(name, "VARCHAR") for name in names], [_row(each) for each in synced.lines], sys.stdout)
    for each in synced.lines:
        if each.judged is not None and each.judged.faults:
            click.echo(f"\n{clean(each.name, _NAME)}")
            print_faults(each.judged.faults, "  ")
    _print_commands(list(open_commands(synced.lines)))


def _print_commands(lines: Sequence[Line]) -> None:
    """To be copied into a shell: whatever a name holds, it stays within its quotes, and a remark within its line."""
    language = spoken()
    if lines:
        click.echo("\n" + say("suppress.sync_calls", language))
    for each in lines:
        told = {"account": each.place.account, "region": each.place.region, "name": clean(each.name, _NAME)}
        reason = say("suppress.sync_call_reason", language, service=SERVICES[each.place.service], difference=_differs(each), **told)  # fmt: skip
        click.echo(reason)
        click.echo(shlex.join(each.command))


def _row(line: Line) -> tuple[str, ...]:
    faults = line.judged.faults if line.judged is not None else ()
    return (
        SERVICES[line.place.service],
        line.place.account,
        line.place.region,
        line.name,
        _differs(line),
        ", ".join(dict.fromkeys(each.check for each in faults)),
    )


def _differs(line: Line) -> str:
    return say(f"suppress.differs_{line.difference}", spoken(), field=line.field)


def _plain(synced: Synced) -> dict[str, object]:
    return {
        "schema": "sakimori.suppressions-sync/1",
        "places": [
            {"service": each.service, "account": each.account, "region": each.region} for each in synced.places
        ],
        "gaps": [
            {
                "service": gap.table, "account": gap.account, "region": gap.region, "call": gap.call,
                "kind": str(gap.kind), "code": gap.code, "message": gap.message,
            }
            for gap in synced.gaps
        ],
        "lines": [_plain_line(each) for each in synced.lines],
        "is_in_line": all(each.difference in {Difference.SAME, Difference.UNTRANSLATABLE} for each in synced.lines),
    }  # fmt: skip


def _plain_line(line: Line) -> dict[str, object]:
    judged = line.judged
    return {
        "service": line.place.service, "account": line.place.account, "region": line.place.region, "name": line.name,
        "difference": line.difference.value, "field": line.field or None, "command": list(line.command),
        "suppression": plain(judged.suppression) if judged else None,
        "faults": [plain_fault(each) for each in judged.faults] if judged else [],
    }  # fmt: skip
