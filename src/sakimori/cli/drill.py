"""`sakimori drill`: an attack in the simulated account, for a person or a pipeline to respond to; it ends with a score.

As JSON (`sakimori.drill/1`): `drill`, `seed`, `case`, `contained_after_seconds` (null: not), `planted`, `found`, `missing`, `decoys`,
`touched`, `harmful`, `replies` (by language, characters) and `is_passed`. The exit code is 4 where the drill was not passed.
"""

import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.access import AccessRequest
from sakimori.app.clock import utc_now
from sakimori.app.drill import CONTAIN_WITHIN, SCENARIOS, Drill, DrillRequest, Score, drill, score
from sakimori.app.home import fresh_demo_home
from sakimori.app.respond.case_files import every_case
from sakimori.app.respond.inquiry import Inquiry
from sakimori.app.respond.intake import by_mail
from sakimori.app.respond.removal import Removal
from sakimori.app.respond.session import Desk
from sakimori.app.settings import read_settings
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.respond_pages import Terminal, elapsed
from sakimori.model.exit_codes import COMPLETED, FOUND
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.sentences import say

_LOOKS: Final = 1.0
_WHO: Final = "drill"


@click.command("drill", cls=SpokenCommand, **described("drill"))
@click.argument("name", type=click.Choice(sorted(SCENARIOS)))
@option("--seed", type=int, default=1, show_default=True, help_="drill.option_seed")
@option("--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True, help_="drill.option_speed")
@option("--minutes", type=click.FloatRange(0.1, 600), default=60.0, show_default=True, help_="drill.option_minutes")
@option("--auto", is_flag=True, help_="drill.option_auto")
@option("--drill-home", type=click.Path(path_type=Path, file_okay=False), help_="drill.option_drill_home")
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def command(name: str, **given: Any) -> int:
    """Play a drill."""
    home = given["drill_home"] or fresh_demo_home()
    click.echo(say("drill.starts", spoken()), err=True)
    since = utc_now()
    with drill(DrillRequest(name=name, home=home, seed=given["seed"], speed=given["speed"])) as running:
        if given["auto"]:
            _respond(running)
            running.attacker_goes_on()
        else:
            _wait_for_person(running, since, given["minutes"])
        found = score(running, since)
    if given["format_"] == "json":
        click.echo(escaped_json(_plain(found, name, given["seed"])))
    else:
        _print(found)
    return COMPLETED if found.is_passed else FOUND


def _wait_for_person(running: Drill, since: Any, minutes: float) -> None:
    """Say how to begin, and wait until the case is closed or the time is over."""
    click.echo(say("drill.mail", spoken(), path=running.mail))
    for name, value in {**running.environment, "SAKIMORI_HOME": str(running.request.home)}.items():
        click.echo(f"  export {name}={value}")
    click.echo(say("drill.begin", spoken(), path=running.mail))
    running.run_attacker()
    ends = time.monotonic() + minutes * 60
    try:
        while time.monotonic() < ends:
            time.sleep(_LOOKS)
            cases = [
                case for _, case in every_case(running.request.home) if case is not None and case.opened_at >= since
            ]
            if any(case.closed_at for case in cases):
                return
    except KeyboardInterrupt:
        click.echo(say("drill.stopped", spoken()), err=True)


def _respond(running: Drill) -> None:
    """What a responder does who agrees to everything: contain, freeze, investigate."""
    os.environ.update(running.environment)
    os.environ.pop("AWS_ACCESS_KEY_ID", None)
    os.environ.pop("AWS_SECRET_ACCESS_KEY", None)
    home = running.request.home
    settings = read_settings(home / "config.toml")
    access = AccessRequest(accounts=settings.accounts, endpoint_url=running.endpoint_url)
    desk = Desk(
        home=home, access=access, settings=settings, by=_WHO, clock=utc_now, conversation=Terminal(is_agreed=True)
    )
    trigger = by_mail(running.mail, desk.clock())
    doors = desk.enter(trigger.suspect.key_id)
    with desk.opened(trigger, "single") as log, desk.walk(log, doors) as walk:
        walk.hands.begin(trigger.words)
        walk.contain()
        running.attacker_goes_on()
        # What the attacker gained while it was being shut out is followed too.
        walk.contain_again()
        Removal(hands=walk.hands).freeze()
        Inquiry(hands=walk.hands, home=home, doors=walk.doors, since=walk.since).look()


def _print(found: Score) -> None:
    language = spoken()
    after = elapsed(found.contained_after) if found.contained_after is not None else "—"
    within = elapsed(CONTAIN_WITHIN)
    click.secho(say("drill.score", language, case=found.case), bold=True)
    click.echo("  " + say("drill.line_contained", language, after=after, within=within))
    click.echo(
        "  "
        + say(
            "drill.line_found", language, found=found.found, planted=found.planted, missing=list(found.missing) or ["—"]
        )
    )
    click.echo("  " + say("drill.line_spared", language, spared=found.decoys - len(found.touched), decoys=found.decoys))
    click.echo(
        "  " + say("drill.line_harmful", language, count=len(found.harmful), calls=list(found.harmful[:5]) or ["—"])
    )
    click.echo(
        "  " + say("drill.line_replies", language, ja=found.replies.get("ja", "—"), en=found.replies.get("en", "—"))
    )
    click.secho(
        say("drill.passed" if found.is_passed else "drill.not_passed", language),
        fg="green" if found.is_passed else "red",
    )


def _plain(found: Score, name: str, seed: int) -> dict[str, Any]:
    seconds = found.contained_after.total_seconds() if found.contained_after is not None else None
    told = {**asdict(found), "contained_after_seconds": seconds, "is_passed": found.is_passed}
    told.pop("contained_after")
    return {"schema": "sakimori.drill/1", "drill": name, "seed": seed, **told}
