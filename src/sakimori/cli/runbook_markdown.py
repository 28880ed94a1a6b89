"""Runbooks and playbooks as Markdown, for a wiki or a ticket. What is filled into commands has the plainest form alone."""

from collections.abc import Iterable, Iterator, Mapping

from sakimori.app.runbook import Answer, filled
from sakimori.cli.runbook_words import notes, step_facts, within
from sakimori.rules.runbooks.form import FindingType, Move, Playbook, PlaybookStep
from sakimori.rules.runbooks.library import Meant
from sakimori.texts.language import Language
from sakimori.texts.sentences import say


def runbook_markdown(meant: Meant, found: Answer, language: Language) -> str:
    """One runbook, whole."""
    return "\n".join(_runbook(meant, found.values, language)) + "\n"


def playbook_markdown(book: Playbook, language: Language) -> str:
    """One playbook, with a box to tick for each step."""
    return "\n".join(_playbook(book, language)) + "\n"


def _runbook(meant: Meant, values: Mapping[str, str], language: Language) -> Iterator[str]:
    book = meant.runbook
    yield f"# {book.title.in_(language)}\n"
    if meant.is_near:
        yield say("runbook.near", language) + "\n"
    yield f"**{say('runbook.look_by', language, time=within(book.within, language))}**\n"
    yield from (f"- {_type(each, language)}" for each in meant.types or tuple(book.types.values()))
    yield f"\n## {say('runbook.part_means', language)}\n\n{book.means.in_(language)}\n"
    yield f"## {say('runbook.part_danger', language)}\n\n{book.danger.in_(language)}\n"
    yield f"## {say('runbook.part_look', language)}\n"
    yield from _moves(book.look, values, language)
    yield f"## {say('runbook.part_contain', language)}\n"
    yield from _moves(book.contain, values, language)
    yield f"## {say('runbook.part_benign', language)}\n"
    yield from (f"- {each.in_(language)}" for each in book.benign)
    yield f"\n## {say('runbook.part_close', language)}\n"
    yield from _moves(book.close, values, language)
    yield from _end((*book.look, *book.contain, *book.close), values, language)
    if book.playbook:
        yield say("runbook.playbook_next", language, id=book.playbook)


def _playbook(book: Playbook, language: Language) -> Iterator[str]:
    yield f"# {book.title.in_(language)}\n"
    yield f"**{say('runbook.clock', language, time=within(book.clock, language))}**\n"
    yield f"{book.means.in_(language)}\n"
    for step in book.steps:
        yield f"## [ ] {step.id} {step.title.in_(language)}\n"
        yield f"*{step_facts(step, language)}*\n"
        if step.only_if:
            yield f"**{say('runbook.only_if', language, text=step.only_if.in_(language))}**\n"
        yield f"{step.why.in_(language)}\n"
        yield from _ways(step, {}, language, indent="")
        yield f"{say('runbook.evidence', language, text=step.evidence.in_(language))}\n"
    yield from _end(book.steps, {}, language)


def _type(found: FindingType, language: Language) -> str:
    word = say(f"report.severity_{found.severity}", language)
    retired = f" {say('runbook.retired', language)}" if found.is_retired else ""
    seen_as = f" {say('runbook.seen_as', language, type=f'`{found.seen_as}`')}" if found.seen_as else ""
    return f"`{found.name}` ({word}): {found.means.in_(language)}{seen_as}{retired}"


def _moves(moves: Iterable[Move], values: Mapping[str, str], language: Language) -> Iterator[str]:
    for number, move in enumerate(moves, start=1):
        yield f"{number}. {move.text.in_(language)}\n"
        yield from _ways(move, values, language, indent="   ")


def _ways(told: Move | PlaybookStep, values: Mapping[str, str], language: Language, *, indent: str) -> Iterator[str]:
    if told.commands:
        yield f"{indent}```sh"
        yield from (f"{indent}{filled(command, values)}" for command in told.commands)
        yield f"{indent}```\n"
    if told.console:
        yield f"{indent}{say('runbook.screens', language, path=told.console.in_(language))}\n"


def _end(told: Iterable[Move | PlaybookStep], values: Mapping[str, str], language: Language) -> Iterator[str]:
    everything = tuple(told)
    commands = [filled(command, values) for each in everything for command in each.commands]
    yield from (f"> {note}\n" for note in notes(everything, commands, language))
