"""`sakimori permissions`: the exact policy to give, no wider."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click

from sakimori.app.permissions import (
    actions_for,
    actions_of_findings_import,
    actions_of_ingest,
    actions_of_notify,
    actions_of_suppress_sync,
    actions_of_verify_alerts,
    actions_of_watch,
    cloudformation,
    policy_document,
    tables_of_rules,
)
from sakimori.cli.lazy import SpokenCommand, described, option
from sakimori.collect.catalogue import declarations

_ACTIONS: Final[Mapping[str, Callable[[], tuple[str, ...]]]] = {
    "assess": lambda: actions_for(tables_of_rules()),
    "collect": lambda: actions_for(declarations()),
    "ingest": actions_of_ingest,
    "watch": actions_of_watch,
    "findings-import": actions_of_findings_import,
    "suppress-sync": actions_of_suppress_sync,
    "notify": actions_of_notify,
    "verify-alerts": actions_of_verify_alerts,
}


@click.command("permissions", cls=SpokenCommand, **described("permissions"))
@option("--for", "for_", type=click.Choice(list(_ACTIONS)), default="assess", show_default=True)
@option("--format", "format_", type=click.Choice(["json", "cloudformation"]), default="json", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(_home: Path, for_: str, format_: str) -> None:
    """Print the read-only IAM policy."""
    actions = _ACTIONS[for_]()
    if format_ == "cloudformation":
        click.echo(cloudformation(actions))
    else:
        click.echo(json.dumps(policy_document(actions), indent=2))
