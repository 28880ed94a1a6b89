"""`sakimori respond eradicate`: the list of what is proven to be the thief's, and its removal.

As JSON (`sakimori.eradication/1`): `case`, and `things`, each with `kind`, `id`, `arn`, `account`, `region`, `change`, `is_created`, `at`,
`event_ids`, `step` (of the action catalogue, null where only a person can do it) and `resource` as the step names it.
"""

from pathlib import Path
from typing import Any

import click

from sakimori.actions.respond.erasing import erasure_of
from sakimori.analysis.incident.form import Made
from sakimori.app.clock import utc_now
from sakimori.app.respond.case import BY_HAND, Case
from sakimori.app.respond.case_files import open_case, read_case
from sakimori.app.respond.looked_at import entries
from sakimori.app.respond.place_words import kind_words
from sakimori.app.respond.removal import QUIET_FOR, ListA, Removal, list_a, mark_of, what_of
from sakimori.app.respond.telling import value_words
from sakimori.cli.access_options import access_options
from sakimori.cli.harden_pages import title_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.prose import tell
from sakimori.cli.respond_desk import desk_of, desk_options, entered
from sakimori.cli.respond_pages import Terminal, echo_next
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.language import clean
from sakimori.texts.sentences import say


@click.command("eradicate", cls=SpokenCommand, help=say("respond.eradicate_help", spoken()))
@option("--case", default="", help_="respond.option_case")
@option("--apply", is_flag=True, help_="respond.option_apply")
@option("--now", is_flag=True, help_="respond.option_now")
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@desk_options
@access_options
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Show list A, or remove it."""
    if not given["apply"]:
        _, case = read_case(home, given["case"])
        found = list_a(case)
        click.echo(escaped_json(_plain(case, found))) if given["format_"] == "json" else _print(case, found)
        return COMPLETED
    with open_case(home, given["case"], clock=utc_now) as log:
        desk = desk_of(home, given, Terminal(is_agreed=given["yes"]), log.case)
        desk, doors = entered(desk, log.case)
        with desk.walk(log, doors) as walk:
            removal = Removal(hands=walk.hands)
            if not given["now"] and not removal.is_quiet(desk.clock()):
                raise UsageError("respond.not_quiet", case=log.case.id, hours=QUIET_FOR.total_seconds() / 3600)
            is_done = removal.freeze() and removal.remove()
            echo_next(log.case)
            return COMPLETED if is_done else FAILED


def _print(case: Case, found: ListA) -> None:
    language = spoken()
    tell(say("respond.list_a", language, case=case.id, count=len(found.made)), style="bold")
    for each in found.made:
        erasure = erasure_of(each)
        name = clean(
            f"{value_words(kind_words(each.kind), language)}  {each.id}  {each.account} {each.region}  {each.change} {what_of(each)}".rstrip(),
            300,
        )
        tell(name, indent=2)
        is_whole = erasure is None or erasure in found.erasures
        if erasure is None:
            todo = _told_of(each, case)
        else:
            todo = title_of(erasure.step, language) if is_whole else say("respond.goes_with_the_whole", language)
        tell(todo, indent=6, style="dim")
    tell(say("respond.list_b", language, case=case.id))
    if found.erasures:
        at = case.contained_at + QUIET_FOR if case.contained_at else None
        is_early = at is not None and utc_now() < at
        text = "respond.next_eradicate_later" if is_early else "respond.next_eradicate"
        click.echo(say(text, language, case=case.id, at=at))


def _told_of(made: Made, case: Case) -> str:
    """What a person said of a thing that no step is for, or that a person must look."""
    for each in entries(case, BY_HAND):
        if mark_of(made) in each["marks"]:
            return say("respond.by_hand_done", spoken(), by=clean(each["by"]), text=clean(each["text"], 300))
    return say("respond.by_hand", spoken())


def _plain(case: Case, found: ListA) -> dict[str, Any]:
    things: list[dict[str, Any]] = []
    for each in found.made:
        erasure = erasure_of(each)
        things.append(
            {
                "kind": each.kind, "id": each.id, "arn": each.arn, "account": each.account, "region": each.region,
                "change": each.change, "what": what_of(each), "is_created": each.is_created, "at": each.at.isoformat(),
                "event_ids": list(each.event_ids), "step": erasure.step if erasure else None,
                "resource": erasure.resource if erasure else None,
            }
        )  # fmt: skip
    return {"schema": "sakimori.eradication/1", "case": case.id, "things": things}
