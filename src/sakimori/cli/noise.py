"""`sakimori noise`: what repeats and is harmless, with suppressions that the law takes.

As JSON (`sakimori.noise/1`): `settled` (each with `count`, `rule`, `account`, `about`, `judged`) and `undecided`. As YAML: the
suppressions that are in order, in the form that `sakimori suppress add --file` takes.
"""

import shlex
from pathlib import Path
from typing import Any

import click

from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.inbox import who_am_i
from sakimori.app.noise import Proposal, Proposals, propose
from sakimori.app.suppress import Court, known_of
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.suppress_pages import plain_judged, print_faults
from sakimori.findings.suppression.checks_of_history import LEAST_SIGHTINGS
from sakimori.findings.suppression.files import Maker, as_yaml
from sakimori.findings.suppression.noise import Group
from sakimori.outputs.report.plain_values import as_json
from sakimori.state.store import open_store
from sakimori.texts.language import clean
from sakimori.texts.sentences import say, say_error

_LONG = 4_000


@click.command("noise", cls=SpokenCommand, **described("noise"))
@option("--since", default="7d", show_default=True, help_="suppress.option_since")
@option(
    "--least", type=click.IntRange(min=2), default=LEAST_SIGHTINGS, show_default=True, help_="suppress.option_least"
)
@option("--by", help_="triage.option_by")
@option("--state")
@option("--format", "format_", type=click.Choice(["table", "json", "yaml"]), default="table", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> None:
    """Propose suppressions for what repeats."""
    known = known_of(home)
    with open_store(given["state"] or home / "state.db") as store, store.read() as connection:
        court = Court(connection, Maker(who_am_i(given["by"]), utc_now()), known)
        found = propose(court, parse_duration(given["since"]), given["least"])
    if given["format_"] == "json":
        click.echo(as_json(_plain(found)))
    elif given["format_"] == "yaml":
        ready = [each.judged.suppression for each in found.settled if each.judged and not each.judged.is_refused]
        click.echo(as_yaml(ready), nl=False)
    else:
        _print(found, given)


def _print(found: Proposals, given: dict[str, Any]) -> None:
    language = spoken()
    if not (found.settled or found.undecided):
        click.echo(say("suppress.noise_none", language, least=given["least"]))
        return
    if found.settled:
        click.echo(say("suppress.noise_settled", language))
    for each in found.settled:
        click.echo("\n" + _line(each.group))
        _print_proposal(each)
    if found.is_cut:
        click.echo(say("suppress.noise_cut", language))
    if found.undecided:
        click.echo("\n" + say("suppress.noise_undecided", language))
    for group in found.undecided:
        click.echo("  " + _line(group))
        click.echo("    " + clean(", ".join(each.id[:12] for each in group.pasts[:5])))


def _print_proposal(proposal: Proposal) -> None:
    language, judged = spoken(), proposal.judged
    if judged is None:
        reason = say_error(proposal.fault, language) if proposal.fault else ""
        click.echo("  " + say("suppress.noise_without_rule", language, reason=reason))
        return
    click.echo("  " + say("suppress.noise_stopped" if judged.is_refused else "suppress.noise_ready", language))
    print_faults(judged.faults, "    ")
    for line in as_yaml([judged.suppression]).splitlines():
        click.echo("    " + clean(line, _LONG))
    if not judged.is_refused:
        made = judged.suppression
        origins = [word for each in made.created_from for word in ("--from", each)]
        words = ["sakimori", "suppress", "add", *origins, "--reason", made.reason, "--owner", made.owner]
        click.echo("    " + clean(shlex.join(words), _LONG))


def _line(group: Group) -> str:
    told = {"rule": group.rule, "about": group.about, "account": group.account}
    return say("suppress.noise_line", spoken(), count=group.sightings, **told)


def _plain(found: Proposals) -> dict[str, object]:
    return {
        "schema": "sakimori.noise/1",
        "settled": [
            {**_plain_group(each.group), "judged": plain_judged(each.judged) if each.judged else None}
            for each in found.settled
        ],
        "undecided": [_plain_group(each) for each in found.undecided],
        "is_cut": found.is_cut,
    }


def _plain_group(group: Group) -> dict[str, object]:
    return {
        "count": group.sightings, "source": group.source, "rule": group.rule, "account": group.account,
        "about": group.about, "findings": [each.id for each in group.pasts],
    }  # fmt: skip
