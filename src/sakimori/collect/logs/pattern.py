"""Filter patterns of CloudWatch Logs for JSON events, and whether one catches what the root user does.

Source: CloudWatch Logs user guide, "Filter pattern syntax for metric filters, subscription
filters, and Live Tail", section on JSON log events.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from sakimori.collect.kleene import every, some

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
_OPERATORS: Final = ("=", "!=", "<", ">", "<=", ">=")
_KEYWORDS: Final = frozenset({"NOT", "EXISTS", "IS", "NULL", "TRUE", "FALSE"})


class NotUnderstoodError(ValueError):
    """The pattern is of another kind, or uses something that is not known here."""


Event = Mapping[str, str | None]
"""Known fields of an event by selector; None for a field that it lacks. A field that is not there may be anything."""

Judge = Callable[[Event], bool | None]
"""Whether a part of a pattern matches an event: None where it depends on fields that are not known."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def catches_root_use(pattern: str) -> bool | None:
    """Whether the pattern matches every act of the root user, and not the acts of others as well.

    The benchmark's pattern does, in any order, spacing and quoting; so does one that also lets
    through acts of AWS services in the root user's name. None where the pattern is not understood.
    """
    try:
        judge = parse(pattern)
        catches = every(judge(event) is True for event in _ROOT_ACTS)
        return catches and judge(_ACT_OF_ANOTHER) is not True
    except NotUnderstoodError:
        return None


_ROOT_ACTS: Final[tuple[Event, ...]] = tuple(
    {"$.userIdentity.type": "Root", "$.userIdentity.invokedBy": None, "$.eventType": kind}
    for kind in ("AwsApiCall", "AwsConsoleSignIn", "AwsConsoleAction", "AwsVpceEvent")
)
_ACT_OF_ANOTHER: Final[Event] = {
    "$.userIdentity.type": "IAMUser", "$.userIdentity.invokedBy": None, "$.eventType": "AwsApiCall",
}  # fmt: skip


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
        return lambda event: some(judge(event) for judge in judges)

    def _conjunction(self) -> Judge:
        judges = [self._term()]
        while self._next() == "&&":
            self.take("&&")
            judges.append(self._term())
        return lambda event: every(judge(event) for judge in judges)

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
        if kind == "regex" or operator not in {"=", "!="}:
            return _Depends(selector)
        return _Equality(selector, value, is_negated=operator == "!=")

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
    """`$.a.b`, also for the form `$['a']['b']`."""
    if not word.startswith("$"):
        raise NotUnderstoodError("no selector")
    return re.sub(r"\.?\['([^']*)'\]", r".\1", word)


def _on_presence(selector: str, words: tuple[str, ...]) -> Judge:
    if words == ("NOT", "EXISTS"):
        return lambda event: event[selector] is None if selector in event else None
    if words == ("EXISTS",):
        return lambda event: event[selector] is not None if selector in event else None
    if words in {("IS", "NULL"), ("IS", "TRUE"), ("IS", "FALSE")}:
        # The fields that are known here hold text or are missing.
        return lambda event: False if selector in event else None
    raise NotUnderstoodError("an unknown test")


@dataclass(frozen=True, slots=True)
class _Equality:
    """A comparison with text, in which * stands for any."""

    selector: str
    value: str
    is_negated: bool

    def __call__(self, event: Event) -> bool | None:
        if self.selector not in event:
            return None
        found = event[self.selector]
        if found is None:
            # Whether != matches where the field is missing is nowhere said.
            if self.is_negated:
                raise NotUnderstoodError("!= on a missing field")
            return False
        pattern = self.value.replace("[", "[[]").replace("?", "[?]")
        return fnmatchcase(found, pattern) != self.is_negated


@dataclass(frozen=True, slots=True)
class _Depends:
    """A test by number or regular expression: on a field that is known here it is not followed."""

    selector: str

    def __call__(self, event: Event) -> bool | None:
        if self.selector in event:
            raise NotUnderstoodError("a test that is not followed")
        return None
