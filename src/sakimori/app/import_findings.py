"""Findings of AWS's own services, brought in beside ours: from files, or asked for Region by Region, and each change once.

Security Hub is asked in its older form (GetFindings), which every account has; what GetFindingsV2 tells is read from files.
What AWS refuses is a gap; a service that is not on in a Region has nothing to tell there, and is named as such.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.findings.cursors import read_cursor, write_cursor
from sakimori.findings.detections import Recorded, record_detections
from sakimori.findings.imported.files import BadPiece, detections_of
from sakimori.findings.imported.forms import AUTO, FORMS, detection_in
from sakimori.findings.imported.told import Where
from sakimori.ingest.objects import local_objects
from sakimori.model.detection import Detection
from sakimori.model.gap import Gap
from sakimori.state.batches import batches
from sakimori.state.store import Store

OPERATIONS: Final = (
    "guardduty:ListDetectors", "guardduty:ListFindings", "guardduty:GetFindings", "securityhub:GetFindings",
    "inspector2:ListFindings", "macie2:ListFindings", "macie2:GetFindings", "accessanalyzer:ListAnalyzers",
    "accessanalyzer:ListFindingsV2",
)  # fmt: skip
REACHES_BACK: Final = timedelta(days=90)
"""How far the first reading goes: GuardDuty and Security Hub keep findings for 90 days."""
_OVERLAP: Final = timedelta(hours=1)
"""What is read once more, for changes that AWS showed late."""
_PAGE: Final = 100
_DETAILS: Final = 50
"""Findings of GuardDuty and Macie that one call shows."""
_WORKERS: Final = 12
_KEPT_PIECES: Final = 100
_OFF: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "securityhub": (("InvalidAccessException", "not subscribed"), ("ResourceNotFoundException", "not subscribed")),
    "macie": (("AccessDeniedException", "macie is not enabled"),),
    "inspector": (
        ("AccessDeniedException", "inspector is not enabled"),
        ("AccessDeniedException", "not enabled for account"),
    ),
}
"""What a service answers where it is off: an error code, and words of its message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One service in one Region of one account."""

    kind: str
    account: str
    region: str


@dataclass(slots=True)
class Imported:
    """What an import did. A detection that several pieces told is counted once, as new where it is."""

    files: int = 0
    places: list[Place] = field(default_factory=list[Place])
    """Asked, and answered whole."""
    off: list[Place] = field(default_factory=list[Place])
    """Where the service is not on: known absence."""
    gaps: list[Gap] = field(default_factory=list[Gap])
    bad: list[BadPiece] = field(default_factory=list[BadPiece])
    """The first of the pieces that could not be taken."""
    bad_count: int = 0
    read_count: int = 0
    new: dict[str, Detection] = field(default_factory=dict[str, Detection])
    grown: dict[str, Detection] = field(default_factory=dict[str, Detection])

    @property
    def is_whole(self) -> bool:
        """Whether nothing was refused and nothing lost."""
        return not (self.gaps or self.bad_count)

    def add(self, recorded: Recorded, read_count: int) -> None:
        """Count what one recording changed."""
        self.read_count += read_count
        for each in recorded.new:
            self.new[each.id] = each
        for each in recorded.grown:
            (self.new if each.id in self.new else self.grown)[each.id] = each

    def take(self, part: "Imported") -> None:
        """What another import did, besides."""
        self.files += part.files
        self.places += part.places
        self.off += part.off
        self.gaps += part.gaps
        self.bad += part.bad[: _KEPT_PIECES - len(self.bad)]
        self.bad_count += part.bad_count
        self.add(Recorded(new=tuple(part.new.values()), grown=tuple(part.grown.values())), part.read_count)


def import_files(store: Store, sources: Iterable[str], kind: str, at: datetime) -> Imported:
    """Bring in the findings of files and folders; UsageError where there is nothing of a name."""
    imported = Imported()
    for source in sources:
        for stored in local_objects(source):
            imported.files += 1
            _record(store, _good(detections_of(stored, kind), imported), imported, at)
    return imported


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What to ask AWS for: services (`auto` for all), changes since a time (None: since the last import)."""

    kind: str = AUTO
    since: datetime | None = None
    now: datetime


Progress = Callable[[int, int], None]
"""Told after each place: how many are done, of how many."""


def import_from_aws(store: Store, doors: Sequence[Door], asking: Asking, progress: Progress | None = None) -> Imported:
    """Bring in what the services say behind these doors. A place that was read whole is next time read from there on."""
    kinds = tuple(FORMS) if asking.kind == AUTO else (asking.kind,)
    asked = [
        _Asked(door, kind, region, asking, store)
        for door in doors
        for region in door.account.selected
        for kind in kinds
    ]
    imported = Imported()
    done = 0
    with ThreadPoolExecutor(_WORKERS) as pool:
        for future in as_completed([pool.submit(each.read) for each in asked]):
            imported.take(future.result())
            done += 1
            if progress is not None:
                progress(done, len(asked))
    for places in (imported.places, imported.off):
        places.sort(key=lambda place: (place.account, place.kind, place.region))
    imported.gaps.sort(key=lambda gap: (gap.account, gap.call, gap.region))
    return imported


@dataclass(frozen=True, slots=True)
class _Asked:
    """One place that is asked."""

    door: Door
    kind: str
    region: str
    asking: Asking
    store: Store

    def read(self) -> Imported:
        imported = Imported()
        place = Place(kind=self.kind, account=self.door.account.id, region=self.region)
        name = f"findings-import/{self.door.account.partition}/{place.account}/{place.region}/{place.kind}"
        begun = _when(read_cursor(self.store, name))
        since = self.asking.since or (begun - _OVERLAP if begun else self.asking.now - REACHES_BACK)
        try:
            _record(self.store, self._detections(since, imported), imported, self.asking.now)
        except Refusal as refusal:
            if _is_off(self.kind, refusal):
                imported.off.append(place)
            else:
                imported.gaps.append(self._gap(refusal))
            return imported
        # A later beginning than where the last reading ended leaves a hole that the next one must still read.
        if begun is None or since <= begun:
            write_cursor(self.store, name, self.asking.now.isoformat())
        imported.places.append(place)
        return imported

    def _detections(self, since: datetime, imported: Imported) -> Iterator[Detection]:
        account = self.door.account
        where = Where(partition=account.partition, account=account.id, region=self.region)
        for found in _READERS[self.kind](self.door, self.region, since, self.asking.now):
            detection = detection_in(found, where, self.kind)
            if detection is None:
                imported.bad_count += 1
            elif (detection.updated_at or detection.last_at) >= since:
                yield detection

    def _gap(self, refusal: Refusal) -> Gap:
        return Gap(
            table=self.kind, account=self.door.account.id, region=self.region, call=refusal.call,
            kind=refusal.kind, code=refusal.code, message=refusal.message,
        )  # fmt: skip


Found = Iterator[Mapping[str, Any]]


def _guardduty(door: Door, region: str, since: datetime, _now: datetime) -> Found:
    """The newest telling of each finding, archived ones too."""
    changed = {"Criterion": {"updatedAt": {"GreaterThanOrEqual": _milliseconds(since)}}}
    for detectors in door.pages("guardduty:ListDetectors", region, {}):
        for detector in detectors.get("DetectorIds") or ():
            listing = {"DetectorId": detector, "FindingCriteria": changed, "MaxResults": _DETAILS}
            for page in door.pages("guardduty:ListFindings", region, listing):
                for ids in batches(page.get("FindingIds") or (), _DETAILS):
                    shown = door.call("guardduty:GetFindings", region, {"DetectorId": detector, "FindingIds": ids})
                    yield from shown.get("Findings") or ()


def _securityhub(door: Door, region: str, since: datetime, now: datetime) -> Found:
    span = {"Start": _iso(since), "End": _iso(now + _OVERLAP)}
    for page in door.pages("securityhub:GetFindings", region, {"Filters": {"UpdatedAt": [span]}, "MaxResults": _PAGE}):
        yield from page.get("Findings") or ()


def _inspector(door: Door, region: str, since: datetime, _now: datetime) -> Found:
    changed = {"updatedAt": [{"startInclusive": since}]}
    for page in door.pages("inspector2:ListFindings", region, {"filterCriteria": changed, "maxResults": _PAGE}):
        yield from page.get("findings") or ()


def _macie(door: Door, region: str, since: datetime, _now: datetime) -> Found:
    changed = {"criterion": {"updatedAt": {"gte": _milliseconds(since)}}}
    for page in door.pages("macie2:ListFindings", region, {"findingCriteria": changed, "maxResults": _DETAILS}):
        for ids in batches(page.get("findingIds") or (), _DETAILS):
            yield from door.call("macie2:GetFindings", region, {"findingIds": ids}).get("findings") or ()


def _access_analyzer(door: Door, region: str, _since: datetime, _now: datetime) -> Found:
    """Every finding of every analyzer: the listing cannot be asked for changes alone."""
    for analyzers in door.pages("accessanalyzer:ListAnalyzers", region, {}):
        for analyzer in analyzers.get("analyzers") or ():
            listing = {"analyzerArn": analyzer["arn"], "maxResults": _PAGE}
            for page in door.pages("accessanalyzer:ListFindingsV2", region, listing):
                yield from ({"region": region, **each} for each in page.get("findings") or ())


_READERS: Final[Mapping[str, Callable[[Door, str, datetime, datetime], Found]]] = {
    "guardduty": _guardduty,
    "securityhub": _securityhub,
    "inspector": _inspector,
    "macie": _macie,
    "access-analyzer": _access_analyzer,
}


def _is_off(kind: str, refusal: Refusal) -> bool:
    words = refusal.message.lower()
    return any(refusal.code == code and told in words for code, told in _OFF.get(kind, ()))


def _good(found: Iterable[Detection | BadPiece], imported: Imported) -> Iterator[Detection]:
    for each in found:
        if isinstance(each, Detection):
            yield each
            continue
        imported.bad_count += 1
        if len(imported.bad) < _KEPT_PIECES:
            imported.bad.append(each)


def _record(store: Store, detections: Iterator[Detection], imported: Imported, at: datetime) -> None:
    for batch in batches(detections):
        imported.add(record_detections(store, batch, at), len(batch))


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def _when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
