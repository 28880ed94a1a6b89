"""Event patterns of EventBridge: which of the watched things a rule sees."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.collect.cloudtrail.watched import WATCHED
from sakimori.collect.events.pattern import Place, watched_by

NAMES = {watched.name for watched in WATCHED}
PLACE = Place(account_id="123456789012", region="us-east-1")
TRAIL = ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"]
API = ["AWS API Call via CloudTrail"]
SIGN_IN = ["AWS Console Sign In via CloudTrail"]


def seen(pattern: Any, *, with_reads: bool = False) -> dict[str, bool | None]:
    text = pattern if isinstance(pattern, str) else json.dumps(pattern)
    return dict(watched_by(text, PLACE, with_reads=with_reads))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("cloudtrail-changes", {"source": ["aws.cloudtrail"], "detail-type": API, "detail": {"eventName": TRAIL}}),
        ("cloudtrail-changes", {"detail": {"eventSource": ["cloudtrail.amazonaws.com"], "eventName": TRAIL}}),
        ("cloudtrail-changes", {"detail": {"eventName": [{"suffix": "Trail"}, {"wildcard": "St*Logging"}]}}),
        ("cloudtrail-changes", {"source": [{"equals-ignore-case": "AWS.CloudTrail"}]}),
        (
            "cloudtrail-changes",
            {"source": ["aws.cloudtrail"], "detail": {"eventName": [{"anything-but": ["LookupEvents", "GetTrail"]}]}},
        ),
        (
            "cloudtrail-changes",
            {"source": ["aws.cloudtrail"], "detail": {"eventName": [{"anything-but": {"prefix": "Get"}}]}},
        ),
        ("cloudtrail-changes", {"detail": {"errorCode": [{"exists": False}], "eventName": TRAIL}}),
        ("cloudtrail-changes", {"detail": {"$or": [{"eventName": TRAIL[:2]}, {"eventName": TRAIL[2:]}]}}),
        ("cloudtrail-changes", {"account": ["123456789012"], "region": ["us-east-1"], "detail": {"eventName": TRAIL}}),
        ("kms-key-deletion", {"source": ["aws.kms"], "detail": {"eventName": ["DisableKey", "ScheduleKeyDeletion"]}}),
        ("console-sign-in-failures", {"detail-type": SIGN_IN, "detail": {"responseElements": {"ConsoleLogin": ["Failure"]}}}),
        ("console-sign-in-without-mfa", {"detail": {"additionalEventData": {"MFAUsed": ["No"]}, "eventName": ["ConsoleLogin"]}}),
    ],
)  # fmt: skip
def test_what_lets_every_sample_through_watches_it_however_it_is_written(name: str, pattern: object) -> None:
    assert seen(pattern)[name] is True


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("cloudtrail-changes", {"source": ["aws.cloudtrail"], "detail": {"eventName": TRAIL[1:]}}),
        ("cloudtrail-changes", {"source": ["aws.iam"], "detail": {"eventName": TRAIL}}),
        ("cloudtrail-changes", {"detail": {"eventName": TRAIL, "userIdentity": {"type": ["Root"]}}}),
        ("cloudtrail-changes", {"detail": {"eventName": TRAIL, "userIdentity": {"userName": ["sato"]}}}),
        ("cloudtrail-changes", {"detail": {"eventName": TRAIL, "errorCode": ["AccessDenied"]}}),
        ("cloudtrail-changes", {"region": ["ap-northeast-1"], "detail": {"eventName": TRAIL}}),
        ("cloudtrail-changes", {"detail-type": SIGN_IN, "detail": {"eventName": TRAIL}}),
        ("cloudtrail-changes", {"eventName": TRAIL}),
        ("cloudtrail-changes", {"detail": {"readOnly": ["false"], "eventName": TRAIL}}),
        ("cloudtrail-changes", {"detail-type": API}),
        ("console-sign-in-failures", {"detail-type": API, "detail": {"eventName": ["ConsoleLogin"]}}),
    ],
)
def test_what_misses_a_sample_or_catches_everything_does_not_watch_it(name: str, pattern: object) -> None:
    assert seen(pattern)[name] is False


def test_what_reads_comes_only_to_a_rule_that_asked_for_it() -> None:
    root = {"detail-type": [*API, *SIGN_IN], "detail": {"userIdentity": {"type": ["Root"]}}}
    assert seen(root)["root-use"] is False
    assert seen(root, with_reads=True)["root-use"] is True
    refused = {"detail": {"errorCode": [{"prefix": "AccessDenied"}, {"suffix": "UnauthorizedOperation"}]}}
    assert seen(refused)["unauthorized-calls"] is False
    assert seen(refused, with_reads=True)["unauthorized-calls"] is True


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.cloudtrail"], "detail": {"eventName": [{"sounds-like": "Trail"}]}},
        {"source": ["aws.cloudtrail"], "detail": {"eventName": [{"anything-but": {"sounds-like": "Get"}}]}},
        {"source": ["aws.cloudtrail"], "detail": {"errorCode": [{"anything-but": "AccessDenied"}]}},
        {"detail": {"eventName": [{"prefix": ["Create", 1]}]}, "source": ["aws.cloudtrail"]},
    ],
)
def test_a_test_that_is_not_followed_makes_unknown_what_hangs_on_it(pattern: object) -> None:
    found = seen(pattern)
    assert found["cloudtrail-changes"] is None
    assert found["kms-key-deletion"] is False


@pytest.mark.parametrize(
    "pattern",
    ["", "{", "[]", "{}", "null", '{"source": "aws.iam"}', '{"source": []}', '{"detail.eventName": ["DeleteTrail"]}',
     '{"$or": {}}', '{"a":' * 5000],
)  # fmt: skip
def test_what_is_no_event_pattern_is_unknown_of_everything(pattern: str) -> None:
    assert seen(pattern) == dict.fromkeys(NAMES)


_leaf = st.sampled_from(["aws.iam", 1, True, None, {"prefix": "a"}, {"anything-but": "x"}, {"exists": True}, {"numeric": [">", 1]}])  # fmt: skip
_pattern = st.recursive(
    st.lists(_leaf, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from(["source", "detail", "eventName", "$or", "userIdentity"]), inner),
    max_leaves=8,
)


@pytest.mark.slow
@given(_pattern)
def test_any_pattern_gives_one_of_three_values(pattern: Any) -> None:
    assert set(seen(pattern).values()) <= {True, False, None}


@pytest.mark.parametrize("depth", [24, 300])
def test_negations_within_negations_do_not_take_long(depth: int) -> None:
    test: object = "CreateTrail"
    for _ in range(depth):
        test = {"anything-but": test}
    started = time.thread_time()
    assert seen({"detail": {"eventName": [test]}})["cloudtrail-changes"] is None
    assert time.thread_time() - started < 2
