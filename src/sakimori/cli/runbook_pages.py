"""Runbooks and playbooks on a terminal: short lines, in the order in which things are done."""

from collections.abc import Iterable, Mapping
from typing import Final

from rich.console import Console
from rich.text import Text

from sakimori.app.runbook import Answer, filled
from sakimori.cli.lazy import spoken
from sakimori.cli.runbook_words import counted, notes, step_facts, within
from sakimori.model.verdict import Text as Both
from sakimori.outputs.report.wrapping import wrap
from sakimori.rules.runbooks.form import Family, FindingType, Move, Playbook, PlaybookStep
from sakimori.rules.runbooks.library import Library, Meant
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_NARROWEST: Final = 20
_TEXT: Final = 2_000
_FIRST_TYPES: Final = 4


def print_runbook(meant: Meant, found: Answer) -> None:
    """One runbook, whole: what it means, look, contain, false alarm, close."""
    language, book = spoken(), meant.runbook
    page = _Page(Console(highlight=False))
    if meant.is_near:
        page.say("runbook.near", style="yellow")
    page.line(book.title.in_(language), style="bold")
    page.say("runbook.look_by", style="bold yellow", time=within(book.within, language))
    for each in meant.types:
        page.type(each)
    if found.finding:
        told = found.finding
        page.line(f"{told.id[:12]} · {told.account} · {told.region} · {', '.join(told.resources[:2])}", style="dim")
    page.part("means", book.means)
    page.part("danger", book.danger)
    page.gap("calm")
    page.moves("look", book.look, found.values)
    page.moves("contain", book.contain, found.values)
    page.heading("benign")
    for each in book.benign:
        page.line(f"- {each.in_(language)}", indent=2)
    page.moves("close", book.close, found.values)
    page.end((*book.look, *book.contain, *book.close), found.values)
    if book.playbook:
        page.say("runbook.playbook_next", style="cyan", id=book.playbook)


def print_playbook(book: Playbook) -> None:
    """One story: its clock, and its steps with who agrees and what is kept."""
    language, page = spoken(), _Page(Console(highlight=False))
    page.line(book.title.in_(language), style="bold")
    page.say("runbook.clock", style="bold yellow", time=within(book.clock, language))
    page.line(book.means.in_(language))
    page.gap("calm")
    for step in book.steps:
        page.step(step)
    page.end(book.steps, {})


def print_choice(found: Answer) -> None:
    """The runbooks that fit, to choose from."""
    language, page = spoken(), _Page(Console(highlight=False))
    if found.meant[0].is_near:
        page.say("runbook.near", style="yellow")
    page.say("runbook.choose", id=found.meant[0].runbook.id)
    for each in found.meant:
        page.line(f"{each.runbook.id} · {each.runbook.title.in_(language)}", style="bold")
        for found_type in each.types[:_FIRST_TYPES]:
            page.line(found_type.name, indent=4, style="dim")


def print_list(library: Library, *, with_runbooks: bool) -> None:
    """All runbooks by family, and all playbooks."""
    language, page = spoken(), _Page(Console(highlight=False))
    if with_runbooks:
        page.say("runbook.list_runbooks", style="bold")
        for family in Family:
            page.line(say(f"runbook.family_{family}", language), indent=2, style="bold")
            for book in library.runbooks.values():
                if book.family is family:
                    count = counted(len(book.types), language)
                    page.line(f"{book.id} · {book.title.in_(language)} · {count}", indent=4)
    page.say("runbook.list_playbooks", style="bold")
    for book in library.playbooks.values():
        page.line(f"{book.id} · {book.title.in_(language)} · {within(book.clock, language)}", indent=4)
    page.say("runbook.list_how", style="cyan")


class _Page:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._language: Language = spoken()

    def line(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """A sentence, broken at the width of the terminal; what hides or moves the cursor is taken out."""
        for piece in wrap(clean(text, _TEXT), max(self._console.width - indent, _NARROWEST)):
            self._console.print(Text(" " * indent + piece, style=style), soft_wrap=True)

    def say(self, sentence: str, /, *, style: str = "", indent: int = 0, **values: object) -> None:
        self.line(say(sentence, self._language, **values), style=style, indent=indent)

    def gap(self, name: str) -> None:
        self._console.print()
        self.say(f"runbook.{name}", style="green")

    def heading(self, part: str) -> None:
        self._console.print()
        self.say(f"runbook.part_{part}", style="bold")

    def part(self, part: str, text: Both) -> None:
        self.heading(part)
        self.line(text.in_(self._language), indent=2)

    def type(self, found: FindingType) -> None:
        """One type: its name, severity and meaning."""
        self.line(found.name, style="bold cyan")
        self.line(found.means.in_(self._language), indent=2)
        word = say(f"report.severity_{found.severity}", self._language)
        self.say("runbook.severity", style="dim", indent=2, word=word)
        if found.seen_as:
            self.say("runbook.seen_as", style="dim", indent=2, type=found.seen_as)
        if found.is_retired:
            self.say("runbook.retired", style="dim", indent=2)

    def moves(self, part: str, moves: Iterable[Move], values: Mapping[str, str]) -> None:
        self.heading(part)
        for number, move in enumerate(moves, start=1):
            self.line(f"{number}) {move.text.in_(self._language)}", indent=2)
            self.ways(move, values)

    def ways(self, told: Move | PlaybookStep, values: Mapping[str, str]) -> None:
        """The commands, neither cut nor broken, so that they can be copied, and the screens."""
        for command in told.commands:
            self._console.print(Text(f"     $ {filled(command, values)}", style="cyan"), soft_wrap=True)
        if told.console:
            self.say("runbook.screens", indent=5, path=told.console.in_(self._language))

    def step(self, step: PlaybookStep) -> None:
        language = self._language
        self._console.print()
        self.line(f"{step.id} {step.title.in_(language)}", style="bold")
        self.line(step_facts(step, language), indent=4, style="dim")
        if step.only_if:
            self.say("runbook.only_if", indent=4, style="yellow", text=step.only_if.in_(language))
        self.line(step.why.in_(language), indent=4)
        self.ways(step, {})
        if step.action:
            self.say("runbook.action", indent=4, style="dim", id=step.action)
        self.say("runbook.evidence", indent=4, style="dim", text=step.evidence.in_(language))

    def end(self, told: Iterable[Move | PlaybookStep], values: Mapping[str, str]) -> None:
        everything = tuple(told)
        commands = [filled(command, values) for each in everything for command in each.commands]
        self._console.print()
        for note in notes(everything, commands, self._language):
            self.line(note, style="dim")
