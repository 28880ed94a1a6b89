"""`sakimori secrets scan`: leaked keys, looked for before thieves find them.

As JSON (`sakimori.secrets/1`): docs/reference/secrets.md has every key.
"""

import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sakimori.cli.access_options import access_options_with_optional_account, one_door
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.model.errors import SakimoriError, UsageError
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.model.words import Severity
from sakimori.texts.sentences import say

_LEVELS = [severity.value for severity in Severity]
_PATH = click.Path(path_type=Path)
_OF_ACCOUNTS = ("place", "state", "notify")


@click.command("scan", cls=SpokenCommand, help=say("secrets.scan_help", spoken()))
@click.argument("sources", metavar="SOURCE...", nargs=-1)
@option("--history", is_flag=True, help_="secrets.option_history")
@option("--staged", is_flag=True, help_="secrets.option_staged")
@option("--baseline", type=_PATH, help_="secrets.option_baseline")
@option("--allow", type=_PATH, multiple=True, help_="secrets.option_allow")
@option("--kinds", type=_PATH, multiple=True, help_="secrets.option_kinds")
@option("--fail-on", type=click.Choice(_LEVELS), help_="secrets.option_fail_on")
@option("--show-secrets", is_flag=True, help_="secrets.option_show_secrets")
@option("--place", multiple=True, help_="account_secrets.option_place")
@option("--state", help_="account_secrets.option_state")
@option("--notify", is_flag=True, help_="account_secrets.option_notify")
@option("--most", type=click.IntRange(1, 65_536), default=32, show_default=True, help_="account_secrets.option_most")
@click.option("--verify", is_flag=True, help=say("key_check.option_verify", spoken()))
@click.option("--verify-with-leaked", is_flag=True, help=say("key_check.option_verify_with_leaked", spoken()))
@option("--all", "all_", is_flag=True, help_="secrets.option_all")
@option("--format", "format_", type=click.Choice(["terminal", "json", "sarif"]), default="terminal", show_default=True)
@access_options_with_optional_account
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, sources: tuple[str, ...], **given: Any) -> int:
    """Look for secrets, tell them, and leave with what was found and what was not seen."""
    if given["account"]:
        from sakimori.cli.secrets_account import scan_account  # noqa: PLC0415 - only when it runs

        return scan_account(home, sources, given)
    if odd := next((name for name in _OF_ACCOUNTS if given[name]), ""):
        raise UsageError("account_secrets.only_with", option=f"--{odd}")
    from sakimori.app.home import open_cache  # noqa: PLC0415
    from sakimori.app.secrets import Order, scan  # noqa: PLC0415 - only when it runs
    from sakimori.app.secrets_files import read_allowances, read_baseline  # noqa: PLC0415

    if (folder := open_cache()) is not None:
        click.echo(say("secrets.cache_open", spoken(), path=folder), err=True)
    order = Order(
        sources=sources or (".",),
        kinds_dirs=given["kinds"],
        allowances=read_allowances(given["allow"]),
        baseline=read_baseline(given["baseline"]) if given["baseline"] else frozenset(),
        history=given["history"],
        staged=given["staged"],
        door=lambda: one_door(home, {**given, "account": ()}, "iam.one_account"),
    )
    with _counting() as progress:
        report = scan(order, progress)
    report = _with_own_accounts(home, report)
    try:
        checked = _checked(home, report, given)
    except SakimoriError:
        # What was found is not lost because nobody could be asked about it.
        _tell(report, given, None)
        raise
    _tell(report, given, checked)
    return _code(report, given["fail_on"])


def _counting() -> Any:
    if not sys.stderr.isatty():
        return nullcontext()
    from sakimori.cli.progress import counting_on  # noqa: PLC0415 - a tenth of a second, for a terminal alone

    return counting_on(sys.stderr, spoken())


def _with_own_accounts(home: Path, report: Any) -> Any:
    """The report, with the accounts that are configured as ours, if it speaks of an account at all."""
    if not any(each.found.account_id for each in report.located):
        return report
    from sakimori.app.settings import read_settings  # noqa: PLC0415 - only where there is a key

    return replace(report, own_accounts=frozenset(read_settings(home / "config.toml").own_accounts))


def _checked(home: Path, report: Any, given: dict[str, Any]) -> Any:
    """What AWS says of the keys that were found; None where it was not asked."""
    if not (given["verify"] or given["verify_with_leaked"]):
        return None
    from sakimori.cli.key_check import check_found  # noqa: PLC0415 - botocore, only where AWS is asked

    return check_found(home, (each.found for each in report.located), given)


def _tell(report: Any, given: dict[str, Any], checked: Any) -> None:
    from sakimori.outputs.report.secrets_records import write_secrets_json, write_secrets_sarif  # noqa: PLC0415

    if given["format_"] == "json":
        more = None if checked is None else {"keys": [each.plain() for each in checked]}
        write_secrets_json(report, sys.stdout, show_secrets=given["show_secrets"], more=more)
    elif given["format_"] == "sarif":
        write_secrets_sarif(report, sys.stdout, spoken())
    else:
        from sakimori.cli.secrets_pages import print_report  # noqa: PLC0415

        print_report(report, spoken(), show_secrets=given["show_secrets"], show_all=given["all_"])
        if checked is not None:
            from sakimori.cli.key_check import print_checked  # noqa: PLC0415

            print_checked(checked, spoken())


def _code(report: Any, fail_on: str | None) -> int:
    """A scan that did not see everything never leaves with 0."""
    worst = report.worst()
    if fail_on and worst is not None and worst.rank >= Severity(fail_on).rank:
        return FOUND
    return COMPLETED if report.is_whole else BLIND
