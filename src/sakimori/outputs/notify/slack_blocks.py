"""A message as Slack's Block Kit: what an outsider may have written stands in `plain_text` alone, escaped and cut.

Limits: docs.slack.dev/reference/block-kit/blocks (50 blocks a message, 150 characters a header) and
…/composition-objects/text-object (1 to 3,000 characters a text). Which characters have a meaning:
docs.slack.dev/messaging/formatting-message-text ("Escaping text").
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sakimori.model.words import Severity
from sakimori.outputs.notify import text_form
from sakimori.outputs.notify.message import Message, MessageKind

HEADER_LIMIT: Final = 150
TEXT_LIMIT: Final = 3000
BLOCKS_LIMIT: Final = 50
_FALLBACK_LIMIT: Final = 600
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_NUMBERS: Final = "①②③④⑤⑥⑦⑧⑨⑩"
_CALLING: Final = frozenset({MessageKind.CASE, MessageKind.UPDATE, MessageKind.STORM, MessageKind.ESCALATION})
"""Kinds that may call everybody who is there: with the rest nobody has to do anything now."""

Block = dict[str, Any]


def escaped(text: str, limit: int) -> str:
    """`text` without Slack's control characters, at most `limit` characters as sent; never cut within an entity.

    >>> escaped("<!channel>", 100)
    '&lt;!channel&gt;'
    """
    whole = text.translate(_ESCAPES)
    if len(whole) <= limit:
        return whole
    kept: list[str] = []
    room = limit - 1
    for character in text:
        sent = character.translate(_ESCAPES)
        if len(sent) > room:
            break
        room -= len(sent)
        kept.append(sent)
    return "".join(kept) + "…"


def slack_message(message: Message) -> dict[str, Any]:
    """What chat.postMessage, chat.update and an incoming webhook all take: text, blocks and one coloured attachment.

    `text` is what a notification shows; it is not shown where there are blocks.
    """
    top: list[Block] = [{"type": "header", "text": _plain(text_form.headline(message), HEADER_LIMIT)}]
    if message.severity is Severity.CRITICAL and message.kind in _CALLING:
        top.append({"type": "section", "text": {"type": "mrkdwn", "text": "<!here>", "verbatim": True}})
    below = _attached(message, BLOCKS_LIMIT - len(top))
    title = escaped(text_form.title(message), _FALLBACK_LIMIT)
    return {
        "text": title,
        "mrkdwn": False,
        "blocks": top,
        "attachments": [{"color": text_form.colour_of(message), "fallback": title, "blocks": below}],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _attached(message: Message, limit: int) -> list[Block]:
    blocks = [
        *_notes([text_form.place(message)]),
        *_sections(text_form.lines(message)),
        *_sections(_steps(message)),
        *_sections([text_form.due(message)]),
        *_sections(text_form.entries(message)),
    ]
    foot = _notes([text_form.footer(message)])
    if len(blocks) + len(foot) > limit:
        blocks = blocks[: limit - len(foot)]
    # A message without a body still needs one block for its colour.
    return [*blocks, *foot] or _notes([text_form.subject(message) or "-"])


def _steps(message: Message) -> Sequence[str]:
    steps = text_form.steps(message)
    if not steps:
        return ()
    shown = [text_form.now(message)]
    for number, step in zip(_NUMBERS, steps, strict=False):
        shown.append(f"{number} {step.text}")
        if step.command:
            shown.append(f"    {step.command}")
    return shown


def _sections(lines: Iterable[str]) -> list[Block]:
    """Sections of whole lines, each as full as the limit allows."""
    sections: list[str] = []
    for line in filter(None, lines):
        sent = escaped(line, TEXT_LIMIT)
        if sections and len(sections[-1]) + 1 + len(sent) <= TEXT_LIMIT:
            sections[-1] += "\n" + sent
        else:
            sections.append(sent)
    return [{"type": "section", "text": _sent(section)} for section in sections]


def _notes(lines: Iterable[str]) -> list[Block]:
    return [{"type": "context", "elements": [_plain(line, TEXT_LIMIT)]} for line in lines if line]


def _plain(text: str, limit: int) -> Block:
    return _sent(escaped(text, limit))


def _sent(text: str) -> Block:
    # emoji false: `:bomb:` in somebody's user agent stays what it is.
    return {"type": "plain_text", "text": text, "emoji": False}
