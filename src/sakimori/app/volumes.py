"""How much an account has in a month of what has a price: from the lake where it holds the trail, else from samples of the event history."""

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sakimori.actions.site import Volume, Volumes
from sakimori.app.assess import AssessRequest, assess
from sakimori.app.query import QueryRequest, ask
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.findings.mutes import MuteEntry
from sakimori.lake.log_reader import Where
from sakimori.lake.snapshot import Lake
from sakimori.model.errors import UsageError
from sakimori.model.words import GLOBAL

LOOKUP: Final = "cloudtrail:LookupEvents"
_SPAN: Final = timedelta(days=30)
_HOURS: Final = (2, 9, 17, 5, 13, 21, 11)
"""How many hours before this time of the day an hour ends that is looked at, one for each of the last seven days."""
_PAGES: Final = 4
_WORKERS: Final = 8
_LEAST: Final = timedelta(minutes=1)
_COUNTED: Final = """
select aws_region,
  count(*) filter (where management_event) as management,
  count(*) filter (where management_event and not read_only) as writing,
  count(*) filter (where event_category = 'Data') as data,
  min(event_time) as first_at
from aws_cloudtrail_event group by aws_region
"""


def volumes(
    home: Path, door: Door, *, clock: Callable[[], datetime], with_checks: bool, mutes: tuple[MuteEntry, ...]
) -> Volumes:
    """What is known of the account behind this door. Asks AWS for some hours of each Region where the lake does not hold its trail."""
    now = clock()
    held = _of_lake(home, door.account.id, now)
    monthly, source = (held, "lake") if held else (_of_history(door, now), "event_history")
    if with_checks:
        monthly = {**monthly, **_checks(home, door.account.id, clock, mutes)}
    return Volumes(monthly, source if monthly else "")


def _of_lake(home: Path, account: str, now: datetime) -> Mapping[tuple[str, str], float]:
    """By kind and Region, from the last thirty days that the lake holds; empty where it holds nothing of the account."""
    since = now - _SPAN
    request = QueryRequest(home=home, sql=_COUNTED, where=Where(since=since, accounts=(account,)))
    try:
        with ask(request, clock=lambda: now) as answer:
            rows = list(answer.rows())
    except UsageError:
        return {}
    found: dict[tuple[str, str], float] = {}
    for region, management, writing, data, first_at in rows:
        if region is None or first_at is None:
            continue
        held = max(now - max(first_at.replace(tzinfo=now.tzinfo), since), timedelta(days=1))
        for volume, count in ((Volume.MANAGEMENT_EVENTS, management), (Volume.WRITE_EVENTS, writing), (Volume.DATA_EVENTS, data)):  # fmt: skip
            found[volume, region] = count * (_SPAN / held)
    return found


def _of_history(door: Door, now: datetime) -> Mapping[tuple[str, str], float]:
    """By kind and Region, from some hours of the last week; a Region that could not be read is missing.

    Hours of different days and times of day: the newest events alone may be a burst, such as our own.
    """

    def sample(region: str) -> Mapping[tuple[str, str], float]:
        share = _SPAN / (timedelta(hours=1) * len(_HOURS))
        try:
            hours = [_hour(door, region, now - timedelta(days=day, hours=hour)) for day, hour in enumerate(_HOURS)]
        except Refusal:
            return {}
        return {
            (Volume.MANAGEMENT_EVENTS, region): sum(each for each, _ in hours) * share,
            (Volume.WRITE_EVENTS, region): sum(each for _, each in hours) * share,
        }

    found: dict[tuple[str, str], float] = {}
    with ThreadPoolExecutor(_WORKERS) as pool:
        for each in pool.map(sample, door.account.selected):
            found.update(each)
    return found


def _hour(door: Door, region: str, end: datetime) -> tuple[float, float]:
    """How many management events an hour had, and how many of them changed something. Raises Refusal."""
    asked: dict[str, Any] = {"StartTime": end - timedelta(hours=1), "EndTime": end, "MaxResults": 50}
    events: list[Mapping[str, Any]] = []
    token = ""
    for _ in range(_PAGES):
        page = door.call(LOOKUP, region, {**asked, **({"NextToken": token} if token else {})})
        events += page.get("Events") or ()
        token = str(page.get("NextToken") or "")
        if not token:
            break
    # AWS tells the newest first: where there are more pages than are read, the part that was seen stands for the hour.
    seen = max(end - min(each["EventTime"] for each in events), _LEAST) if token else timedelta(hours=1)
    share = timedelta(hours=1) / seen
    return len(events) * share, sum(str(each.get("ReadOnly")).lower() == "false" for each in events) * share


def _checks(
    home: Path, account: str, clock: Callable[[], datetime], mutes: tuple[MuteEntry, ...]
) -> Mapping[tuple[str, str], float]:
    """By Region: as many checks a day as our own rules made of the newest snapshot; empty without one."""
    if not (home / "lake" / "manifest.db").exists():
        return {}
    lake = Lake(home)
    try:
        if not any(line.is_complete and any(each.id == account for each in line.accounts) for line in lake.snapshots()):
            return {}
    finally:
        lake.close()
    request = AssessRequest(home=home, snapshot="latest", with_all_rules=True, mutes=mutes)
    found = assess(request, (), clock=clock).assessment
    daily = Counter(each.region for each in found.verdicts if each.account == account and each.region != GLOBAL)
    return {(Volume.CHECKS, region): float(count * _SPAN.days) for region, count in daily.items()}
