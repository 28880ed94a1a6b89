"""`sakimori permissions`: the exact policy to give, no wider."""

import json
from pathlib import Path

import click

from sakimori.app.permissions import actions_for, cloudformation, policy_document, tables_of_rules
from sakimori.cli.lazy import SpokenCommand, described, option
from sakimori.collect.catalogue import declarations


@click.command("permissions", cls=SpokenCommand, **described("permissions"))
@option("--for", "for_", type=click.Choice(["assess", "collect"]), default="assess", show_default=True)
@option("--format", "format_", type=click.Choice(["json", "cloudformation"]), default="json", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(_home: Path, for_: str, format_: str) -> None:
    """Print the read-only IAM policy."""
    actions = actions_for(tables_of_rules() if for_ == "assess" else declarations())
    if format_ == "cloudformation":
        click.echo(cloudformation(actions))
    else:
        click.echo(json.dumps(policy_document(actions), indent=2))
