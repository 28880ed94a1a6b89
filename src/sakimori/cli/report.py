"""`sakimori report`: a stored snapshot against frameworks, without AWS."""

from pathlib import Path
from typing import Any

import click

from sakimori.app.assess import AssessRequest, assess
from sakimori.app.clock import utc_now
from sakimori.app.settings import read_settings
from sakimori.cli.faults import print_faults
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.outputs import Outputs
from sakimori.model.exit_codes import COMPLETED, WRONG_USAGE
from sakimori.outputs.report.formats import FORMATS
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
    outputs = Outputs.of(given)
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
    outputs.write(result.assessment)
    print_faults(result.faults)
    return WRONG_USAGE if result.faults else COMPLETED
