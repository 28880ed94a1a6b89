"""`sakimori verify`: what is only needed on a bad day is tried out on a good one.

As JSON: `sakimori.verify-alerts/1` has `canary` and `hops` (each with `outcome`: reached, lost, unchecked or unreached) and
`alarms`, the rules on the account's own alarms.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.alert_rules import ALERT_RULES
from sakimori.app.assess import AssessRequest, AssessResult, assess
from sakimori.app.canary import OPERATION, home_region
from sakimori.app.canary_trail import trails_of
from sakimori.app.canary_ways import CallWay, FileWay, Way
from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.notify import Notifier
from sakimori.app.settings import Settings, read_settings
from sakimori.app.verify_alerts import Heard, Pursuit, hindrance
from sakimori.aws.door import Door
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.assess import exit_code
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.cli.progress import progress_on
from sakimori.cli.query_output import escaped_json
from sakimori.cli.verify_pages import Lines, plain_alarms, plain_heard, print_alarms, print_end
from sakimori.model.errors import AccessError, UsageError
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.model.words import Severity
from sakimori.state.store import open_store
from sakimori.texts.sentences import say, say_error

_LEVELS: Final = [str(each) for each in Severity]
_FOR_TRAILS: Final = "20m"
"""CloudTrail delivers within about 5 minutes on average, and promises nothing (CloudTrail User Guide, "Finding your
CloudTrail log files"): four times that is slow enough to be told."""
_FOR_FILES: Final = "5m"


@click.group("verify", cls=SpokenGroup, **described("verify"))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def command() -> None:
    """Group of the verbs that try something out."""


@command.command("alerts", help=say("verify.alerts_help", spoken()))
@option("--into", type=click.Path(path_type=Path, file_okay=False), help_="verify.option_into")
@option("--real", is_flag=True, help_="verify.option_real")
@option("--watched", is_flag=True, help_="verify.option_watched")
@option("--yes", is_flag=True, help_="verify.option_yes")
@option("--timeout", help_="verify.option_timeout")
@option("--skip-account", is_flag=True, help_="verify.option_skip_account")
@access_options
@option("--state")
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--fail-on", type=click.Choice(_LEVELS), help_="verify.option_fail_on")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def alerts(home: Path, **given: Any) -> int:
    """Follow a canary to people, and judge the account's own alarms."""
    _check(given)
    settings = read_settings(home / "config.toml")
    doors, refused = _doors(given, settings)
    with open_store(given["state"] or home / "state.db") as store:
        told = Lines(quiet=given["format_"] == "json")
        way = _way(home, given, doors)
        if not _is_agreed(way, given):
            click.echo(say("verify.not_planted", spoken()), err=True)
            return COMPLETED
        heard = _followed(way, Notifier(store, home, settings, utc_now), told, given)
    result = _alarms(home, given, settings, doors)
    if given["format_"] == "json":
        reason = say("verify.skipped", spoken()) if given["skip_account"] else refused
        plain = {**plain_heard(heard, spoken()), "alarms": plain_alarms(result, reason)}
        click.echo(escaped_json({"schema": "sakimori.verify-alerts/1", **plain}))
    else:
        print_end(heard)
        print_alarms(result, refused, is_skipped=given["skip_account"])
    return _code(heard, result, given)


def _check(given: dict[str, Any]) -> None:
    if given["real"] and given["into"]:
        raise UsageError("verify.real_or_into")
    if given["watched"] and not given["real"]:
        raise UsageError("verify.watched_is_for_real")
    if given["into"] and not given["into"].is_dir():
        raise UsageError("verify.no_folder", path=given["into"])


def _doors(given: dict[str, Any], settings: Settings) -> tuple[Sequence[Door], str]:
    """The doors, or why there are none. A real canary needs one; the account's alarms are unknown without."""
    if given["skip_account"] and not given["real"]:
        return (), ""
    try:
        doors = open_doors(AccessRequest.of(given, settings), ask_token=ask_token)
    except AccessError as error:
        if given["real"]:
            raise
        return (), say_error(error, spoken())
    if given["real"] and len(doors) != 1:
        raise UsageError("verify.one_account", count=len(doors))
    return doors, ""


def _way(home: Path, given: dict[str, Any], doors: Sequence[Door]) -> Way:
    if not given["real"]:
        return FileWay(home=home, clock=utc_now, into=given["into"])
    (door,) = doors
    with progress_on(sys.stderr, spoken()) as progress:
        trails = trails_of(home, door, home_region(door.account.partition), clock=utc_now, progress=progress)
    return CallWay(home=home, clock=utc_now, door=door, trails=trails, watched=given["watched"])


def _is_agreed(way: Way, given: dict[str, Any]) -> bool:
    """A call that is made on purpose is shown first. A file of our own asks nobody."""
    if not isinstance(way, CallWay) or hindrance(way) is not None:
        return True
    told = {"call": OPERATION, "name": way.marker, "account": way.door.account.id, "trails": list(way.trails.names)}
    click.echo(say("verify.plan", spoken(), **told), err=True)
    if given["yes"]:
        return True
    if not sys.stdin.isatty():
        raise UsageError("verify.needs_yes")
    return click.confirm(say("verify.ask", spoken()), err=True)


def _followed(way: Way, notifier: Notifier, told: Lines, given: dict[str, Any]) -> Heard:
    timeout = parse_duration(given["timeout"] or (_FOR_TRAILS if given["real"] else _FOR_FILES))
    with told.shown(way):
        return Pursuit(way, notifier, timeout, told, time.sleep).follow()


def _alarms(home: Path, given: dict[str, Any], settings: Settings, doors: Sequence[Door]) -> AssessResult | None:
    if given["skip_account"] or not doors:
        return None
    request = AssessRequest(home=home, rules=ALERT_RULES, mutes=settings.mutes, state=given["state"] or "")
    with progress_on(sys.stderr, spoken()) as progress:
        return assess(request, doors, clock=utc_now, progress=progress)


def _code(heard: Heard, result: AssessResult | None, given: dict[str, Any]) -> int:
    """4 where the canary was lost, or an alarm of the account's fails at --fail-on; 3 where something was not checked."""
    code = exit_code(result.assessment, given["fail_on"] or str(Severity.CRITICAL)) if result else COMPLETED
    if heard.is_lost or (code == FOUND and given["fail_on"]):
        return FOUND
    if not heard.is_whole or code == BLIND or (result is None and not given["skip_account"]):
        return BLIND
    return COMPLETED
