"""Secrets that lie in an account's own resources: read through the door, looked at in memory, kept as hashes and counts.

It is no part of an ordinary assessment: reading code, images and disks takes minutes. What is found becomes two tables of a
snapshot of its own, which `sakimori query` reads; a third, resource by resource, is what the rules on request judge.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sakimori.analysis.secrets.scanner import Scanner
from sakimori.app.account_looks import Looks
from sakimori.app.assess import AssessRequest, assess
from sakimori.app.clock import utc_now
from sakimori.app.rules import open_rules
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Record
from sakimori.collect.engine import Progress
from sakimori.collect.secret_places.catalogue import PLACES, places
from sakimori.collect.secret_places.holders import holders_of
from sakimori.collect.secret_places.place import MOST_BYTES, Fetch, Place
from sakimori.collect.secret_places.reading import PlaceReader, PlaceReading, counts
from sakimori.collect.secret_places.tables import EXPOSED, HOLDER, SEARCH_TABLES, SEARCHED
from sakimori.findings.mutes import MuteEntry
from sakimori.lake.rows import Row
from sakimori.lake.snapshot import Lake
from sakimori.lake.unit import Unit
from sakimori.model.assessment import Assessment
from sakimori.model.errors import UsageError
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, Scope

_THREADS: Final = 16
_DETAIL_THREADS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSearch:
    """What to look at. Without places: all. `most_bytes` bounds what is read of one large resource."""

    home: Path
    places: tuple[str, ...] = ()
    most_bytes: int = MOST_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSearched:
    """What was looked at and found, in the form of the two tables' rows."""

    snapshot: str
    searched: Sequence[Row]
    exposed: Sequence[Row]
    gaps: Sequence[Gap]

    @property
    def likely(self) -> Sequence[Row]:
        """The secrets that nobody allowed, of medium confidence and more."""
        return [row for row in self.exposed if counts(row)]


def search_account(
    request: AccountSearch,
    doors: Sequence[Door],
    scanner: Scanner,
    *,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
) -> AccountSearched:
    """Look at every place of the accounts behind these doors."""
    known = [place.id for place in PLACES]
    for name in request.places:
        if name not in known:
            raise UsageError("account_secrets.no_such_place", name=name, known=known)
    chosen = places(request.places)
    looks = Looks(scanner)
    found: dict[str, list[PlaceReading]] = {}
    stopped = threading.Event()
    tasks = [(door, place, region) for door in doors for place in chosen for region in _regions(door, place)]
    if progress:
        progress.total(len(tasks))
    with ThreadPoolExecutor(_THREADS, "place") as pool, ThreadPoolExecutor(_DETAIL_THREADS, "detail") as details:

        def spread(function: Callable[[Record], None], records: Sequence[Record]) -> None:
            for future in [details.submit(function, record) for record in records]:
                future.result()

        readers = {
            door.account.id: PlaceReader(door=door, look=looks.look, as_of=clock(), most_bytes=request.most_bytes,
                                         fetch=_fetch_of(door), spread=spread, stopped=stopped)
            for door in doors
        }  # fmt: skip
        futures = {
            pool.submit(readers[door.account.id].read, place, region): (door.account.id, place, region)
            for door, place, region in tasks
        }
        try:
            for future in looks.taken_until(futures):
                account, place, region = futures[future]
                reading = future.result()
                found.setdefault(account, []).append(reading)
                if progress:
                    progress.done(account, place.id, region, len(reading.gaps))
        except BaseException:
            stopped.set()
            looks.close()
            for each in (details, pool):
                each.shutdown(wait=False, cancel_futures=True)
            raise
    return _kept(request, doors, found, clock)


def judge_search(found: AccountSearched, home: Path, mutes: tuple[MuteEntry, ...], state: str = "") -> Assessment:
    """The verdicts of the rules on request over what was found, recorded as an assessment's are."""
    rules = tuple(rule.id for rule in open_rules().book.rules.values() if rule.is_on_request)
    request = AssessRequest(home=home, rules=rules, snapshot=found.snapshot, mutes=mutes, state=state)
    return assess(request, (), clock=utc_now).assessment


def operations() -> tuple[str, ...]:
    """Every call that a search may make."""
    return tuple(dict.fromkeys(operation for place in PLACES for operation in place.operations))


def _of_opening(door: Door, refusal: Refusal) -> Gap:
    """Met while the account was opened: its list of Regions is then not AWS's own word."""
    return Gap(
        table=SEARCHED.name, account=door.account.id, region=GLOBAL, call=refusal.call, kind=refusal.kind,
        code=refusal.code, message=refusal.message,
    )  # fmt: skip


def _regions(door: Door, place: Place) -> Sequence[str]:
    return door.account.selected if place.scope is Scope.REGION else (GLOBAL,)


def _fetch_of(door: Door) -> Fetch | None:
    """The door's own way to an address that AWS gave; a door that was handed in has none."""
    return getattr(door, "fetch", None)


def _kept(
    request: AccountSearch, doors: Sequence[Door], found: dict[str, list[PlaceReading]], clock: Callable[[], datetime]
) -> AccountSearched:
    """Write the tables as a snapshot, a unit for each Region."""
    accounts = {door.account.id: list(door.account.selected) for door in doors}
    searched: list[Row] = []
    exposed: list[Row] = []
    gaps: list[Gap] = []
    lake = Lake(request.home)
    try:
        tables = [table.name for table in SEARCH_TABLES]
        with lake.writer({"accounts": accounts, "tables": tables, "places": list(request.places)}, clock()) as writer:
            writer.accounts(door.account for door in doors)
            for account, readings in found.items():
                holders = holders_of(account, accounts[account], readings, all_places=not request.places)
                for region in (GLOBAL, *accounts[account]):
                    here = [each for each in readings if each.region == region]
                    rows = [row for each in here for row in each.searched]
                    hits = [row for each in here for row in each.exposed]
                    holes = tuple(gap for each in here for gap in each.gaps)
                    at = {"account": account, "region": region, "as_of": clock()}
                    writer.stage([
                        (SEARCHED, Unit(table=SEARCHED.name, gaps=holes, **at), rows),
                        (EXPOSED, Unit(table=EXPOSED.name, gaps=holes, **at), hits),
                        (HOLDER, Unit(table=HOLDER.name, gaps=holders.gaps[region], **at), holders.rows.get(region, ())),
                    ])  # fmt: skip
                    searched += rows
                    exposed += hits
                    gaps += holes
                for table in SEARCH_TABLES:
                    writer.seal(table, account)
            gaps += [_of_opening(door, each) for door in doors for each in door.refusals]
            writer.finish(clock())
            return AccountSearched(snapshot=writer.id, searched=searched, exposed=exposed, gaps=gaps)
    finally:
        lake.close()
