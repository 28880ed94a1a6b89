"""`sakimori drill`: an attack in the simulated account, for a person or a pipeline to respond to; it ends with a score.

As JSON (`sakimori.drill/1`): `drill`, `seed`, `case`, `contained_after_seconds` (null: not), `within_seconds`, `planted`, `found`,
`missing`, `decoys`, `touched`, `harmful`, `replies` (by language, characters; null where AWS asked nothing), `openings`,
`still_open`, `meant`, `shut`, `truth` (a path) and `is_passed`. The exit code is 4 where the drill was not passed.
"""

import os
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from sakimori.app.clock import utc_now
from sakimori.app.drill import KINDS, Drill, DrillRequest, drill, drill_home
from sakimori.app.drill_auto import CLOSING, Responder
from sakimori.app.drill_score import Score, score
from sakimori.app.respond.case_files import every_case
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.respond_pages import Terminal, elapsed
from sakimori.model.exit_codes import COMPLETED, FOUND, INTERRUPTED
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.sentences import say

_LOOKS: Final = 1.0
_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@click.command("drill", cls=SpokenCommand, **described("drill"))
@click.argument("name", type=click.Choice(list(KINDS)))
@option("--seed", type=int, default=1, show_default=True, help_="drill.option_seed")
@option("--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True, help_="drill.option_speed")
@option("--minutes", type=click.FloatRange(0.1, 600), default=60.0, show_default=True, help_="drill.option_minutes")
@option("--auto", is_flag=True, help_="drill.option_auto")
@option("--drill-home", type=click.Path(path_type=Path), hidden=True, help_="drill.option_drill_home")
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_context
def command(ctx: click.Context, name: str, **given: Any) -> int:
    """Play a drill."""
    home = drill_home(given["drill_home"] or _told_home(ctx))
    try:
        return _play(name, home, given)
    except KeyboardInterrupt:
        # Elsewhere the same command goes on; here there is nothing left to go on with.
        click.echo(say("drill.interrupted", spoken()), err=True)
        return INTERRUPTED


def _play(name: str, home: Path, given: dict[str, Any]) -> int:
    """The drill from its beginning to its score."""
    click.echo(say("drill.starts", spoken()), err=True)
    with drill(DrillRequest(name=name, home=home, seed=given["seed"], speed=given["speed"])) as running:
        since = utc_now()
        if given["auto"]:
            os.environ.update(running.environment)
            for key in _KEYS:
                os.environ.pop(key, None)
            Responder(running=running, conversation=Terminal(is_agreed=True)).respond()
        else:
            _wait_for_person(running, since, given["minutes"])
            running.end()
        found = score(running, since)
        truth = running.keep_truth()
    if given["format_"] == "json":
        click.echo(escaped_json({**_plain(found, name, given["seed"]), "truth": str(truth)}))
    else:
        print_score(found)
        click.echo(say("drill.truth", spoken(), path=truth))
    return COMPLETED if found.is_passed else FOUND


def _told_home(ctx: click.Context) -> Path | None:
    """The home that the command line names. That of the environment or the platform holds real cases: never that one."""
    above = ctx.find_root()
    is_told = above.get_parameter_source("home") is ParameterSource.COMMANDLINE
    return ctx.obj if is_told else None


def _wait_for_person(running: Drill, since: datetime, minutes: float) -> None:
    """Say how to begin, and wait until the case is closed or the time is over."""
    for line in _told(running):
        click.echo(line)
    running.run_attacker()
    ends = time.monotonic() + minutes * 60
    try:
        while time.monotonic() < ends:
            time.sleep(_LOOKS)
            running.look()
            cases = [
                case for _, case in every_case(running.request.home) if case is not None and case.opened_at >= since
            ]
            if any(case.closed_at for case in cases):
                return
    except KeyboardInterrupt:
        click.echo(say("drill.stopped", spoken()), err=True)


def _told(running: Drill) -> list[str]:
    """What happened, what to set in the other terminal, and how one begins there."""
    language, name = spoken(), running.request.name
    kind = "mail" if running.kind.has_mail else name
    values = {
        "path": running.mail, "victim": running.victim, "machine": running.machine, "rules": list(CLOSING),
        "at": f"{running.story.began_at:%H:%M} UTC", "ip": running.story.attacker.address,
        "meant": [each.name for each in running.story.meant] or ["—"],
    }  # fmt: skip
    exports = {**running.environment, "SAKIMORI_HOME": str(running.request.home)}
    return [
        say(f"drill.news_{kind}", language, **values),
        say("drill.set", language),
        *(f"  export {variable}={value}" for variable, value in exports.items()),
        say(f"drill.begin_{kind}", language, **values),
        say("drill.ends", language),
    ]


def print_score(found: Score) -> None:
    """What was reached, and what keeps it from being passed."""
    language = spoken()
    after = elapsed(found.contained_after) if found.contained_after is not None else "—"
    within = elapsed(found.within)
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
    if found.openings:
        values = {"closed": found.openings - len(found.still_open), "openings": found.openings, "open": list(found.still_open) or ["—"]}  # fmt: skip
        click.echo("  " + say("drill.line_closed", language, **values))
        click.echo("  " + say("drill.line_meant", language, meant=found.meant, shut=list(found.shut) or ["—"]))
    if found.replies is not None:
        replies = {each: found.replies.get(each, "—") for each in ("ja", "en")}
        click.echo("  " + say("drill.line_replies", language, **replies))
        for each in found.unready:
            values = {"language": say(f"drill.language_{each}", language), "case": found.case, "code": each}
            click.echo("  " + say("drill.line_not_ready", language, **values))
    click.secho(
        say("drill.passed" if found.is_passed else "drill.not_passed", language),
        fg="green" if found.is_passed else "red",
    )


def _plain(found: Score, name: str, seed: int) -> dict[str, Any]:
    seconds = found.contained_after.total_seconds() if found.contained_after is not None else None
    told = {**asdict(found), "contained_after_seconds": seconds, "is_passed": found.is_passed}
    told["within_seconds"] = found.within.total_seconds()
    told = {name: each for name, each in told.items() if name not in {"contained_after", "within"}}
    return {"schema": "sakimori.drill/1", "drill": name, "seed": seed, **told}
