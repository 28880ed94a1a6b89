"""Doctor: who am I, what may I read, and is this machine in order."""

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from sakimori.app.permissions import tables_of_rules
from sakimori.aws.account import BotoDoor
from sakimori.aws.actions import action_of
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.catalogue import declarations
from sakimori.collect.declaration import Call, Declaration
from sakimori.collect.memo import means_absent
from sakimori.model.extras import present_extras
from sakimori.model.verdict import Text
from sakimori.model.version import __version__
from sakimori.model.words import GLOBAL, Scope
from sakimori.texts.sentences import say_both

_PACKAGES: Final = ("boto3", "duckdb", "sqlglot", "sqlalchemy", "rich")
_SKEW_SECONDS: Final = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that was looked at: `ok` is None for a fact that is neither right nor wrong."""

    ok: bool | None
    text: Text


def look_at_machine(home: Path) -> Iterable[Line]:
    """Versions, extras, and the home."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    yield Line(
        ok=None,
        text=say_both("doctor.versions", sakimori=__version__, python=platform.python_version(), packages=packages),
    )
    present = present_extras()
    yield Line(ok=None, text=say_both("doctor.extras", present=present or ["—"]))
    yield _look_at_home(home)


def _look_at_home(home: Path) -> Line:
    if not home.exists():
        return Line(ok=None, text=say_both("doctor.home_new", path=home))
    mode = home.stat().st_mode & 0o777
    if mode & 0o077:
        return Line(ok=False, text=say_both("doctor.home_open", path=home, mode=f"{mode:o}"))
    return Line(ok=True, text=say_both("doctor.home", path=home))


def look_at_account(door: Door, now: datetime) -> Iterable[Line]:
    """Who calls, the clock, which Regions there are, and the first call of every table, each tried in one Region."""
    yield from _look_at_clock(door, now)
    if isinstance(door, BotoDoor):
        yield Line(
            ok=door.identity.is_confirmed,
            text=say_both("doctor.identity", arn=door.identity.arn or "—", account=door.account.id),
        )
    account = door.account
    yield Line(
        ok=account.regions_are_known,
        text=say_both(
            "doctor.regions" if account.regions_are_known else "doctor.regions_guessed",
            count=len(account.regions), selected=len(account.selected),
        ),
    )  # fmt: skip
    refused = tuple(_try_listings(door, [declarations()[name] for name in tables_of_rules()]))
    readable = len(tables_of_rules()) - len({table for table, _ in refused})
    yield Line(ok=not refused, text=say_both("doctor.readable", readable=readable, tables=len(tables_of_rules())))
    for table, refusal in refused:
        yield Line(
            ok=False,
            text=say_both("doctor.refused", table=table, action=action_of(refusal.call), code=refusal.code),
        )


def _look_at_clock(door: Door, now: datetime) -> Iterable[Line]:
    """AWS refuses requests signed more than five minutes away from its own clock."""
    if not isinstance(door, BotoDoor):
        return
    try:
        door.call("sts:GetCallerIdentity", GLOBAL, {})
        told = parsedate_to_datetime(door.statistics().told_time)
    except (Refusal, ValueError, TypeError):
        return
    seconds = round(abs((now - told).total_seconds()))
    yield Line(ok=seconds <= _SKEW_SECONDS, text=say_both("doctor.clock", seconds=seconds))


def _try_listings(door: Door, tables: Sequence[Declaration]) -> Iterable[tuple[str, Refusal]]:
    tried: dict[str, Refusal | None] = {}
    for declaration in tables:
        call = _first_call(declaration)
        if call is None:
            continue
        if call.operation not in tried:
            tried[call.operation] = _try(
                door, call, GLOBAL if declaration.table.scope is not Scope.REGION else door.account.selected[0]
            )
        refusal = tried[call.operation]
        if refusal is not None:
            yield declaration.table.name, refusal


def _first_call(declaration: Declaration) -> Call | None:
    """A call that needs nothing from an item before it."""
    listing = declaration.rows if isinstance(declaration.rows, tuple) else declaration.each
    return next((call for call in listing if not call.with_ and not call.batch), None)


def _try(door: Door, call: Call, region: str) -> Refusal | None:
    parameters = {name: door.account.id if value == "$account_id" else value for name, value in call.parameters.items()}
    try:
        next(iter(door.pages(call.operation, region, parameters)), None)
    except Refusal as refusal:
        return None if means_absent(call, refusal) else refusal
    return None
