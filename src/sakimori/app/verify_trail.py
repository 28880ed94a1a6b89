"""`sakimori lake verify`: are the files of a trail those that CloudTrail delivered? What is proven quiet goes into the lake."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.ingest.cloudtrail.digest_chain import (
    SETTLED_AFTER,
    ChainResult,
    State,
    StoredDigest,
    quiet_of,
    verify_chain,
)
from sakimori.ingest.cloudtrail.digests import Chain, base_of, day_of
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.cloudtrail.trail_shelves import HEAD, Bucket, Folder, plain_name
from sakimori.ingest.place import place_of
from sakimori.ingest.s3_objects import SCHEME
from sakimori.lake.log_proofs import Proof, record
from sakimori.lake.log_writer import LogWriter
from sakimori.lake.validations import Digests, Validation, keep
from sakimori.model.errors import UsageError
from sakimori.model.extras import LAKE, ensure_libraries

_WORKERS: Final = 4
_DELIVERED: Final = "AWSLogs/"
_FOLDER: Final = "/CloudTrail/"
_EVENTS: Final = (".json", ".json.gz")
_MAX_KEYS_BYTES: Final = 4 << 20
_LIST_KEYS: Final = "cloudtrail:ListPublicKeys"
OPERATIONS: Final = (_LIST_KEYS, HEAD)
"""What a validation calls besides what reading a bucket calls."""
Keys = Mapping[str, bytes]
"""Public keys, DER-encoded, by their fingerprints."""


class VerifyProgress(Protocol):
    """What watches a validation."""

    def total(self, files: int, /) -> None:
        """How many files there are to check."""
        ...

    def done(self, files: int, /) -> None:
        """How many more were checked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """What to check: a folder, or s3:// with a door. Digests that end before `since` or from `until` on are passed over.

    `keys` is the answer of `aws cloudtrail list-public-keys`, as a file; without it the keys come through the door.
    """

    home: Path
    source: str
    keys: Path | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found out. `unlisted` are log files in the time of the digests that none of them lists."""

    chains: tuple[ChainResult, ...]
    unlisted: tuple[str, ...]
    keys_refused: str = ""
    """Why CloudTrail did not give its public keys."""
    standing: tuple[Validation, ...] = ()
    """What is known of trails of which earlier validations proved more than this one, or found faults that stand."""

    @property
    def state(self) -> State:
        """The worst of all chains; not run without any digest."""
        states = {each.state for each in self.chains}
        order = (State.FAILED, State.PARTIAL, State.VERIFIED)
        return next((state for state in order if state in states), State.NOT_RUN)

    @property
    def log_count(self) -> int:
        """Log files that digests list."""
        return sum(each.log_count for each in self.chains)

    @property
    def verified_count(self) -> int:
        """Those that are as a signed digest lists them."""
        return sum(each.verified_count for each in self.chains)


def verify_trail(
    request: VerifyRequest,
    door: Door | None,
    *,
    clock: Callable[[], datetime],
    progress: VerifyProgress | None = None,
) -> Verified:
    """Check every trail, account and Region whose digests lie there, and keep in the lake how it ended."""
    ensure_libraries(*LAKE)
    shelf = _shelf(request, door)
    locations = shelf.locations()
    book = _KeyBook(read_keys(request.keys) if request.keys else None, door, clock())
    chains = shelf.digests()
    if progress:
        progress.total(sum(map(len, chains.values())) + len(locations))
    results = tuple(
        verify_chain(
            shelf,
            chain,
            book.keys_of(chain, stored),
            workers=_WORKERS,
            done=progress.done if progress else lambda _: None,
        )
        for chain, stored in sorted(chains.items())
    )
    return Verified(
        chains=results,
        unlisted=tuple(_unlisted(locations, results)),
        keys_refused=book.refused,
        standing=tuple(_keep(request.home, results, clock)),
    )


def read_keys(path: Path) -> Keys:
    """The keys in a file of `aws cloudtrail list-public-keys`; UsageError where it is none."""
    try:
        with path.open("rb") as file:
            said: Any = json.loads(file.read(_MAX_KEYS_BYTES))
        listed = said["PublicKeyList"]
        return {str(each["Fingerprint"]): base64.b64decode(each["Value"], validate=True) for each in listed}
    except OSError as error:
        raise UsageError("lake_verbs.keys_unreadable", path=path, reason=error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise UsageError("lake_verbs.keys_malformed", path=path) from error


class _KeyBook:
    def __init__(self, given: Keys | None, door: Door | None, now: datetime) -> None:
        self._given = given
        self._door = door
        self._now = now
        self.refused = ""

    def keys_of(self, chain: Chain, stored: Iterable[StoredDigest]) -> Keys:
        """The keys of the Region in which these digests were made, for the time since the first of them."""
        if self._given is not None or self._door is None:
            return self._given or {}
        since = min((at for each in stored if (at := day_of(each.location))), default=self._now) - 2 * SETTLED_AFTER
        found: dict[str, bytes] = {}
        try:
            for page in self._door.pages(_LIST_KEYS, chain.region, {"StartTime": since, "EndTime": self._now}):
                for each in page.get("PublicKeyList") or ():
                    found[each["Fingerprint"]] = each["Value"]
        except Refusal as refusal:
            self.refused = f"{refusal.call} {refusal.code}"
        return found


def _shelf(request: VerifyRequest, door: Door | None) -> Folder | Bucket:
    span = (request.since, request.until)
    if not request.source.startswith(SCHEME):
        return Folder(request.source, span)
    if door is None:
        raise UsageError("lake_verbs.no_way_to_s3", source=request.source)
    return Bucket(door, request.source, span)


# -- what comes of it -----------------------------------------------------------------


def _unlisted(locations: Iterable[str], results: Sequence[ChainResult]) -> Iterator[str]:
    """Files in the time of a chain's digests that are in none, not those that may be in the digest to come.

    And whatever lies among CloudTrail's files under another name: an ingest takes it, and no digest speaks of it.
    """
    listed = {plain_name(name) for result in results for name in result.listed}
    addresses = {address for result in results for address in result.addresses}
    for location in sorted(locations):
        place = place_of(location)
        if _is_stranger(location):
            if results:
                yield location
            continue
        if "_CloudTrail_" not in base_of(location) or place.named_at is None:
            continue
        # In S3 the place counts: the same name in another folder was not delivered there.
        is_listed = location.removeprefix(SCHEME) in addresses if location.startswith(SCHEME) else plain_name(location) in listed  # fmt: skip
        if is_listed:
            continue
        if any(_is_within(result, place.account, place.region, place.named_at) for result in results):
            yield location


def _is_stranger(location: str) -> bool:
    """Whether a file that may hold events lies where only CloudTrail's do, or where nothing tells whose lie there, without their name."""
    is_theirs = _FOLDER in location or _DELIVERED not in location
    return is_theirs and location.endswith(_EVENTS) and "_CloudTrail" not in base_of(location)


def _is_within(result: ChainResult, account: str, region: str, at: datetime) -> bool:
    if (result.chain.account, result.chain.region, result.chain.is_backfill) != (account, region, False):
        return False
    if not result.first_at or not result.last_at or any(begin <= at <= end for begin, end in result.gaps):
        return False
    return result.first_at + SETTLED_AFTER <= at <= result.last_at - SETTLED_AFTER


def _keep(home: Path, results: Sequence[ChainResult], clock: Callable[[], datetime]) -> Iterator[Validation]:
    """Keep what came of it; gives what of earlier ones goes beyond it, and stands."""
    if not results:
        return
    writer = LogWriter(home, clock)
    try:
        for result in results:
            kept = keep(writer.manifest, _validation(result, clock()), _digests(result))
            if kept.verified_count > result.verified_count or kept.standing_faults:
                yield kept
        for (account, region), spans in quiet_of(results).items():
            for first_at, last_at in spans:
                proof = Proof(
                    table=TABLE.name, account=account, region=region, kind="digest", first_at=first_at, last_at=last_at
                )
                record(writer.manifest, proof)
    finally:
        writer.close()


def _digests(result: ChainResult) -> Digests:
    return Digests(
        log_counts=result.log_counts,
        sound=frozenset(result.sound),
        proven=frozenset(each for each, is_proven in result.sound.items() if is_proven),
        passed=result.passed,
        faults=result.faults,
    )


def _validation(result: ChainResult, at: datetime) -> Validation:
    return Validation(
        account=result.chain.account,
        region=result.chain.region,
        trail=result.chain.trail + ("_backfill" if result.chain.is_backfill else ""),
        state=str(result.state),
        verified_count=result.verified_count,
        listed_count=result.log_count,
        at=at,
    )
