import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.ingest import killing
from tests.ingest.doors import HOME, TOKYO, Guarded, Time, denied, door_of
from tests.ingest.trail import event

from sakimori.ingest.engine import IngestRequest, Tally, ingest
from sakimori.ingest.lookup import CALL, Lookup, lookup_lines, lookup_notes
from sakimori.ingest.objects import StoredObject
from sakimori.ingest.slices import Sliced, take_in
from sakimori.lake.instants import micros_since_epoch, moment_of
from sakimori.lake.log_proofs import Span, proofs
from sakimori.lake.log_writer import LogWriter
from sakimori.lake.manifest import Manifest
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
EVENTS = 300


def happened(number: int, at: datetime, region: str = HOME) -> dict[str, Any]:
    """An event of the simulated account."""
    return event(number, eventTime=f"{at:%Y-%m-%dT%H:%M:%SZ}", awsRegion=region, recipientAccountId="210987654322")


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    """300 events in Virginia, ten minutes apart but for forty in one second; seven in Tokyo."""
    with SimulatedAccount(account_id="210987654322") as simulated:
        simulated.state.clock = lambda: NOW
        virginia = [happened(number, BEGIN + timedelta(minutes=10 * number)) for number in range(EVENTS - 40)]
        at_once = [happened(number, BEGIN + timedelta(minutes=505)) for number in range(EVENTS - 40, EVENTS)]
        tokyo = [happened(1000 + number, BEGIN + timedelta(days=number), TOKYO) for number in range(7)]
        simulated.state.history.seed([*virginia, *at_once, *tokyo])
        yield simulated


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def door(account: SimulatedAccount, time: Time) -> Iterator[Guarded]:
    account.faults._clock = lambda: time.now
    account.state.history.forget_calls()
    yield Guarded(door_of(account, regions=(HOME, TOKYO), time=time))
    account.faults.clear()


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    writer = LogWriter(tmp_path, lambda: NOW)
    yield writer.manifest
    writer.close()


class Commit:
    """Takes objects into the lake; `tallies` tell what each brought. Dies at one of them if told to."""

    def __init__(self, home: Path, *, dies_at: int = 0) -> None:
        self.home = home
        self.dies_at = dies_at
        self.tallies: list[Tally] = []
        self.objects: list[StoredObject] = []

    def __call__(self, source: str, objects: Sequence[StoredObject]) -> None:
        if len(self.tallies) + 1 == self.dies_at:
            raise KeyboardInterrupt
        request = IngestRequest(home=self.home, kind=source, workers=1)
        self.tallies.append(ingest(request, objects, clock=lambda: NOW))
        self.objects += objects


def looked_up(door: Guarded, manifest: Manifest, commit: Commit, time: Time, **asked: Any) -> tuple[Sliced, Lookup]:
    asked = {"since": BEGIN - timedelta(days=1), "now": NOW, "slice_events": 100, **asked}
    lookup = Lookup(times=time.clock(), **asked)
    return take_in(lookup_lines([door], lookup, manifest), manifest, commit), lookup


def own(home: Path, *, until: int = 2000) -> Counter[str]:
    """The seeded events in the lake; the calls of the tests themselves are events too."""
    seeded = {happened(number, BEGIN)["eventID"] for number in range(until)}
    return Counter({name: count for name, count in killing.held(home).items() if name in seeded})


ALL = Counter(happened(number, BEGIN)["eventID"] for number in (*range(EVENTS), *range(1000, 1007)))


@pytest.mark.slow
def test_every_event_of_every_region_comes_once(door: Guarded, manifest: Manifest, tmp_path: Path, time: Time) -> None:
    commit = Commit(tmp_path)
    found, _ = looked_up(door, manifest, commit, time)
    assert own(tmp_path) == ALL
    assert found.is_complete
    assert {region for _, region, _ in door.asked} == {HOME, TOKYO}
    assert all(parameters["MaxResults"] == 50 for _, _, parameters in door.asked)
    assert len(commit.objects) >= 4  # slices, not everything at once


@pytest.mark.slow
def test_the_second_that_a_slice_ends_in_loses_nothing_and_doubles_nothing(
    door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    commit = Commit(tmp_path)
    looked_up(door, manifest, commit, time, slice_events=1)
    assert own(tmp_path) == ALL
    assert sum(tally.repeated_events for tally in commit.tallies) > 0


@pytest.mark.slow
def test_the_place_of_a_slice_says_account_region_and_times(
    door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    commit = Commit(tmp_path)
    looked_up(door, manifest, commit, time, since=BEGIN, until=BEGIN + timedelta(hours=1))
    assert sorted(each.location for each in commit.objects) == [
        f"lookup-events://210987654322/{TOKYO}/20261101T000000Z..20261101T010000Z",
        f"lookup-events://210987654322/{HOME}/20261101T000000Z..20261101T010000Z",
    ]


@pytest.mark.slow
def test_no_region_is_asked_more_than_twice_a_second(
    door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    # Two Regions share this clock, so one alone shows the pace.
    door.account = type(door.account)(id=door.account.id, partition="aws", regions=(HOME,), selected=(HOME,))
    started = time.now
    found, _ = looked_up(door, manifest, Commit(tmp_path), time)
    assert found.requests >= 6
    assert time.now - started >= (found.requests - 1) * 0.5


@pytest.mark.slow
def test_throttling_makes_it_slower_and_loses_nothing(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    account.faults.add(Fault(kind=Kind.THROTTLE, match=CALL, calls_per_second=0.7))
    found, _ = looked_up(door, manifest, Commit(tmp_path), time)
    assert own(tmp_path) == ALL
    assert found.is_complete
    assert any(call.error_code == "ThrottlingException" for call in account.calls)


@pytest.mark.slow
def test_a_second_run_asks_only_for_what_is_not_proven(
    door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    looked_up(door, manifest, Commit(tmp_path), time)
    before = door.count(CALL)
    again = Commit(tmp_path)
    found, _ = looked_up(door, manifest, again, time)
    assert door.count(CALL) - before == 2  # the last quarter of an hour, in two Regions
    assert own(tmp_path) == ALL
    assert found.is_complete
    oldest = min(parameters["StartTime"] for _, _, parameters in door.asked[-2:])  # type: ignore[type-var]
    assert oldest == NOW - timedelta(minutes=15)


@pytest.mark.slow
def test_what_was_interrupted_goes_on_where_it_stopped(
    door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    with pytest.raises(KeyboardInterrupt):
        looked_up(door, manifest, Commit(tmp_path, dies_at=3), time)
    assert own(tmp_path) != ALL
    proven = [(proof.region, proof.span) for proof in proofs(manifest, "aws_cloudtrail_event")]
    asked = door.count(CALL)
    found, _ = looked_up(door, manifest, Commit(tmp_path), time)
    assert own(tmp_path) == ALL
    assert found.is_complete
    for _, region, parameters in door.asked[asked:]:
        span = micros_since_epoch(parameters["StartTime"]), micros_since_epoch(parameters["EndTime"])  # type: ignore[arg-type]
        assert not any(where == region and first <= span[0] <= span[1] <= last for where, (first, last) in proven)


@pytest.mark.slow
def test_a_kill_between_commit_and_proof_doubles_nothing(
    door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    looked_up(door, manifest, Commit(tmp_path), time)
    with manifest.begin() as connection:
        connection.execute("delete from log_proof")
    again = Commit(tmp_path)
    looked_up(door, manifest, again, time)
    assert own(tmp_path) == ALL


@pytest.mark.slow
def test_nothing_is_proven_that_is_not_committed(door: Guarded, manifest: Manifest, tmp_path: Path, time: Time) -> None:
    with pytest.raises(KeyboardInterrupt):
        looked_up(door, manifest, Commit(tmp_path, dies_at=1), time, since=BEGIN - timedelta(days=1))
    held = own(tmp_path)
    for proof in proofs(manifest, "aws_cloudtrail_event"):
        assert _events_in(proof.span, proof.region) <= set(held)


def _events_in(span: Span, region: str) -> set[str]:
    numbers = range(EVENTS - 40) if region == HOME else ()
    return {
        happened(number, BEGIN)["eventID"]
        for number in numbers
        if span[0] <= micros_since_epoch(BEGIN + timedelta(minutes=10 * number)) <= span[1]
    }


@pytest.mark.slow
def test_a_region_that_refuses_is_told_and_the_others_are_read(
    door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    door.refusing = lambda operation, region, _: denied(operation) if region == TOKYO else None
    found, lookup = looked_up(door, manifest, Commit(tmp_path), time)
    assert len(own(tmp_path)) == EVENTS
    assert [(gap.region, gap.call, gap.code) for gap in found.gaps] == [(TOKYO, CALL, "AccessDenied")]
    assert not found.is_complete
    said = "\n".join(note.said("en") for note in lookup_notes(lookup, found))
    assert f"210987654322/{TOKYO}: AWS refused {CALL} (AccessDenied)" in said
    assert f"210987654322/{TOKYO}: NOT complete" in said
    assert f"{HOME}: NOT complete" not in said


@pytest.mark.slow
def test_a_refusal_in_the_midst_keeps_what_came_before(
    door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    door.refusing = lambda operation, *_: denied(operation) if door.count(CALL) > 5 else None
    found, _ = looked_up(door, manifest, Commit(tmp_path), time, slice_events=50)
    assert 0 < len(own(tmp_path)) < len(ALL)
    assert not found.is_complete
    door.refusing = lambda *_: None
    found, _ = looked_up(door, manifest, Commit(tmp_path), time)
    assert own(tmp_path) == ALL
    assert found.is_complete


@pytest.mark.slow
def test_nothing_from_before_ninety_days_is_asked_for_and_that_is_said(
    door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    found, lookup = looked_up(door, manifest, Commit(tmp_path), time, since=NOW - timedelta(days=400))
    assert lookup.is_cut
    assert min(parameters["StartTime"] for _, _, parameters in door.asked) == NOW - timedelta(days=90)  # type: ignore[type-var]
    said = [note.text for note in lookup_notes(lookup, found)]
    assert said == ["ingest_aws.lookup_management_only", "ingest_aws.young", "ingest_aws.lookup_ninety_days"]


@pytest.mark.slow
def test_the_youngest_events_are_taken_and_not_called_complete(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    looked_up(door, manifest, Commit(tmp_path), time, now=BEGIN + timedelta(hours=5))
    assert len(own(tmp_path)) == 31 + 1
    ends = {moment_of(proof.last_at) for proof in proofs(manifest, "aws_cloudtrail_event")}
    assert ends == {BEGIN + timedelta(hours=5) - timedelta(minutes=15, microseconds=1)}


@pytest.mark.slow
def test_an_event_that_is_torn_takes_no_other_along(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    class Torn(Guarded):
        def call(self, operation: str, region: str, parameters: Any) -> Any:
            answer = dict(super().call(operation, region, parameters))
            if events := answer.get("Events"):
                events[0]["CloudTrailEvent"] = events[0]["CloudTrailEvent"][:100]
            return answer

    commit = Commit(tmp_path)
    looked_up(Torn(door), manifest, commit, time, since=BEGIN, until=BEGIN + timedelta(hours=3))
    refused = sum(sum(tally.refused.values()) for tally in commit.tallies)
    assert refused == 2
    assert len(own(tmp_path)) == 19 + 1 - 2


@pytest.mark.slow
def test_a_listing_that_leads_back_is_a_gap_and_no_endless_loop(
    door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    class Endless(Guarded):
        def call(self, *_: Any) -> Any:
            return {"Events": [], "NextToken": "again"}

    found, _ = looked_up(Endless(door), manifest, Commit(tmp_path), time)
    assert [gap.code for gap in found.gaps] == ["NextToken", "NextToken"]


@pytest.mark.slow
def test_no_thread_is_left_behind(door: Guarded, manifest: Manifest, tmp_path: Path, time: Time) -> None:
    with pytest.raises(KeyboardInterrupt):
        looked_up(door, manifest, Commit(tmp_path, dies_at=1), time, slice_events=1)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("ask-")] == []
