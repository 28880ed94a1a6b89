"""What the terminal and the Markdown form of a runbook say alike."""

from collections.abc import Iterable

from sakimori.rules.runbooks.form import VARIABLES, Move, PlaybookStep
from sakimori.texts.language import Language
from sakimori.texts.sentences import say


def within(time: str, language: Language) -> str:
    """`15m` as words."""
    count = int(time[:-1])
    sentence = f"runbook.within_{time[-1]}"
    return say(f"{sentence}_one" if count == 1 else sentence, language, count=count)


def counted(count: int, language: Language) -> str:
    """So many types."""
    return say("runbook.types_count_one" if count == 1 else "runbook.types_count", language, count=count)


def step_facts(step: PlaybookStep, language: Language) -> str:
    """By when, who agrees, and whether there is a way back, on one line."""
    facts = (
        within(step.within, language),
        say(f"runbook.approver_{step.approver}", language),
        say(f"runbook.reversible_{step.reversible}", language),
    )
    return " · ".join(facts)


def notes(told: Iterable[Move | PlaybookStep], commands: Iterable[str], language: Language) -> list[str]:
    """What must be said at the end: of screens where there are some, of words in capitals where some are left."""
    found = []
    if any(each.console for each in told):
        found.append(say("runbook.note_screens", language))
    words = {word for command in commands for word in command.replace("=", " ").split()}
    if words & set(VARIABLES.values()):
        found.append(say("runbook.note_capitals", language))
    return found
