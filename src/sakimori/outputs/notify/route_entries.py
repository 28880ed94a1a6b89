"""Routes read from the configuration's plain data; every fault names its entry, and none repeats what may be a secret."""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from sakimori.model.errors import UsageError
from sakimori.model.extras import ensure_libraries
from sakimori.model.words import Severity
from sakimori.outputs.notify.credentials import quotable
from sakimori.outputs.notify.hours import Hours
from sakimori.outputs.notify.route import CHAT, MAIL, NEVER_HELD, Escalation, Route, Timing
from sakimori.texts.language import LANGUAGES, Language
from sakimori.texts.nearest import nearest

MOST_ROUTES: Final = 50
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}\Z")
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
_COUNTRY: Final = re.compile(r"[A-Z]{2}\Z")
_DURATION: Final = re.compile(r"(\d{1,4})([mhd])\Z")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KINDS_OF_CASE: Final = frozenset({"attack", "posture"})

KINDS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "slack": (frozenset(), frozenset({"webhook", "token", "channel", "api"})),
    "mail": (frozenset({"host", "from", "to"}), frozenset({"port", "security", "user", "password", "charset", "list_id"})),
    "webhook": (frozenset({"url", "secret"}), frozenset()),
    "sns": (frozenset({"topic"}), frozenset({"profile", "endpoint_url"})),
    "apprise": (frozenset({"url"}), frozenset()),
}  # fmt: skip
"""By kind of channel: the settings that it needs, and those that it may have."""
COMMON_KEYS: Final = frozenset({"name", "kind", "lang", "accounts", "cases", "when", "digest_at", "fallback", "escalate", "heartbeat"})  # fmt: skip
"""What a route of any kind may say."""
_SHARED: Final = frozenset({"lang", "timezone", "working_days", "working_hours", "held_until", "holidays", "route"})
SECRETS: Final = frozenset({"webhook", "token", "password", "url", "secret"})
"""Settings that are secrets: what stands in the configuration is where each is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """What `[notify]` says."""

    language: Language | None = None
    routes: tuple[Route, ...] = ()

    def route(self, name: str) -> Route:
        """The route of that name; UsageError for none."""
        for each in self.routes:
            if each.name == name:
                return each
        known = [each.name for each in self.routes]
        raise UsageError("notify.no_such_route", name=quotable(name), near=nearest(name, known), known=known)


def parse_notify(data: object, language: Language = "en") -> NotifySettings:
    """The settings of a mapping; UsageError at the first fault. `language` is spoken where none is told."""
    if data is None:
        return NotifySettings()
    table = _table(data, "notify")
    _refuse_unknown(table, _SHARED, "notify")
    spoken = _language(table.get("lang"), "notify") or language
    hours = _hours(table)
    entries = table.get("route", [])
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise UsageError("notify.routes_not_tables")
    listed = cast("Sequence[object]", entries)
    if len(listed) > MOST_ROUTES:
        raise UsageError("notify.too_many_routes", most=MOST_ROUTES)
    routes = tuple(_route(number, each, spoken, hours) for number, each in enumerate(listed, 1))
    _check_names(routes)
    return NotifySettings(language=_language(table.get("lang"), "notify"), routes=routes)


def _route(number: int, data: object, language: Language, hours: Hours) -> Route:
    where = f"notify.route {number}"
    entry = _table(data, where)
    kind = _text(entry, "kind", where)
    if kind not in KINDS:
        raise UsageError("notify.unknown_kind", where=where, kind=quotable(kind), known=sorted(KINDS))
    needed, optional = KINDS[kind]
    _refuse_unknown(entry, COMMON_KEYS | needed | optional, where)
    missing = sorted(needed - set(entry))
    if kind == "slack" and not ({"webhook"} <= set(entry) or {"token", "channel"} <= set(entry)):
        missing = ["webhook", "token + channel"]
    if missing:
        raise UsageError("notify.missing", where=where, kind=kind, missing=missing)
    name = _text(entry, "name", where) if "name" in entry else kind
    if not _NAME.match(name):
        raise UsageError("notify.bad_name", where=where, name=quotable(name))
    return Route(
        name=name,
        kind=kind,
        language=_language(entry.get("lang"), where) or language,
        hours=hours,
        timing=_timing(entry.get("when"), MAIL if kind == "mail" else CHAT, where),
        accounts=frozenset(_checked(each, _ACCOUNT.match, where, "accounts") for each in _texts(entry, "accounts", where)),
        kinds=frozenset(_checked(each, _KINDS_OF_CASE.__contains__, where, "cases") for each in _texts(entry, "cases", where)),
        digest_at=_time(entry.get("digest_at", "09:00"), where, "digest_at"),
        fallback=_text(entry, "fallback", where) if "fallback" in entry else "",
        escalations=tuple(_escalations(entry.get("escalate", []), where)),
        heartbeat=_flag(entry.get("heartbeat", True), where, "heartbeat"),
        settings={key: entry[key] for key in entry if key in needed | optional},
    )  # fmt: skip


def _check_names(routes: Sequence[Route]) -> None:
    names = [each.name for each in routes]
    for name in names:
        if names.count(name) > 1:
            raise UsageError("notify.doubled_name", name=name)
    for each in routes:
        for other in (each.fallback, *(one.to for one in each.escalations)):
            if other and (other not in names or other == each.name):
                raise UsageError("notify.no_such_route", name=quotable(other), near=nearest(other, names), known=names)


def _timing(data: object, by_default: Mapping[Severity, Timing], where: str) -> Mapping[Severity, Timing]:
    if data is None:
        return by_default
    given = _table(data, f"{where}.when")
    _refuse_unknown(given, frozenset(map(str, Severity)), f"{where}.when")
    timing = dict(by_default)
    for word, value in given.items():
        severity = Severity(word)
        if value not in list(Timing):
            raise UsageError(
                "notify.unknown_timing", where=where, value=quotable(value), known=[str(each) for each in Timing]
            )
        timing[severity] = Timing(str(value))
        if severity in NEVER_HELD and timing[severity] not in {Timing.NOW, Timing.NEVER}:
            raise UsageError("notify.never_held", where=where, severity=word)
    return timing


def _escalations(data: object, where: str) -> Sequence[Escalation]:
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise UsageError("notify.bad_value", where=where, key="escalate")
    found: list[Escalation] = []
    for each in cast("Sequence[object]", data):
        entry = _table(each, f"{where}.escalate")
        _refuse_unknown(entry, frozenset({"after", "to", "severity"}), f"{where}.escalate")
        after = _DURATION.match(str(entry.get("after", "")))
        severity = entry.get("severity", "critical")
        if after is None or severity not in list(Severity):
            raise UsageError("notify.bad_value", where=where, key="escalate")
        span = timedelta(**{_UNITS[after[2]]: int(after[1])})
        found.append(Escalation(after=span, to=_text(entry, "to", where), severity=Severity(str(severity))))
    return found


def _hours(table: Mapping[str, Any]) -> Hours:
    zone = table.get("timezone", "Asia/Tokyo")
    try:
        found = ZoneInfo(str(zone))
    except (ValueError, OSError, KeyError) as error:
        raise UsageError("notify.unknown_zone", zone=quotable(zone)) from error
    days = _texts(table, "working_days", "notify") or _DAYS[:5]
    for each in days:
        _checked(each, _DAYS.__contains__, "notify", "working_days")
    span = table.get("working_hours", ["09:00", "18:00"])
    if not isinstance(span, list) or len(cast("list[object]", span)) != 2:  # noqa: PLR2004 - from and to
        raise UsageError("notify.bad_value", where="notify", key="working_hours")
    begin, end = (_time(each, "notify", "working_hours") for each in cast("list[object]", span))
    if begin >= end:
        raise UsageError("notify.bad_value", where="notify", key="working_hours")
    return Hours(
        zone=found,
        days=frozenset(_DAYS.index(each) for each in days),
        begin=begin,
        end=end,
        held_until=_time(table.get("held_until", "08:30"), "notify", "held_until"),
        is_holiday=_holidays(table.get("holidays")),
    )


def _holidays(given: object) -> Callable[[date], bool]:
    """Days that are named, and those of countries (`JP`), of which the library `holidays` knows."""
    if given is None:
        return lambda _day: False
    if not isinstance(given, str | list):
        raise UsageError("notify.bad_value", where="notify", key="holidays")
    entries = [given] if isinstance(given, str) else cast("list[object]", given)
    countries = [each for each in entries if isinstance(each, str) and _COUNTRY.match(each)]
    known = tuple(_holidays_of(each) for each in countries)
    days = frozenset(_day(each) for each in entries if each not in countries)
    return lambda day: day in days or any(day in each for each in known)


def _holidays_of(country: str) -> Container[date]:
    ensure_libraries("holidays")
    import holidays  # noqa: PLC0415 - of the extra `notify`, and slow to import

    try:
        return cast("Container[date]", holidays.country_holidays(country))
    except NotImplementedError as error:
        raise UsageError("notify.bad_value", where="notify", key="holidays") from error


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise UsageError("notify.bad_value", where="notify", key="holidays") from error


def _table(data: object, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise UsageError("notify.not_a_table", where=where)
    return cast("Mapping[str, Any]", data)


def _refuse_unknown(table: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise UsageError(
                "notify.unknown_key", where=where, key=quotable(key), near=nearest(key, known), known=sorted(known)
            )


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError("notify.bad_value", where=where, key=key)
    return value.strip()


def _texts(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in items):
        raise UsageError("notify.bad_value", where=where, key=key)
    return tuple(cast("list[str]", items))


def _checked(value: str, holds: Callable[[str], object], where: str, key: str) -> str:
    if not holds(value):
        raise UsageError("notify.bad_value", where=where, key=key)
    return value


def _flag(value: object, where: str, key: str) -> bool:
    if not isinstance(value, bool):
        raise UsageError("notify.bad_value", where=where, key=key)
    return value


def _time(value: object, where: str, key: str) -> time:
    try:
        found = value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError as error:
        raise UsageError("notify.bad_value", where=where, key=key) from error
    if found.tzinfo is not None:
        raise UsageError("notify.bad_value", where=where, key=key)
    return found


def _language(value: object, where: str) -> Language | None:
    if value is None:
        return None
    for each in LANGUAGES:
        if value == each:
            return each
    raise UsageError("notify.bad_value", where=where, key="lang")
