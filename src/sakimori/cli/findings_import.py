"""`sakimori findings import`: findings of AWS's own services beside ours.

As JSON (`sakimori.findings-import/1`): counts, `asked` and `off` (services by account and Region), `gaps` (what AWS refused)
and `bad` (the first of `bad_count` pieces that could not be taken).
"""

import sys
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.import_findings import Asking, Imported, Place, Progress, import_files, import_from_aws
from sakimori.app.settings import read_settings
from sakimori.app.when import parse_when
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.telling import notify_option, tell_people
from sakimori.findings.imported.files import BadPiece
from sakimori.findings.imported.forms import AUTO, FORMS
from sakimori.findings.imported.told import SERVICES
from sakimori.ingest.source import Reason
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import BLIND, COMPLETED
from sakimori.model.words import Severity
from sakimori.outputs.report.plain_values import as_json
from sakimori.state.store import open_store
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_KINDS: Final = (AUTO, *FORMS)
_SHOWN: Final = 20
_LOCATION: Final = 1_000


@click.command("import", cls=SpokenCommand, help=say("found.import_help", spoken()))
@click.argument("kind", type=click.Choice(_KINDS), required=False, default=AUTO)
@click.argument("sources", metavar="[FILE]...", nargs=-1)
@option("--from-aws", is_flag=True, help_="found.option_from_aws")
@option("--since", help_="found.option_import_since")
@access_options
@notify_option
@option("--state")
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def import_command(home: Path, kind: str, sources: tuple[str, ...], **given: Any) -> int:
    """Bring in findings of AWS's own services."""
    if not (sources or given["from_aws"]):
        raise UsageError("found.nothing_to_read", kind=kind)
    now = utc_now()
    since = parse_when(given["since"], now) if given["since"] else None
    doors = ()
    if given["from_aws"]:
        doors = open_doors(AccessRequest.of(given, read_settings(home / "config.toml")), ask_token=ask_token)
    with open_store(given["state"] or home / "state.db") as store:
        imported = import_files(store, sources, kind, now)
        if doors:
            with _progress_on(sys.stderr, spoken()) as progress:
                asked = import_from_aws(store, doors, Asking(kind=kind, since=since, now=now), progress)
            imported.take(asked)
    if given["format_"] == "json":
        click.echo(as_json(_plain(imported)))
    else:
        _print(imported, spoken())
    tell_people(home, given["state"], now=given["notify"])
    return COMPLETED if imported.is_whole else BLIND


@contextmanager
def _progress_on(stream: TextIO, language: Language) -> Generator[Progress | None]:
    """A bar that disappears when done; None where the stream is no terminal."""
    if not stream.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Bar(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(say("cli.reading", language), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print(imported: Imported, language: Language) -> None:
    new, grown = len(imported.new), len(imported.grown)
    unchanged = max(0, imported.read_count - new - grown)
    click.echo(say("found.read", language, count=imported.read_count, new=new, grown=grown, unchanged=unchanged))
    by_severity = Counter(each.severity for each in imported.new.values())
    for severity in Severity:
        if by_severity[severity]:
            shown = say(f"report.severity_{severity}", language)
            click.echo("  " + say("found.new_by_severity", language, severity=shown, count=by_severity[severity]))
    for kind, count in Counter(place.kind for place in imported.places).items():
        click.echo(say("found.asked", language, service=SERVICES[kind], count=count))
    for (kind, account), regions in _regions(imported.off).items():
        click.echo(say("found.is_off", language, service=SERVICES[kind], account=account, regions=regions))
    _print_lost(imported, language)
    if imported.new:
        click.echo(say("found.next_list", language))


def _print_lost(imported: Imported, language: Language) -> None:
    for gap in imported.gaps:
        told = {"region": gap.region, "account": gap.account, "call": gap.call, "code": gap.code}
        click.echo(say("found.gap", language, service=SERVICES[gap.table], **told), err=True)
    if imported.gaps:
        click.echo(say("found.gaps_next", language), err=True)
    if imported.bad_count:
        click.echo(say("found.bad_heading", language, count=imported.bad_count), err=True)
        for each in imported.bad[:_SHOWN]:
            place = {"location": clean(each.location, _LOCATION), "line": each.line, "offset": each.offset}
            click.echo("  " + say("found.bad_piece", language, reason=_why(each, language), **place), err=True)


def _why(piece: BadPiece, language: Language) -> str:
    if piece.reason is Reason.NOT_A_RECORD:
        return say("found.no_finding", language)
    return say(f"ingest.reason_{piece.reason}", language)


def _regions(places: Iterable[Place]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for each in places:
        found.setdefault((each.kind, each.account), []).append(each.region)
    return found


def _plain(imported: Imported) -> dict[str, object]:
    return {
        "schema": "sakimori.findings-import/1",
        "files": imported.files,
        "read": imported.read_count,
        "new": sorted(imported.new),
        "changed": sorted(imported.grown),
        "asked": [_place(each) for each in imported.places],
        "off": [_place(each) for each in imported.off],
        "gaps": [
            {
                "service": gap.table, "account": gap.account, "region": gap.region, "call": gap.call,
                "kind": str(gap.kind), "code": gap.code, "message": gap.message,
            }
            for gap in imported.gaps
        ],
        "bad_count": imported.bad_count,
        "bad": [
            {"location": each.location, "line": each.line, "offset": each.offset, "reason": str(each.reason)}
            for each in imported.bad
        ],
        "is_whole": imported.is_whole,
    }  # fmt: skip


def _place(place: Place) -> dict[str, str]:
    return {"service": place.kind, "account": place.account, "region": place.region}
