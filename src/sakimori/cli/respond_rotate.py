"""`sakimori respond rotate`: a new credential in the place of a leaked key, one step after the other.

As JSON (`sakimori.rotation/1`): `case`, `key_id`, `state`, `user` and `new_user` (ARNs), `new_key_id`, `digest` (the first 12
hexadecimal digits of the SHA-256 of its secret), `to`, `run`, the moments `delivered_at`, `switched_at`, `role_at`, `quiet_at`,
`deleted_at` (null where it is not so far), `vouched_by`, `advice` (each with `workload`, `seen`, `trust_policy` and `message`
{en, ja}), `other_keys` (each with `key_id`, `is_active`, `origin`, `created_at`, `last_used_at`) and `next` {en, ja}.

With --all (`sakimori.access-keys/1`): `case`, `rotated`, `count`, `is_all`, `unread`, `root_keys` (by account), `evidence` and
`keys`, each with `account`, `user`, `key_id`, `is_there`, `is_active`, `created_at`, `last_used_at`, `origin` and `rotated_at` ("" where it is not).
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.respond.case_files import CaseLog, find_case, open_case
from sakimori.app.respond.rotate import Next, Replacement, Rotation, State, Wanted
from sakimori.app.respond.rotate_register import Register, RegisteredKey, register
from sakimori.app.respond.session import Desk
from sakimori.aws.closed import ClosedDoor
from sakimori.aws.door import Door
from sakimori.cli.access_options import access_options
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.prose import tell
from sakimori.cli.respond_desk import desk_of, desk_options, entered
from sakimori.cli.respond_pages import Terminal
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_SHORTEST: Final = 10
_JSON: Final = "json"
_TOLD: Final = (
    "user", "new_user", "new_key_id", "digest", "to", "run", "delivered_at", "switched_at", "role_at", "quiet_at",
    "deleted_at", "vouched_by",
)  # fmt: skip


@click.command("rotate", cls=SpokenCommand, help=say("respond_rotate.help", spoken()))
@option("--case", default="", help_="respond.option_case")
@option("--key", default="", help_="respond_rotate.option_key")
@option("--to", default="", help_="respond_rotate.option_to")
@option("--to-region", default="", help_="respond_rotate.option_to_region")
@option("--new-user", default="", help_="respond_rotate.option_new_user")
@option("--same-user", is_flag=True, help_="respond_rotate.option_same_user")
@option("--role-instead", is_flag=True, help_="respond_rotate.option_role_instead")
@option("--free-slot", default="", help_="respond_rotate.option_free_slot")
@option("--quiet-for", default="24h", show_default=True, help_="respond_rotate.option_quiet_for")
@option("--old-is-quiet", is_flag=True, help_="respond_rotate.option_old_is_quiet")
@option("--watch", is_flag=True, help_="respond_rotate.option_watch")
@option("--every", default="1m", show_default=True, help_="respond_rotate.option_every")
@option("--all", "all_", is_flag=True, help_="respond_rotate.option_all")
@option("--format", "format_", type=click.Choice(["terminal", _JSON]), default="terminal", show_default=True)
@desk_options
@access_options
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Rotate."""
    wanted = _wanted(given)
    pause = max(parse_duration(given["every"]).total_seconds(), _SHORTEST)
    directory = str(find_case(home, given["case"]))
    with open_case(home, directory, clock=utc_now) as log:
        _check_open(log)
        desk = desk_of(home, given, Terminal(is_agreed=given["yes"], says_once=given["watch"]), log.case)
        desk, doors = entered(desk, log.case)
    if given["all_"]:
        return _all(desk, directory, doors, given["format_"])
    while True:
        # Between two looks others may work on the case.
        with open_case(home, directory, clock=utc_now) as log:
            _check_open(log)
            with desk.walk(log, doors) as walk:
                key_id = given["key"] or log.case.suspect.key_id
                if not key_id:
                    raise UsageError("respond_rotate.which_key", case=log.case.id)
                rotation = Rotation(
                    hands=walk.hands, doors=walk.doors, events=walk.events, key_id=key_id, wanted=wanted
                )  # fmt: skip
                found = rotation.go_on()
        if not (given["watch"] and found.next.is_waiting):
            _tell(found, log.case.id, given["format_"])
            return COMPLETED if found.state is State.OLD_DELETED or found.next.is_waiting else FAILED
        time.sleep(pause)


def _wanted(given: dict[str, Any]) -> Wanted:
    if given["role_instead"] and (given["to"] or given["same_user"] or given["new_user"]):
        raise UsageError("respond_rotate.role_or_key")
    if given["same_user"] and given["new_user"]:
        raise UsageError("respond_rotate.one_user")
    return Wanted(
        to=given["to"], to_region=given["to_region"], new_user=given["new_user"], same_user=given["same_user"],
        role_instead=given["role_instead"], free_slot=given["free_slot"], is_quiet=given["old_is_quiet"],
        quiet=parse_duration(given["quiet_for"]),
    )  # fmt: skip


def _check_open(log: CaseLog) -> None:
    if log.case.closed_at:
        raise UsageError("respond.is_closed", case=log.case.id)


def _tell(found: Replacement, case: str, form: str) -> None:
    if form == _JSON:
        click.echo(escaped_json(_plain(found, case)))
        return
    language = spoken()
    for advice in found.advice:
        seen = [_place(each) for each in advice.seen]
        tell(say(f"respond_rotate.advice_{advice.workload}", language, seen=seen))
        if advice.trust:
            tell(say("respond_rotate.trust", language))
            click.echo(json.dumps(advice.trust, indent=2))
    for other in found.others:
        told = say(f"respond_rotate.other_{other.origin}", language)
        tell(say("respond_rotate.other", language, key=other.key_id, told=told))
    tell(say("respond_rotate.stands", language, key=found.key_id, state=say(f"respond_rotate.state_{found.state}", language)))  # fmt: skip
    tell(say(found.next.text, language, **found.next.values))
    for command in found.next.commands:
        click.echo(f"  $ {command}")


def _place(seen: str) -> str:
    """An address with its program; a program's whole account of itself is in the JSON."""
    return " ".join(clean(seen).split()[:2])


def _plain(found: Replacement, case: str) -> dict[str, Any]:
    advice = [
        {
            "workload": each.workload.value, "seen": list(each.seen), "trust_policy": each.trust or None,
            "message": {lang: say(f"respond_rotate.advice_{each.workload}", lang, seen=list(each.seen)) for lang in ("en", "ja")},
        }
        for each in found.advice
    ]  # fmt: skip
    return {
        "schema": "sakimori.rotation/1", "case": case, "key_id": found.key_id, "state": found.state.value,
        **{name: found.line.get(name) for name in _TOLD}, "advice": advice,
        "other_keys": [each.plain for each in found.others],
        "next": {"en": _next(found.next, "en"), "ja": _next(found.next, "ja")},
    }  # fmt: skip


def _next(what: Next, language: Any) -> str:
    return " ".join((say(what.text, language, **what.values), *what.commands))


def _all(desk: Desk, directory: str, doors: Sequence[Door], form: str) -> int:
    with open_case(desk.home, directory, clock=utc_now) as log, desk.walk(log, doors) as walk:
        entered = [each for each in doors if not isinstance(each, ClosedDoor)]
        found = register(walk.hands, entered)
        case = log.case.id
    if form == _JSON:
        told = {
            "schema": "sakimori.access-keys/1", "case": case, "rotated": found.rotated, "count": len(found.keys),
            "is_all": found.is_all, "unread": list(found.unread), "root_keys": dict(found.root_keys),
            "evidence": found.evidence, "keys": [each.plain for each in found.keys],
        }  # fmt: skip
        click.echo(escaped_json(told))
    else:
        _show(found, case)
    return COMPLETED if found.is_all else FAILED


def _show(found: Register, case: str) -> None:
    language = spoken()
    console = Console(highlight=False)
    for account in dict.fromkeys(each.account for each in found.keys):
        console.print(Text(f"{say('respond_rotate.head_account', language)} {account}", style="bold"))
        console.print(_table([each for each in found.keys if each.account == account]))
    tell(say("respond_rotate.rotated", language, rotated=found.rotated, count=len(found.keys), evidence=found.evidence))  # fmt: skip
    for account, count in found.root_keys.items():
        tell(say("respond_rotate.root_keys", language, account=account, count=count))
    if found.unread:
        tell(say("respond_rotate.register_unread", language, what=found.unread))
    left = next((each for each in found.keys if not each.rotated_at), None)
    if left is not None:
        click.echo(say("respond_rotate.next_key", language))
        click.echo(f"  $ sakimori respond rotate --case {case} --key {left.key_id}")


def _table(keys: Sequence[RegisteredKey]) -> Table:
    """Ids of keys are copied: they stay whole."""
    table = Table(box=None, pad_edge=False)
    for name in ("user", "key", "made", "used", "rotated"):
        title = Text(say(f"respond_rotate.head_{name}", spoken()))
        table.add_column(title, overflow="fold", no_wrap=name != "user")
    for each in keys:
        used = each.last_used_at[:10] or "-"
        state = each.rotated_at[:10] if each.rotated_at else say("respond_rotate.not_rotated", spoken())
        table.add_row(*map(Text, (clean(each.user), each.key_id, each.created_at[:10] or "-", used, state)))
    return table
