"""`sakimori assess`."""

import sys
from pathlib import Path
from typing import Any

import click

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.assess import AssessRequest, AssessResult, assess
from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.settings import read_settings
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.faults import print_faults
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.outputs import Outputs
from sakimori.cli.progress import progress_on
from sakimori.cli.telling import notify_option, tell_people
from sakimori.model.assessment import Assessment
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND, WRONG_USAGE
from sakimori.model.words import Severity
from sakimori.outputs.report.formats import FORMATS
from sakimori.rules.rule import PROFILES
from sakimori.texts.sentences import say

_LEVELS = [str(severity) for severity in Severity]


@click.command("assess", cls=SpokenCommand, **described("assess"))
@access_options
@option("--rule", multiple=True)
@option("--exclude-rule", multiple=True)
@option("--severity", multiple=True, type=click.Choice(_LEVELS))
@option("--rules-dir", type=click.Path(path_type=Path, file_okay=False))
@option("--framework", multiple=True)
@option("--thresholds", type=click.Choice(PROFILES), default=PROFILES[0], show_default=True)
@option("--snapshot")
@option("--max-age")
@option("--state")
@option("--format", "format_", type=click.Choice(list(FORMATS)))
@option("--output", multiple=True, type=click.Path(path_type=Path, dir_okay=False))
@option("--fail-on", type=click.Choice(_LEVELS))
@notify_option
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Assess accounts and print what is wrong."""
    settings = read_settings(home / "config.toml")
    outputs = Outputs.of(given)
    request = AssessRequest(
        home=home,
        rules=given["rule"],
        exclude_rules=given["exclude_rule"],
        severities=tuple(Severity(word) for word in given["severity"]),
        rules_dir=given["rules_dir"],
        thresholds=given["thresholds"],
        frameworks=tuple(dict.fromkeys(given["framework"])),
        snapshot=given["snapshot"] or "",
        max_age=parse_duration(given["max_age"]) if given["max_age"] else None,
        mutes=settings.mutes,
        state=given["state"] or "",
    )
    doors = () if request.snapshot else open_doors(AccessRequest.of(given, settings), ask_token=ask_token)
    with progress_on(sys.stderr, spoken()) as progress:
        result = assess(request, doors, clock=utc_now, progress=progress)
    outputs.write(result.assessment)
    _tell_besides(result)
    tell_people(home, given["state"], now=given["notify"])
    code = exit_code(result.assessment, given["fail_on"])
    return WRONG_USAGE if result.faults and code == COMPLETED else code


def exit_code(assessment: Assessment, fail_on: str | None) -> int:
    """0 for a completed run; with --fail-on, 4 for open failures at that level or worse, 3 where something is unknown."""
    if fail_on is None:
        return COMPLETED
    least = Severity(fail_on).rank
    if any(rule.failed > rule.muted and rule.severity.rank >= least for rule in assessment.rules):
        return FOUND
    return BLIND if assessment.gaps or any(rule.unknown for rule in assessment.rules) else COMPLETED


def _tell_besides(result: AssessResult) -> None:
    print_faults(result.faults)
    for entry in result.expired_mutes:
        click.echo(say("cli.mute_expired", spoken(), entry=entry.number, until=entry.until), err=True)
