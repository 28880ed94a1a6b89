from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.world import FAIL, ONE, PASS, TWO, UNKNOWN, VOLUME, rule, verdict

from sakimori.findings.mute_entries import MAX_ENTRIES, MAX_TEXT, parse_mutes
from sakimori.findings.mutes import MuteEntry, Mutes
from sakimori.model.errors import UsageError
from sakimori.model.verdict import Mute, Verdict
from sakimori.texts.language import clean
from sakimori.texts.sentences import say_error

TODAY = date(2026, 11, 23)
VOLUMES = rule(VOLUME)
BAD = verdict(FAIL, VOLUMES, "arn:aws:ec2:ap-northeast-1:111111111111:volume/vol-1")
COMPLETE = {"reason": "Test data", "until": date(2026, 12, 31)}


def muted(entry: Mapping[str, object], judged: Verdict = BAD, tags: Mapping[str, str] | None = None) -> bool:
    mutes = Mutes(parse_mutes([{**COMPLETE, **entry}]), TODAY)
    (result,) = mutes.apply([judged], lambda _: tags or {})
    assert replace(result, mute=None) == judged
    return result.mute is not None


@pytest.mark.parametrize(
    ("entry", "holds"),
    [
        ({"rule": "aws.test.aws_ec2_volume"}, True),
        ({"rule": "aws.test.*"}, True),
        ({"rule": "AWS.TEST.*"}, False),
        ({"rule": "aws.test"}, False),
        ({"resource": "*:volume/vol-1"}, True),
        ({"resource": "*:volume/vol-?"}, True),
        ({"resource": "*:volume/vol-[23]"}, False),
        ({"account": ONE}, True),
        ({"account": TWO}, False),
        ({"rule": "aws.test.*", "account": TWO}, False),
        ({"rule": "aws.test.*", "account": ONE, "resource": "*vol-1"}, True),
    ],
)
def test_all_criteria_of_an_entry_must_hold(entry: dict[str, object], holds: bool) -> None:
    assert muted(entry) is holds


@pytest.mark.parametrize(
    ("tag", "tags", "holds"),
    [
        ("env=test", {"env": "test"}, True),
        ("env=test", {"env": "production"}, False),
        ("env=te*", {"env": "test"}, True),
        ("env=*", {"env": ""}, True),
        ("env=", {"env": ""}, True),
        ("env=", {"env": "production"}, False),
        ("env=*", {}, False),
        ("formula=a=b", {"formula": "a=b"}, True),
    ],
)
def test_a_tag_mutes_by_its_exact_key_and_a_pattern_of_its_value(
    tag: str,
    tags: dict[str, str],
    holds: bool,
) -> None:
    assert muted({"tag": tag}, tags=tags) is holds


def test_a_mute_by_tag_does_not_hold_where_tags_are_not_known() -> None:
    mutes = Mutes(parse_mutes([{**COMPLETE, "tag": "env=*"}]), TODAY)
    assert [each.mute for each in mutes.apply([BAD])] == [None]


def test_only_failures_are_muted_and_none_is_dropped() -> None:
    mutes = Mutes(parse_mutes([{**COMPLETE, "rule": "aws.*", "owner": "Sato"}]), TODAY)
    verdicts = [BAD, replace(BAD, status=PASS), replace(BAD, status=UNKNOWN)]
    result = list(mutes.apply(verdicts))
    assert [each.mute for each in result] == [
        Mute(reason="Test data", owner="Sato", until=date(2026, 12, 31)),
        None,
        None,
    ]
    assert [each.status for each in result] == [each.status for each in verdicts]


def test_a_mute_holds_through_its_last_day_and_is_then_reported() -> None:
    entries = parse_mutes([{"rule": "aws.*", "reason": "Until the move", "until": TODAY}])
    tomorrow = date(2026, 11, 24)
    assert Mutes(entries, TODAY).entry_for(BAD) is not None
    assert Mutes(entries, TODAY).expired == ()
    assert Mutes(entries, tomorrow).entry_for(BAD) is None
    assert Mutes(entries, tomorrow).expired == entries


def test_the_first_entry_that_holds_counts() -> None:
    entries = parse_mutes([{**COMPLETE, "account": TWO}, {**COMPLETE, "rule": "aws.*"}, {**COMPLETE, "account": ONE}])
    found = Mutes(entries, TODAY).entry_for(BAD)
    assert found is not None
    assert found.number == 2


def test_dates_may_be_dates_or_their_text() -> None:
    (entry,) = parse_mutes([{"rule": "a", "reason": "b", "until": "2027-03-31", "owner": "c"}])
    assert entry == MuteEntry(number=1, reason="b", until=date(2027, 3, 31), owner="c", rule="a")
    assert parse_mutes(None) == ()
    assert parse_mutes([]) == ()


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("aws.*", "mute_not_a_table"),
        ({"until": TODAY, "rule": "a"}, "mute_without_reason"),
        ({"until": TODAY, "rule": "a", "reason": "  "}, "mute_empty"),
        ({"reason": "b", "rule": "a"}, "mute_without_end"),
        ({"reason": "b", "rule": "a", "until": "soon"}, "mute_until"),
        ({"reason": "b", "rule": "a", "until": 20270331}, "mute_until"),
        ({"reason": "b", "rule": "a", "until": datetime(2027, 1, 1, tzinfo=UTC)}, "mute_until"),
        ({**COMPLETE}, "mute_too_wide"),
        ({**COMPLETE, "rule": "*", "resource": "**"}, "mute_too_wide"),
        ({**COMPLETE, "rule": "a", "resouce": "b"}, "mute_unknown_key_near"),
        ({**COMPLETE, "rule": "a", 7: "b"}, "mute_unknown_key"),
        ({**COMPLETE, "rule": ["a"]}, "mute_not_a_text"),
        ({**COMPLETE, "account": 111111111111}, "mute_not_a_text"),
        ({**COMPLETE, "account": "1111"}, "mute_account"),
        ({**COMPLETE, "account": "*"}, "mute_too_wide"),
        ({**COMPLETE, "account": "11111111111*"}, "mute_account"),
        ({**COMPLETE, "tag": "env"}, "mute_tag"),
        ({**COMPLETE, "tag": "=test"}, "mute_tag"),
        ({**COMPLETE, "resource": "a" * (MAX_TEXT + 1)}, "mute_too_long"),
    ],
)
def test_a_fault_names_its_entry(entry: object, fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_mutes([{**COMPLETE, "rule": "a"}, entry])
    assert caught.value.text == f"findings.{fault}"
    assert "entry 2" in say_error(caught.value, "en")
    assert "2 番目" in say_error(caught.value, "ja")


def test_something_else_than_a_list_is_refused() -> None:
    for data in ({"rule": "a"}, "text", 7):
        with pytest.raises(UsageError):
            parse_mutes(data)
    with pytest.raises(UsageError):
        parse_mutes([{}] * (MAX_ENTRIES + 1))


KEYS = st.sampled_from(["rule", "resource", "account", "tag", "reason", "owner", "until"])
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.dates() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=9), inner, max_size=5),
)


def fault_of(data: object) -> UsageError | None:
    try:
        parse_mutes(data)
    except UsageError as error:
        return error
    return None


@pytest.mark.slow
@given(DATA)
def test_any_data_is_read_or_refused_in_words(data: object) -> None:
    fault = fault_of(data)
    if fault is None:
        assert data is None or isinstance(data, list)
        return
    assert say_error(fault, "ja")
    said = say_error(fault, "en")
    assert clean(said, len(said)) == said
