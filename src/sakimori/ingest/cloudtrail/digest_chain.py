"""Whether the files of a trail are those that CloudTrail delivered: hashes, the chain of digests, and their signatures.

What could not be checked is told apart from what is wrong: a digest without a signature at hand is *partial*, not *failed*.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, Protocol

from sakimori.ingest.cloudtrail.digests import (
    Chain,
    Digest,
    DigestError,
    ListedLog,
    Signature,
    base_of,
    check_signature,
    hash_of,
    read_digest,
)
from sakimori.lake.instants import micros_since_epoch
from sakimori.lake.log_proofs import Span, missing, union
from sakimori.lake.validations import Weight

SETTLED_AFTER: Final = timedelta(hours=1)
"""CloudTrail delivers within minutes of a call; what an hour's digests do not list an hour later was not there."""
_SHORTEST_QUIET: Final = 3_600_000_000
_SECOND: Final = 1_000_000


class Fault(StrEnum):
    """What is wrong with a file; each has its sentence `lake_verbs.fault_<value>`."""

    LOG_MISSING = "log_missing"
    LOG_MODIFIED = "log_modified"
    LOG_UNREADABLE = "log_unreadable"
    DIGEST_MISSING = "digest_missing"
    DIGEST_MODIFIED = "digest_modified"
    DIGEST_UNREADABLE = "digest_unreadable"
    DIGEST_MOVED = "digest_moved"
    SIGNATURE_INVALID = "signature_invalid"


_BY_SIGNATURE: Final = frozenset({Fault.DIGEST_MODIFIED, Fault.SIGNATURE_INVALID})
"""Only a valid signature says that such a digest is right after all."""


class State(StrEnum):
    """How a validation ended; each has its sentence `lake_verbs.validation_<value>`."""

    VERIFIED = "verified"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDigest:
    """A digest file where it lies. `read` raises OSError. `signature` is that of the object's metadata, "" where there is none."""

    location: str
    chain: Chain
    read: Callable[[], bytes]
    signature: Callable[[], str]


class Shelf(Protocol):
    """Where the files of trails lie."""

    def digests(self) -> Mapping[Chain, Sequence[StoredDigest]]:
        """The digest files by their chains."""
        ...

    def log(self, listed: ListedLog) -> Callable[[], bytes] | None:
        """How to read a log file; None where it is not there. Reading raises OSError."""
        ...

    def lies_at(self, digest: Digest) -> bool:
        """Whether the digest lies where it says that it was delivered to."""
        ...

    def reaches(self, listed: ListedLog) -> bool:
        """Whether the file, if it still exists, would have been seen."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A file that is not as it was delivered."""

    fault: Fault
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainResult:
    """What became of one chain.

    `verified_count` are log files that are there, with the hash that a digest with a valid signature lists; `matched_count`
    those that have the hash that any sound digest lists. `reasons` tell why digests have no valid signature.
    `proven` are the times of whose events signed digests list every file, `loud` those of the events in listed files.
    `gaps`: between these times no digests were made.
    """

    chain: Chain
    first_at: datetime | None
    last_at: datetime | None
    digest_count: int
    signed_count: int
    log_count: int
    matched_count: int
    verified_count: int
    unchecked_count: int
    findings: tuple[Finding, ...]
    reasons: Mapping[Signature, int]
    gaps: tuple[tuple[datetime, datetime], ...]
    proven: tuple[Span, ...]
    loud: tuple[Span, ...]
    listed: frozenset[str]
    """The names of all log files that its digests list, without their folders."""
    sound: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Digests without a fault whose log files are there as listed, by the hash of their content: whether a signature proves them."""
    log_counts: Mapping[str, int] = field(default_factory=dict[str, int])
    """Log files of each digest, by the same hash."""
    addresses: frozenset[str] = frozenset()
    """Where in S3 these log files were delivered to: BUCKET/KEY."""
    passed: Mapping[str, Weight] = field(default_factory=dict[str, Weight])
    """Files that were read and found right, by their names without folders."""
    faults: Mapping[str, Weight] = field(default_factory=dict[str, Weight])
    """Files that were found wrong."""

    @property
    def state(self) -> State:
        """How it ended."""
        if self.findings:
            return State.FAILED
        if not self.digest_count:
            return State.NOT_RUN
        whole = self.signed_count == self.digest_count and not self.unchecked_count
        return State.VERIFIED if whole else State.PARTIAL


@dataclass(slots=True)
class _Checked:
    """A digest, and what was found out about it."""

    stored: StoredDigest
    digest: Digest
    fault: Fault | None = None
    signature: Signature = Signature.NO_SIGNATURE
    is_sound: bool = field(default=True)
    """It is as the next one says, or nothing says otherwise."""


def verify_chain(
    shelf: Shelf, chain: Chain, keys: Mapping[str, bytes], *, workers: int, done: Callable[[int], None] = lambda _: None
) -> ChainResult:
    """Check one chain. `done` is told how many files more were checked."""
    findings: list[Finding] = []
    with ThreadPoolExecutor(workers) as pool:
        checked = _read_all(shelf, chain, pool, findings, done)
        _check_links(checked, findings)
        told = _told_signatures(checked)
        for each in checked:
            _check(shelf, each, told.get((each.digest.bucket, each.digest.key), ()), keys)
            if each.fault is not None:
                findings.append(Finding(fault=each.fault, location=each.stored.location))
        sound = [each for each in checked if each.fault is None]
        listed = [(each, log) for each in sound for log in each.digest.logs]
        outcomes = []
        for (each, log), outcome in zip(listed, pool.map(lambda pair: _check_log(shelf, pair[1]), listed), strict=True):
            outcomes.append((each, log, outcome))
            done(1)
    findings += [Finding(fault=outcome, location=log.key) for _, log, outcome in outcomes if isinstance(outcome, Fault)]
    passed, faults = _weighed(checked, outcomes, findings)
    reasons: dict[Signature, int] = {}
    for each in sound:
        if each.signature is not Signature.VALID:
            reasons[each.signature] = reasons.get(each.signature, 0) + 1
    return ChainResult(
        chain=chain,
        first_at=min((each.digest.starts_at for each in checked), default=None),
        last_at=max((each.digest.ends_at for each in checked), default=None),
        digest_count=len(checked) + sum(each.fault is Fault.DIGEST_UNREADABLE for each in findings),
        signed_count=sum(each.signature is Signature.VALID for each in sound),
        log_count=sum(len(each.digest.logs) for each in checked),
        matched_count=sum(outcome is True for *_, outcome in outcomes),
        verified_count=sum(outcome is True and each.signature is Signature.VALID for each, _, outcome in outcomes),
        unchecked_count=sum(outcome is False for *_, outcome in outcomes),
        findings=tuple(findings),
        reasons=reasons,
        gaps=_gaps(checked),
        # What was delivered long after its hour says nothing of that hour's other files.
        proven=() if chain.is_backfill else tuple(_proven(checked)),
        loud=union(span for each in checked for log in each.digest.logs for span in _events_of(each.digest, log)),
        listed=frozenset(base_of(log.key) for each in checked for log in each.digest.logs),
        sound=_sound(sound, outcomes),
        log_counts={each.digest.content_hash: len(each.digest.logs) for each in checked},
        addresses=frozenset(f"{log.bucket}/{log.key}" for each in checked for log in each.digest.logs),
        passed=passed,
        faults=faults,
    )


def _weighed(
    checked: Iterable[_Checked],
    outcomes: Iterable[tuple[_Checked, ListedLog, bool | Fault]],
    findings: Iterable[Finding],
) -> tuple[dict[str, Weight], dict[str, Weight]]:
    """What was found right and what wrong, by file, each with what says so."""
    passed: dict[str, Weight] = {}
    faults = {base_of(each.location): Weight(each.fault in _BY_SIGNATURE, "") for each in findings}
    for each in checked:
        if each.fault is None:
            weight = Weight(each.signature is Signature.VALID, each.digest.content_hash)
            passed[base_of(each.stored.location)] = weight
    for each, log, outcome in outcomes:
        weight = Weight(each.signature is Signature.VALID, log.content_hash)
        if isinstance(outcome, Fault):
            faults[base_of(log.key)] = weight
        elif outcome:
            passed[base_of(log.key)] = weight
    return {name: weight for name, weight in passed.items() if name not in faults}, faults


def _sound(sound: Iterable[_Checked], outcomes: Iterable[tuple[_Checked, ListedLog, bool | Fault]]) -> dict[str, bool]:
    broken = {each.digest.content_hash for each, _, outcome in outcomes if isinstance(outcome, Fault)}
    unseen = {each.digest.content_hash for each, _, outcome in outcomes if outcome is False}
    return {
        each.digest.content_hash: each.signature is Signature.VALID and each.digest.content_hash not in unseen
        for each in sound
        if each.digest.content_hash not in broken
    }


def quiet_of(results: Iterable[ChainResult]) -> Mapping[tuple[str, str], tuple[Span, ...]]:
    """By account and Region: the times without any event, an hour or more each, as signed digests prove them."""
    proven: dict[tuple[str, str], list[Span]] = {}
    loud: dict[tuple[str, str], list[Span]] = {}
    for result in results:
        place = (result.chain.account, result.chain.region)
        proven.setdefault(place, []).extend(result.proven)
        loud.setdefault(place, []).extend(result.loud)
    return {
        place: tuple(
            quiet
            for span in union(spans)
            for quiet in missing(loud[place], span)
            if quiet[1] - quiet[0] + 1 >= _SHORTEST_QUIET
        )
        for place, spans in proven.items()
    }


def _read_all(
    shelf: Shelf, chain: Chain, pool: ThreadPoolExecutor, findings: list[Finding], done: Callable[[int], None]
) -> list[_Checked]:
    """The digests in their order of time."""
    checked: list[_Checked] = []
    seen: set[tuple[str, str]] = set()
    stored = shelf.digests()[chain]
    for each, digest in zip(stored, pool.map(_digest_of, stored), strict=True):
        done(1)
        if digest is None:
            findings.append(Finding(fault=Fault.DIGEST_UNREADABLE, location=each.location))
        elif (digest.key, digest.content_hash) not in seen:
            seen.add((digest.key, digest.content_hash))
            checked.append(_Checked(each, digest))
    checked.sort(key=lambda each: (each.digest.ends_at, each.digest.key))
    return checked


def _digest_of(stored: StoredDigest) -> Digest | None:
    try:
        return read_digest(stored.location, stored.read())
    except (DigestError, OSError):
        return None


def _check_links(checked: Sequence[_Checked], findings: list[Finding]) -> None:
    """Mark digests that are not what the next one says, and tell those that are gone from between two others."""
    there = {(each.digest.bucket, each.digest.key): each for each in checked}
    for index, each in enumerate(checked):
        if not each.digest.previous_key:
            continue
        before = there.get((each.digest.previous_bucket, each.digest.previous_key))
        if before is not None:
            before.is_sound = before.digest.content_hash == each.digest.previous_hash.lower()
        elif index and not _is_told(each.digest.previous_key, findings):
            # Before the first one there may be more, which were not handed in.
            findings.append(Finding(fault=Fault.DIGEST_MISSING, location=each.digest.previous_key))


def _is_told(key: str, findings: Iterable[Finding]) -> bool:
    return any(base_of(each.location) == base_of(key) for each in findings)


def _told_signatures(checked: Iterable[_Checked]) -> Mapping[tuple[str, str], list[str]]:
    """The signature of each digest as the next one tells it."""
    told: dict[tuple[str, str], list[str]] = {}
    for each in checked:
        if each.digest.previous_signature:
            key = (each.digest.previous_bucket, each.digest.previous_key)
            told.setdefault(key, []).append(each.digest.previous_signature)
    return told


def _check(shelf: Shelf, each: _Checked, told: Iterable[str], keys: Mapping[str, bytes]) -> None:
    """A signature that fits proves the digest, whoever tells it and whatever an unsigned one says."""
    each.signature = _best_signature(each, told, keys)
    if not shelf.lies_at(each.digest):
        each.fault = Fault.DIGEST_MOVED
    elif each.signature is Signature.VALID:
        return
    elif not each.is_sound:
        each.fault = Fault.DIGEST_MODIFIED
    elif each.signature is Signature.INVALID:
        each.fault = Fault.SIGNATURE_INVALID


def _best_signature(each: _Checked, told: Iterable[str], keys: Mapping[str, bytes]) -> Signature:
    found = Signature.NO_SIGNATURE
    for signature in told:
        found = check_signature(each.digest, signature, keys)
        if found is Signature.VALID:
            return found
    if found in {Signature.NO_KEY, Signature.NO_LIBRARY}:
        return found
    # Asked last: in S3 it is a call of its own.
    own = each.stored.signature()
    return check_signature(each.digest, own, keys) if own or found is Signature.NO_SIGNATURE else found


def _check_log(shelf: Shelf, log: ListedLog) -> bool | Fault:
    """True where it has the listed hash, False where nobody could look."""
    if not shelf.reaches(log):
        return False
    read = shelf.log(log)
    if read is None:
        return Fault.LOG_MISSING
    try:
        found = hash_of(read())
    except OSError:
        return Fault.LOG_UNREADABLE
    return True if found == log.content_hash else Fault.LOG_MODIFIED


# -- times -----------------------------------------------------------------------


def _gaps(checked: Sequence[_Checked]) -> tuple[tuple[datetime, datetime], ...]:
    """Between a digest and one that says that none was before it."""
    return tuple(
        (before.digest.ends_at, after.digest.starts_at)
        for before, after in pairwise(checked)
        if not after.digest.previous_key
    )


def _proven(checked: Sequence[_Checked]) -> Iterator[Span]:
    """The times of events that signed digests speak of, up to when the last of them had surely been delivered."""
    for run in _signed_runs(checked):
        first = micros_since_epoch(run[0].starts_at)
        last = micros_since_epoch(run[-1].ends_at - SETTLED_AFTER) - 1
        if first <= last:
            yield first, last


def _events_of(digest: Digest, log: ListedLog) -> Iterator[Span]:
    oldest, newest = log.oldest_at, log.newest_at
    if oldest is None or newest is None:
        oldest, newest = digest.starts_at - SETTLED_AFTER, digest.ends_at
    yield micros_since_epoch(oldest), micros_since_epoch(newest) + _SECOND - 1


def _signed_runs(checked: Sequence[_Checked]) -> Iterator[list[Digest]]:
    """Digests with valid signatures that follow one another without a gap."""
    run: list[Digest] = []
    for each in checked:
        if each.fault is not None or each.signature is not Signature.VALID:
            if run:
                yield run
            run = []
            continue
        if run and each.digest.previous_key != run[-1].key:
            yield run
            run = []
        run.append(each.digest)
    if run:
        yield run
