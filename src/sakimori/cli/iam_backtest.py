"""`sakimori iam backtest`: a guardrail tried on recorded history before it is attached.

As JSON (`sakimori.iam_backtest/1`): `policy`, `as`, `targets`, `units` (organizational units among them, with their accounts),
`counts`, `denied`, `already_refused` and `unknown` (each a list
of groups: `principal`, `action`, `event_source`, `event_name`, `error`, `outcome`, `statements`, `missing`, `count`, `first_at`,
`last_at`, `examples`), `unmapped`, `no_data_events` and `coverage` as in `sakimori.query/1`.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from sakimori.analysis.iam.backtest import Group, Guard
from sakimori.app.clock import utc_now
from sakimori.app.iam_backtest import Backtested, BacktestRequest, backtest
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.log_scope import scoped, where_of
from sakimori.cli.prose import tell
from sakimori.cli.query_table import print_rows
from sakimori.cli.searched import print_searched
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.outputs.report.plain_values import escaped_json, utc
from sakimori.texts.language import Language, show_time
from sakimori.texts.sentences import say

SINCE: Final = "90d"
_SHOWN: Final = 40
_NAMED: Final = 10
_COLUMNS: Final = ("principal", "action", "today", "count", "first", "last", "statement", "example")
_UNKNOWN_COLUMNS: Final = ("principal", "action", "today", "count", "last", "statement", "missing")


@click.command(
    "backtest",
    cls=SpokenCommand,
    help=say("iam_backtest.help", spoken()),
    short_help=say("iam_backtest.short", spoken()),
)
@option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help_="iam_backtest.option_policy",
)
@option(
    "--as", "guard", type=click.Choice([str(each) for each in Guard]), required=True, help_="iam_backtest.option_as"
)
@option("--target", "targets", multiple=True, help_="iam_backtest.option_target")
@option("--management-account", default="", help_="iam_backtest.option_management_account")
@scoped()
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--fail-on", type=click.Choice(["denied", "unknown"]), help_="iam_backtest.option_fail_on")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Try a guardrail on recorded requests."""
    request = BacktestRequest(
        home=home,
        policy_file=given["policy_file"],
        guard=Guard(given["guard"]),
        targets=given["targets"],
        where=where_of(home, given, utc_now(), since=SINCE),
        management_account=given["management_account"],
    )
    found = backtest(request, clock=utc_now)
    if given["format_"] == "json":
        click.echo(escaped_json(_plain(found, given["targets"])))
    else:
        _print(found, spoken())
    return _exit_code(found, given["fail_on"])


def _exit_code(found: Backtested, fail_on: str | None) -> int:
    if fail_on is None:
        return COMPLETED
    if found.denied or (fail_on == "unknown" and found.unknown):
        return FOUND
    # What is not known is no pass.
    return COMPLETED if found.is_whole and not found.unknown else BLIND


# -- as a page ---------------------------------------------------------------------


def _print(found: Backtested, language: Language) -> None:
    tried = found.tried
    news = [each for each in tried.groups if each.outcome.is_denied and not each.was_refused]
    unknown = [each for each in tried.groups if not each.outcome.is_denied and not each.was_refused]
    judged = {"events": tried.event_count, "judged": tried.judged_count, "policy": found.policy.name}
    tell(say(f"iam_backtest.tried_{found.trial.guard}", language, **judged))
    if news:
        tell(
            say("iam_backtest.denied", language, count=found.denied, principals=len({each.principal for each in news}))
        )
        _table(found, news, _COLUMNS, language)
    else:
        tell(say("iam_backtest.none_denied" if tried.judged_count else "iam_backtest.none_judged", language))
    if refused := tried.count(denied=True, refused=True):
        tell(say("iam_backtest.already_refused", language, count=refused))
    if unknown:
        tell(say("iam_backtest.unknown", language, count=found.unknown))
        _table(found, unknown, _UNKNOWN_COLUMNS, language)
    for line in _notes(found, language):
        tell(line)
    print_searched(found.searched, language)


def _notes(found: Backtested, language: Language) -> Sequence[str]:
    """What bounds the answer."""
    tried, trial = found.tried, found.trial
    notes = list[str]()
    if found.trial.principals and tried.event_count and not (tried.judged_count or tried.exempt_count):
        notes.append(say("iam_backtest.target_names_nobody", language, targets=list(trial.principals[:_NAMED])))
    for unit in found.units:
        values = {
            "unit": unit.words,
            "count": len(unit.accounts),
            "accounts": list(unit.accounts[:_NAMED]),
            "as_of": unit.as_of,
        }
        notes.append(say("iam_backtest.unit", language, **values))
    if tried.unmapped:
        names = [f"{source}:{name} ({count})" for source, name, count in tried.unmapped[:_NAMED]]
        notes.append(say("iam_backtest.unmapped", language, count=len(tried.unmapped), names=names))
    if found.unseen_sources:
        notes.append(say("iam_backtest.no_data_events", language, names=list(found.unseen_sources)))
    if tried.exempt_count:
        notes.append(say(f"iam_backtest.exempt_{trial.guard}", language, count=tried.exempt_count))
    if trial.guard is Guard.SCP:
        beside = "beside" if trial.allows_rest else "alone"
        notes.append(say(f"iam_backtest.scp_{beside}", language))
        if not trial.management_account:
            notes.append(say("iam_backtest.no_management_account", language))
    else:
        notes.append(say("iam_backtest.resource_policies", language))
    return notes


def _table(found: Backtested, groups: Sequence[Group], columns: Sequence[str], language: Language) -> None:
    headings = [say(f"iam_backtest.column_{name}", language) for name in columns]
    rows = [tuple(_cells(found, each, language)[name] for name in columns) for each in groups[:_SHOWN]]
    print_rows(headings, [(name, "VARCHAR") for name in columns], rows, sys.stdout)
    if len(groups) > _SHOWN:
        tell(say("iam_backtest.cut", language, shown=_SHOWN, count=len(groups)), err=True)


def _cells(found: Backtested, group: Group, language: Language) -> Mapping[str, str]:
    source = group.event_source.removesuffix(".amazonaws.com")
    missing = [*group.missing, *([] if group.action else [say("iam_backtest.no_action", language)])]
    return {
        "principal": group.principal,
        "action": group.action or f"{source}:{group.event_name}",
        "today": group.error or say("query.succeeded", language),
        "count": str(group.count),
        "first": show_time(group.first_at, language, seconds=False),
        "last": show_time(group.last_at, language, seconds=False),
        "statement": ", ".join(_statements(found, group)) or say("iam_backtest.not_allowed", language),
        "missing": ", ".join(missing),
        "example": group.examples[-1] if group.examples else "",
    }


def _statements(found: Backtested, group: Group) -> Sequence[str]:
    """Each by its Sid, or by its place, with the line where it begins."""
    statements = found.policy.document.statements
    return [
        f"{statements[index].sid or f'#{index + 1}'} ({found.policy.line(statements[index])})"
        for index in group.statements
    ]


# -- as machines read it ------------------------------------------------------------


def _plain(found: Backtested, targets: Sequence[str]) -> dict[str, object]:
    tried = found.tried
    return {
        "schema": "sakimori.iam_backtest/1",
        "policy": found.policy.name,
        "as": str(found.trial.guard),
        "targets": list(targets),
        "units": [
            {"unit": each.words, "accounts": list(each.accounts), "as_of": utc(each.as_of)} for each in found.units
        ],
        "management_account": found.trial.management_account or None,
        "beside_full_access": found.trial.allows_rest,
        "counts": {
            "events": tried.event_count,
            "judged": tried.judged_count,
            "denied": found.denied,
            "already_refused": tried.count(denied=True, refused=True),
            "unknown": found.unknown,
            "unknown_refused": tried.count(denied=False, refused=True),
            "allowed": tried.allowed_count,
            "exempt": tried.exempt_count,
            "outside": tried.outside_count,
            "no_action": tried.no_action_count,
        },
        "denied": [_group(each) for each in tried.groups if each.outcome.is_denied and not each.was_refused],
        "already_refused": [_group(each) for each in tried.groups if each.outcome.is_denied and each.was_refused],
        "unknown": [_group(each) for each in tried.groups if not each.outcome.is_denied],
        "unmapped": [{"event_source": source, "event_name": name, "count": count} for source, name, count in tried.unmapped],
        "no_data_events": list(found.unseen_sources),
        "coverage": found.searched.plain(),
    }  # fmt: skip


def _group(group: Group) -> dict[str, object]:
    return {
        "principal": group.principal or None,
        "action": group.action or None,
        "event_source": group.event_source,
        "event_name": group.event_name,
        "error": group.error or None,
        "outcome": group.outcome.name.lower(),
        "statements": list(group.statements),
        "missing": list(group.missing),
        "count": group.count,
        "first_at": utc(group.first_at),
        "last_at": utc(group.last_at),
        "examples": list(group.examples),
    }
