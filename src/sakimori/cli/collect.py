"""`sakimori collect`."""

import sys
from pathlib import Path
from typing import Any

import click

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.collecting import CollectRequest, collect_snapshot
from sakimori.app.settings import read_settings
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.progress import progress_on
from sakimori.texts.sentences import say


@click.command("collect", cls=SpokenCommand, **described("collect"))
@access_options
@option("--table", multiple=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> None:
    """Read accounts into a snapshot."""
    doors = open_doors(AccessRequest.of(given, read_settings(home / "config.toml")), ask_token=ask_token)
    with progress_on(sys.stderr, spoken()) as progress:
        identifier = collect_snapshot(
            CollectRequest(home=home, tables=given["table"]), doors, clock=utc_now, progress=progress
        )
    click.echo(say("cli.collected", spoken(), snapshot=identifier), err=True)
    click.echo(identifier)
