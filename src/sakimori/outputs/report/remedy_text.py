"""A rule's command line, ready to copy: with a finding's own values in it, each one word of a POSIX shell.

A resource's name is chosen by whoever made the resource, and the line is meant to be
pasted into a shell that may do anything to the account. So a value stands in quotes, and
where quotes do not hold (inside other quotes, a substitution, a here-document) only a
value without any special character is filled in. What cannot be filled in safely, and
what is not known, stands as `<column>` for the reader to fill in.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum, auto
from typing import Final

from sakimori.model.verdict import Verdict
from sakimori.model.words import GLOBAL
from sakimori.outputs.report.plain_values import as_json, plain
from sakimori.texts.language import clean
from sakimori.texts.template import parse_template

_LONGEST: Final = 2048
"""No name of AWS is longer; a longer value is no name to paste."""
_PLAIN: Final = re.compile(r"(?!=)[A-Za-z0-9_@%+=:,./-]+\Z")
"""What no shell takes for anything; zsh puts a program's path for a word that begins with `=`."""
_FRAGILE: Final = ("`", "$(", "${", "$'", '$"', "<<")
"""Where one of these stands, quoting does not nest as it seems to."""
_FILE_SIGNS: Final = ("file://", "fileb://")
"""The AWS CLI reads a file for such a value. Source: AWS CLI user guide, "Loading a parameter from a file"."""


class _Place(Enum):
    """Where in the shell's text a value comes to stand."""

    BARE = auto()
    SINGLE = auto()
    DOUBLE = auto()
    COMMENT = auto()


def filled_cli(template: str, verdict: Verdict) -> str:
    """`template` with the values of `verdict`: its evidence, `account_id`, `region` and `resource`."""
    region = None if verdict.region == GLOBAL else verdict.region
    known = {**verdict.evidence, "account_id": verdict.account, "region": region, "resource": verdict.resource}
    return _fill(template, known)


def rule_cli(template: str) -> str:
    """`template` for no finding in particular: every column as `<column>`.

    >>> rule_cli("aws s3api get-bucket-acl --bucket {name}")
    'aws s3api get-bucket-acl --bucket <name>'
    """
    return _fill(template, {})


def _fill(template: str, values: Mapping[str, object]) -> str:
    parts = parse_template(template)
    is_fragile = any(sign in template for sign in _FRAGILE)
    shell = _Shell()
    result: list[str] = []
    for kind, word in parts:
        if kind == "text":
            shell.read(word)
            result.append(word)
            continue
        is_loose = not is_fragile and not shell.is_escaping and shell.place in {_Place.BARE, _Place.COMMENT}
        result.append(_value(values.get(word), is_loose=is_loose) or f"<{word}>")
        shell.pass_value()
    return "".join(result)


class _Shell:
    """Follows the quotes of a POSIX shell through the template's own text."""

    def __init__(self) -> None:
        self.place = _Place.BARE
        self.is_escaping = False
        self._is_at_word_start = True

    def read(self, text: str) -> None:
        for character in text:
            if self.is_escaping:
                self.is_escaping = False
            elif character == "\\" and self.place in {_Place.BARE, _Place.DOUBLE}:
                self.is_escaping = True
            else:
                self._turn(character)
            self._is_at_word_start = character.isspace() or character in ";&|("

    def pass_value(self) -> None:
        self.is_escaping = self._is_at_word_start = False

    def _turn(self, character: str) -> None:
        match self.place, character:
            case (_Place.BARE, "'"):
                self.place = _Place.SINGLE
            case (_Place.BARE, '"'):
                self.place = _Place.DOUBLE
            case (_Place.BARE, "#") if self._is_at_word_start:
                self.place = _Place.COMMENT
            case (_Place.SINGLE, "'") | (_Place.DOUBLE, '"') | (_Place.COMMENT, "\n"):
                self.place = _Place.BARE


def _value(value: object, *, is_loose: bool) -> str:
    """The value as it may stand there; "" where it may not."""
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        words = [_value(item, is_loose=is_loose) for item in value]
        return " ".join(words) if is_loose and all(words) else ""
    text = _text(value)
    if text is None or len(text) > _LONGEST:
        return ""
    if isinstance(value, str) and text.startswith(("-", *_FILE_SIGNS)):
        return ""  # it would be read as an option, or as the content of a file
    if _PLAIN.match(text):
        return text
    return _quoted(clean(text, max(len(text), 1))) if is_loose else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date):  # a time is a date too
        return str(plain(value))
    return as_json(value)
