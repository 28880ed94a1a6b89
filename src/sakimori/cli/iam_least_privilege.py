"""`sakimori iam least-privilege`: a policy from recorded use, and what it would take away.

As JSON (`sakimori.iam_least_privilege/1`): `principal`, `policy` (null where nothing was recorded), `length`, `used` (each with
`action`, `count`, `refused`, `first_at`, `last_at`, `regions`, `resources`, `resources_known`, `example`), `unmapped`, `no_evidence`
(services of whose data nothing is recorded), `taken` (null where the policies of today are not known), `unexplained` and
`coverage` as in `sakimori.query/1`. With --format policy the policy alone is on standard output, all words on standard error.
"""

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from sakimori.analysis.iam.least_privilege import LONGEST, Taken
from sakimori.analysis.iam.recorded_use import Use
from sakimori.app.clock import utc_now
from sakimori.app.iam import Guards, known_account, read_file
from sakimori.app.iam_least_privilege import LeastPrivilegeFound, LeastPrivilegeRequest, propose
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.log_scope import where_of
from sakimori.cli.prose import tell
from sakimori.cli.query_table import print_rows
from sakimori.model.exit_codes import BLIND, COMPLETED
from sakimori.outputs.report.plain_values import escaped_json, utc
from sakimori.texts.language import Language, show_time
from sakimori.texts.sentences import say

SINCE: Final = "90d"
_NAMED: Final = 10
_SHOWN: Final = 40
_USED: Final = ("action", "count", "last", "regions", "resources")
_TAKEN: Final = ("policy", "pattern", "service", "unused", "names")
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.command(
    "least-privilege", cls=SpokenCommand, help=say("iam_backtest.least_help", spoken()),
    short_help=say("iam_backtest.least_short", spoken()),
)  # fmt: skip
@click.argument("principal")
@option("--authorization-details", type=_FILE, help_="iam_backtest.option_authorization_details")
@option("--since", default=SINCE, show_default=True, help_="query.option_since")
@option("--until", help_="query.option_until")
@option("--format", "format_", type=click.Choice(["terminal", "policy", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, principal: str, **given: Any) -> int:
    """Propose a policy from recorded use."""
    details = given["authorization_details"]
    request = LeastPrivilegeRequest(
        home=home,
        principal=principal,
        where=where_of(home, {**given, "of_accounts": (), "of_regions": ()}, utc_now()),
        account=read_file(details, Guards()).account if details else known_account(home, principal),
    )
    made = propose(request, clock=utc_now)
    if given["format_"] == "json":
        click.echo(escaped_json(_plain(made)))
        return COMPLETED
    language = spoken()
    if made.found.policy is None:
        tell(say("iam_backtest.nothing_used", language, principal=made.principal), err=True)
        _notes(made, language, err=True)
        return BLIND if given["format_"] == "policy" else COMPLETED
    if given["format_"] == "policy":
        click.echo(json.dumps(made.found.policy, indent=2))
        _notes(made, language, err=True)
        return COMPLETED
    _print(made, language)
    return COMPLETED


def _print(made: LeastPrivilegeFound, language: Language) -> None:
    found = made.found
    used = [each for each in found.use.uses if each.is_allowed]
    tell(say("iam_backtest.used", language, principal=made.principal, count=len(used), events=found.use.event_count))
    _rows(_USED, [_used_row(each, language) for each in used], language)
    tell(say("iam_backtest.proposed", language))
    click.echo(json.dumps(found.policy, indent=2))
    if found.length > LONGEST:
        tell(say("iam_backtest.too_long", language, length=found.length, most=LONGEST))
    if found.taken is None:
        tell(say("iam_backtest.today_unknown", language))
    elif found.taken:
        tell(say("iam_backtest.taken", language, count=sum(each.count for each in found.taken)))
        _rows(_TAKEN, [_taken_row(each, language) for each in found.taken], language)
    elif made.identity:
        tell(say("iam_backtest.nothing_taken", language))
    _notes(made, language, err=False)


def _rows(columns: tuple[str, ...], rows: list[tuple[str, ...]], language: Language) -> None:
    headings = [say(f"iam_backtest.column_{name}", language) for name in columns]
    print_rows(headings, [(name, "VARCHAR") for name in columns], rows[:_SHOWN], sys.stdout)
    if len(rows) > _SHOWN:
        tell(say("iam_backtest.cut", language, shown=_SHOWN, count=len(rows)), err=True)


def _used_row(use: Use, language: Language) -> tuple[str, ...]:
    told = ", ".join(use.resources[:2]) + (" …" if len(use.resources) > 2 else "")  # noqa: PLR2004 - as many as fit
    unknown = say("iam_backtest.resource_unknown", language)
    return (
        use.action,
        str(use.count - use.refused_count),
        show_time(use.last_at, language, seconds=False),
        ", ".join(use.regions),
        f"{told}, {unknown}" if told and use.is_partly_known else told or unknown,
    )


def _taken_row(taken: Taken, language: Language) -> tuple[str, ...]:
    count = f"{taken.count} / {taken.total}"
    names = ", ".join(taken.names) + (" …" if taken.count > len(taken.names) else "")
    blind = "" if taken.has_evidence else f" ({say('iam_backtest.no_evidence_short', language)})"
    return taken.policy, taken.pattern, taken.prefix, count + blind, names


def _notes(made: LeastPrivilegeFound, language: Language, *, err: bool) -> None:
    """What bounds the proposal."""
    found = made.found
    note = partial(tell, err=err)
    for key, is_known in (("unexplained", True), ("unsure", False)):
        uses = [each for each in found.unexplained if each.is_known is is_known]
        if uses:
            names = [f"{each.action} {each.resource}".rstrip() for each in uses[:_NAMED]]
            note(say(f"iam_backtest.{key}", language, count=len(uses), names=names))
    if found.use.unmapped:
        names = [f"{source}:{name} ({count})" for source, name, count in found.use.unmapped[:_NAMED]]
        note(say("iam_backtest.unmapped_use", language, count=len(found.use.unmapped), names=names))
    if found.no_evidence:
        note(say("iam_backtest.no_evidence", language, names=list(found.no_evidence)))
    for line in made.searched.said(language):
        note(line)
    note(say("iam_backtest.only_recorded", language))


def _plain(made: LeastPrivilegeFound) -> dict[str, object]:
    found = made.found
    return {
        "schema": "sakimori.iam_least_privilege/1",
        "principal": made.principal,
        "policy": found.policy,
        "length": found.length,
        "events": found.use.event_count,
        "used": [
            {
                "action": each.action,
                "count": each.count,
                "refused": each.refused_count,
                "first_at": utc(each.first_at),
                "last_at": utc(each.last_at),
                "regions": list(each.regions),
                "resources": list(each.resources),
                "resources_known": not each.is_partly_known,
                "example": each.example or None,
            }
            for each in found.use.uses
        ],
        "unmapped": [
            {"event_source": source, "event_name": name, "count": count} for source, name, count in found.use.unmapped
        ],
        "no_evidence": list(found.no_evidence),
        "taken": None if found.taken is None else [asdict(each) for each in found.taken],
        "unexplained": [asdict(each) for each in found.unexplained],
        "coverage": made.searched.plain(),
    }
