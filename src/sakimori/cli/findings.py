"""`sakimori findings`: the inbox. What is wrong and what was noticed, whoever found it, and what people decided of it.

As JSON (`sakimori.findings/1`): `findings`, each as `sakimori.outputs.report.inbox_list` has it, and `counts` of the whole
inbox. `findings cases` gives `sakimori.cases/1`.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.inbox import list_cases, meant_by, quiet_of, save_view, saved_views, who_am_i
from sakimori.app.settings import Settings, read_settings
from sakimori.app.when import span_of
from sakimori.cli.findings_pages import print_case_lines, print_counts, print_inbox, show_case, show_finding
from sakimori.cli.findings_triage import VERBS
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.findings.imported.told import SERVICES
from sakimori.findings.inbox import POSTURE, InboxFinding, InboxSought, count_inbox, find_in_inbox
from sakimori.findings.triage import remarks_of
from sakimori.model.errors import UsageError
from sakimori.model.triage import Disposition, Standing
from sakimori.model.words import Severity
from sakimori.outputs.report.inbox_list import plain_finding, write_inbox_csv
from sakimori.outputs.report.plain_values import escaped_json, utc
from sakimori.state.store import Store, open_store
from sakimori.texts.sentences import say

_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_STATE = option("--state")
_OWN: Final = "sakimori"
_KINDS: Final = (POSTURE, _OWN, *SERVICES)
_NEGLECTED_DAYS: Final = 30
_SHIPPED: Final[Mapping[str, Mapping[str, Any]]] = {
    "mine": {"owner": ["me"]},
    "undecided": {"disposition": ["none"], "severity": "medium"},
    "neglected": {"untouched": f"{_NEGLECTED_DAYS}d"},
    "overdue": {"overdue": True},
    "late": {"late": True},
    "suppressed": {"status": ["suppressed"]},
    "today": {"since": "1d"},
}
"""Views that are there from the beginning; one of the same name that a person saved comes before it."""


class _Inbox(SpokenGroup):
    """The verb that asks AWS is imported when it runs: a list needs no way to AWS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which a person meets them."""
        return ["import", *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command."""
        if cmd_name != "import":
            return super().get_command(ctx, cmd_name)
        from sakimori.cli.findings_import import import_command  # noqa: PLC0415 - brings all of the way to AWS

        return import_command


@click.group("findings", cls=_Inbox, **described("findings"))
@_LANG
def command() -> None:
    """Group of the verbs on the inbox."""


for verb in VERBS:
    command.add_command(verb)


@command.command("list", help=say("found.list_help", spoken()))
@option("--view", help_="found.option_view")
@option("--severity", type=click.Choice([each.value for each in Severity]), help_="found.option_severity")
@option("--status", multiple=True, type=click.Choice([each.value for each in Standing]), help_="found.option_status")
@option("--kind", multiple=True, type=click.Choice(_KINDS), help_="found.option_kind")
@option("--rule", multiple=True, help_="found.option_rule")
@option("--principal", multiple=True, help_="found.option_principal")
@option("--resource", multiple=True, help_="found.option_resource")
@option("--account", multiple=True, help_="found.option_account")
@option("--region", multiple=True, help_="found.option_region")
@option("--owner", multiple=True, help_="found.option_owner")
@option(
    "--disposition",
    multiple=True,
    type=click.Choice(["none", *map(str, Disposition)]),
    help_="found.option_disposition",
)
@option("--case", help_="found.option_case")
@option("--since", help_="found.option_since")
@option("--until", help_="found.option_until")
@option("--untouched", help_="found.option_untouched")
@option("--overdue", is_flag=True, help_="found.option_overdue")
@option("--late", is_flag=True, help_="found.option_late")
@option("--all", is_flag=True, help_="found.option_all")
@option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help_="found.option_limit")
@option("--save-view", help_="found.option_save_view")
@_STATE
@option("--format", "format_", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@_LANG
@click.pass_obj
def list_findings(home: Path, **given: Any) -> None:
    """List what is in the inbox."""
    settings = read_settings(home / "config.toml")
    form, limit, state = given.pop("format_"), given.pop("limit"), given.pop("state")
    view, name = given.pop("view"), given.pop("save_view")
    now = utc_now()
    with open_store(state or home / "state.db") as store:
        filters = _viewed(store, view, given)
        sought = _sought(settings, filters, limit)
        if name:
            save_view(store, name, filters)
        quiet = quiet_of(store, settings.mutes, now.date())
        found = find_in_inbox(store, sought, quiet)
        counts = count_inbox(store, now, quiet)
    if form == "json":
        listed = [plain_finding(each, now) for each in found]
        counted = {"open": {str(word): count for word, count in counts.open.items()}, "suppressed": counts.suppressed, "undecided": counts.undecided, "untouched_30_days": counts.untouched}  # fmt: skip
        click.echo(escaped_json({"schema": "sakimori.findings/1", "findings": listed, "counts": counted}))
    elif form == "csv":
        write_inbox_csv(found, sys.stdout, spoken(), now)
    else:
        print_inbox(found, now)
        print_counts(counts, len(found), limit)
    if name:
        click.echo(say("found.view_saved", spoken(), name=name), err=True)


@command.command("cases", help=say("found.cases_help", spoken()))
@option("--all", "with_closed", is_flag=True, help_="found.option_all_cases")
@option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help_="found.option_limit")
@_STATE
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@_LANG
@click.pass_obj
def cases(home: Path, with_closed: bool, limit: int, state: str | None, format_: str) -> None:  # noqa: FBT001 - click's form
    """List cases."""
    with open_store(state or home / "state.db") as store:
        quiet = quiet_of(store, read_settings(home / "config.toml").mutes, utc_now().date())
        found = list_cases(store, quiet, with_closed=with_closed, limit=limit)
    if format_ == "json":
        listed = [
            {
                "id": each.id, "kind": each.kind, "severity": each.severity, "state": "open" if each.is_open else "closed",
                "account": each.account, "subject": each.subject,
                "title": {"en": each.title.en, "ja": each.title.ja}, "taken_by": each.taken_by or None,
                "first_at": utc(each.first_at), "last_at": utc(each.last_at),
            }
            for each in found
        ]  # fmt: skip
        click.echo(escaped_json({"schema": "sakimori.cases/1", "cases": listed}))
    else:
        print_case_lines(found)


@command.command("show", help=say("found.show_help", spoken()))
@click.argument("word", metavar="ID")
@_STATE
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@_LANG
@click.pass_obj
def show(home: Path, word: str, state: str | None, format_: str) -> None:
    """Show one, or a case, with everything that is known."""
    now = utc_now()
    mutes = read_settings(home / "config.toml").mutes
    with open_store(state or home / "state.db") as store, store.read() as connection:
        meant = meant_by(connection, word, quiet_of(connection, mutes, now.date()))
        history = {each.id: remarks_of(connection, each.id) for each in meant.findings}
    if format_ == "json":
        listed = [plain_finding(each, now, history[each.id]) for each in meant.findings]
        click.echo(escaped_json({"schema": "sakimori.findings/1", "findings": listed}))
    elif meant.case:
        show_case(meant.case, meant.findings, now)
    else:
        for each in meant.findings:
            show_finding(each, history[each.id], now)


@command.command("views", help=say("found.views_help", spoken()))
@option("--forget", help_="found.option_forget")
@_STATE
@_LANG
@click.pass_obj
def views(home: Path, forget: str | None, state: str | None) -> None:
    """List saved views, or forget one."""
    from sakimori.app.inbox import forget_view  # noqa: PLC0415 - of this verb alone

    with open_store(state or home / "state.db") as store:
        if forget:
            if not forget_view(store, forget):
                raise UsageError("found.no_such_view", name=forget, known=sorted(saved_views(store)))
            click.echo(say("found.view_forgotten", spoken(), name=forget))
            return
        for name, filters in {**_SHIPPED, **saved_views(store)}.items():
            click.echo(f"{name}: {' '.join(_as_options(filters))}")


def _as_options(filters: Mapping[str, Any]) -> Sequence[str]:
    def one(name: str, value: Any) -> list[str]:
        if value is True:
            return [f"--{name}"]
        values = value if isinstance(value, list | tuple) else [value]
        return [f"--{name} {each}" for each in values]

    return [each for name, value in filters.items() for each in one(name.replace("_", "-"), value)]


def _viewed(store: Store, view: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The filters of a view, under those that were given now."""
    own = {name: value for name, value in given.items() if value not in (None, (), False)}
    if not view:
        return own
    known = {**_SHIPPED, **saved_views(store)}
    if view not in known:
        raise UsageError("found.no_such_view", name=view, known=sorted(known))
    return {**known[view], **own}


def _sought(settings: Settings, filters: Mapping[str, Any], limit: int) -> InboxSought:
    now = utc_now()
    since, until = span_of(filters.get("since"), filters.get("until"), now)
    standings = tuple(Standing(each) for each in filters.get("status", ())) or (Standing.OPEN,)
    untouched: timedelta | None = parse_duration(filters["untouched"]) if filters.get("untouched") else None
    return InboxSought(
        standings=tuple(Standing) if filters.get("all") else standings,
        severity=Severity(filters["severity"]) if filters.get("severity") else None,
        kinds=tuple(filters.get("kind", ())),
        rules=tuple(filters.get("rule", ())),
        accounts=[_account(settings, name) for name in filters.get("account", ())],
        regions=tuple(filters.get("region", ())),
        principals=tuple(filters.get("principal", ())),
        resources=tuple(filters.get("resource", ())),
        owners=[_owner(name) for name in filters.get("owner", ())],
        dispositions=tuple(filters.get("disposition", ())),
        case=str(filters.get("case") or "").upper(),
        since=since,
        until=until,
        untouched_before=now - untouched if untouched is not None else None,
        is_overdue_on=now if filters.get("overdue") else None,
        is_late_at=now if filters.get("late") else None,
        limit=limit,
    )


def _account(settings: Settings, name: str) -> str:
    return name if name.isdigit() else settings.account(name).id or name


def _owner(name: str) -> str:
    """`me` is who asks, `none` is nobody."""
    return who_am_i(None) if name == "me" else "" if name == "none" else name


__all__ = ("InboxFinding", "command")
