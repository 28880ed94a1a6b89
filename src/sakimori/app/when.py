"""Points in time as people type them: 7d ago, a day, or a moment."""

from datetime import UTC, datetime, timedelta

from sakimori.app.duration import parse_duration
from sakimori.model.errors import UsageError


def parse_when(text: str, now: datetime) -> datetime:
    """The moment (UTC) that a duration before `now`, a date or an ISO time names; UsageError for anything else.

    >>> parse_when("2026-10-01", datetime(2026, 11, 1, tzinfo=UTC)).isoformat()
    '2026-10-01T00:00:00+00:00'
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        pass
    else:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    try:
        return now - parse_duration(text)
    except (UsageError, OverflowError) as error:
        raise UsageError("app.bad_moment", moment=text) from error


def span_of(since: str | None, until: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Beginning and end as typed; a day as the end is the whole of that day. UsageError where the end is not after the beginning."""
    begin = parse_when(since, now) if since else None
    end = parse_when(until, now) if until else None
    if end is not None and until and len(until.strip()) == len("2026-10-01"):
        end += timedelta(days=1)
    if begin and end and end <= begin:
        raise UsageError("app.empty_span", since=since, until=until)
    return begin, end
