import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.lake.stories import Meeting, Stories, Told
from sakimori.lake.table import Sameness

SAMENESS = Sameness(always=("name",), where_said=("request",), amended=("rest", "addendum"))


def told(request: Any = None, name: str = "CreateUser", *, amended: bool = False) -> Told:
    text = request if request is None or isinstance(request, str) else json.dumps(request)
    return (name,), (text,), amended


def met(known: Told, new: Told) -> Meeting:
    stories = Stories(SAMENESS)
    stories.add(("id",), known)
    return stories.meet(("id",), new)


@pytest.mark.parametrize(
    ("known", "new"),
    [
        ({"a": 1, "b": "x"}, {"b": "x", "a": 1}),
        ({"maxResults": 10, "dryRun": True}, {"maxResults": "10", "dryRun": "true"}),
        ({"bucketName": "b", "x": None}, {"bucketName": "b"}),
        ({"bucketName": "b"}, {"bucketName": "b", "x": None, "tags": [], "y": {}}),
        ({"bucketName": "b"}, {"bucketname": "b"}),
        ({"n": 1.0}, {"n": 1}),
        ({"policy": {"a": [1]}}, {"policy": '{"a": [1]}'}),
        ({"policy": '{"a": [1]}'}, {"policy": {"a": [1]}}),
        ({"a": 1}, None),
    ],
)
def test_another_spelling_is_a_copy(known: Any, new: Any) -> None:
    assert met(told(known), told(new)) is Meeting.COPY


@pytest.mark.parametrize(
    ("known", "new"),
    [
        ({"userName": "eve"}, {"userName": "adam"}),
        ({"items": [{"cidr": "10.0.0.0/8"}]}, {"items": [{"cidr": "0.0.0.0/0"}]}),
        ({"items": [1]}, {"items": [1, 2]}),
        ({"policyArn": "arn"}, {"policyArn": ["arn"]}),
        ({"force": True}, {"force": False}),
        ("AWS Internal", "198.51.100.7"),
    ],
)
def test_other_content_is_another_story_whichever_comes_first(known: Any, new: Any) -> None:
    assert met(told(known), told(new)) is met(told(new), told(known)) is Meeting.OTHER


@pytest.mark.parametrize(
    ("known", "new"),
    [
        (None, {"userName": "eve"}),
        ({"omitted": True}, {"userName": "eve", "omitted": True}),
        ({"userName": "eve"}, {"userName": "eve", "path": "/"}),
        ({"filter": {"a": "b"}}, {"filter": "{a=b}"}),
        ({"filter": "{garbage}"}, {"filter": {"a": "b"}}),
    ],
)
def test_what_was_not_said_is_not_dropped_and_no_other_story(known: Any, new: Any) -> None:
    assert met(told(known), told(new)) is Meeting.MORE


def test_another_name_is_another_story_though_the_rest_is_silent() -> None:
    assert met(told(), told(name="DeleteUser")) is Meeting.OTHER
    assert met(told(), told(name="DeleteUser", amended=True)) is Meeting.OTHER


def test_a_later_delivery_that_amends_the_first_stays_beside_it() -> None:
    assert met(told({"userName": "a"}), told({"userName": "a"}, amended=True)) is Meeting.MORE
    assert met(told(None), told({"userName": "a"}, amended=True)) is Meeting.MORE


def test_what_contradicts_is_another_story_though_it_calls_itself_an_amendment() -> None:
    assert met(told({"userName": "a"}), told({"userName": "b"}, amended=True)) is Meeting.OTHER


def test_ten_thousand_stories_under_one_id_are_told_apart_in_bounded_work() -> None:
    stories = Stories(SAMENESS)
    for number in range(10_000):
        assert stories.meet(("id",), told({"n": number})) is (Meeting.OTHER if number else Meeting.NEW)
        stories.add(("id",), told({"n": number}))
    assert stories.meet(("id",), told({"n": 9_999})) is Meeting.COPY


def test_nesting_beyond_what_can_be_followed_is_kept() -> None:
    deep = "[" * 50_000 + "]" * 50_000
    assert met(told({"a": 1}), told('{"a": %s}' % deep)) in {Meeting.MORE, Meeting.OTHER}  # noqa: UP031 - braces


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=3), values, max_size=4), values)
def test_whatever_a_log_says_gets_an_answer_and_itself_is_a_copy(known: Any, new: Any) -> None:
    assert met(told(known), told(json.dumps(known, indent=1))) is Meeting.COPY
    assert isinstance(met(told(known), told(json.dumps(new))), Meeting)
