"""People who left, from a list of the personnel department, and the users and roles that are theirs.

The list is whatever they have: a text with a name or mail address a line, a CSV or a workbook, in UTF-8, UTF-16 or CP932. With
a heading that names columns of names, mail addresses or numbers of staff, only those columns count; without, all do. Every
match says how sure it is and why; lines that match nobody are kept, for they are those that a person must look at.
"""

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice, permutations
from typing import Final

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.inventory import Advice, Item, Kind, Use, owner_of
from sakimori.model.errors import UsageError

MOST_BYTES: Final = 20_000_000
_MOST_LINES: Final = 100_000
_MOST_CELLS: Final = 100
_LONGEST: Final = 200
_MAIL: Final = re.compile(r"[^\s<>,;@]+@[^\s<>,;@]+\.[^\s<>,;@]+")
_WORDS: Final = re.compile(r"[^\W_]+")
_LATIN: Final = re.compile(r"[a-z0-9]+\Z")
_SHORTEST: Final = 3
"""A single word that is shorter says nothing."""
_HEADINGS: Final = (
    "name", "mail", "user", "login", "account", "employee", "氏名", "名前", "姓", "名", "メール", "ユーザ", "アカウント", "社員", "従業員", "ローマ字",
)  # fmt: skip
_SHEET: Final = b"PK\x03\x04"


class Sureness(StrEnum):
    """How sure a match is."""

    CERTAIN = "certain"
    """A mail address, or a number of staff, that belongs to nobody else."""
    LIKELY = "likely"
    """A whole name, as a tag or the user's name has it."""
    POSSIBLE = "possible"
    """Parts of a name, or initials: others may be called so."""


_ORDER: Final = tuple(Sureness)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list, from 1, and the texts in it that count."""

    number: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaverMatch:
    """`text` of the line met `where` of an identity: `name`, or `tag:<its name>`. `is_owner`: it is not the person, but theirs."""

    line: Line
    who: Identity
    sureness: Sureness
    text: str
    where: str
    is_owner: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leavers:
    """The best match of each line with each identity, the surest first; the lines that met nobody; the heading's columns."""

    matches: tuple[LeaverMatch, ...]
    unmatched: tuple[Line, ...]
    heading: tuple[str, ...] = ()
    lines: int = 0


# -- reading -----------------------------------------------------------------------------------


def read_leavers(content: bytes, name: str) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """The lines of a list that is called `name`, and the headings of the columns that count; UsageError where it is none."""
    if len(content) > MOST_BYTES:
        raise UsageError("iam_inventory.leavers_too_large", path=name, bytes=MOST_BYTES)
    rows = _sheet_rows(content, name) if content.startswith(_SHEET) else _text_rows(content, name)
    lines = list[tuple[int, list[str]]]()
    for number, row in rows:
        if len(lines) >= _MOST_LINES:
            raise UsageError("iam_inventory.leavers_too_long", path=name, lines=_MOST_LINES)
        cells = [unicodedata.normalize("NFKC", each).strip()[:_LONGEST] for each in row[:_MOST_CELLS]]
        if any(cells) and not cells[0].startswith("#"):
            lines.append((number, cells))
    places = _columns(lines[0][1]) if lines else ()
    heading = tuple(lines[0][1][place] for place in places)
    kept = lines[1:] if places else lines
    return tuple(Line(number, _counting(cells, places)) for number, cells in kept), heading


def _counting(cells: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    chosen = [cells[place] for place in places if place < len(cells)] if places else cells
    return tuple(each for each in chosen if each)


def _columns(cells: Sequence[str]) -> tuple[int, ...]:
    """The places of columns that count; () where the first line is no heading."""
    if any(_MAIL.search(each) for each in cells):
        return ()
    found = tuple(place for place, each in enumerate(cells) if _is_heading(each))
    return found if len(found) < len(cells) or len(cells) > 1 or _is_heading(cells[0]) else ()


def _is_heading(cell: str) -> bool:
    lower = cell.casefold()
    return any(lower == word or (len(word) > 1 and word in lower) for word in _HEADINGS)


def _text_rows(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content, name)
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        raise UsageError("iam_inventory.leavers_unreadable", path=name, line=reader.line_num) from None


def _decoded(content: bytes, name: str) -> str:
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError("iam_inventory.leavers_encoding", path=name)


def _sheet_rows(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        from openpyxl import load_workbook  # noqa: PLC0415 - for workbooks alone
        from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415
    except ImportError:
        raise UsageError("iam_inventory.leavers_no_xlsx", path=name) from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(each.file_size for each in archive.infolist()) > 10 * MOST_BYTES:
                raise UsageError("iam_inventory.leavers_too_large", path=name, bytes=MOST_BYTES)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=_MOST_CELLS), 1):
            yield number, ["" if each is None else str(each) for each in row]
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,
    ):
        # What openpyxl raises for a workbook that is none is not documented; these were seen.
        raise UsageError("iam_inventory.leavers_unreadable", path=name, line=1) from None


# -- matching ----------------------------------------------------------------------------------


def match_leavers(account: IamAccount, lines: Sequence[Line], heading: Sequence[str] = ()) -> Leavers:
    """Who of the account is meant by the lines."""
    index = _Index(account)
    matches, unmatched = list[LeaverMatch](), list[Line]()
    for line in lines:
        best = dict[tuple[str, bool], LeaverMatch]()
        for text in line.texts:
            for found in index.of(line, text):
                key = (found.who.arn, found.is_owner)
                if key not in best or _rank(found) < _rank(best[key]):
                    best[key] = found
        matches.extend(best.values())
        if not best:
            unmatched.append(line)
    matches.sort(key=lambda each: (_rank(each), each.line.number, each.who.arn))
    return Leavers(matches=tuple(matches), unmatched=tuple(unmatched), heading=tuple(heading), lines=len(lines))


def weighed(items: Iterable[Item], leavers: Leavers) -> tuple[Item, ...]:
    """The same items, those of leavers with another advice: who surely left goes, used or not; who perhaps left is looked at."""
    best = dict[str, Sureness]()
    for match in leavers.matches:
        if not match.is_owner:
            best.setdefault(match.who.arn, match.sureness)
    return tuple(_weighed(item, best.get(item.arn)) for item in items)


def _weighed(item: Item, sureness: Sureness | None) -> Item:
    if sureness is None or item.use is Use.INACTIVE:
        return item
    if sureness is Sureness.CERTAIN:
        advice = Advice.DELETE if item.kind is Kind.USER else Advice.DEACTIVATE
        return replace(item, advice=advice, because="left")
    return replace(item, advice=Advice.LOOK, because="perhaps_left") if item.advice is Advice.KEEP else item


def _rank(found: LeaverMatch) -> int:
    return _ORDER.index(found.sureness)


@dataclass(frozen=True, slots=True)
class _Place:
    who: Identity
    sureness: Sureness
    where: str
    is_owner: bool


class _Index:
    """By normal form of a text, what has it."""

    def __init__(self, account: IamAccount) -> None:
        self.places = defaultdict[str, list[_Place]](list)
        for user in account.users:
            self._add_user(user)
        for role in account.roles:
            self._add_owner(role)

    def of(self, line: Line, text: str) -> Iterator[LeaverMatch]:
        for form, most in _asked_forms(text):
            for place in self.places.get(form, ()):
                sureness = max(place.sureness, most, key=_ORDER.index)
                yield LeaverMatch(
                    line=line, who=place.who, sureness=sureness, text=text, where=place.where, is_owner=place.is_owner
                )

    def _add_user(self, user: Identity) -> None:
        self._add(user, user.name, "name", is_owner=False)
        _, owner_tag = owner_of(user.tags)
        for tag, value in user.tags.items():
            # Who owns a user that a program uses is not that user.
            self._add(user, value, f"tag:{tag}", is_owner=tag == owner_tag)

    def _add_owner(self, role: Identity) -> None:
        owner, tag = owner_of(role.tags)
        if owner:
            self._add(role, owner, f"tag:{tag}", is_owner=True)

    def _add(self, who: Identity, value: str, where: str, *, is_owner: bool) -> None:
        for form, sureness in _held_forms(value):
            self.places[form].append(_Place(who, sureness, where, is_owner))


def _held_forms(value: str) -> Iterable[tuple[str, Sureness]]:
    """What an account has, in the forms in which it may be asked for, each with how sure a match by it can be."""
    text = unicodedata.normalize("NFKC", value).casefold().strip()[:_LONGEST]
    found = dict[str, Sureness]()
    for mail in _MAIL.findall(text):
        found[f"mail:{mail}"] = Sureness.CERTAIN
        _add_words(found, mail.partition("@")[0])
    if "@" not in text:
        if text.isdigit() and len(text) >= _SHORTEST:
            found[f"number:{text}"] = Sureness.CERTAIN
        _add_words(found, text)
    return found.items()


def _add_words(found: dict[str, Sureness], text: str) -> None:
    words = _WORDS.findall(text)
    joined = "".join(words)
    if len(joined) >= _SHORTEST or (joined and not joined.isascii()):
        found.setdefault(f"whole:{joined}", Sureness.LIKELY)
    if len(words) > 1:
        found.setdefault(f"words:{' '.join(sorted(words))}", Sureness.LIKELY)


def _asked_forms(text: str) -> Iterator[tuple[str, Sureness]]:
    """What a line has, in the same forms, each with how sure a match by it can be at most."""
    lower = text.casefold()
    mails = _MAIL.findall(lower)
    for mail in mails:
        yield f"mail:{mail}", Sureness.CERTAIN
        words = _WORDS.findall(mail.partition("@")[0])
        yield f"whole:{''.join(words)}", Sureness.LIKELY
        yield f"words:{' '.join(sorted(words))}", Sureness.LIKELY
    rest = _MAIL.sub(" ", lower)
    words = list(islice(_WORDS.findall(rest), 6))
    if not words:
        return
    if len(words) == 1 and words[0].isdigit():
        if len(words[0]) >= _SHORTEST:
            yield f"number:{words[0]}", Sureness.CERTAIN
        return
    yield f"whole:{''.join(words)}", Sureness.LIKELY
    if len(words) > 1:
        yield f"words:{' '.join(sorted(words))}", Sureness.LIKELY
        yield from _spellings(words)


def _spellings(words: Sequence[str]) -> Iterator[tuple[str, Sureness]]:
    """How user names are made of a name of two words in Latin letters: both orders, and with one initial."""
    if len(words) != 2 or not all(_LATIN.match(each) for each in words):  # noqa: PLR2004 - a given and a family name
        return
    for first, second in permutations(words):
        yield f"whole:{first}{second}", Sureness.LIKELY
        for short in (f"{first[0]}{second}", f"{second}{first[0]}"):
            if len(short) > _SHORTEST:
                yield f"whole:{short}", Sureness.POSSIBLE
