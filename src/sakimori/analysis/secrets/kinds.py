"""Kinds of secrets: what each looks like, as data of `rulebook/secrets/*.yaml` and of a user's own folders.

Stable (others build on it): `Kind`, `load_kinds(extra_dirs)`. A kind has two patterns. The *anchor* is what an engine
looks for in all bytes: it is simple, begins or ends in something rare, and every match of it contains one of
`literals` (upper or lower case, unless `exact`). The *pattern* is Python's, looked for in a window around the end of
an anchor, and its group `secret` is the secret. Two short forms are written out to both: `token` (a text with a
beginning of its own) and `assigned` with `value` (a value behind one of some names).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sakimori.analysis.secrets.recipe import written
from sakimori.analysis.secrets.shapes import shape_of
from sakimori.model.errors import RuleError, UsageError
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity

if TYPE_CHECKING:
    from sakimori.texts.bounded_yaml import Document

_KEYS: Final = frozenset(
    ("id", "title", "message", "severity", "confidence", "token", "assigned", "value", "anchor", "literals", "exact",
     "pattern", "before", "after", "entropy", "near", "head", "pair", "guess", "examples")
)  # fmt: skip
_WIDEST: Final = 16_384
_LONGEST_ANCHOR: Final = 4_096
_LOOKS_AROUND: Final = re.compile(r"\(\?(?:<?[=!]|P=|\(|>)|\\[1-9]|[}*+?]\+")
"""What an engine that looks for all kinds at once does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A text that holds the secrets (`match`) or none (`near_miss`): written at load time, never in the repository."""

    text: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What one kind of secret looks like, and what it means to have lost one."""

    id: str
    title: Text
    message: Text
    severity: Severity
    confidence: Confidence
    anchor: str
    literals: tuple[str, ...]
    pattern: str
    exact: bool = True
    """Whether the anchor and literals keep their case."""
    before: int = 64
    after: int = 256
    """Bytes of the window before and after the anchor's end."""
    entropy: float = 0.0
    """Bits a character that the secret has at least."""
    near: str = ""
    """A pattern without case that stands within 200 bytes before the secret, or in the name of the file."""
    head: str = ""
    """A pattern of what stands on the line before the secret."""
    pair: str = ""
    """The kind of its other half."""
    is_guess: bool = False
    """Whether nothing but a word and the look of a value speak for it."""
    is_own: bool = False
    """Whether it is a user's: its pattern may be one that never ends."""
    group: str = "other"
    source: str = ""
    recipes: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def extraction(self) -> re.Pattern[bytes]:
        """The pattern, compiled over bytes."""
        return re.compile(self.pattern.encode())

    @cached_property
    def reach(self) -> int:
        """Bytes of the window before an anchor's end: it holds the longest anchor, and what stands before it."""
        return min(max(self.before, _longest(self.anchor) + 32), _WIDEST)

    @cached_property
    def context(self) -> re.Pattern[bytes] | None:
        """What must stand near, compiled."""
        return re.compile(self.near.encode(), re.IGNORECASE) if self.near else None

    @cached_property
    def line_head(self) -> re.Pattern[bytes] | None:
        """What must stand on the line before, compiled."""
        return re.compile(self.head.encode()) if self.head else None

    def examples(self) -> Iterable[Example]:
        """The examples, their secrets made now."""
        for recipe in self.recipes:
            is_match = "match" in recipe
            text, secrets = written(str(recipe["match" if is_match else "near_miss"]))
            yield Example(text=text, secrets=secrets if is_match else ())


def load_kinds(extra_dirs: Sequence[Path] = ()) -> tuple[Kind, ...]:
    """The built-in kinds and those of the folders; RuleError names the file and line that does not hold."""
    from sakimori.texts.bounded_yaml import read_yaml  # noqa: PLC0415 - kinds that were kept (`kept_kinds`) need none

    kinds = {kind.id: kind for kind in _builtin()}
    for folder in extra_dirs:
        if not folder.is_dir():
            raise UsageError("secrets.no_kinds", folder=folder)
        for path in sorted(folder.glob("*.y*ml")):
            for kind in _kinds_in(read_yaml(path), check_kind):
                if kind.id in kinds:
                    raise RuleError("secrets.kind_twice", file=kind.source, kind=kind.id)
                kinds[kind.id] = replace(kind, is_own=True)
    return tuple(kinds.values())


@cache
def _builtin() -> tuple[Kind, ...]:
    """The kinds of the rulebook; a law checks them, so that a run need not."""
    from sakimori.texts.bounded_yaml import read_yaml  # noqa: PLC0415

    folder = Path(str(files("sakimori"))) / "rulebook" / "secrets"
    return tuple(kind for path in sorted(folder.glob("*.yaml")) for kind in _kinds_in(read_yaml(path), None))


def _kinds_in(document: "Document", check: Callable[[Kind], None] | None) -> Iterable[Kind]:
    data = document.data
    whole = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
    entries = whole.get("kinds")
    if not isinstance(entries, list):
        raise RuleError("secrets.kind_bad", file=document.source, line=1, reason="kinds: a list is expected")
    for number, entry in enumerate(cast("list[object]", entries)):
        line = document.line_of("kinds", number)
        try:
            kind = _kind(entry, whole.get("messages") or {}, document.source)
            if check:
                check(kind)
            yield kind
        except (KeyError, TypeError, ValueError, re.error) as error:
            raise RuleError("secrets.kind_bad", file=document.source, line=line, reason=_reason(error)) from error


def _reason(error: Exception) -> str:
    return f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)[:200]


def _kind(entry: object, messages: Mapping[str, object], source: str) -> Kind:
    if not isinstance(entry, dict):
        raise TypeError("a mapping is expected")
    entry = cast("dict[str, Any]", entry)
    if unknown := entry.keys() - _KEYS:
        raise ValueError(f"unknown key {min(unknown)}")
    message = entry["message"]
    shape = shape_of(entry)
    return Kind(
        id=str(entry["id"]),
        title=_text(entry["title"]),
        message=_text(messages[message] if isinstance(message, str) else message),
        severity=Severity(entry["severity"]),
        confidence=Confidence(entry.get("confidence", "high")),
        anchor=shape.anchor,
        literals=shape.literals,
        pattern=shape.pattern,
        exact=shape.exact,
        before=min(int(entry.get("before", shape.before)), _WIDEST),
        after=min(int(entry.get("after", shape.after)), _WIDEST),
        entropy=float(entry.get("entropy", 0)),
        near=str(entry.get("near", "")),
        head=str(entry.get("head", "")),
        pair=str(entry.get("pair", "")),
        is_guess=bool(entry.get("guess", False)),
        group=Path(source).stem,
        source=source,
        recipes=tuple(entry.get("examples", ())),
    )


def _longest(anchor: str) -> int:
    """The longest match of an anchor, in bytes: the window has to begin before it."""
    parsed = cast("Any", re)._parser.parse(anchor.encode())  # noqa: SLF001 - there is no other way to ask
    return int(parsed.getwidth()[1])


def check_kind(kind: Kind) -> None:
    """ValueError or re.error where a kind would not work, or would cost all others their speed."""
    re.compile(kind.anchor.encode())
    parsed = cast("Any", re)._parser.parse(kind.anchor.encode())  # noqa: SLF001 - there is no other way to ask
    shortest, longest = parsed.getwidth()
    if not shortest or longest > _LONGEST_ANCHOR:
        raise ValueError("an anchor matches nothing, or more than four thousand bytes")
    if _LOOKS_AROUND.search(kind.anchor):
        raise ValueError("an anchor looks around itself or back")
    if re.search(r"(?<!\\)[*+](?![^\[]*\])|\{\d+,\}", kind.anchor):
        raise ValueError("an anchor repeats without bound")
    if "secret" not in kind.extraction.groupindex:
        raise ValueError("the pattern has no group `secret`")
    if not kind.literals or not all(kind.literals):
        raise ValueError("a literal is missing")


def _text(value: object) -> Text:
    """Both languages; one text alone, as a user's own kind may have it, is told in both."""
    if isinstance(value, str):
        return Text(en=value, ja=value)
    both = cast("dict[str, str]", value)
    return Text(en=str(both["en"]), ja=str(both["ja"]))
