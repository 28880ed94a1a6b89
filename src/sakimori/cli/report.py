"""`sakimori report`: a stored snapshot against frameworks, without AWS."""

import sys
from pathlib import Path
from typing import Any

import click

from sakimori.app.assess import AssessRequest, assess
from sakimori.app.clock import utc_now
from sakimori.app.settings import read_settings
from sakimori.cli.faults import print_faults
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.model.exit_codes import COMPLETED, WRONG_USAGE
from sakimori.outputs.report.formats import FORMATS, format_of, write_report
from sakimori.rules.rule import PROFILES
from sakimori.texts.sentences import say

_USUAL = ("seed-four-blocks", "seed-must-fix-2023")


@click.command("report", cls=SpokenCommand, **described("report"))
@option("--framework", multiple=True, default=_USUAL, show_default=True)
@click.option("--all-rules", is_flag=True, help=say("verbs.option_all_rules", spoken()))
@option("--snapshot", default="latest", show_default=True)
@option("--thresholds", type=click.Choice(PROFILES), default=PROFILES[0], show_default=True)
@option("--rules-dir", type=click.Path(path_type=Path, file_okay=False))
@option("--state")
@option("--format", "format_", type=click.Choice(list(FORMATS)))
@option("--output", multiple=True, type=click.Path(path_type=Path, dir_okay=False))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, all_rules: bool, **given: Any) -> int:  # noqa: FBT001 - click's form
    """Report a stored snapshot by frameworks."""
    outputs = {output: given["format_"] or format_of(output) for output in given["output"]}
    request = AssessRequest(
        home=home,
        frameworks=tuple(dict.fromkeys(given["framework"])),
        with_all_rules=all_rules,
        snapshot=given["snapshot"],
        thresholds=given["thresholds"],
        rules_dir=given["rules_dir"],
        mutes=read_settings(home / "config.toml").mutes,
        state=given["state"] or "",
    )
    result = assess(request, (), clock=utc_now)
    for output, form in outputs.items():
        write_report(result.assessment, form, output, spoken())
        click.echo(say("cli.report_written", spoken(), path=output), err=True)
    if not outputs:
        write_report(result.assessment, given["format_"] or "terminal", sys.stdout, spoken())
    print_faults(result.faults)
    return WRONG_USAGE if result.faults else COMPLETED
