"""What a queue tells of new objects and of events: in each of AWS's forms, and never more than it says."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.conftest import FakeDoor

from sakimori.ingest.notifications import Notifications, holds_event, objects_told

S3 = {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "trail"}, "object": {"key": "AWSLogs/a+b%2Bc.json.gz", "size": 7, "eTag": "abc"}}}]}  # fmt: skip
BRIDGE = {"detail-type": "Object Created", "detail": {"bucket": {"name": "trail"}, "object": {"key": "a+b.json.gz", "size": 7, "etag": "abc"}}}  # fmt: skip


def test_s3_tells_keys_as_a_form_does() -> None:
    assert list(objects_told(json.dumps(S3))) == [("trail", "AWSLogs/a b+c.json.gz", "abc", 7)]


def test_a_topic_puts_the_message_of_s3_into_its_own() -> None:
    assert list(objects_told(json.dumps({"Type": "Notification", "Message": json.dumps(S3)}))) == [("trail", "AWSLogs/a b+c.json.gz", "abc", 7)]  # fmt: skip


def test_eventbridge_tells_keys_as_they_are() -> None:
    assert list(objects_told(json.dumps(BRIDGE))) == [("trail", "a+b.json.gz", "abc", 7)]


def test_a_removed_object_is_nothing_new() -> None:
    removed = {"Records": [{**S3["Records"][0], "eventName": "ObjectRemoved:Delete"}]}
    assert list(objects_told(json.dumps(removed))) == []


def test_an_event_of_cloudtrail_is_told_from_a_notice_of_an_object() -> None:
    event = {"detail-type": "AWS API Call via CloudTrail", "detail": {"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"}}  # fmt: skip
    assert holds_event(json.dumps(event))
    assert not holds_event(json.dumps(BRIDGE))


@pytest.mark.slow
@given(st.one_of(st.text(), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["Records", "detail", "Message", "s3", "bucket", "object", "name", "key", "eventName", "detail-type"]), inner)).map(json.dumps)))  # fmt: skip
def test_no_message_stops_the_watch(body: str) -> None:
    assert isinstance(list(objects_told(body)), list)
    assert holds_event(body) in (True, False)


def test_messages_stay_in_the_queue_until_they_are_acknowledged() -> None:
    messages = [
        {
            "MessageId": "m",
            "ReceiptHandle": "r",
            "Body": json.dumps(S3),
            "Attributes": {"ApproximateReceiveCount": "3"},
        },
        {"MessageId": "n", "ReceiptHandle": "q", "Body": "{}"},
    ]
    door = FakeDoor({"sqs:ReceiveMessage": {"Messages": messages}, "s3:HeadBucket": {"BucketRegion": "ap-northeast-1"}, "sqs:DeleteMessageBatch": {}})  # fmt: skip
    queue = Notifications(door, "https://sqs.ap-northeast-1.amazonaws.com/123456789012/trail")
    first, second = queue.receive()
    assert [each.location for each in first.objects] == ["s3://trail/AWSLogs/a b+c.json.gz"]
    assert (first.receipt, first.tries, second.objects) == ("r", 3, ())
    assert not door.count("sqs:DeleteMessageBatch")
    queue.acknowledge([first.receipt, second.receipt])
    taken: Mapping[str, Any] = door.asked[-1][2]
    assert door.asked[-1][1] == "ap-northeast-1"
    assert taken["Entries"] == [{"Id": "0", "ReceiptHandle": "r"}, {"Id": "1", "ReceiptHandle": "q"}]
