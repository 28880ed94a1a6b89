"""The options by which a person says which account IAM is asked about, the same on every verb of `sakimori iam`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sakimori.analysis.iam.can import Asked
from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.iam import Guards, IamSource, LiveRequest, guarded, read_file, read_live
from sakimori.aws.door import Door
from sakimori.cli.access_options import access_options, one_door
from sakimori.cli.lazy import option, spoken
from sakimori.cli.progress import progress_on
from sakimori.cli.prose import tell
from sakimori.texts.sentences import say

_FILE = click.Path(path_type=Path)
_OPTIONS = (
    option("--authorization-details", type=_FILE, help_="iam.option_authorization_details"),
    option("--scp", type=_FILE, multiple=True, help_="iam.option_scp"),
    option("--rcp", type=_FILE, multiple=True, help_="iam.option_rcp"),
    option("--resource-policies", type=_FILE, help_="iam.option_resource_policies"),
    option("--assume-no-scp", is_flag=True, help_="iam.option_assume_no_scp"),
    option("--assume-no-resource-policies", is_flag=True, help_="iam_reasons.option_assume_no_resource_policies"),
    option("--max-age", default="1h", show_default=True, help_="iam.option_max_age"),
)


def account_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which an account, and what guards it, is told, and those of access."""
    function = access_options(function)
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


def source_of(
    home: Path, given: dict[str, Any], *, with_compute: bool = False, with_openings: bool = False
) -> IamSource:
    """The account that the options name, with progress on stderr where it is read from AWS."""
    guards = Guards(
        scp=given["scp"],
        rcp=given["rcp"],
        resource_policies=given["resource_policies"],
        assume_no_scp=given["assume_no_scp"],
        assume_no_resource_policies=given["assume_no_resource_policies"],
    )
    if given["authorization_details"] is not None:
        return read_file(given["authorization_details"], guards)
    max_age = parse_duration(given["max_age"])
    request = LiveRequest(home=home, max_age=max_age, with_compute=with_compute, with_openings=with_openings)
    door = door_of(home, given)
    with progress_on(sys.stderr, spoken()) as progress:
        found = read_live(request, door, clock=utc_now, progress=progress)
    return guarded(found, guards)


def door_of(home: Path, given: dict[str, Any]) -> Door:
    """The way into the one account that was named; UsageError where several were."""
    return one_door(home, given, "iam.one_account")


def print_notes(source: IamSource, asked: Asked | None = None) -> None:
    """On stderr: what an answer stands on, and what was not told."""
    if asked is not None and asked.is_any:
        tell(say("iam.note_any_resource", spoken()), err=True)
    for note in source.notes:
        tell(say(f"iam.note_{note.name}", spoken(), **note.values), err=True)
