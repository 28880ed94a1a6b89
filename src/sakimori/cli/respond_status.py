"""`sakimori respond status`: where a case stands.

As JSON (`sakimori.case/1`): `id`, `opened_at`, `opened_by`, `trigger`, `suspect`, `accounts`, `deadline_at`, `contained_at`, `closed_at`,
`steps` (by id: `state`, `at`, `by`, `message` {en, ja}), `runs`, `closure`, `made` (list A), `verified`, `ways` (all by which new sessions may come that were told last: `step`,
`kind`, `who`, `role`, `sessions`, of these `making` something and `strange`, `last_at`, `is_closed` by a person), `left` (each that could
still act when R13 or R17 last looked: `kind`, `id`, `principal`, `role`, `user`, `issued_at`, `expires_at`, `last_at`; of kind `measure` what was not
taken yet: `step`, `resource`) and `next` {en, ja}.
"""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.live import Live

from sakimori.app.clock import utc_now
from sakimori.app.respond.case import Case
from sakimori.app.respond.case_files import read_case
from sakimori.app.respond.telling import told
from sakimori.app.respond.ways_in import closed_ways
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.respond_desk import one_case, say_elsewhere
from sakimori.cli.respond_pages import brief_page, next_line, page
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.language import LANGUAGES
from sakimori.texts.sentences import say


@click.command("status", cls=SpokenCommand, help=say("respond.status_help", spoken()))
@click.argument("case", required=False, default="")
@option("--case", "named", default="", help_="respond.option_case")
@option("--watch", is_flag=True, help_="respond.option_watch")
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, case: str, *, named: str, watch: bool, format_: str) -> None:
    """Show a case."""
    directory, found = read_case(home, one_case(case, named))
    if format_ == "json":
        click.echo(escaped_json(plain_case(found)))
        return
    say_elsewhere(home, directory, found)
    console = Console(highlight=False)
    if not watch or not console.is_terminal:
        console.print(page(found, utc_now(), spoken(), console.width), crop=False)
        return
    # Whoever has seen enough leaves it with Ctrl+C: that is no fault.
    with suppress(KeyboardInterrupt):
        _watch(home, directory, found, console)


def _watch(home: Path, directory: Path, found: Case, console: Console) -> None:
    first = brief_page(found, utc_now(), spoken(), console.width)
    with Live(first, console=console, refresh_per_second=2, vertical_overflow="crop") as live:
        while found.closed_at is None:
            time.sleep(1)
            _, found = read_case(home, str(directory))
            live.update(brief_page(found, utc_now(), spoken(), console.width))


def plain_case(case: Case) -> dict[str, Any]:
    """A case as machines read it."""
    moments = ("opened_at", "occurred_at", "deadline_at", "contained_at", "notified_at", "closed_at")
    steps = {
        name: {
            "state": each.state.value, "at": each.at.isoformat(), "by": each.by,
            "message": {lang: told(each, lang) for lang in LANGUAGES} if each.detail else None,
        }
        for name, each in case.steps.items()
    }  # fmt: skip
    suspect = {name: getattr(case.suspect, name) for name in ("kind", "key_id", "user", "role", "account")}
    return {
        "schema": "sakimori.case/1", "id": case.id, "opened_by": case.opened_by, "trigger": case.trigger,
        "suspect": suspect, "accounts": list(case.accounts), "approval": case.approval,
        **{name: at.isoformat() if (at := getattr(case, name)) else None for name in moments},
        "steps": steps, "runs": [{"account": each.account, "run": each.run, "step": each.step} for each in case.runs],
        "closure": case.closure, "made": list(case.made), "verified": list(case.verified),
        "ways": _ways(case), "left": _left(case), "next": {"en": next_line(case, "en"), "ja": next_line(case, "ja")},
    }  # fmt: skip


def _ways(case: Case) -> list[dict[str, Any]]:
    """Every way in that R13 and R16 told last, not only those that a page has room for."""
    closed = closed_ways(case)
    found: list[dict[str, Any]] = []
    for step in ("R13", "R16"):
        line = case.steps.get(step)
        told: Any = line.values.get("all") if line else None
        for each in told if isinstance(told, list) else ():
            if isinstance(each, dict):
                mark = f"{each.get('kind')} {each.get('who')} {each.get('role')}"
                found.append({"step": step, **each, "is_closed": mark in closed})
    return found


def _left(case: Case) -> list[dict[str, Any]]:
    """Every credential and measure, by the newer of the two steps that tell of them."""
    lines = [line for step in ("R13", "R17") if (line := case.steps.get(step)) and "all_left" in line.values]
    told: Any = max(lines, key=lambda each: each.at).values["all_left"] if lines else ()
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
