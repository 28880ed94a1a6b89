"""What a person reads of an HTML part, and where its links lead.

The parser of the standard library needs minutes for some texts of a few hundred kilobytes (unclosed comments and quotes, on Python
3.11), and a mail is written by a stranger. This one looks at each letter a bounded number of times.
"""

import html
import re
from typing import Final

from sakimori.findings.mail.message import MAX_BODY, MAX_LINKS, Link

_MAX_MARKUP: Final = 1_000_000
_MAX_TAG: Final = 4_000
_MAX_SHOWN: Final = 500
_MAX_TARGET: Final = 2_000
_BREAKS: Final = frozenset(
    {"p", "br", "div", "tr", "li", "table", "h1", "h2", "h3", "h4", "h5", "ul", "ol", "blockquote", "hr"}
)
_UNSEEN: Final = frozenset({"script", "style", "title", "template", "noscript"})
_NAME: Final = re.compile(r"/?([A-Za-z][A-Za-z0-9:-]{0,30})")
_INSIDE: Final = re.compile(r"(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_ATTRIBUTE: Final = re.compile(
    r"([A-Za-z_:][\w:.-]{0,60}+)\s{0,20}+=\s{0,20}+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))"
)


def text_of_html(markup: str) -> tuple[str, tuple[Link, ...]]:
    """The text with its lines, and the links in order; both bounded. Scripts and styles are no text.

    >>> text_of_html('<p>See <a href="https://aws.amazon.com/">AWS</a></p>')
    ('See AWS', (Link(shown='AWS', target='https://aws.amazon.com/'),))
    """
    reader = _Reader(markup[:_MAX_MARKUP])
    reader.read()
    lines = (" ".join(line.split()) for line in "".join(reader.told).split("\n"))
    return "\n".join(line for line in lines if line)[:MAX_BODY], tuple(reader.links)


class _Reader:
    def __init__(self, markup: str) -> None:
        self._markup = markup
        self.told: list[str] = []
        self.links: list[Link] = []
        self._target: str | None = None
        self._shown: list[str] = []

    def read(self) -> None:
        """From the beginning to the end."""
        at = 0
        while at < len(self._markup):
            opening = self._markup.find("<", at)
            opening = len(self._markup) if opening < 0 else opening
            self._text(self._markup[at:opening])
            at = self._tag(opening)
        self._end_link()

    def _tag(self, at: int) -> int:
        """Take the tag at `at`; where what follows it begins."""
        if self._markup.startswith(("<!", "<?"), at):
            return self._behind("-->" if self._markup.startswith("<!--", at) else ">", at)
        name = _NAME.match(self._markup, at + 1)
        if not name:
            self._text(self._markup[at : at + 1])
            return at + 1
        inside = _INSIDE.match(self._markup, name.end(), at + _MAX_TAG)
        end = inside.end() if inside else self._loosely(at)
        word = name.group(1).lower()
        if self._markup[at + 1] == "/":
            self._end(word)
        elif word in _UNSEEN:
            return self._behind(f"</{word}", end)
        else:
            self._start(word, self._markup[name.end() : end])
        return end

    def _loosely(self, at: int) -> int:
        """Where quotes do not close, a tag ends with its first >, as in a browser that repairs it."""
        found = self._markup.find(">", at, at + _MAX_TAG)
        return found + 1 if found >= 0 else at + 1

    def _behind(self, words: str, at: int) -> int:
        found = self._markup.find(words, at)
        return found + len(words) if found >= 0 else len(self._markup)

    def _start(self, word: str, attributes: str) -> None:
        if word in _BREAKS:
            self.told.append("\n")
        if word in {"a", "area"}:
            self._end_link()
            self._target = _value(attributes, "href")
        elif word == "form":
            self._keep("", _value(attributes, "action"))
        elif word == "img" and self._target is not None:
            self._shown.append(_value(attributes, "alt"))

    def _end(self, word: str) -> None:
        if word in _BREAKS:
            self.told.append("\n")
        elif word in {"td", "th"}:
            self.told.append(" ")
        elif word == "a":
            self._end_link()

    def _text(self, text: str) -> None:
        if not text:
            return
        meant = html.unescape(text)
        self.told.append(" ".join(meant.split("\n")))
        if self._target is not None:
            self._shown.append(meant)

    def _end_link(self) -> None:
        if self._target:
            self._keep(" ".join("".join(self._shown).split()), self._target)
        self._target, self._shown = None, []

    def _keep(self, shown: str, target: str) -> None:
        if target and len(self.links) < MAX_LINKS:
            self.links.append(Link(shown[:_MAX_SHOWN], target.strip()[:_MAX_TARGET]))


def _value(attributes: str, name: str) -> str:
    for found in _ATTRIBUTE.finditer(attributes):
        if found.group(1).lower() == name:
            return html.unescape(found.group(2) or found.group(3) or found.group(4) or "")
    return ""
