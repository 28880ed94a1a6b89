"""`sakimori investigate`: its JSON is `sakimori.investigation/1`, told in `outputs.report.investigation_json`."""

import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from shlex import quote
from typing import Any, Final

import click
from rich.console import Console

from sakimori.analysis.incident.investigation import Investigation
from sakimori.analysis.incident.seeds import Subject, SubjectKind
from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.investigate import InvestigateRequest, investigate
from sakimori.app.investigate_files import lake_of_files
from sakimori.app.settings import read_settings
from sakimori.app.when import span_of
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.asking_line import AskingLine
from sakimori.cli.investigate_pages import print_investigation
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.outputs import form_by_ending, text_at
from sakimori.lake.log_reader import Where
from sakimori.outputs.report.investigation_csv import investigation_csv
from sakimori.outputs.report.investigation_json import investigation_json
from sakimori.outputs.report.investigation_page import investigation_page
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.sentences import say

_FORMATS: Final = ("terminal", "json", "csv", "html")
_WHERE: Final = ("since", "until", "profile", "role_arn", "account", "region", "exclude_region", "endpoint_url")


@click.command("investigate", cls=SpokenCommand, **described("investigate"))
@click.argument("kind", type=click.Choice([str(each) for each in SubjectKind]))
@click.argument("identifier", metavar="ID")
@option("--since", help_="investigate.option_since")
@option("--until", help_="investigate.option_until")
@option("--live", is_flag=True, help_="investigate.option_live")
@option("--input", "files", type=click.Path(path_type=Path), multiple=True, help_="investigate.option_input")
@access_options
@option("--format", "format_", type=click.Choice(_FORMATS), metavar="FORM", help_="investigate.option_format")
@option("--output", type=click.Path(path_type=Path, dir_okay=False), help_="investigate.option_output")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, kind: str, identifier: str, **given: Any) -> None:
    """Tell what happened."""
    now = utc_now()
    form = form_by_ending(given, _FORMATS, "json")
    doors = (
        open_doors(AccessRequest.of(given, read_settings(home / "config.toml")), ask_token=ask_token)
        if given["live"]
        else ()
    )
    begin, end = span_of(given["since"], given["until"], now)
    with lake_of_files(given["files"], now) if given["files"] else nullcontext(home) as where:
        request = InvestigateRequest(
            home=where,
            subject=Subject(kind=SubjectKind(kind), id=identifier.strip()),
            now=now,
            where=Where(until=end),
            since=begin,
            doors=doors,
        )
        _show(investigate(request, told=_say_stage, asking=AskingLine()), form, given)


def _say_stage(stage: str) -> None:
    if sys.stderr.isatty():
        click.echo(say(f"investigate.stage_{stage}", spoken()), err=True)


def _show(found: Investigation, form: str, given: Mapping[str, Any]) -> None:
    output: Path | None = given["output"]
    if form == "terminal" and output is None:
        print_investigation(found, Console(), _again(given))
        return
    text = _written(found, form, _again(given))
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    with text_at(output) as stream:
        stream.write(text)
    click.echo(say("investigate.written", spoken(), path=output), err=True)


def _again(given: Mapping[str, Any]) -> str:
    """The options that say what is looked through: without them the next command would look elsewhere, or nowhere."""
    told = [(f"--{name.replace('_', '-')}", given[name]) for name in _WHERE] + [("--input", given["files"])]
    words = ["--live"] if given["live"] else []
    for option_, value in told:
        for each in (value,) if isinstance(value, str) else value or ():
            words += [option_, quote(str(each))]
    return "".join(f" {each}" for each in words)


def _written(found: Investigation, form: str, again: str) -> str:
    if form == "html":
        return investigation_page(found, spoken())
    if form == "csv":
        return investigation_csv(found, spoken())
    if form == "json":
        return escaped_json(investigation_json(found, spoken())) + "\n"
    console = Console(file=None, record=True, width=120, quiet=True)
    with console.capture() as captured:
        print_investigation(found, console, again)
    return captured.get()
