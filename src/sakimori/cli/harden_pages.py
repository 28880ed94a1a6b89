"""Plans and runs of hardening on a terminal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from sakimori.actions.catalogue import every_step, guides
from sakimori.actions.journal import Line
from sakimori.actions.plan import Item, Place, Plan, Standing
from sakimori.actions.prices import prices
from sakimori.actions.step import Guide, Step
from sakimori.app.harden import RunLine
from sakimori.cli.lazy import spoken
from sakimori.model.action import Approval, Change, Cost
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_SIGNS: Final = {
    Standing.TO_MAKE: ("+", "bold green"),
    Standing.AS_WANTED: ("=", "dim"),
    Standing.ADOPTED: ("~", "cyan"),
    Standing.BLOCKED: ("!", "bold yellow"),
    Standing.UNREADABLE: ("?", "bold yellow"),
    Standing.BY_HAND: (">", "bold magenta"),
    Standing.UNSAID: (".", "bold magenta"),
    Standing.ATTESTED: ("=", "dim"),
}
_FINE: Final = frozenset({Standing.AS_WANTED, Standing.ATTESTED})
_REGIONS: Final = 4
_CHANGES: Final = 6
"""So many calls of one group are shown, unless all are asked for."""
_OWNERS: Final = {
    "declarative-policy": "harden.owner_declarative_policy",
    "Security Hub central configuration": "harden.owner_central_configuration",
}
"""Owners that are no names: by what a step calls them."""
_LONGEST: Final = 4_000


def print_plan(plan: Plan, *, is_full: bool = False) -> None:
    """Like a pull request: step by step what is there, what is wanted, the calls, the price, and the way back."""
    page = _Page(Console(highlight=False), spoken(), is_full=is_full, yen=plan.wishes.yen_rate or prices().yen)
    region = plan.wishes.home_region
    page.line(
        say("harden.plan_of", page.language, account=plan.account, region=region or "-", baseline=plan.baseline), 0
    )
    done: list[str] = []
    by_hand: list[str] = []
    for name in dict.fromkeys(each.step for each in plan.items):
        items = [each for each in plan.items if each.step == name]
        if all(each.standing in _FINE and not each.cautions for each in items):
            done.append(name)
        elif all(each.standing is Standing.BY_HAND and not each.reason for each in items):
            by_hand.append(name)
        else:
            page.measure(name, items)
    if by_hand:
        page.line(say("harden.by_hand", page.language), 0, "bold magenta")
    for name in by_hand:
        page.line(f"> {name}  {title_of(name, page.language)}", 2)
    for name in done:
        page.line(f"= {name}  {title_of(name, page.language)}", 0, "dim")
    page.sum_up(plan)


def print_verified(plan: Plan, drifted: Mapping[Place, str]) -> None:
    """Which measures hold where, and what was made from this home and no longer holds."""
    page = _Page(Console(highlight=False), spoken())
    for name in dict.fromkeys(each.step for each in plan.items):
        items = [each for each in plan.items if each.step == name]
        held = sum(each.standing in _FINE for each in items)
        others = sum(each.standing is Standing.ADOPTED for each in items)
        is_well = held + others == len(items) and not any(each.cautions for each in items)
        sign, style = ("=", "green") if is_well else ("!", "bold yellow")
        count = say("harden.held", page.language, held=held, count=len(items))
        count += say("harden.held_by_others", page.language, count=others) if others else ""
        page.line(f"{sign} {name}  {title_of(name, page.language)}: {count}", 0, style)
        for item in items:
            page.verified(item, drifted)
    page.counts(plan)


def print_undoing(items: Sequence[Item]) -> None:
    """What would be taken back, call by call, and what somebody changed since."""
    page = _Page(Console(highlight=False), spoken())
    for item in items:
        page.line(f"{item.step}  {title_of(item.step, page.language)}: {clean(item.where)}", 0, "bold")
        if item.standing is Standing.BLOCKED:
            page.line(f"! {say('harden.changed_here', page.language)}", 4, "bold yellow")
        for change in item.changes:
            words = say(change.text, page.language, **change.values) if change.text else change.call.operation
            page.line(f"- {words}  ({change.call.operation})", 4)
        if not item.changes:
            page.line(say("harden.undone_already", page.language), 4, "dim")


def print_left(plan: Plan) -> None:
    """What a plan saw and did not make, in one line, and how to look again."""
    language = spoken()
    counts = Counter(
        each.standing for each in plan.items if each.standing not in {*_FINE, Standing.TO_MAKE, Standing.ADOPTED}
    )
    if counts:
        told = [f"{say(f'harden.standing_{word}', language)} {count}" for word, count in sorted(counts.items())]
        click.echo(say("harden.left", language, counts=told))
    click.echo(say("harden.next_verify", language))


def print_guide(guide: Guide) -> None:
    """What a person does, screen by screen."""
    page = _Page(Console(highlight=False), spoken())
    page.line(f"{guide.id}  {title_of(guide.id, page.language)}", 0, "bold")
    page.line(say(f"{guide.texts}_why", page.language), 4)
    page.screens(guide)


def print_told(word: str, item: Item, change: Change | None) -> None:
    """One line as it happens."""
    language = spoken()
    what = say(change.text, language, **change.values) if change is not None and change.text else ""
    click.echo(clean(say(f"harden.told_{word}", language, step=item.step, region=item.where, what=what)), err=True)


def print_run(run: RunLine) -> None:
    """One run in two lines."""
    language = spoken()
    at = show_time(run.begun_at, language) if run.begun_at else "—"
    state = "broken" if run.broken_at else "undone" if run.is_undone else "ended" if run.is_ended else "open"
    click.echo(f"{run.run}  {run.account}  {at}  {say(f'harden.run_{state}', language, line=run.broken_at)}")
    click.echo("  " + say("harden.run_line", language, by=clean(run.by), steps=list(run.steps), calls=run.calls))


def print_line(line: Line) -> None:
    """One line of a journal."""
    language = spoken()
    place = " ".join(str(line.body.get(part, "")) for part in ("step", "region", "resource")).strip()
    call = line.body.get("call", {})
    operation = str(call.get("operation", "")) if isinstance(call, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    kind = say(f"harden.entry_{line.kind}", language)
    at = show_time(line.at, language, seconds=True)
    click.echo(clean(f"{line.number:>4}  {at}  {kind}  {place}  {operation}"))


def title_of(step: str, language: Language) -> str:
    """What a measure does, in words; its id where this version does not have it."""
    measure = measure_of(step)
    return say(f"{measure.texts}_title", language) if measure else step


def measure_of(name: str) -> Step | Guide | None:
    """The step or guide of this id, if this version has it."""
    return every_step().get(name) or guides().get(name)


def money(cost: Cost, language: Language, yen: float) -> str:
    """What is known of a cost, in dollars and in yen at this rate, and what is not."""
    known = prices()
    names = dict.fromkeys(
        getattr(known.by_name[each.price], language) for each in cost.unknown if each.price in known.by_name
    )
    what = " / ".join(names)
    usd = cost.usd_month
    if cost.parts and len(cost.unknown) == len(cost.parts):
        return say("harden.cost_all_unknown", language, what=what)
    told = say("harden.cost", language, usd=f"{usd:,.2f}", yen=f"{usd * yen:,.0f}")
    return told + (say("harden.cost_unknown", language, what=what) if names else "")


class _Page:
    def __init__(self, console: Console, language: Language, *, is_full: bool = False, yen: float = 0.0) -> None:
        self.language: Language = language
        self._console = console
        self._is_full = is_full
        self._yen = yen

    def line(self, text: str, indent: int, style: str = "") -> None:
        """Paragraphs that fit the terminal."""
        for paragraph in text.splitlines():
            for piece in wrap(clean(paragraph, _LONGEST), max(self._console.width - indent, 20)):
                self._console.print(Text(" " * indent + piece, style=style), soft_wrap=True)

    def measure(self, name: str, items: Sequence[Item]) -> None:
        """One step or guide at all of its places."""
        measure = measure_of(name)
        self.line(f"{name}  {title_of(name, self.language)}", 0, "bold")
        if measure:
            self.line(say(f"{measure.texts}_why", self.language), 4)
        if isinstance(measure, Step):
            self.line(self._risk(measure), 4, "dim")
        for standing in Standing:
            for group in _alike([each for each in items if each.standing is standing]):
                self._group(group, measure)

    def _risk(self, step: Step) -> str:
        risk = say(f"harden.risk_{step.risk}", self.language)
        needs_two = step.approval is Approval.TWO_PERSON
        return risk + (" · " + say("harden.two_persons", self.language) if needs_two else "")

    def _group(self, group: Sequence[Item], measure: Step | Guide | None) -> None:
        item = group[0]
        sign, style = _SIGNS[item.standing]
        places = ", ".join(clean(each.where) for each in group[:_REGIONS])
        if len(group) > _REGIONS:
            places += say("harden.more_regions", self.language, count=len(group) - _REGIONS)
        self.line(f"{sign} {say(f'harden.standing_{item.standing}', self.language)}: {places}", 2, style)
        if item.reason:
            sentence = item.reason if item.standing is Standing.UNSAID else _OWNERS.get(item.reason, "")
            self.line(say(sentence, self.language) if sentence else item.reason, 6)
        if isinstance(measure, Guide) and item.standing is Standing.BY_HAND:
            self.line(f"sakimori harden guide {measure.id}", 6, "cyan")
        shown = item.changes if self._is_full or len(item.changes) <= _CHANGES + 1 else item.changes[:_CHANGES]
        for change in shown:
            self._change(change)
        if len(shown) < len(item.changes):
            more = len(item.changes) - len(shown)
            self.line(say("harden.more_calls", self.language, count=more), 6, "dim")
        total = Cost(tuple(part for each in group for part in each.cost.parts))
        if total.parts:
            self.line(say("harden.per_month", self.language, cost=money(total, self.language, self._yen)), 6)
            self._counts_behind(total)
        for caution in item.cautions:
            self.line(f"! {say(caution.text, self.language, **caution.values)}", 6, "yellow")

    def _counts_behind(self, cost: Cost) -> None:
        """How many of what a cost was computed from, so that a person can see whether that is their account."""
        counts: Counter[str] = Counter()
        for part in cost.parts:
            if part.usd is not None and part.count:
                counts[part.price] += round(part.count)
        for price, count in counts.items():
            what = getattr(prices().by_name[price], self.language)
            self.line(say("harden.cost_part", self.language, what=what, count=f"{count:,}"), 8, "dim")

    def screens(self, guide: Guide) -> None:
        """The numbered list of a guide."""
        self.line(say(f"{guide.texts}_screens", self.language), 4)

    def _change(self, change: Change) -> None:
        words = say(change.text, self.language, **change.values) if change.text else change.call.operation
        self.line(f"{words}  ({change.call.operation})", 6)
        back = ", ".join(dict.fromkeys(each.operation for each in change.undo))
        told = say("harden.back", self.language, calls=back) if back else say(change.lasting, self.language)
        self.line(told, 8, "dim")

    def verified(self, item: Item, drifted: Mapping[Place, str]) -> None:
        """What is wrong at one place: drift from what was made, what could not be read, and faults of what is there."""
        if item.place in drifted:
            word = say(f"harden.standing_{item.standing}", self.language)
            told = say("harden.drifted", self.language, where=item.where, run=drifted[item.place], standing=word)
            self.line(told, 4, "bold red")
        elif item.standing is Standing.UNREADABLE:
            self.line(f"? {item.where}: {item.reason}", 4, "yellow")
        if item.standing in {Standing.AS_WANTED, Standing.ADOPTED}:
            for fault in item.cautions:
                self.line(f"! {item.where}: {say(fault.text, self.language, **fault.values)}", 4, "yellow")

    def counts(self, plan: Plan) -> None:
        """How many places stand how."""
        counts = Counter(each.standing for each in plan.items)
        told = [f"{say(f'harden.standing_{word}', self.language)} {counts[word]}" for word in Standing if counts[word]]
        self.line(say("harden.counts", self.language, counts=told), 0, "bold")

    def sum_up(self, plan: Plan) -> None:
        """How many calls, what a month costs, and what that rests on."""
        self.counts(plan)
        parts = tuple(part for each in plan.to_make for part in each.cost.parts)
        calls = sum(len(each.changes) for each in plan.to_make)
        cost = money(Cost(parts), self.language, self._yen)
        self.line(say("harden.sum", self.language, calls=calls, cost=cost), 0)
        if parts:
            as_of = prices().as_of({each.price for each in parts})
            basis = say(f"harden.volumes_{plan.volumes or 'none'}", self.language)
            self.line(say("harden.estimate", self.language, as_of=as_of, yen=self._yen, basis=basis), 0, "dim")


def _alike(items: Iterable[Item]) -> list[list[Item]]:
    """Items of one standing that would be told in the same words."""
    found: dict[str, list[Item]] = {}
    for item in items:
        told = (
            item.reason,
            [(each.text, dict(each.values), each.call.operation) for each in item.changes],
            item.cautions,
        )
        found.setdefault(repr(told), []).append(item)
    return list(found.values())
