"""What shows that something can be opened: literals in other clothes, escapes, and the first bytes of a file.

A run of base64 is not looked for as such: that would cost more than everything else. The literals of all kinds are
looked for as base64 writes them, at each of the three places where a group may begin, and once more encoded.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sakimori.analysis.secrets.decoders.beginnings import begins_container
from sakimori.analysis.secrets.engines import Hit, Sought
from sakimori.analysis.secrets.kinds import Kind

BASE64, BACKSLASH, PERCENT, WIDE, ENTITY, SHIFT_JIS, EUC_JP, ISO_2022_JP, WIDE_JAPANESE, WIDEST, ZIP_END = range(11)
_DONE: Final = {"utf-16": (WIDE, WIDE_JAPANESE), "utf-32": (WIDE, WIDE_JAPANESE, WIDEST), "base64": (BASE64,)}
"""Signals that mean nothing any more in what a decoder gave."""
_SHORTEST: Final = 4
_ENOUGH: Final = 7
"""Letters of base64 that hardly stand in any other text by chance."""
_BASIC_WORDS: Final = (
    b"AKIA", b"ASIA", b"password", b"PASSWORD", b"secret", b"SECRET", b"-----BEGIN ", b"aws_access", b"AWS_ACCESS", b"credential",
    b"Authorization", b"api_key", b"API_KEY", b"private_key",
)  # fmt: skip
_PACKED: Final = (b"H4sI", b"UEsDB")
"""gzip and zip, as base64 writes their beginning."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The signals in one piece: the ends of the places by signal, and what the first bytes say."""

    ends: dict[int, list[int]] = field(default_factory=dict[int, list[int]])
    is_container: bool = False


class Signals:
    """The signals for the literals of these kinds."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        words = {literal for kind in kinds for literal in kind.literals}
        self._ascii = sorted(word.encode() for word in words if word.isascii() and len(word) >= _SHORTEST)
        self._japanese = sorted(word for word in words if not word.isascii())

    def sought(self, first: int) -> Iterator[Sought]:
        """The patterns, numbered from `first` on."""
        for literal in sorted(self._base64()):
            yield Sought(first + BASE64, _spelt(literal), (literal,))
        # An escape of what may stand in a secret or just before one.
        yield Sought(first + BACKSLASH, rb"\\(?:u00|x|U000000)[2-7][0-9a-fA-F]", (b"\\u00", b"\\x", b"\\U000000"))
        yield Sought(first + BACKSLASH, rb"[A-Za-z0-9+]\\/[A-Za-z0-9+]", (b"\\/",))
        yield Sought(first + PERCENT, rb"%(?:2[0-9A-Fa-f]|3[ADad=]|[4-7][0-9A-Fa-f])", (b"%",))
        yield Sought(first + ENTITY, rb"&#(?:x[2-7][0-9A-Fa-f]|[3-9][0-9]|1[0-2][0-9]);", (b"&#",))
        yield Sought(first + WIDE, rb"(?:[ -~]\x00){12}", (b"\x00",))
        yield Sought(first + WIDEST, rb"(?:[ -~]\x00\x00\x00){8}", (b"\x00\x00\x00",))
        yield Sought(first + ZIP_END, rb"PK\x05\x06", (b"PK\x05\x06",))
        yield from self._in_old_encodings(first)

    def of(self, data: Any, hits: Iterable[Hit], *, undone: str = "") -> Seen:
        """What the hits (numbered from 0) and the first bytes say; `undone` is the form that a text was in before."""
        seen = Seen(is_container=not undone and self.is_container(data))
        for number, end in hits:
            if number not in _DONE.get(undone, ()):
                seen.ends.setdefault(number, []).append(end)
        return seen

    @staticmethod
    def is_container(data: Any) -> bool:
        """Whether the first bytes are those of something that can be opened."""
        return begins_container(data)

    def _base64(self) -> set[bytes]:
        once = {form[:_ENOUGH] for word in {*self._ascii, *_BASIC_WORDS} for form in base64_forms(word)}
        twice = {
            form[:_ENOUGH] for word in _BASIC_WORDS for inner in base64_forms(word) for form in base64_forms(inner)
        }
        forms = {form for form in {*once, *twice, *_PACKED} if len(form) >= _SHORTEST}
        return {form for form in forms if not any(form[:end] in forms for end in range(_SHORTEST, len(form)))}

    def _in_old_encodings(self, first: int) -> Iterator[Sought]:
        for word in self._japanese:
            for signal, codec in ((SHIFT_JIS, "cp932"), (EUC_JP, "euc_jp"), (ISO_2022_JP, "iso2022_jp")):
                literal = word.encode(codec, "ignore").removeprefix(b"\x1b$B").removesuffix(b"\x1b(B")
                if len(literal) < 2 * _SHORTEST or b"\x1b" in literal:
                    continue
                yield Sought(first + signal, _spelt(literal), (literal,))
            escaped = "".join(f"\\u{ord(sign):04x}" for sign in word).encode()
            yield Sought(first + BACKSLASH, _spelt(escaped), (escaped,), exact=False)
            for codec in ("utf-16-le", "utf-16-be"):
                wide = word.encode(codec)
                yield Sought(first + WIDE_JAPANESE, _spelt(wide), (wide,))


def base64_forms(word: bytes) -> Iterator[bytes]:
    """What of a word's base64 is the same whatever stands before and behind it, for each place in a group.

    >>> list(base64_forms(b"password"))[0]
    b'cGFzc3dvcm'
    """
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + word)
        first, last = -(-8 * shift // 6), 8 * (shift + len(word)) // 6
        yield text[first:last]


def _spelt(literal: bytes) -> bytes:
    """A pattern for just these bytes: a NUL would end it, and others mean something."""
    return b"".join(b"\\x%02x" % each for each in literal)
