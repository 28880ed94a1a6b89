"""What a scanner found of the truth: by the string itself, not by the file it lies in."""

import base64
import binascii
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from scanners import Finding

from texts import Truth, Truths

ALMOST: Final = 0.9
"""A finding that is a piece of the secret counts where it is nearly all of it."""
_SHORTEST_OVERLAP: Final = 6
_SHORTEST_CODED: Final = 12
_HEADER: Final = re.compile(r"\A[-\s]*BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*[-\s]*\Z")
_LONGEST_KEY_LINES: Final = 60
OTHER: Final = "ordinary text"
Read = tuple[Finding, Sequence[str]]
"""A finding with all the ways to read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Found and all secrets by kind and by surroundings; false alarms by the kind of what alarmed."""

    found: Mapping[str, int]
    all: Mapping[str, int]
    found_in_form: Mapping[str, int]
    all_in_form: Mapping[str, int]
    alarmed: Mapping[str, int]
    near_misses: Mapping[str, int]
    false_alarms: int
    pieces: int
    """Findings that are a piece of a secret, too small to count as having found it, or lie on its line and name another string."""
    false_strings: tuple[tuple[str, str, str], ...]
    missed: tuple[tuple[str, str], ...]
    """Kind and surroundings of what was not found."""

    @property
    def recall(self) -> float:
        return sum(self.found.values()) / sum(self.all.values())

    @property
    def precision(self) -> float:
        told = sum(self.found.values()) + self.false_alarms
        return sum(self.found.values()) / told if told else 0.0


def score(truths: Truths, findings: Sequence[Finding]) -> Score:
    """Compare all findings with the truth."""
    read = [(each, tuple(dict.fromkeys(ways_to_read(each.string)))) for each in findings if each.string]
    text = "\0".join(reading for _, readings in read for reading in readings)
    found = [
        each for each in truths.secrets if any(form in text for form in _forms(each.string)) or _nearly(each, read)
    ]
    pieces, misses = _alarms(truths, read)
    return Score(
        found=dict(Counter(each.kind for each in found)),
        all=dict(Counter(each.kind for each in truths.secrets)),
        found_in_form=dict(Counter(each.form for each in found)),
        all_in_form=dict(Counter(each.form for each in truths.secrets)),
        alarmed=dict(Counter(kind for _, kind in misses)),
        near_misses=dict(Counter(each.kind for each in truths.near_misses)),
        false_alarms=len(misses),
        pieces=pieces,
        false_strings=tuple((kind, finding.rule, finding.string[:120]) for finding, kind in misses),
        missed=tuple((each.kind, each.form) for each in truths.secrets if each not in found),
    )


def _forms(string: str) -> set[str]:
    """A secret as it stands in an address and as it is meant; of a login in base64, the password too."""
    forms = {_squeezed(string), _squeezed(unquote(string))}
    try:
        user, colon, password = base64.b64decode(string, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return forms
    return {*forms, password} if colon and user.isprintable() and len(password) >= _SHORTEST_CODED else forms


def ways_to_read(string: str) -> Iterator[str]:
    """A finding as it stands, without escapes, and decoded: all without white space, for keys are wrapped in many ways."""
    yield _squeezed(string)
    plain = string.replace("\\r", "").replace("\\n", "\n")
    yield _squeezed(plain)
    if "\\" in string:
        try:
            yield _squeezed(json.loads(f'"{string}"'))
        except ValueError:
            yield _squeezed(plain.replace("\\", ""))
    if "%" in string:
        yield _squeezed(unquote(string))
    for word in {string, *re.split(r"[\s:\"']+", string)}:
        if len(word) >= _SHORTEST_CODED:
            try:
                yield _squeezed(base64.b64decode(word, validate=True).decode().replace("\\n", "\n"))
            except (binascii.Error, ValueError):
                continue


def _squeezed(string: str) -> str:
    return "".join(string.split())


def _nearly(truth: Truth, read: Iterable[Read]) -> bool:
    """Whether a finding is almost all of the secret, or names a private key in this place by its first line."""
    secret = _squeezed(truth.string)
    is_key = "key" in truth.kind or "account" in truth.kind
    for finding, readings in read:
        if any(len(each) >= ALMOST * len(secret) and each in secret for each in readings):
            return True
        is_here = finding.file == truth.file and 0 <= truth.line - finding.line <= _LONGEST_KEY_LINES
        if is_key and is_here and _HEADER.match(finding.string):
            return True
    return False


def _alarms(truths: Truths, read: Iterable[Read]) -> tuple[int, list[tuple[Finding, str]]]:
    """How many findings are only a piece of a secret or lie on its line; and alarms about nothing, with what raised them."""
    true = [form for each in truths.secrets for form in _forms(each.string)]
    may = [form for each in truths.also for form in _forms(each)]
    real, lines = "\0".join((*true, *may)), {(each.file, each.line) for each in truths.secrets}
    misses: defaultdict[str, list[Truth]] = defaultdict(list)
    for each in truths.near_misses:
        misses[each.file].append(each)
    pieces, told = 0, {}
    for finding, readings in read:
        if (
            finding.beside
            or _HEADER.match(finding.string)
            or any(form in each for form in (*true, *may) for each in readings)
        ):
            continue
        is_piece = any(len(each) >= _SHORTEST_OVERLAP and each in real for each in readings)
        if is_piece or lines & {(finding.file, finding.line), (finding.file, 0)}:
            pieces += 1
        else:
            kind = next((each.kind for each in misses[finding.file]), OTHER)
            told.setdefault((finding.string, finding.file), (finding, kind))
    return pieces, list(told.values())
