"""`sakimori secrets scan --account`: secrets in the resources of an account.

As JSON (`sakimori.secrets-account/1`): `snapshot`, `is_whole` (false where something could not be read), `findings` (the rows
of aws_exposed_secret with `is_ours` and `command`), `searched` (the rows of aws_searched_text), `gaps`, and `inbox`: how many
findings of resources are `new`, `still_open` and `fixed`.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from sakimori.analysis.secrets.kinds import load_kinds
from sakimori.analysis.secrets.scanner import Scanner
from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.account_secrets import AccountSearch, AccountSearched, judge_search, search_account
from sakimori.app.clock import utc_now
from sakimori.app.home import cache_directory
from sakimori.app.key_check import check_keys
from sakimori.app.settings import read_settings
from sakimori.cli.access_options import OWN, ask_token
from sakimori.cli.key_check import print_checked
from sakimori.cli.lazy import spoken
from sakimori.cli.progress import progress_on
from sakimori.cli.secrets_account_pages import print_searched
from sakimori.cli.telling import tell_people
from sakimori.model.assessment import Changes
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.model.words import Severity
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.sentences import say

_NOT_OF_ACCOUNTS: Final = ("history", "staged", "baseline", "allow", "show_secrets", "verify_with_leaked")


def scan_account(home: Path, sources: tuple[str, ...], given: Mapping[str, Any]) -> int:
    """Look at every place of the accounts that the options name."""
    odd = [name for name in _NOT_OF_ACCOUNTS if given[name]]
    if sources or odd or given["format_"] == "sarif":
        told = sources[0] if sources else f"--{odd[0].replace('_', '-')}" if odd else "--format sarif"
        raise UsageError("account_secrets.not_together", option=told)
    settings = read_settings(home / "config.toml")
    names = tuple(name for name in given["account"] if name != OWN)
    doors = open_doors(AccessRequest.of({**given, "account": names}, settings), ask_token=ask_token)
    kinds = load_kinds(given["kinds"])
    search = AccountSearch(home=home, places=given["place"], most_bytes=given["most"] << 20)
    with progress_on(sys.stderr, spoken()) as progress:
        found = search_account(search, doors, Scanner(kinds, cache_directory()), clock=utc_now, progress=progress)
    ours = settings.own_accounts.union(door.account.id for door in doors)
    pairs = {str(row["access_key_id"]): "" for row in found.exposed if row["access_key_id"]}
    changes = judge_search(found, home, settings.mutes, given["state"] or "").changes
    checked = check_keys(pairs, doors[0], ours) if given["verify"] else ()
    if given["format_"] == "json":
        keys = {"keys": [each.plain() for each in checked]} if given["verify"] else {}
        click.echo(escaped_json({**_plain(found, ours), "inbox": _counted(changes), **keys}))
    else:
        print_searched(found, {kind.id: kind for kind in kinds}, ours, spoken(), show_all=given["all_"])
        print_checked(checked, spoken())
        click.echo(say("account_secrets.inbox", spoken(), **_counted(changes)))
    tell_people(home, given["state"], now=given["notify"])
    return _code(found, given["fail_on"])


def _plain(found: AccountSearched, ours: frozenset[str]) -> Mapping[str, object]:
    return {
        "schema": "sakimori.secrets-account/1",
        "snapshot": found.snapshot,
        "is_whole": not found.gaps,
        "findings": [{**row, **_of_key(row, ours)} for row in found.exposed],
        "searched": list(found.searched),
        "gaps": [
            {"place": gap.parent, "account": gap.account, "region": gap.region, "call": gap.call, "kind": str(gap.kind),
             "code": gap.code, "message": gap.message}
            for gap in found.gaps
        ],
    }  # fmt: skip


def _counted(changes: Changes) -> Mapping[str, int]:
    return {"new": len(changes.new), "still_open": len(changes.still_open), "fixed": len(changes.fixed)}


def _of_key(row: Mapping[str, object], ours: frozenset[str]) -> Mapping[str, object]:
    """Whether an AWS key is of an account of ours (null where its id does not say), and the command that contains it."""
    key, account = row["access_key_id"], row["key_account_id"]
    return {
        "is_ours": account in ours if account else None,
        "command": f"sakimori respond start --key {key}" if key else None,
    }


def _code(found: AccountSearched, fail_on: str | None) -> int:
    """A search that did not see everything never leaves with 0."""
    severities = [Severity(str(row["severity"])) for row in found.likely]
    if fail_on and any(each.rank >= Severity(fail_on).rank for each in severities):
        return FOUND
    return BLIND if found.gaps else COMPLETED
