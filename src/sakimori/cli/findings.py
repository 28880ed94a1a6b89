"""`sakimori findings`: what was noticed, ours and imported.

As JSON (`sakimori.detections/1`): `detections`, each with `state`, `first_seen` and `last_seen` (when it was recorded and last
changed) besides what `sakimori.outputs.report.detection_list` lists.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from sakimori.app.clock import utc_now
from sakimori.app.settings import read_settings
from sakimori.app.when import span_of
from sakimori.cli.findings_import import import_command
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.cli.query_output import escaped_json
from sakimori.cli.query_table import print_rows
from sakimori.findings.detections import Found, Sought, detections_by_id, find_detections
from sakimori.findings.imported.told import SERVICES
from sakimori.model.errors import UsageError
from sakimori.model.words import Severity
from sakimori.outputs.report.detection_list import plain_detection, write_detections_csv
from sakimori.outputs.report.plain_values import utc
from sakimori.state.store import open_store
from sakimori.texts.language import clean, show_time
from sakimori.texts.sentences import say

_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_STATE = option("--state")
_OWN: Final = "sakimori"
_ID_SHOWN: Final = 8
_EVIDENCE: Final = 4_000


@click.group("findings", cls=SpokenGroup, **described("findings"))
@_LANG
def command() -> None:
    """Group of the verbs on what was noticed."""


command.add_command(import_command)


@command.command("list", help=say("found.list_help", spoken()))
@option("--since", help_="found.option_since")
@option("--until", help_="found.option_until")
@option("--severity", type=click.Choice([each.value for each in Severity]), help_="found.option_severity")
@option("--rule", "of_rules", multiple=True, help_="found.option_rule")
@option("--principal", multiple=True, help_="found.option_principal")
@option("--producer", multiple=True, type=click.Choice([_OWN, *SERVICES]), help_="found.option_producer")
@option("--account", "of_accounts", multiple=True, help_="found.option_account")
@option("--region", "of_regions", multiple=True, help_="found.option_region")
@option("--all", "with_closed", is_flag=True, help_="found.option_all")
@option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help_="found.option_limit")
@_STATE
@option("--format", "format_", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@_LANG
@click.pass_obj
def list_findings(home: Path, **given: Any) -> None:
    """List what was noticed."""
    sought = _sought(home, given)
    with open_store(given["state"] or home / "state.db") as store:
        found = find_detections(store, sought)
    if given["format_"] == "json":
        listed = [_plain(each) for each in found]
        click.echo(escaped_json({"schema": "sakimori.detections/1", "detections": listed}))
    elif given["format_"] == "csv":
        write_detections_csv((each.detection for each in found), sys.stdout, spoken())
    else:
        _print(found, given["limit"])


@command.command("show", help=say("found.show_help", spoken()))
@click.argument("beginning", metavar="ID")
@_STATE
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@_LANG
@click.pass_obj
def show_finding(home: Path, beginning: str, state: str | None, format_: str) -> None:
    """Show one with everything that is known."""
    with open_store(state or home / "state.db") as store:
        known = detections_by_id(store, beginning) if beginning else ()
    if len(known) > 1:
        raise UsageError("found.ambiguous_id", given=beginning, known=[each.detection.id[:16] for each in known])
    for found in known:
        if format_ == "json":
            click.echo(escaped_json({"schema": "sakimori.detections/1", "detections": [_plain(found)]}))
        else:
            _show(found)
    if not known:
        raise UsageError("found.unknown_id", given=beginning)


def _sought(home: Path, given: dict[str, Any]) -> Sought:
    since, until = span_of(given["since"], given["until"], utc_now())
    regions, accounts = tuple(given["of_regions"]), tuple(given["of_accounts"])
    settings = read_settings(home / "config.toml") if any(not name.isdigit() for name in accounts) else None
    return Sought(
        since=since,
        until=until,
        severity=Severity(given["severity"]) if given["severity"] else None,
        rules=given["of_rules"],
        principals=given["principal"],
        producers=given["producer"],
        accounts=[name if name.isdigit() or not settings else settings.account(name).id or name for name in accounts],
        regions=regions,
        is_open=None if given["with_closed"] else True,
        limit=given["limit"],
    )


def _print(found: Sequence[Found], limit: int) -> None:
    language = spoken()
    if not found:
        click.echo(say("found.none", language))
        return
    names = ("severity", "time_last", "account", "region", "title", "principal", "id")
    headings = [say(f"found.column_{name}", language) for name in names]
    print_rows(headings, [(name, "VARCHAR") for name in names], [_row(each) for each in found], sys.stdout)
    if len(found) >= limit:
        click.echo(say("found.cut", language, count=limit), err=True)


def _row(found: Found) -> tuple[str, ...]:
    language, detection = spoken(), found.detection
    return (
        say(f"report.severity_{detection.severity}", language),
        show_time(detection.last_at, language),
        detection.account,
        detection.region,
        detection.title.in_(language),
        detection.principal,
        detection.id[:_ID_SHOWN],
    )


def _show(found: Found) -> None:
    language, console, detection = spoken(), Console(), found.detection
    console.print(Text(clean(detection.title.in_(language)), style="bold"), soft_wrap=True)
    console.print(Text(clean(detection.message.in_(language), _EVIDENCE)))
    for name, value in _facts(found):
        if value:
            line = Text(say(f"found.column_{name}", language) + ": ", style="dim")
            line.append(clean(value, _EVIDENCE), style="not dim")
            console.print(line, soft_wrap=True)


def _facts(found: Found) -> Iterator[tuple[str, str]]:
    language, detection = spoken(), found.detection
    yield "severity", say(f"report.severity_{detection.severity}", language)
    yield "confidence", say(f"found.confidence_{detection.confidence}", language)
    yield "state", say("found.state_open" if found.is_open else "found.state_closed", language)
    yield "rule", detection.rule
    yield "producer", SERVICES.get(detection.producer, detection.producer)
    yield "tactics", ", ".join(detection.tactics)
    yield "techniques", ", ".join(detection.techniques)
    yield "time_first", show_time(detection.first_at, language, seconds=True)
    yield "time_last", show_time(detection.last_at, language, seconds=True)
    yield "count", str(detection.count)
    yield "principal", detection.principal
    yield "source_ip", ", ".join(detection.origins)
    yield "account", detection.account
    yield "region", detection.region
    yield "resources", ", ".join(detection.resources)
    yield "events", ", ".join(detection.event_ids)
    yield "evidence", escaped_json(dict(detection.evidence)) if detection.evidence else ""
    yield "native_id", detection.native_id
    yield "recorded", show_time(found.first_seen, language)
    yield "id", detection.id


def _plain(found: Found) -> dict[str, object]:
    state = {
        "state": "open" if found.is_open else "closed",
        "first_seen": utc(found.first_seen),
        "last_seen": utc(found.last_seen),
    }
    return {**plain_detection(found.detection), **state}
