"""`sakimori suppress`: findings kept quiet, by a law that can be checked.

As JSON: `add`, `preview` and `lint` give `sakimori.suppressions-judged/1` (`judged`: each with `suppression`, `faults` and
`would_hide`), `list` and `expire --due` give `sakimori.suppressions/1`, `sync` gives `sakimori.suppressions-sync/1`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.inbox import who_am_i
from sakimori.app.suppress import Court, Decision, Judged, add_all, chosen, draft_from, draft_of_rule, expire, known_of
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.cli.suppress_pages import plain_judged, plain_listed, print_faults, print_judged, print_list, refusal_line
from sakimori.cli.suppress_sync import sync_command
from sakimori.findings.suppression.criteria import Criterion, Operator, parse_criteria
from sakimori.findings.suppression.files import SOURCES, Maker, as_yaml, read_file
from sakimori.findings.suppression.suppression import DEFAULT_DAYS, Action, Suppression
from sakimori.findings.suppression.suppressions import all_suppressions
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, FOUND, WRONG_USAGE
from sakimori.outputs.report.plain_values import as_json
from sakimori.state.store import Store, open_store
from sakimori.texts.sentences import say

_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_STATE = option("--state")
_BY = option("--by", help_="triage.option_by")
_FORMAT = option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
_ACTIONS: Final = tuple(each.value for each in Action if each is not Action.DISABLE)
_JUDGED: Final = "sakimori.suppressions-judged/1"
_LISTED: Final = "sakimori.suppressions/1"


@click.group("suppress", cls=SpokenGroup, **described("suppress"))
@_LANG
def command() -> None:
    """Group of the verbs on suppressions."""


command.add_command(sync_command)


@command.command("add", help=say("suppress.add_help", spoken()))
@option("--from", "from_", multiple=True, metavar="ID", help_="suppress.option_from")
@option("--file", type=click.Path(path_type=Path, dir_okay=False), help_="suppress.option_file")
@option("--disable-rule", help_="suppress.option_disable_rule")
@option("--source", type=click.Choice(SOURCES), default=SOURCES[0], show_default=True, help_="suppress.option_source")
@option("--field", multiple=True, metavar="NAME=VALUE", help_="suppress.option_field")
@option("--reason", default="", help_="suppress.option_reason")
@option("--owner", default="", help_="suppress.option_owner")
@option("--ticket", default="", help_="suppress.option_ticket")
@option("--evidence", default="", help_="suppress.option_evidence")
@option("--until", default=f"{DEFAULT_DAYS}d", show_default=True, help_="suppress.option_until")
@option("--action", type=click.Choice(_ACTIONS), default=_ACTIONS[0], show_default=True, help_="suppress.option_action")
@option("--approved-by", default="", help_="suppress.option_approved_by")
@option("--dry-run", is_flag=True, help_="suppress.option_dry_run")
@_BY
@_STATE
@_FORMAT
@_LANG
@click.pass_obj
def add(home: Path, **given: Any) -> int:
    """Make suppressions."""
    if sum(bool(given[name]) for name in ("from_", "file", "disable_rule")) != 1:
        raise UsageError("suppress.which_way")
    maker, known = _maker(given), known_of(home)
    with _store(home, given) as store:
        with store.read() as connection:
            wanted = _wanted(Court(connection, maker, known), given)
            judged = Court(connection, maker, known).judge_all(wanted)
        is_refused = any(each.is_refused and not each.is_kept for each in judged)
        is_tried = given["dry_run"] or is_refused
        if not is_tried:
            judged = add_all(store, wanted, maker, known)
            is_refused = any(each.is_refused and not each.is_kept for each in judged)
    _show_added(judged, given["format_"], is_tried=is_tried or is_refused)
    return WRONG_USAGE if is_refused else COMPLETED


@command.command("list", help=say("suppress.list_help", spoken()))
@option("--all", "with_ended", is_flag=True, help_="suppress.option_all")
@_STATE
@option("--format", "format_", type=click.Choice(["table", "json", "yaml"]), default="table", show_default=True)
@_LANG
@click.pass_obj
def list_suppressions(home: Path, with_ended: bool, **given: Any) -> None:  # noqa: FBT001 - click's form
    """List suppressions."""
    today = utc_now().date()
    with _store(home, given) as store:
        found = [each for each in all_suppressions(store) if with_ended or each.is_active(today)]
    if given["format_"] == "yaml":
        click.echo(as_yaml(found), nl=False)
    else:
        _list(found, today, given["format_"], "suppress.none")


@command.command("lint", help=say("suppress.lint_help", spoken()))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@_STATE
@_FORMAT
@_LANG
@click.pass_obj
def lint(home: Path, file: Path | None, **given: Any) -> int:
    """Judge suppressions."""
    with _court(home, given) as court:
        judged = court.judge_all(read_file(file, court.maker) if file else court.active())
    if given["format_"] == "json":
        click.echo(as_json({"schema": _JUDGED, "judged": [plain_judged(each) for each in judged]}))
    elif not judged:
        click.echo(say("suppress.none", spoken()))
    else:
        for each in judged:
            click.echo(refusal_line(each))
            print_faults(each.faults, "  ")
    return FOUND if any(each.is_refused for each in judged) else COMPLETED


@command.command("preview", help=say("suppress.preview_help", spoken()))
@click.argument("which", metavar="ID|FILE")
@_STATE
@_FORMAT
@_LANG
@click.pass_obj
def preview(home: Path, which: str, **given: Any) -> int:
    """Show what a suppression would have hidden."""
    with _court(home, given) as court:
        judged = court.judge_all(chosen(court, which))
    _show(judged, given["format_"])
    return FOUND if any(each.is_refused for each in judged) else COMPLETED


@command.command("expire", help=say("suppress.expire_help", spoken()))
@click.argument("which", metavar="ID", required=False)
@option("--due", is_flag=True, help_="suppress.option_due")
@option("--reason", default="", help_="suppress.option_reason")
@_BY
@_STATE
@_FORMAT
@_LANG
@click.pass_obj
def expire_one(home: Path, which: str | None, due: bool, **given: Any) -> None:  # noqa: FBT001 - click's form
    """End a suppression, or list those that ended."""
    if bool(which) == due:
        raise UsageError("suppress.which_end")
    with _store(home, given) as store:
        if which:
            ended = expire(store, which, given["reason"], _maker(given))
        else:
            today = utc_now().date()
            found = [each for each in all_suppressions(store) if not each.is_active(today) or each.ends_soon(today)]
            _list(found, today, given["format_"], "suppress.none_due")
            return
    if given["format_"] == "json":
        click.echo(as_json({"schema": _LISTED, "suppressions": [plain_listed(ended, utc_now().date())]}))
    else:
        click.echo(say("suppress.ended", spoken(), id=ended.id))


def _store(home: Path, given: dict[str, Any]) -> Store:
    return open_store(given["state"] or home / "state.db")


@contextmanager
def _court(home: Path, given: dict[str, Any]) -> Iterator[Court]:
    known = known_of(home)
    with _store(home, given) as store, store.read() as connection:
        yield Court(connection, _maker(given), known)


def _maker(given: dict[str, Any]) -> Maker:
    return Maker(who_am_i(given.get("by")), utc_now())


def _wanted(court: Court, given: dict[str, Any]) -> tuple[Suppression, ...]:
    if given["file"]:
        return read_file(given["file"], court.maker)
    decision = Decision(
        **{name: given[name].strip() for name in ("reason", "owner", "ticket", "evidence", "approved_by")},
        action=Action(given["action"]),
        expires_on=_until(given["until"], court.today),
    )
    if given["from_"]:
        return (draft_from(court, given["from_"], _fields(given["field"]), decision),)
    return (draft_of_rule(court, given["disable_rule"], given["source"], decision),)


def _until(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        pass
    try:
        return today + timedelta(days=max(1, parse_duration(text).days))
    except (UsageError, OverflowError) as error:
        raise UsageError("suppress.bad_until", given=text[:50]) from error


def _fields(given: Sequence[str]) -> tuple[Criterion, ...]:
    """`NAME=VALUE` and `NAME~PATTERN`; several of one name are one criterion."""
    told: dict[str, dict[str, list[str]]] = {}
    for each in given:
        place = min((found for sign in "=~" if (found := each.find(sign)) > 0), default=0)
        if not place:
            raise UsageError("suppress.bad_field", given=each[:200])
        operator = Operator.EQUALS if each[place] == "=" else Operator.MATCHES
        told.setdefault(each[:place], {}).setdefault(operator.value, []).append(each[place + 1 :])
    return parse_criteria(told, "--field").entries if told else ()


def _list(found: Sequence[Suppression], today: date, format_: str, nothing: str) -> None:
    if format_ == "json":
        click.echo(as_json({"schema": _LISTED, "suppressions": [plain_listed(each, today) for each in found]}))
    elif not found:
        click.echo(say(nothing, spoken()))
    else:
        print_list(found, today)


def _show(judged: Sequence[Judged], format_: str) -> None:
    if format_ == "json":
        click.echo(as_json({"schema": _JUDGED, "judged": [plain_judged(each) for each in judged]}))
        return
    for each in judged:
        print_judged(each, with_laws=True)
        click.echo(refusal_line(each))


def _show_added(judged: Sequence[Judged], format_: str, *, is_tried: bool) -> None:
    if format_ == "json":
        told = [plain_judged(each) for each in judged]
        click.echo(as_json({"schema": _JUDGED, "is_added": not is_tried, "judged": told}))
        return
    for each in judged:
        print_judged(each, with_laws=False)
        if is_tried:
            click.echo(refusal_line(each))
            continue
        key = "suppress.known_already" if each.is_kept else "suppress.added"
        click.echo(say(key, spoken(), id=each.suppression.id, day=each.suppression.expires_on))
    if is_tried:
        click.echo(say("suppress.not_kept", spoken()), err=True)
