"""The options by which a person goes to work on a case, the same on every verb that works on one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.inbox import who_am_i
from sakimori.app.respond.case import Case
from sakimori.app.respond.case_files import cases_of
from sakimori.app.respond.hands import Conversation
from sakimori.app.respond.session import Desk
from sakimori.app.respond.sources import PATIENCE
from sakimori.app.settings import AccountEntry, Settings, read_settings
from sakimori.app.when import parse_when
from sakimori.aws.door import Door
from sakimori.cli.access_options import ask_token
from sakimori.cli.asking_line import AskingLine
from sakimori.cli.lazy import option, spoken
from sakimori.model.errors import UsageError
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_OPTIONS = (
    option("--as-profile", help_="respond.option_as_profile"),
    option("--since", help_="respond.option_since"),
    option("--patience", help_="respond.option_patience"),
    option("--accept", multiple=True, help_="respond.option_accept"),
    option("--by", help_="triage.option_by"),
    option("--yes", is_flag=True, help_="harden.option_yes"),
)


def desk_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --as-profile, --since, --patience, --accept, --by and --yes."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


def desk_of(home: Path, given: dict[str, Any], conversation: Conversation, case: Case | None = None) -> Desk:
    """Whoever works, where the options say; where they name no account, in all that the case was walked through."""
    settings = read_settings(home / "config.toml")
    access = _access(given, settings)
    if case is not None and not (given["account"] or given["role_arn"]):
        access = replace(access, accounts=_accounts_of(case, settings))
    access = _as(given["as_profile"], access)
    return Desk(
        home=home, access=access, settings=settings, by=who_am_i(given["by"]),
        clock=utc_now, conversation=conversation, ask_token=ask_token, state=given.get("state") or "",
        since=_moment(given["since"]),
        accepted=frozenset(given["accept"]), asking=AskingLine(),
        patience=parse_duration(given["patience"]) if given["patience"] else PATIENCE,
    )  # fmt: skip


def _access(given: dict[str, Any], settings: Settings) -> AccessRequest:
    return AccessRequest.of({**given, "profile": given["as_profile"] or given["profile"]}, settings)


def _as(profile: str, access: AccessRequest) -> AccessRequest:
    """The same, by this profile. Whoever says as whom to work must never work as somebody else without being told: UsageError.

    A role of the file is taken from this profile; an account that the file enters by another one cannot be entered by it.
    """
    if not profile:
        return access
    accounts = tuple(replace(each, profile="") if each.role_arn else each for each in access.accounts)
    others = [each.name for each in accounts if each.profile and each.profile != profile]
    if others:
        raise UsageError("respond.other_profile", profile=clean(profile), accounts=others)
    return replace(access, accounts=accounts)


def _accounts_of(case: Case, settings: Settings) -> tuple[AccountEntry, ...]:
    """Those of the file that the case may have gone through: what followed a thief into two accounts must not go on in one."""
    if len(case.accounts) < 2:  # noqa: PLR2004 - several
        return ()
    found = tuple(each for each in settings.accounts if not each.id or each.id in case.accounts)
    if found:
        click.echo(say("respond.accounts_of_case", spoken(), accounts=case.accounts), err=True)
    return found


def say_elsewhere(home: Path, directory: Path, case: Case) -> None:
    """Of a case that was brought along: its id alone finds it only among those of the home."""
    cases = cases_of(home)
    if directory.resolve().parent != cases.resolve():
        click.echo(say("respond.case_elsewhere", spoken(), case=case.id, path=directory, cases=cases), err=True)


def doors_of(home: Path, given: dict[str, Any]) -> tuple[Door, ...]:
    """The accounts that the options name."""
    access = _as(given["as_profile"], _access(given, read_settings(home / "config.toml")))
    return open_doors(access, ask_token=ask_token)


def entered(desk: Desk, case: Case) -> tuple[Desk, tuple[Door, ...]]:
    """The accounts of a case, and the desk by their clock."""
    doors = desk.enter(case.suspect.key_id)
    return by_clock_of_aws(desk, doors), doors


def by_clock_of_aws(desk: Desk, doors: Sequence[Door]) -> Desk:
    """The desk by AWS's clock; said where this machine's is another."""
    timed = desk.timed(doors)
    if timed.skew:
        click.echo(say("respond.clock_off", spoken(), seconds=round(timed.skew.total_seconds())), err=True)
    return timed


def _moment(told: str | None) -> datetime | None:
    return parse_when(told, utc_now()) if told else None


def one_case(told: str, named: str) -> str:
    """The case of a command that takes it with --case, as its siblings do, and without; UsageError where both name different ones."""
    if told and named and told != named:
        raise UsageError("respond.two_cases", first=clean(told, 80), second=clean(named, 80))
    return told or named
