"""`sakimori doctor`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.doctor import Line, look_at_account, look_at_machine
from sakimori.app.settings import read_settings
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.model.errors import AccessError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.texts.sentences import say_error

_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "dim")}


@click.command("doctor", cls=SpokenCommand, **described("doctor"))
@access_options
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Look at the machine, the credentials and what they may read."""
    _print(look_at_machine(home))
    try:
        doors = open_doors(AccessRequest.of(given, read_settings(home / "config.toml")), ask_token=ask_token)
    except AccessError as error:
        Console().print(Text("✗ ", style="red").append(say_error(error, spoken()), style="default"))
        return FAILED
    is_well = True
    for door in doors:
        is_well = _print(look_at_account(door, utc_now())) and is_well
    return COMPLETED if is_well else FAILED


def _print(lines: Iterable[Line]) -> bool:
    console = Console()
    is_well = True
    for line in lines:
        mark, style = _MARKS[line.ok]
        console.print(Text(f"{mark} ", style=style).append(line.text.in_(spoken()), style="default"))
        is_well = is_well and line.ok is not False
    return is_well
