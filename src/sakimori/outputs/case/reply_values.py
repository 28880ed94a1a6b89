"""Times, ids, counts and amounts as they stand in a sentence, in the ways in which people write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from sakimori.outputs.case.reply_tables import money
from sakimori.texts.language import Language

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_CLOCK: Final = r"(?:[ T]{0,3}(?:at )?(\d{1,2})[:時](\d{2})(?::\d{2}|分)?(?:[ ]?(JST|UTC|GMT|Z|\+09:?00))?)?"
_YEAR_FIRST: Final = re.compile(rf"(?<!\d)(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?(?!\d){_CLOCK}")
_DAY_FIRST: Final = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)? {_MONTH},? (\d{{4}})(?!\d){_CLOCK}", re.IGNORECASE)
_MONTH_FIRST: Final = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})(?!\d){_CLOCK}", re.IGNORECASE)
_ZONES: Final = {"JST": "JST", "+09:00": "JST", "+0900": "JST", "UTC": "UTC", "GMT": "UTC", "Z": "UTC"}
_IDS: Final = re.compile(
    r"\b(?:AKIA|ASIA|AIDA|AROA|ABSK|ACCA)[A-Z0-9]{12,40}\b"
    r"|\barn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:\d*:[A-Za-z0-9_+=,.@:/-]*[A-Za-z0-9_]"
    r"|(?<![\d-])\d{12}(?![\d-])|(?<![\d-])\d{4}-\d{4}-\d{4}(?![\d-])"
    r"|\b(?:i|vol|snap|ami|sg|eni|vpc|subnet|igw|eipalloc|lt|fl|sfr|sir|rtb|acl|key|tgw|nat|pcx)-[0-9a-f]{8,40}\b"
    r"|\bSKM-[0-9]{8}-[A-Z0-9]{2,6}\b|(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])"
    r"|(?<=IAM user )[A-Za-z0-9+=,.@_-]{2,64}(?<![,.])|(?<=IAM ユーザー )[A-Za-z0-9+=,.@_-]{2,64}"
)
_COUNTS: Final[dict[Language, re.Pattern[str]]] = {
    "ja": re.compile(r"(?<![\d.:/-])(\d[\d,]*)\s*(?:個|つの|つ|件|台|名|種類|リージョン|ユーザー|ロール|インスタンス|アカウント)"),
    "en": re.compile(
        r"(?<![\d.:/-])(\d[\d,]*)\s+(?:[a-z-]+\s+){0,3}?(?:keys?|regions?|events?|roles?|role\(s\)|resources?|resource\(s\)|users?|instances?"
        r"|sessions?|items?|item\(s\)|reads?|read\(s\)|functions?|buckets?|files?|accounts?|changes?|change\(s\)|snapshots?|policies|volumes?|more)(?![a-z])",
        re.IGNORECASE,
    ),
}  # fmt: skip
_AMOUNTS: Final = re.compile(
    r"(?:US)?\$\s?(\d[\d,]*(?:\.\d+)?)|(?<![\d.,])(\d[\d,]*(?:\.\d+)?)\s?(?:USD|米?ドル|dollars?)", re.IGNORECASE
)
_KINDS: Final = {
    "regions": re.compile(r"\bregions?\b|リージョン\Z", re.IGNORECASE),
    "keys": re.compile(r"\bkeys?\b|アクセスキー[^。、\d]{0,4}\d[\d,]*\s*[個つ件]", re.IGNORECASE),
    "events": re.compile(r"\bevents?\b|イベント[^。、\d]{0,4}\d[\d,]*\s*件", re.IGNORECASE),
}
_BEFORE: Final = 12
_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class FoundTime:
    """A date, and a minute of it where one is told (`minute` is "" otherwise); `zone` is JST, UTC, or "" where none stands there."""

    quote: str
    day: str
    minute: str
    zone: str


def times_in(sentence: str) -> Iterator[FoundTime]:
    """Every date of a sentence, with its clock time."""
    sentence = sentence[:_MOST]
    for found in _YEAR_FIRST.finditer(sentence):
        yield _time(found, (found[1], found[2], found[3]))
    for found in _DAY_FIRST.finditer(sentence):
        yield _time(found, (found[3], _month(found[2]), found[1]))
    for found in _MONTH_FIRST.finditer(sentence):
        yield _time(found, (found[3], _month(found[1]), found[2]))


def ids_in(sentence: str) -> Iterator[str]:
    """Every id, ARN, address and user's name that can be told as one."""
    yield from (found[0] for found in _IDS.finditer(sentence[:_MOST]))


def counts_in(sentence: str, language: Language) -> Iterator[tuple[str, int, str]]:
    """Every number of things, with the words that tell it and what is counted: `keys`, `regions`, `events`, or "" for other things."""
    sentence = sentence[:_MOST]
    for found in _COUNTS[language].finditer(sentence):
        digits = found[1].replace(",", "")
        before = sentence[max(found.start() - _BEFORE, 0) : found.start()] if language == "ja" else ""
        yield found[0], int(digits[:30]), _kind(before + found[0])


def amounts_in(sentence: str) -> Iterator[tuple[str, str]]:
    """Every sum of dollars, with the words that tell it."""
    for found in _AMOUNTS.finditer(sentence[:_MOST]):
        try:
            yield found[0], money(Decimal((found[1] or found[2]).replace(",", "")[:30]))
        except InvalidOperation:
            yield found[0], ""


def _kind(words: str) -> str:
    return next((kind for kind, told in _KINDS.items() if told.search(words)), "")


def _month(name: str) -> str:
    return str(_MONTHS.index(name[:3].lower()) + 1)


def _time(found: re.Match[str], date: tuple[str, str, str]) -> FoundTime:
    hour, minute, zone = found.groups()[-3:]
    try:
        at = datetime(*map(int, date), int(hour or 0), int(minute or 0))  # noqa: DTZ001 # type: ignore[misc] - of its sentence's zone
    except ValueError:
        return FoundTime(found[0], "?", "?", "")
    shown = f"{at:%Y-%m-%d %H:%M}" if hour else ""
    return FoundTime(found[0], f"{at:%Y-%m-%d}", shown, _ZONES.get((zone or "").upper(), ""))
