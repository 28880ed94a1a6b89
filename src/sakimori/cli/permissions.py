"""`sakimori permissions`: the exact policy to give, no wider."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click

from sakimori.actions.plan import read_plan
from sakimori.analysis.catalogue import inventory
from sakimori.analysis.iam.read_tables import ALL_TABLES
from sakimori.app.harden import actions_of_every_step, permissions_of
from sakimori.app.permissions import (
    HARDENER,
    READER,
    RESPONDER,
    actions_for,
    actions_of_findings_import,
    actions_of_ingest,
    actions_of_notify,
    actions_of_secrets,
    actions_of_suppress_sync,
    actions_of_verify_alerts,
    actions_of_watch,
    cloudformation,
    policy_document,
    tables_of_rules,
)
from sakimori.app.respond.permissions import actions_of_respond
from sakimori.aws.read_policy import MANAGED_POLICY_CHARACTERS, ROLE_POLICIES_CHARACTERS, length_of
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.model.errors import UsageError
from sakimori.texts.sentences import say

_ACTIONS: Final[Mapping[str, Callable[[], tuple[str, ...]]]] = {
    "assess": lambda: actions_for(tables_of_rules()),
    "collect": lambda: actions_for(inventory()),
    "ingest": actions_of_ingest,
    "iam": lambda: actions_for(ALL_TABLES),
    "watch": actions_of_watch,
    "secrets": actions_of_secrets,
    "findings-import": actions_of_findings_import,
    "suppress-sync": actions_of_suppress_sync,
    "notify": actions_of_notify,
    "verify-alerts": actions_of_verify_alerts,
    "harden": actions_of_every_step,
    "respond": actions_of_respond,
}


@click.command("permissions", cls=SpokenCommand, **described("permissions"))
@option("--for", "for_", type=click.Choice(list(_ACTIONS)), default="assess", show_default=True)
@option("--plan", type=click.Path(path_type=Path, dir_okay=False), help_="harden.option_plan")
@option("--format", "format_", type=click.Choice(["json", "cloudformation"]), default="json", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(_home: Path, for_: str, plan: Path | None, format_: str) -> None:
    """Print the IAM policy."""
    if plan is not None and for_ != "harden":
        raise UsageError("harden.plan_of_what")
    actions = permissions_of(read_plan(plan)) if plan is not None else _ACTIONS[for_]()
    form = {"harden": HARDENER, "respond": RESPONDER}.get(for_, READER)
    if format_ == "cloudformation":
        click.echo(cloudformation(actions, form))
    else:
        document = policy_document(actions, sid=form.sid)
        click.echo(json.dumps(document, indent=2))
        if (length := length_of(document)) > MANAGED_POLICY_CHARACTERS:
            values = {"length": length, "managed": MANAGED_POLICY_CHARACTERS, "inline": ROLE_POLICIES_CHARACTERS}
            click.echo(say("cli.policy_too_long", spoken(), **values), err=True)
    if form is HARDENER:
        click.echo(say("harden.strong_policy", spoken()), err=True)
