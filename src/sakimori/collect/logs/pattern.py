"""Filter patterns of CloudWatch Logs for JSON events, and which events of CloudTrail one lets through.

Source: CloudWatch Logs user guide, "Filter pattern syntax for metric filters, subscription
filters, and Live Tail", section on JSON log events.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sakimori.collect.cloudtrail.watched import WATCHED, Event, Judge, watches
from sakimori.collect.kleene import every, some
from sakimori.collect.wildcard import matches_wildcard

_MAX_CHARACTERS: Final = 1024  # what PutMetricFilter accepts
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<sign>&&|\|\||!=|<=|>=|[=<>(){}])
      | "(?P<quoted>(?:[^"\\]|\\.)*)"
      | (?P<regex>%(?:[^%\\]|\\.)*%)
      | (?P<word>[^\s"(){}=!<>&|%]+)
    )""",
    re.VERBOSE,
)
# Source: the same guide, "Supported regular expressions (regex) syntax". Counted repeats are left aside.
_REGEX: Final = re.compile(r"%(?:[A-Za-z0-9:_#=@/;,\-^$?\[\]|*+.]|\\(?:[dDsSwW]|x[0-9A-Fa-f]{2}|[^A-Za-z0-9]))+%")
_MAX_REPEATS: Final = 2
_OPERATORS: Final = ("=", "!=", "<", ">", "<=", ">=")
_KEYWORDS: Final = frozenset({"NOT", "EXISTS", "IS", "NULL", "TRUE", "FALSE"})


class NotUnderstoodError(ValueError):
    """The pattern is of another kind, or uses something that is not known here."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@lru_cache(maxsize=1024)  # stacks and Regions repeat the same few patterns
def watched_by(pattern: str) -> Mapping[str, bool | None]:
    """Of each watched thing, by name, whether the pattern counts it: in any order, spacing and quoting, and with more beside.

    None where the pattern is of another kind, or where a test matters that is not followed here.
    """
    try:
        judge = parse(pattern)
    except NotUnderstoodError:
        return dict.fromkeys((watched.name for watched in WATCHED), None)
    return {watched.name: watches(judge, watched) for watched in WATCHED}


def parse(pattern: str) -> Judge:
    """A judge of events for a JSON filter pattern `{ … }`; NotUnderstoodError where it is none."""
    parser = _Parser(_tokens(pattern))
    parser.take("{")
    judge = parser.alternatives()
    parser.take("}")
    parser.end()
    return judge


def _tokens(pattern: str) -> list[_Token]:
    if len(pattern) > _MAX_CHARACTERS:
        raise NotUnderstoodError("too long")
    tokens: list[_Token] = []
    position = 0
    text = pattern.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise NotUnderstoodError("an unknown sign")
        kind = str(match.lastgroup)
        word = match.group(kind)
        if kind == "quoted":
            word = re.sub(r"\\(.)", r"\1", word)
        tokens.append(_Token(word if kind == "sign" else kind, word))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent; && binds tighter than ||."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    def take(self, kind: str) -> str:
        if self._next() != kind:
            raise NotUnderstoodError(f"expected {kind}")
        self._position += 1
        return self._tokens[self._position - 1].text

    def end(self) -> None:
        if self._position != len(self._tokens):
            raise NotUnderstoodError("something follows")

    def alternatives(self) -> Judge:
        judges = [self._conjunction()]
        while self._next() == "||":
            self.take("||")
            judges.append(self._conjunction())
        return lambda event, guess: some(judge(event, guess) for judge in judges)

    def _conjunction(self) -> Judge:
        judges = [self._term()]
        while self._next() == "&&":
            self.take("&&")
            judges.append(self._term())
        return lambda event, guess: every(judge(event, guess) for judge in judges)

    def _term(self) -> Judge:
        if self._next() != "(":
            return self._comparison()
        self._depth += 1
        if self._depth > 50:  # noqa: PLR2004 - far deeper than a person writes, far from Python's own limit
            raise NotUnderstoodError("too deep")
        self.take("(")
        judge = self.alternatives()
        self.take(")")
        self._depth -= 1
        return judge

    def _comparison(self) -> Judge:
        selector = _selector(self.take("word"))
        if self._next() == "word":
            return _on_presence(selector, self._keywords())
        operator = self._take_one_of(_OPERATORS)
        kind = self._next()
        value = self._take_one_of(("quoted", "word", "regex"))
        if operator not in {"=", "!="}:
            return _not_followed(selector)
        if kind != "regex":
            return _Equality(selector, value, is_negated=operator == "!=")
        expression = _expression(value)
        return _Search(selector, expression, is_negated=operator == "!=") if expression else _not_followed(selector)

    def _take_one_of(self, kinds: tuple[str, ...]) -> str:
        kind = self._next()
        if kind not in kinds:
            raise NotUnderstoodError("something is missing")
        return self.take(kind)

    def _keywords(self) -> tuple[str, ...]:
        words: list[str] = []
        while self._next() == "word" and self._tokens[self._position].text.upper() in _KEYWORDS:
            words.append(self.take("word").upper())
        return tuple(words)

    def _next(self) -> str:
        return self._tokens[self._position].kind if self._position < len(self._tokens) else ""


def _selector(word: str) -> str:
    """The dotted path in `$.a.b`, also for the form `$['a']['b']`."""
    path = re.sub(r"\.?\['([^']*)'\]", r".\1", word)
    if not path.startswith("$."):
        raise NotUnderstoodError("no selector")
    return path.removeprefix("$.")


def _on_presence(selector: str, words: tuple[str, ...]) -> Judge:
    if words == ("NOT", "EXISTS"):
        return lambda event, _: event[selector] is None if selector in event else None
    if words == ("EXISTS",):
        return lambda event, _: event[selector] is not None if selector in event else None
    if words == ("IS", "NULL"):
        # What an event lacks here is not there; null it is never.
        return lambda event, _: False if selector in event else None
    if words in {("IS", "TRUE"), ("IS", "FALSE")}:
        wanted = words[1] == "TRUE"
        return lambda event, _: event[selector] is wanted if selector in event else None
    raise NotUnderstoodError("an unknown test")


def _expression(quoted: str) -> re.Pattern[str] | None:
    """A regular expression between two %, where it is one that CloudWatch Logs knows and that cannot take long."""
    # A ? is one too: each of many may take a character or leave it. What is escaped repeats nothing.
    repeats = re.findall(r"[*+?]", re.sub(r"\\.", "", quoted))
    if not _REGEX.fullmatch(quoted) or len(repeats) > _MAX_REPEATS:
        return None
    try:
        return re.compile(quoted[1:-1], re.ASCII)
    except re.error:
        return None


def _not_followed(selector: str) -> Judge:
    return lambda event, guess: guess if selector in event else None


@dataclass(frozen=True, slots=True)
class _Equality:
    """A comparison with text, in which * stands for any."""

    selector: str
    value: str
    is_negated: bool

    def __call__(self, event: Event, guess: bool) -> bool | None:  # noqa: FBT001 - the form of a Judge
        if self.selector not in event:
            return None
        found = event[self.selector]
        if isinstance(found, bool):
            # Truth is asked for by IS TRUE; what = says of it is nowhere written.
            return guess
        if found is None:
            # Nor is it whether != matches where the member is missing.
            return guess if self.is_negated else False
        return matches_wildcard(self.value, found) != self.is_negated


@dataclass(frozen=True, slots=True)
class _Search:
    """A regular expression, which may match anywhere in the text."""

    selector: str
    expression: re.Pattern[str]
    is_negated: bool

    def __call__(self, event: Event, guess: bool) -> bool | None:  # noqa: FBT001 - the form of a Judge
        if self.selector not in event:
            return None
        found = event[self.selector]
        if not isinstance(found, str):
            return guess
        return (self.expression.search(found) is not None) != self.is_negated
