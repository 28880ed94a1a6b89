"""Fields of a log line: how each looks where it is well written, and which columns it gives. `-` is no value."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

DAY: Final = (
    r"(?:20[0-9]{2}|199[0-9]|21[0-9]{2})-"
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
REGION: Final = r"[a-z]{2}(?:-[a-z]+)+-[0-9]"
WORD: Final = r'[^ "]+'
_ARN: Final = re.compile(rf"arn:[a-z-]+:[a-z0-9-]+:({REGION})?:([0-9]{{12}})?:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a line. `name` is AWS's, `into` the columns that it gives.

    `shape` is how a well written value looks; a value of a strict field that does not look so is none. `parts` has a
    group named as each column, where there are several; `to` makes the value of a column where it is not the text itself. An
    owner is an ARN that says whose the row is. The expressions are of the kind that Python and RE2 understand alike.
    """

    name: str
    into: tuple[str, ...]
    shape: str = WORD
    is_quoted: bool = False
    is_strict: bool = False
    parts: str = ""
    to: Callable[[str], object] | None = None
    is_owner: bool = False

    @property
    def whole(self) -> str:
        """The field in a well written line, with its quotes."""
        if self.shape == WORD:
            return self.shape
        if self.name == "time":
            # A line without its time is not well written. The Z stays out, that times may be compared as texts.
            return f"({self.shape.removesuffix('Z?')})Z?" if self.shape.endswith("Z?") else f"({self.shape})"
        return f'(?:"{self.shape}"|-)' if self.is_quoted else f"(?:{self.shape}|-)"

    def divide(self, found: str) -> tuple[object, ...] | None:
        """A value for each column; None where the text is not of the field's kind."""
        if self.parts:
            match = re.fullmatch(self.parts, found, re.DOTALL)
            return tuple(None if part == "-" else part for part in match.groups()) if match else None
        if self.is_strict and not re.fullmatch(self.shape, found):
            return None
        return (self.to(found) if self.to else found,) if self.into else ()


def text(name: str, like: str = WORD, to: Callable[[str], str] | None = None) -> Field:
    """A text without spaces; `like` says more of its look."""
    return Field(name=name, into=(name,), shape=like, to=to)


def quoted(name: str, into: str = "", *, is_owner: bool = False) -> Field:
    """A text between quotes, or a bare hyphen."""
    return Field(name=name, into=(into or name,), shape=r'[^"]*', is_quoted=True, is_owner=is_owner)


def arn(name: str) -> Field:
    """An ARN, which also says the Region and account of the row."""
    return Field(name=name, into=(name,), is_owner=True)


def whole(name: str) -> Field:
    """A whole number."""
    return Field(name=name, into=(name,), shape="-?[0-9]{1,18}", is_strict=True)


def decimal(name: str) -> Field:
    """A number that may have a fraction."""
    return Field(name=name, into=(name,), shape=r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", is_strict=True)


def moment(name: str) -> Field:
    """A time in ISO 8601, UTC with or without saying so."""
    return Field(name=name, into=(name,), shape=rf"{DAY}T{CLOCK}(?:\.[0-9]{{1,6}})?Z?", is_strict=True)


def address(name: str, ip: str, port: str) -> Field:
    """`ip:port`; an IPv6 address stands in brackets, or without any."""
    return Field(
        name=name,
        into=(ip, port),
        shape=r"[0-9a-fA-F:.\[\]]+:[0-9]{1,5}",
        parts=rf"\[?(?P<{ip}>[0-9a-fA-F:.]+)\]?:(?P<{port}>[0-9]{{1,5}})",
    )


def request(name: str = "request") -> Field:
    """Verb, URL and protocol between quotes, each `-` where the request was none; classic lines end with a space."""
    return Field(
        name=name,
        into=("request_verb", "request_url", "request_protocol"),
        shape=f"{WORD} {WORD} {WORD} ?",
        is_quoted=True,
        parts="(?P<request_verb>[^ ]+) (?P<request_url>.*[^ ]) (?P<request_protocol>[^ ]+) ?",
    )


def owner_of(found: str | None) -> tuple[str | None, str | None]:
    """Account and Region that an ARN says.

    >>> owner_of("arn:aws:acm:us-east-2:111122223333:certificate/1")
    ('111122223333', 'us-east-2')
    """
    match = _ARN.match(found or "")
    return (match[2], match[1]) if match else (None, None)
