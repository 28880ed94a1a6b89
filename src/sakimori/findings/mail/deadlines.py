"""By when a mail asks for an answer: a date that it names, a span that it grants, or a clock of ours.

Business days are those from Monday to Friday; holidays are not known here, so that the deadline is never too late.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Final


class Clock(StrEnum):
    """Who set the deadline; each has its sentence `mail.clock_<value>`."""

    NAMED = "named"
    """The mail names a date."""
    SPAN = "span"
    """The mail grants a span, counted from when it was sent."""
    OURS = "ours"
    """The mail says nothing: the clock of its kind."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment (UTC), who set it, and the words of the mail that say so."""

    at: datetime
    clock: Clock
    words: str = ""


_LOOKED_AT: Final = 60_000
_FARTHEST: Final = timedelta(days=400)
_NEAR: Final = 60
"""Characters between a word that sets a deadline and the date."""
_QUOTED: Final = 120
_SATURDAY: Final = 5
_MIDDAY: Final = 12
_MONTHS: Final = {name: number for number, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
_OFFSETS: Final = {
    "utc": 0, "gmt": 0, "z": 0, "pst": -8, "pdt": -7, "pt": -8, "mst": -7, "mdt": -6, "cst": -6, "cdt": -5, "est": -5, "edt": -4, "et": -5,
    "jst": 9, "日本時間": 9, "日本標準時": 9, "協定世界時": 0,
}  # fmt: skip
_NUMBERS: Final = {name: number for number, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)}  # fmt: skip
_HOURS: Final = {"hour": 1, "hr": 1, "day": 24, "week": 168, "時間": 1, "日間": 24, "日": 24, "週間": 168}

_ZONE: Final = r"(?:\s*[(（]?\s*(?P<zone>UTC(?!\s*[+-]\d)|GMT(?!\s*[+-]\d)|PST|PDT|PT|MST|MDT|CST|CDT|EST|EDT|ET|JST|Z\b|日本時間|日本標準時|協定世界時|(?:UTC|GMT)?\s*[+-]\d{2}:?\d{2})\s*[)）]?)?"
_TIME: Final = r"(?:[T\s,、]*(?:at|の)?\s*(?:[(（][月火水木金土日]曜?日?[)）])?\s*(?:(?P<zone_before>日本時間|UTC|JST)\s*)?(?P<half>午前|午後)?\s*(?P<hour>\d{1,2})\s*(?::|時)\s*(?P<minute>\d{2})?(?::\d{2}(?:\.\d+)?)?\s*分?\s*(?P<meridiem>[ap]\.?m\.?)?)?"
_WEEKDAY: Final = r"(?:\s*[(（][月火水木金土日]曜?日?[)）])?"
_NAME: Final = r"(?P<name>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DATES: Final = tuple(
    re.compile(day + _WEEKDAY + _TIME + _ZONE, re.IGNORECASE)
    for day in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        r"(?:(?P<year>\d{4})\s*年\s*)?(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日",
        _NAME + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{4}))?(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+" + _NAME + r"(?:,?[\s-]+(?P<year>\d{4}))?(?!\d)",
        r"(?<!\d)(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})(?!\d)",
    )
)
_BEFORE: Final = re.compile(
    r"\b(?:by|before|until|no later than|not later than|deadline(?: is)?|due(?: date)?|respond by|on or before|期限|締切|期日|回答期限)\W{0,3}(?:the\s+)?(?:end\s+of\s+)?(?:\w+day,?\s+)?[\s(:：はが]*$",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(r"^\s*[)）]?\s*(?:\w{0,4})?\s*(?:まで|迄|以前|より前|を期限|が期限)")
_SPANS: Final = (
    re.compile(
        r"\b(?:within|in the next|during the next|you have)\s+(?:the\s+next\s+)?(?P<number>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\s*(?:\(\s*(?P<again>\d{1,3})\s*\)\s*)?"
        r"(?P<business>business\s+|working\s+|calendar\s+)?(?P<unit>hour|hr|day|week)s?\b(?!\s+(?:ago|of\s+each))",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<number>\d{1,3})\s*(?P<business>営業|就業)?(?P<unit>時間|日間|日|週間)\s*(?:以[内\ufffd]|のうち)"),
    re.compile(r"(?P<number>\d{1,3})\s*(?P<business>営業|就業)?(?P<unit>時間|日間|週間)\s*まで"),
)  # fmt: skip


def deadline_of(text: str, sent_at: datetime, clock_hours: int) -> Deadline | None:
    """The earliest deadline that the text sets; otherwise the clock of the kind; None where there is neither.

    >>> deadline_of("Please reply within 24 hours.", datetime(2026, 11, 23, tzinfo=UTC), 1).at.isoformat()
    '2026-11-24T00:00:00+00:00'
    """
    flat = " ".join(text[:_LOOKED_AT].translate(_WIDE).split())
    found = sorted((*_named(flat, sent_at), *_granted(flat, sent_at)), key=lambda each: each.at)
    if found:
        return found[0]
    return Deadline(sent_at + timedelta(hours=clock_hours), Clock.OURS) if clock_hours else None


_WIDE: Final = {ord("０") + digit: str(digit) for digit in range(10)} | {ord("："): ":", ord("／"): "/"}


def _named(text: str, sent_at: datetime) -> Iterator[Deadline]:
    is_japanese = bool(re.search("[\u3041-\u30ff]", text))
    for form in _DATES:
        for match in form.finditer(text):
            if not (
                _BEFORE.search(text[max(0, match.start() - _NEAR) : match.start()])
                or _AFTER.match(text[match.end() : match.end() + _NEAR])
            ):
                continue
            at = _moment(match, sent_at, timezone(timedelta(hours=9)) if is_japanese else UTC)
            if at is not None and sent_at <= at <= sent_at + _FARTHEST:
                yield Deadline(at, Clock.NAMED, _around(text, match))


def _granted(text: str, sent_at: datetime) -> Iterator[Deadline]:
    for form in _SPANS:
        for match in form.finditer(text):
            said = match.groupdict()
            number = _number(said.get("again") or said["number"])
            hours = _HOURS[said["unit"].lower()]
            if not number or number * hours > _FARTHEST.days * 24:
                continue
            is_business = (said.get("business") or "").lower().strip() in {
                "business",
                "working",
                "営業",
                "就業",
            } and hours == 24  # noqa: PLR2004 - days
            at = _business_days_on(sent_at, number) if is_business else sent_at + timedelta(hours=number * hours)
            yield Deadline(at, Clock.SPAN, _around(text, match))


def _moment(match: re.Match[str], sent_at: datetime, zone: tzinfo) -> datetime | None:
    said = match.groupdict()
    month = _MONTHS.get((said.get("name") or "").lower()[:3]) or int(said.get("month") or 0)
    year = int(said["year"]) if said.get("year") else sent_at.year
    hour, minute = _hour(said)
    try:
        at = datetime(year, month, int(said["day"]), hour, minute, tzinfo=_zone(said, zone)).astimezone(UTC)
        # Written without its year, a day that is past is one of the next year.
        return at.replace(year=year + 1) if not said.get("year") and at < sent_at - timedelta(days=30) else at
    except (ValueError, OverflowError):
        return None


def _hour(said: dict[str, str | None]) -> tuple[int, int]:
    """The end of the day where no time is named."""
    if not said.get("hour"):
        return 23, 59
    hour, minute = int(said["hour"] or 0), int(said.get("minute") or 0)
    mark = (said.get("meridiem") or said.get("half") or "").lower()[:1]
    if mark in {"p", "午"} and (mark == "p" or said.get("half") == "午後") and hour < _MIDDAY:
        return hour + _MIDDAY, minute
    return (0 if mark == "a" and hour == _MIDDAY else hour), minute


def _zone(said: dict[str, str | None], otherwise: tzinfo) -> tzinfo:
    word = (said.get("zone") or said.get("zone_before") or "").strip().lower()
    if not word:
        return otherwise
    if word in _OFFSETS:
        return timezone(timedelta(hours=_OFFSETS[word]))
    digits = re.search(r"([+-])(\d{2}):?(\d{2})", word)
    if digits and int(digits.group(2)) < 24:  # noqa: PLR2004 - hours of a day
        offset = timedelta(hours=int(digits.group(2)), minutes=int(digits.group(3)) % 60)
        return timezone(-offset if digits.group(1) == "-" else offset)
    return otherwise


def _business_days_on(at: datetime, days: int) -> datetime:
    while days:
        at += timedelta(days=1)
        days -= at.weekday() < _SATURDAY
    return at


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else _NUMBERS.get(word.lower(), 0)


def _around(text: str, match: re.Match[str]) -> str:
    begin = max(0, match.start() - _QUOTED // 3)
    return text[begin : match.start() + _QUOTED].strip()
