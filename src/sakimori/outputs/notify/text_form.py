"""A message as plain text: the first line for the lock screen of a telephone, and the whole, safe to show anywhere."""

import re
from collections.abc import Iterable
from typing import Final

from sakimori.model.words import Severity
from sakimori.outputs.notify.message import Message, MessageKind, Step
from sakimori.texts.language import clean, show_time
from sakimori.texts.sentences import say

COLOURS: Final = {
    Severity.CRITICAL: "#7B001C",
    Severity.HIGH: "#D13212",
    Severity.MEDIUM: "#FF9900",
    Severity.LOW: "#1D8102",
    Severity.INFORMATIONAL: "#687078",
}
CLOSED_COLOUR: Final = "#687078"
_ICONS: Final = {
    Severity.CRITICAL: "🟥",
    Severity.HIGH: "🟧",
    Severity.MEDIUM: "🟨",
    Severity.LOW: "🟩",
    Severity.INFORMATIONAL: "⬜",
}
_CLOSED_ICON: Final = "✅"
_WITH_KIND: Final = frozenset({MessageKind.UPDATE, MessageKind.ESCALATION, MessageKind.TEST})
"""Kinds whose headline alone may not say why the message is sent."""

_HEADLINE: Final = 200
_LINE: Final = 600
_LINES: Final = 30
_STEPS: Final = 10
_ENTRIES: Final = 100
_NAME: Final = 60
_ACCOUNT_DIGITS: Final = 12
_BREAKS: Final = re.compile(r"[^\S \u3000]+")
"""All white space but the two that stand within a line."""


def one_line(text: str, limit: int = _LINE) -> str:
    r"""`text` on one line of at most `limit` characters, without what could move, hide or reorder characters.

    >>> one_line("a\r\nBcc: b")
    'a Bcc: b'
    """
    # Cut before anything else looks at it: a user agent may be of a megabyte.
    return clean(_BREAKS.sub(" ", text[: limit * 4]).strip(), limit)


def colour_of(message: Message) -> str:
    """The colour of the bar beside it."""
    return CLOSED_COLOUR if message.kind is MessageKind.CLOSED else COLOURS[message.severity]


def headline(message: Message, *, icon: bool = True) -> str:
    """How bad and what: `🟥 CRITICAL | …`. `icon` may be left out for charsets without it, the word never."""
    language = message.language
    if message.kind is MessageKind.CLOSED:
        sign, word = _CLOSED_ICON, say("notify_channels.kind_closed", language)
    else:
        sign, word = _ICONS[message.severity], say(f"notify_channels.severity_{message.severity}", language)
    kind = say(f"notify_channels.kind_{message.kind}", language) if message.kind in _WITH_KIND else ""
    return " | ".join(part for part in (f"{sign} {word}" if icon else word, kind, subject(message)) if part)


def subject(message: Message) -> str:
    """The headline as it was handed in, on one line."""
    return one_line(message.headline, _HEADLINE)


def place(message: Message) -> str:
    """Whose and which case: `acct 1234-5678-9012 (prod-web) | SKM-20261123-01`; "" where it is of neither."""
    return " | ".join(part for part in (_account(message), one_line(message.case, _NAME)) if part)


def title(message: Message, *, icon: bool = True) -> str:
    """The first line: what, whose, which case."""
    return " | ".join(part for part in (headline(message, icon=icon), place(message)) if part)


def lines(message: Message) -> tuple[str, ...]:
    """Where, since when and how much."""
    return _bounded((one_line(line) for line in message.lines), len(message.lines), _LINES, message)


def entries(message: Message) -> tuple[str, ...]:
    """The parts of a digest or a storm, each with its bullet."""
    return _bounded((f"• {one_line(entry)}" for entry in message.entries), len(message.entries), _ENTRIES, message)


def steps(message: Message) -> tuple[Step, ...]:
    """What to do now; commands on one line."""
    return tuple(Step(text=one_line(step.text), command=one_line(step.command)) for step in message.steps[:_STEPS])


def now(message: Message) -> str:
    """What stands above the steps."""
    return say("notify_channels.now", message.language)


def due(message: Message) -> str:
    """Until when, "" where there is no deadline."""
    if message.deadline is None:
        return ""
    return say("notify_channels.due", message.language, deadline=show_time(message.deadline, message.language))


def footer(message: Message) -> str:
    """What it rests on."""
    return one_line(message.footer, _LINE * 2)


def text_form(message: Message, *, icon: bool = True, first: bool = True) -> str:
    """The whole message as lines of text, ended by a newline. `first`: whether the first line is the title."""
    return "\n".join(([title(message, icon=icon)] if first else []) + list(_body(message))) + "\n"


def _body(message: Message) -> Iterable[str]:
    yield from lines(message)
    if message.steps:
        yield now(message)
        for number, step in enumerate(steps(message), 1):
            yield f"  {number}. {step.text}"
            if step.command:
                yield f"     {step.command}"
    if message.deadline is not None:
        yield due(message)
    yield from entries(message)
    if message.footer:
        yield footer(message)


def _bounded(shown: Iterable[str], count: int, limit: int, message: Message) -> tuple[str, ...]:
    kept = tuple(line for line, _ in zip(shown, range(limit), strict=False))
    more = say("notify_channels.and_more", message.language, count=count - limit) if count > limit else ""
    return (*kept, more) if more else kept


def _account(message: Message) -> str:
    number = one_line(message.account, _NAME)
    if len(number) == _ACCOUNT_DIGITS and number.isdecimal():
        number = f"{number[:4]}-{number[4:8]}-{number[8:]}"
    name = one_line(message.account_name, _NAME)
    if not number:
        return name
    if not name:
        return say("notify_channels.account", message.language, account=number)
    return say("notify_channels.account_named", message.language, account=number, name=name)
