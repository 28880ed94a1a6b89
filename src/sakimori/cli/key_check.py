"""`sakimori secrets scan --verify`: whose each key is, by AWS's own word; and, asked for once more, whether it still works."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from sakimori.analysis.secrets.found import Found
from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.key_check import KeyChecked, Tried, asking, check_keys, pairs_in
from sakimori.app.settings import read_settings
from sakimori.aws.settings import DoorSettings
from sakimori.cli.access_options import ask_token
from sakimori.cli.lazy import spoken
from sakimori.model.errors import UsageError
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

_GOOD: Final = frozenset({Tried.DEAD})
_BAD: Final = frozenset({Tried.WORKS, Tried.ROOT})


def check_found(home: Path, found: Iterable[Found], given: Mapping[str, Any]) -> Sequence[KeyChecked]:
    """Ask AWS about the keys that were found."""
    pairs = pairs_in(found)
    if given["verify_with_leaked"] and not given["verify"]:
        raise UsageError("key_check.verify_first")
    if not pairs:
        return ()
    settings = read_settings(home / "config.toml")
    request = AccessRequest.of({**given, "account": ()}, settings)
    (door,) = open_doors(request, ask_token=ask_token)
    ours = settings.own_accounts | {door.account.id}
    ask = None
    if given["verify_with_leaked"]:
        click.echo(say("key_check.warning", spoken()), err=True)
        ask = asking(DoorSettings(endpoint_url=request.endpoint_url))
    return check_keys(pairs, door, ours, ask)


def print_checked(checked: Sequence[KeyChecked], language: Language) -> None:
    """One key after the other: whose it is, whether it works, and the command that contains it."""
    for each in checked:
        values = {
            "key": each.key_id,
            "account": each.account_id,
            "canary": each.canary,
            "arn": each.arn,
            "why": each.why_not,
        }
        click.echo(say(f"key_check.{_whose(each)}", language, **values))
        if each.why_not and not each.is_told_by_aws:
            click.echo(f"  {say('key_check.not_told', language, **values)}")
        if each.tried is not Tried.NOT_ASKED:
            colour = "red" if each.tried in _BAD else "green" if each.tried in _GOOD else None
            click.secho(f"  {say(f'key_check.tried_{each.tried}', language, **values)}", fg=colour)
        if not each.canary:
            click.echo(f"  $ sakimori respond start --key {each.key_id}")


def _whose(each: KeyChecked) -> str:
    if each.canary:
        return "of_canary"
    if each.is_ours is None:
        return "of_unknown"
    return "of_ours" if each.is_ours else "of_other"
