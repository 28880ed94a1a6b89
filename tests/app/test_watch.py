"""A watch tells each detection once: whatever was there before, whatever comes late, whenever it was killed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.collect.conftest import FakeDoor, refused

from sakimori.app.detect import DetectRequest
from sakimori.app.ingesting import Wanted
from sakimori.app.watch import Watch, WatchRequest
from sakimori.findings.detections import find_detections
from sakimori.ingest.notifications import MOST_TRIES
from sakimori.rules.detections import engine
from sakimori.state.store import Store, open_store

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
RULE = "cloudtrail-logging-stopped"


def stopped(number: int, minutes: int) -> dict[str, object]:
    at = NOW - timedelta(minutes=60 - minutes)
    return {
        "eventVersion": "1.11", "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "eventSource": "cloudtrail.amazonaws.com",
        "eventName": "StopLogging", "awsRegion": "ap-northeast-1", "sourceIPAddress": "203.0.113.9",
        "eventID": f"00000000-0000-0000-0000-{number:012}", "recipientAccountId": "123456789012", "eventType": "AwsApiCall",
        "requestParameters": {"name": "main"}, "eventCategory": "Management",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/alice", "accountId": "123456789012", "userName": "alice"},
    }  # fmt: skip


def put(directory: Path, name: str, *events: dict[str, object]) -> None:
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(json.dumps({"Records": list(events)}))


class Clock:
    """Each look at it is a second later."""

    def __init__(self) -> None:
        self.now = datetime.now(tz=UTC)  # noqa: TID251 - parts of the lake are stamped with the real time

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "state.db") as opened:
        yield opened


def watch_over(tmp_path: Path, store: Store, clock: Clock) -> Watch:
    logs = tmp_path / "logs"
    logs.mkdir(exist_ok=True)
    detect = DetectRequest(home=tmp_path / "home", rules=(RULE,))
    return Watch(WatchRequest(detect=detect, sources=(Wanted(kind="cloudtrail", source=str(logs)),)), store, (), clock)


def test_a_new_file_is_told_once_and_never_again(tmp_path: Path, store: Store) -> None:
    clock = Clock()
    watch = watch_over(tmp_path, store, clock)
    assert watch.cycle().new == ()
    put(tmp_path / "logs", "1.json", stopped(1, 0))
    (told,) = watch.cycle().new
    assert (told.rule, told.count) == (RULE, 1)
    assert watch.cycle().new == ()
    assert watch_over(tmp_path, store, clock).cycle().new == ()


def test_what_lies_there_when_a_watch_first_looks_is_judged_too(tmp_path: Path, store: Store) -> None:
    watch = watch_over(tmp_path, store, Clock())
    put(tmp_path / "logs", "1.json", stopped(1, 0))
    assert [each.rule for each in watch.cycle().new] == [RULE]


def test_rules_are_made_ready_once_for_all_cycles(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watch_over(tmp_path, store, Clock())
    monkeypatch.setattr(engine, "plans_of", lambda _: pytest.fail("they were made ready anew"))
    for number in range(3):
        put(tmp_path / "logs", f"{number}.json", stopped(number, 0))
        assert watch.cycle().judged_parts == 1


def test_a_clock_that_goes_back_hides_nothing(tmp_path: Path, store: Store) -> None:
    clock = Clock()
    watch = watch_over(tmp_path, store, clock)
    watch.cycle()
    clock.now -= timedelta(days=3)
    put(tmp_path / "logs", "1.json", stopped(1, 0))
    assert [each.rule for each in watch.cycle().new] == [RULE]


def test_what_could_not_be_read_is_told(tmp_path: Path, store: Store) -> None:
    watch = watch_over(tmp_path, store, Clock())
    put(tmp_path / "logs", "1.json", stopped(1, 0), {**stopped(2, 1), "eventTime": "soon"})
    cycle = watch.cycle()
    assert (cycle.rows, cycle.refused) == (1, 1)


def test_one_object_that_is_gone_keeps_no_other_message_in_the_queue(tmp_path: Path, store: Store) -> None:
    def told(number: int, body: object, tries: int = 1) -> dict[str, object]:
        return {"MessageId": f"m{number}", "ReceiptHandle": f"r{number}", "Body": json.dumps(body), "Attributes": {"ApproximateReceiveCount": str(tries)}}  # fmt: skip

    gone = {"detail-type": "Object Created", "detail": {"bucket": {"name": "trail"}, "object": {"key": "gone.json.gz", "size": 7}}}  # fmt: skip
    event = {"detail-type": "AWS API Call via CloudTrail", "detail": stopped(1, 0)}
    queue = [told(1, gone), told(2, event), told(3, gone, tries=MOST_TRIES)]
    door = FakeDoor({"sqs:ReceiveMessage": {"Messages": queue}, "sqs:DeleteMessageBatch": {}, "s3:HeadBucket": {}, "s3:GetObject": refused("NoSuchKey")})  # fmt: skip
    detect = DetectRequest(home=tmp_path / "home", rules=(RULE,))
    request = WatchRequest(detect=detect, queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/q")
    cycle = Watch(request, store, (door,), Clock()).cycle()
    taken = [entry["ReceiptHandle"] for entry in door.asked[-1][2]["Entries"]]  # type: ignore[index]
    assert taken == ["r2", "r3"]
    assert ([each.rule for each in cycle.new], cycle.given_up) == ([RULE], 1)


def test_what_goes_on_is_no_other_detection(tmp_path: Path, store: Store) -> None:
    watch = watch_over(tmp_path, store, Clock())
    watch.cycle()
    put(tmp_path / "logs", "1.json", stopped(1, 0))
    watch.cycle()
    put(tmp_path / "logs", "2.json", stopped(2, 30))
    cycle = watch.cycle()
    assert (cycle.new, cycle.grown_count) == ((), 1)
    (found,) = find_detections(store)
    assert found.detection.count == 2


def test_an_event_that_comes_late_is_no_other_detection_either(tmp_path: Path, store: Store) -> None:
    watch = watch_over(tmp_path, store, Clock())
    watch.cycle()
    put(tmp_path / "logs", "2.json", stopped(2, 30))
    watch.cycle()
    put(tmp_path / "logs", "1.json", stopped(1, 0))
    assert watch.cycle().new == ()
    assert len(find_detections(store)) == 1


def test_what_was_recorded_and_not_told_is_told_after_a_restart(tmp_path: Path, store: Store) -> None:
    clock = Clock()
    watch = watch_over(tmp_path, store, clock)
    watch.cycle()
    put(tmp_path / "logs", "1.json", stopped(1, 0))
    watch.cycle()
    again = watch_over(tmp_path, store, clock)
    assert [each.rule for each in again.untold()] == [RULE]
    again.has_told()
    assert watch_over(tmp_path, store, clock).untold() == ()


def test_a_file_that_was_taken_in_before_a_kill_is_judged_after_it(tmp_path: Path, store: Store) -> None:
    clock = Clock()
    watch = watch_over(tmp_path, store, clock)
    watch.cycle()
    put(tmp_path / "logs", "1.json", stopped(1, 0))
    watch._taken()
    assert [each.rule for each in watch_over(tmp_path, store, clock).cycle().new] == [RULE]
