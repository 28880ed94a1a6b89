"""R04: evidence before the account changes - what IAM holds, what runs in each Region, what it costs - hashed as it came."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.app.respond.radius import DETAILS, details_of
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GLOBAL
from sakimori.outputs.evidence.store import EvidenceStore

_WORKERS: Final = 16
_COSTS: Final = "ce:GetCostAndUsage"
_DAYS: Final = timedelta(days=14)
_EACH_REGION: Final[Mapping[str, tuple[str, str]]] = {
    "instances": ("ec2:DescribeInstances", "Reservations"),
    "spot-requests": ("ec2:DescribeSpotInstanceRequests", "SpotInstanceRequests"),
    "auto-scaling-groups": ("autoscaling:DescribeAutoScalingGroups", "AutoScalingGroups"),
    "functions": ("lambda:ListFunctions", "Functions"),
    "trails": ("cloudtrail:DescribeTrails", "trailList"),
}
OPERATIONS: Final = (DETAILS, _COSTS, *(call for call, _ in _EACH_REGION.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What was kept. `refused` are calls with AWS's code."""

    kept: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    name: str
    call: str
    region: str
    payload: Any
    rows: int
    refused: str = ""


def gather(door: Door, store: EvidenceStore, now: datetime, told: Callable[[str], None] = lambda _: None) -> Gathered:
    """Read and keep; what is refused is kept as refused."""
    kept, refused = list[str](), list[str]()
    for piece in _pieces(door, now):
        coverage = piece.refused or "whole"
        found = store.add(
            piece.name, call=piece.call, region=piece.region, account=door.account.id, payload=piece.payload,
            rows=piece.rows, coverage=coverage,
        )  # fmt: skip
        told(piece.name)
        kept.append(found.id)
        if piece.refused:
            refused.append(f"{piece.call} {piece.region}: {piece.refused}")
    return Gathered(kept=tuple(kept), refused=tuple(refused))


class IamBefore:
    """What IAM held before anything was changed, asked for beside the first steps: they wait for it a while, and no longer."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._pool = ThreadPoolExecutor(1)
        self._asked = self._pool.submit(details_of, door)

    def taken(self, store: EvidenceStore, seconds: float) -> Mapping[str, list[Any]] | None:
        """The details, kept as evidence; None where AWS refused, or did not answer within these seconds."""
        details: Mapping[str, list[Any]] | None = None
        coverage = "whole"
        try:
            details = self._asked.result(timeout=seconds)
        except TimeoutError:
            coverage = "not answered in time"
        except Refusal as refusal:
            coverage = refusal.code
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)
        rows = sum(map(len, details.values())) if details else 0
        store.add(
            "iam-authorization-details", call=DETAILS, region=GLOBAL, account=self._door.account.id, payload=details,
            rows=rows, coverage=coverage,
        )  # fmt: skip
        return details


def _pieces(door: Door, now: datetime) -> Iterator[_Piece]:
    places = [(name, region) for region in door.account.selected for name in _EACH_REGION]
    with ThreadPoolExecutor(_WORKERS) as pool:
        costs = pool.submit(_costs, door, now)
        found = pool.map(lambda place: _listed(door, *place), places)
        # One file a kind, not one a Region: a person who opens them wants few.
        by_name: dict[str, list[_Piece]] = {}
        for piece in found:
            by_name.setdefault(piece.name, []).append(piece)
        yield from (_joined(name, pieces) for name, pieces in by_name.items())
        yield costs.result()


def _listed(door: Door, name: str, region: str) -> _Piece:
    call, key = _EACH_REGION[name]
    try:
        items = [each for page in door.pages(call, region, {}) for each in page.get(key) or ()]
    except Refusal as refusal:
        return _Piece(name=name, call=call, region=region, payload=None, rows=0, refused=refusal.code)
    return _Piece(name=name, call=call, region=region, payload=items, rows=len(items))


def _joined(name: str, pieces: list[_Piece]) -> _Piece:
    refused = sorted({f"{each.region} {each.refused}" for each in pieces if each.refused})
    return _Piece(
        name=name, call=pieces[0].call, region="*", payload={each.region: each.payload for each in pieces},
        rows=sum(each.rows for each in pieces), refused=", ".join(refused),
    )  # fmt: skip


def _costs(door: Door, now: datetime) -> _Piece:
    asked = {
        "TimePeriod": {"Start": f"{now - _DAYS:%Y-%m-%d}", "End": f"{now + timedelta(days=1):%Y-%m-%d}"},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
    }
    try:
        found = door.call(_COSTS, GLOBAL, asked).get("ResultsByTime") or []
    except Refusal as refusal:
        return _Piece(name="costs", call=_COSTS, region=GLOBAL, payload=None, rows=0, refused=refusal.code)
    return _Piece(name="costs", call=_COSTS, region=GLOBAL, payload=found, rows=len(found))
