"""`sakimori demo`: the main job on a simulated account, with no AWS account and no network."""

import os
import sys
from pathlib import Path

import click
from rich.console import Console

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.assess import AssessRequest, assess
from sakimori.app.clock import utc_now
from sakimori.app.home import fresh_demo_home
from sakimori.app.simulation import simulated_account
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.progress import progress_on
from sakimori.outputs.report.formats import write_report
from sakimori.texts.sentences import say


@click.command("demo", cls=SpokenCommand, **described("demo"))
@option("--scenario", default="messy-company", show_default=True)
@option("--demo-home", type=click.Path(path_type=Path, file_okay=False))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(_home: Path, scenario: str, demo_home: Path | None) -> None:
    """Assess a simulated account and write an HTML report."""
    home = demo_home or fresh_demo_home()
    told = Console(stderr=True)
    told.print(say("cli.demo_starts", spoken()), style="dim")
    with simulated_account(scenario) as simulated:
        os.environ.update(simulated.environment)
        doors = open_doors(AccessRequest(endpoint_url=simulated.endpoint_url))
        with progress_on(sys.stderr, spoken()) as progress:
            result = assess(AssessRequest(home=home), doors, clock=utc_now, progress=progress)
    write_report(result.assessment, "terminal", sys.stdout, spoken())
    report = home / "report.html"
    write_report(result.assessment, "html", report, spoken())
    told.print(say("cli.report_written", spoken(), path=report), style="dim", soft_wrap=True)
    program = Path(sys.argv[0]) if Path(sys.argv[0]).name == "sakimori" else Path("sakimori")
    told.print(say("cli.demo_go_on", spoken(), home=home, program=program), style="dim", soft_wrap=True)
