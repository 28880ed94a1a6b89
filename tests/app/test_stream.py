"""Events from a pipe: every wrapping is taken apart, odd lines lose nothing else, and each event is told once."""

import json

from sakimori.app.stream import Stream

STOPPED = {
    "eventVersion": "1.11", "eventTime": "2026-11-01T00:00:00Z", "eventSource": "cloudtrail.amazonaws.com",
    "eventName": "StopLogging", "awsRegion": "ap-northeast-1", "sourceIPAddress": "203.0.113.9", "eventID": "e-1",
    "recipientAccountId": "123456789012", "requestParameters": {"name": "main"},
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/alice", "accountId": "123456789012", "userName": "alice"},
}  # fmt: skip
STARTED = {**STOPPED, "eventName": "StartLogging"}


def found(*lines: object) -> tuple[Stream, list[str]]:
    stream = Stream(rules=("cloudtrail-logging-stopped",))
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return stream, [event for each in stream.over(raw) for event in each.event_ids]


def test_an_event_is_found_in_every_wrapping() -> None:
    wrapped = [
        STOPPED,
        {"Records": [STOPPED, STARTED]},
        [STOPPED],
        {"detail-type": "AWS API Call via CloudTrail", "detail": STOPPED},
        {"Events": [{"EventId": "e-1", "CloudTrailEvent": json.dumps(STOPPED)}]},
    ]
    for each in wrapped:
        assert found(each)[1] == ["e-1"], each


def test_a_detection_of_one_event_says_who_what_and_from_where() -> None:
    stream = Stream(rules=("cloudtrail-logging-stopped",))
    (detection,) = stream.over([json.dumps(STOPPED).encode()])
    assert (detection.principal, detection.account, detection.region) == (
        "arn:aws:iam::123456789012:user/alice",
        "123456789012",
        "ap-northeast-1",
    )
    assert detection.origins == ("203.0.113.9",)
    assert detection.resources == ("main",)
    assert "main" in detection.message.ja


def test_a_line_without_an_event_is_counted_and_loses_nothing_else() -> None:
    stream, events = found(b"{", b"[1, 2]", b"\xff\xfe", b"", {"eventName": 5}, STOPPED, b'{"Records": 7}')
    assert events == ["e-1"]
    assert stream.odd_lines == [1, 2, 3, 7]


def test_an_event_without_a_time_finds_nothing_and_stops_nothing() -> None:
    for odd in ("soon", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 5, None):
        assert found({**STOPPED, "eventTime": odd}, STOPPED)[1] == ["e-1"]


def test_what_a_stranger_made_long_is_cut() -> None:
    long = {**STOPPED, "requestParameters": {"name": "x" * 1_000_000}}
    (detection,) = Stream(rules=("cloudtrail-logging-stopped",)).over([json.dumps(long).encode()])
    assert len(str(detection.evidence)) < 5_000
    assert len(detection.message.en) < 5_000
