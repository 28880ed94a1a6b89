"""A case on a terminal: the rail with its clock, plans before they are made, and what happens meanwhile."""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import click
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from sakimori.actions.plan import Item, Plan, Standing
from sakimori.app.respond.case import CLOSING, Case, StepLine, StepState
from sakimori.app.respond.clocks import clocks_of
from sakimori.app.respond.people import people_in
from sakimori.app.respond.rail import BY_ID, RAIL, Phase, RailStep, command_of, concerns
from sakimori.app.respond.telling import told
from sakimori.cli.lazy import spoken
from sakimori.model.action import Change
from sakimori.model.words import GLOBAL
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_SIGNS: Final = {
    StepState.DONE: ("✓", "green"),
    StepState.FAILED: ("!", "bold red"),
    StepState.WAITING: ("…", "bold yellow"),
    StepState.SKIPPED: ("-", "dim"),
    StepState.OPEN: ("›", "cyan"),
}
_LONGEST: Final = 2_000
_BY_HAND: Final = {
    "respond.no_route": "sakimori respond note --case CASE --step R18 TEXT",
    "respond.services_held": "sakimori respond note --case CASE --step R16 TEXT",
    "respond.prevention_lacks": "sakimori harden plan",
}
"""What only a person can do: to do the step once more would say the same once more."""
_FOR_A_DAY: Final = frozenset({"respond_rotate.old_in_use", "respond_rotate.quiet_so_far", "respond.lifted_later"})
"""What says that nothing is to be done about a step for hours."""
_INDENT: Final = 7
_NARROWEST: Final = 30
_MANY: Final = 3


class Terminal:
    """The conversation of a person at a terminal; with `is_agreed` nothing is asked, with `says_once` nothing is repeated."""

    def __init__(self, *, is_agreed: bool = False, says_once: bool = False) -> None:
        self._is_agreed = is_agreed
        self._says_once = says_once
        self._last: dict[str, tuple[object, ...]] = {}
        self._console = Console(highlight=False, stderr=True)

    def said(self, step: str, line: StepLine) -> None:
        """One step of the rail, as it happens."""
        words = (line.state, told(line, spoken()))
        if self._says_once and self._last.get(step) == words:
            return
        self._last[step] = words
        self._console.print(rail_line(BY_ID[step], line, spoken(), self._console.width))

    def changing(self, word: str, item: Item, change: Change | None) -> None:  # noqa: ARG002 - the form of Told
        """Only what is made: what is begun and verified stands in the journal."""
        if word == "made" and change is not None:
            what = say(change.text, spoken(), **change.values) if change.text else change.call.operation
            self._print(f"✓ {what}", "green")

    def show(self, step: str, plans: Sequence[Plan]) -> None:
        """Each change in a line, with what it may break."""
        language = spoken()
        title = say(BY_ID[step].title, language)
        self._console.print(Text(say("respond.plan", language, step=step, title=title), style="bold"))
        said = set[str]()
        for plan in plans:
            shown = [each for each in plan.items if each.standing is not Standing.AS_WANTED]
            for region in dict.fromkeys(each.region for each in shown):
                self._print(f"{plan.account} {region}" if region != GLOBAL else plan.account, "bold")
                for alike in _alike([each for each in shown if each.region == region]):
                    self._show(alike[0], said)
                    if len(alike) > 1:
                        names = [each.resource.rpartition("/")[2] for each in alike[1:]]
                        self._print(f"+ {say('respond.plan_same', language, count=len(names), names=names)}", "")

    def agree(self, step: str) -> bool:
        """Ask; without a terminal nobody agrees."""
        if self._is_agreed:
            return True
        if not sys.stdin.isatty():
            return False
        title = say(BY_ID[step].title, spoken())
        return click.confirm(say("respond.ask", spoken(), step=step, title=title), err=True)

    def _show(self, item: Item, told_before: set[str]) -> None:
        """One place; a warning that was told before is not said again."""
        language = spoken()
        if item.standing is not Standing.TO_MAKE:
            said = say(f"harden.standing_{item.standing}", language)
            reasons = [say(each.text, language, **each.values) for each in item.cautions if each.blocks]
            self._print(f"! {item.step} {item.where}: {said}. {' '.join(reasons) or item.reason}", "yellow")
            return
        for change in item.changes:
            what = say(change.text, language, **change.values) if change.text else change.call.operation
            self._print(f"+ {what}  ({change.call.operation})", "")
            if not change.undo:
                lasting = change.lasting or "respond.lasting"
                self._once(
                    say(lasting, language, **change.values) if change.lasting else say(lasting, language), told_before
                )
        for caution in item.cautions:
            self._once(f"! {say(caution.text, language, **caution.values)}", told_before)

    def _once(self, text: str, told_before: set[str]) -> None:
        if text not in told_before:
            told_before.add(text)
            self._print(text, "yellow")

    def _print(self, text: str, style: str) -> None:
        self._console.print(_indented(text, style, self._console.width))


def _alike(items: Sequence[Item]) -> list[list[Item]]:
    """Places where the same is done, together where they are many: what is true of eight machines is read once."""
    found: dict[tuple[object, ...], list[Item]] = {}
    for number, item in enumerate(items):
        kind = (item.step, *((each.text, each.call.operation) for each in item.changes))
        has_blocking = item.standing is not Standing.TO_MAKE or not item.changes
        found.setdefault((number,) if has_blocking else kind, []).append(item)
    return [alike for each in found.values() for alike in ([each] if len(each) > _MANY else [[one] for one in each])]


def rail_line(step: RailStep, line: StepLine | None, language: Language, width: int = 100) -> RenderableType:
    """The sign, the step, and what was last said of it."""
    sign, style = _SIGNS[line.state] if line else (" ", "dim")
    head = Text(f"{sign} {step.id:<4}", style=style)
    head.append(say(step.title, language), style="" if line else "dim")
    if line is None or not line.detail:
        return head
    style = "dim" if line.state is StepState.DONE else ""
    return Group(head, _indented(told(line, language), style, width))


def _indented(text: str, style: str, width: int) -> RenderableType:
    """A paragraph under its step; Japanese breaks between any two characters, and rich does not know it."""
    lines = wrap(clean(text, _LONGEST), max(width - _INDENT, _NARROWEST))
    return Text("\n".join(" " * _INDENT + each for each in lines), style=style)


def page(case: Case, now: datetime, language: Language, width: int) -> RenderableType:
    """The whole case: its clock, its rail by parts, and the next thing to do."""
    parts: list[RenderableType] = [_head(case, now, language)]
    for phase in Phase:
        parts.append(Text(say(f"respond_rail.phase_{phase}", language), style="bold"))
        parts += [rail_line(each, case.steps.get(each.id), language, width) for each in RAIL if each.phase is phase]
    parts.append(next_page(case, language, width))
    return Group(*parts)


def brief_page(case: Case, now: datetime, language: Language, width: int) -> RenderableType:
    """What somebody watches: the clock and the next thing to do first, for a screen may be short; then what is not done, then what is."""
    told = [(each, line) for each in RAIL if (line := case.steps.get(each.id))]
    is_over = {StepState.DONE, StepState.SKIPPED}
    parts: list[RenderableType] = [_head(case, now, language), next_page(case, language, width, is_folded=True)]
    parts += [rail_line(each, line, language, width) for each, line in told if line.state not in is_over]
    parts += [
        rail_line(each, replace(line, detail=""), language, width) for each, line in told if line.state in is_over
    ]
    return Group(*parts)


def next_line(case: Case, language: Language) -> str:
    """The next thing to do, in one line."""
    return " ".join(filter(None, _next_of(case, language)))


def next_page(case: Case, language: Language, width: int, *, is_folded: bool = False) -> RenderableType:
    """The next thing to do, and what to type for it on a line of its own that can be copied: whole, however long it is.

    `is_folded` for a display that crops what is wider than it; print anything else with `crop=False`.
    """
    words, command = _next_of(case, language)
    lines = [Text(each, style="bold magenta") for each in wrap(words, max(width, _NARROWEST))]
    return Group(
        *lines,
        *(
            [Text(f"  $ {command}", style="bold", overflow="fold" if is_folded else "ignore", no_wrap=not is_folded)]
            if command
            else []
        ),
    )


def echo_next(case: Case) -> None:
    """Say the next thing to do on standard output."""
    console = Console(highlight=False)
    console.print(next_page(case, spoken(), console.width), soft_wrap=True)


def _next_of(case: Case, language: Language) -> tuple[str, str]:
    """What is next, and the command for it."""
    if case.closed_at:
        return say("respond.is_closed", language, case=case.id), ""
    if case.suspect.kind == "root" and case.contained_at is None and case.steps:
        return say("respond.next_root", language), "sakimori runbook --playbook leaked-root-key"
    # What waits for its day holds nothing up, least of all the answer to AWS; but a case is not closed before it.
    ordered = sorted(RAIL, key=lambda step: (step.id == CLOSING, _waits_for_its_day(case.steps.get(step.id))))
    found = next((told for step in ordered if (told := _next_at(step, case, language))), None)
    return found or (say("respond.next_close", language), f"sakimori respond close --case {case.id}")


def _waits_for_its_day(line: StepLine | None) -> bool:
    return line is not None and line.state is StepState.OPEN and line.detail in _FOR_A_DAY


def _next_at(step: RailStep, case: Case, language: Language) -> tuple[str, str] | None:
    """What is to do at a step, None where that is nothing."""
    line = case.steps.get(step.id)
    if line is not None and line.state is StepState.WAITING:
        return _waiting(step, case, language)
    is_open = case.is_open(step.id) and concerns(step, case.suspect.key_id)
    if not is_open and not (step.id == "R13" and _is_to_follow_again(case)):
        return None
    if step.id == "R13" and line is None and _is_stopped_halfway(case):
        return say("respond.next_go_on", language), f"sakimori respond do R13 --case {case.id}"
    if step.command and not step.is_only_by_name:
        words = say("respond.next_step", language, step=step.id, title=say(step.title, language))
        command = _BY_HAND.get(line.detail if line is not None else "", step.command)
        return words, command.replace("CASE", case.id) + _of_machines(line)
    return _once_more(step, line, case, language) if line is not None else None


def _once_more(step: RailStep, line: StepLine, case: Case, language: Language) -> tuple[str, str]:
    """The step by its name, with what it lacked; a way in that was told is closed by a person."""
    if line.detail in _CLOSED_BY_NOTE:
        return say(_CLOSED_BY_NOTE[line.detail], language), f"sakimori respond note --case {case.id} --step R13 TEXT"
    if line.detail in {"respond.vouched", "respond.unsaid_person"}:
        # What is left to do follows from the next look.
        return say("respond.next_do", language, step="R13"), f"sakimori respond do R13 --case {case.id} --account all"
    if line.detail in _FOR_LATER and isinstance(since := line.values.get("since"), str) and _SINCE.match(since):
        return say("respond.next_do", language, step="R13"), f"sakimori respond do R13 --case {case.id} {since}"
    more = _FOR_LONGER.get(line.detail, _FOR_PEOPLE.get(line.detail, ""))
    person = _person_of(line)
    if person:
        more = more.replace("NAME", person)
    return say("respond.next_do", language, step=step.id), f"sakimori respond do {step.id} --case {case.id}{more}"


_CLOSED_BY_NOTE: Final = {
    "respond.ways_left": "respond.next_ways",
    "respond.ways_left_many": "respond.next_ways",
    "respond.followed_unreadable": "respond.next_unreadable",
}
"""What R13 told and no program can close."""
_FOR_LONGER: Final = {"respond.followed_cut": " --patience 1h"}
"""What did not come to its end for want of time would not do so the next time either."""
_FOR_LATER: Final = frozenset({"respond.followed_too_many", "respond.quiet_too_many"})
"""Of what was too much to read, a later beginning leaves less."""
_SINCE: Final = re.compile(r"--since 2[01][0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]Z\Z")
_FOR_PEOPLE: Final[Mapping[str, str]] = dict.fromkeys(
    (
        "respond.r12_identity_center", "respond.r12_people", "respond.r12_people_of_role", "respond.r12_again",
        "respond.identity_center_in_part",
        "respond.identity_center_elsewhere", "respond.identity_center_no_such_user", "respond.identity_center_unread",
        "respond.no_identity_center",
    ),
    " --sso-user NAME --account all",
)  # fmt: skip
"""Without a name R12 would say the same once more."""


_USER_NAME: Final = re.compile(r"[\w+=,.@][\w+=,.@-]{0,127}\Z", re.ASCII)


def _person_of(line: StepLine) -> str:
    """Whom R12 is about, where it is one alone, and a name that can be typed as it is."""
    if line.detail == "respond.r12_again":
        found = line.values.get("first")
    elif line.detail in {"respond.r12_people", "respond.r12_people_of_role"}:
        found = line.values.get("first") if line.values.get("count") == 1 else ""
    else:
        found = line.values.get("user") if line.detail != "respond.identity_center_no_such_user" else ""
    return found if isinstance(found, str) and _USER_NAME.match(found) else ""


def _is_stopped_halfway(case: Case) -> bool:
    """Whoever walked came not to the end of the first hour, and no approval is what it waits for."""
    is_waiting = any(each.state is StepState.WAITING for each in case.steps.values())
    return bool(case.steps) and "R17" not in case.steps and not is_waiting


def _is_to_follow_again(case: Case) -> bool:
    """What was cut off after the last look may have been given new sessions until then; what a person closed was not looked at since."""
    followed, frozen = case.steps.get("R13"), case.steps.get("R16")
    if case.contained_at or followed is None:
        return False
    if followed.detail == "respond.by_person":
        return True
    if frozen is None:
        return False
    return followed.state is frozen.state is StepState.DONE and followed.at < frozen.at


def _waiting(step: RailStep, case: Case, language: Language) -> tuple[str, str]:
    """What a step waits for: that somebody agrees, or, when enough did, that it is done."""
    if len(people_in(case.approvals_of(step.id))) >= case.needed:
        return say("respond.next_agreed", language, step=step.id), command_of(step.id, case.id)
    return say("respond.next_approve", language, step=step.id), f"sakimori respond approve {step.id} --case {case.id}"


def _of_machines(line: StepLine | None) -> str:
    """The options by which R16 cuts off the machines that are told there."""
    if line is None or line.detail not in {"respond.machines_held", "respond.functions_held"}:
        return ""
    return " --account all" + "".join(
        f" --instance {clean(str(each))}" for each in line.values.get("machines", ()) if "?" not in str(each)
    )


def not_contained_lines(case: Case, language: Language) -> list[str]:
    """Why it is not contained: each step that says so, in its own words."""
    lines = [
        say(
            "respond.because", language, step=each, title=say(BY_ID[each].title, language),
            reason=told(line, language) or line.state.value,
        )
        for each in case.open_ends
        if (line := case.steps[each])
    ]  # fmt: skip
    return (
        [say("respond.not_contained", language), *lines] if lines else [say("respond.not_contained_unsure", language)]
    )


def _head(case: Case, now: datetime, language: Language) -> Table:
    table = Table.grid(padding=(0, 2))
    rows = [
        (case.id, clean(case.suspect.user or case.suspect.role or case.suspect.name)),
        (say("respond.head_opened", language), show_time(case.opened_at, language, seconds=True)),
        (say("respond.head_clock", language), elapsed((case.closed_at or now) - case.opened_at)),
    ]
    rows += [(say(f"respond.head_{name}", language), value) for name, value in timers(case)]
    if case.open_ends:
        steps = list(case.open_ends)
        rows.append((say("respond.head_contained", language), say("respond.head_not_contained", language, steps=steps)))
    if case.deadline_at:
        left = case.deadline_at - now
        text = "respond.deadline_left" if left > timedelta(0) else "respond.deadline_over"
        left_over = say(text, language, at=show_time(case.deadline_at, language), span=elapsed(left))
        rows.append((say("respond.head_deadline", language), left_over))
    for name, value in rows:
        table.add_row(Text(name, style="bold"), Text(value))
    return table


def timers(case: Case) -> list[tuple[str, str]]:
    """Time to detect, to notify and to contain, as far as they are known; as the report counts them."""
    return [(name, elapsed(span)) for name, span in clocks_of(case)]


def elapsed(span: timedelta) -> str:
    """`4:05` minutes, `2:04:05` hours, `3d 02:04` days."""
    seconds = abs(int(span.total_seconds()))
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days}d {hours:02}:{minutes:02}"
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
