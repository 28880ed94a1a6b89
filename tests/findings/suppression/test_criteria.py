"""Criteria: what holds for what, and that hostile or open words do not widen them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.suppression.world import ACCOUNT, BUCKET, ROLE, detection, guardduty
from tests.findings.world import FAIL, USER, rule, verdict

from sakimori.findings.suppression.criteria import Criteria, Criterion, Operator, equals, parse_criteria
from sakimori.findings.suppression.subject import FIELDS, Subject, subject_of_detection, subject_of_verdict
from sakimori.model.errors import UsageError
from sakimori.model.words import Severity

OTHER = "arn:aws:s3:::other"
VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)
ENTRIES = st.dictionaries(
    st.sampled_from(FIELDS),
    st.dictionaries(st.sampled_from([each.value for each in Operator]), st.lists(VALUES, min_size=1, max_size=4, unique=True), min_size=1),
    min_size=1,
    max_size=5,
)  # fmt: skip


def subject(**words: Any) -> Subject:
    usual: dict[str, Any] = {"rule": "r", "severity": Severity.LOW, "account": ACCOUNT, "region": "us-east-1"}
    return Subject(**{**usual, **words})


def holds(field: str, operator: str, values: tuple[str, ...], of: Subject) -> bool:
    return Criteria.of((Criterion(field, Operator(operator), values),)).holds(of)


@pytest.mark.slow
@given(ENTRIES)
def test_criteria_come_back_as_they_were_written(data: dict[str, Any]) -> None:
    parsed = parse_criteria(data, "here")
    assert parse_criteria(parsed.plain(), "here") == parsed
    assert {name: dict(told) for name, told in parsed.plain().items()} == data


@pytest.mark.slow
@given(VALUES, VALUES)
def test_equals_holds_for_the_value_and_not_equals_for_every_other(one: str, two: str) -> None:
    of = subject(principal=one)
    assert holds("principal", "equals", (one,), of)
    assert holds("principal", "equals", (two,), of) is (one == two)
    assert holds("principal", "not_equals", (two,), of) is (one != two)


@pytest.mark.slow
@given(VALUES)
def test_a_pattern_without_signs_is_the_value_itself(value: str) -> None:
    of = subject(principal=value)
    literal = value.replace("*", "x").replace("?", "x")
    assert holds("principal", "matches", (value,), of)
    assert holds("principal", "matches", (literal,), of) is (literal == value)


def test_case_and_brackets_and_lines_are_plain() -> None:
    assert not holds("principal", "equals", ("ALICE",), subject(principal="alice"))
    assert not holds("principal", "matches", ("[a]lice",), subject(principal="alice"))
    assert holds("principal", "matches", ("[a]*",), subject(principal="[a]\nlice"))
    assert not holds("principal", "matches", ("alice",), subject(principal="alice\n"))


def test_a_pattern_of_many_stars_answers_at_once() -> None:
    assert not holds("principal", "matches", ("*a" * 500 + "b",), subject(principal="a" * 2_000))


@pytest.mark.parametrize("operator", list(Operator))
def test_what_is_not_known_never_fits(operator: Operator) -> None:
    assert not holds("principal", operator, ("x",), subject())
    assert not holds("resource.instanceDetails.tags.value", operator, ("x",), subject())


def test_who_silences_one_bucket_does_not_silence_what_concerns_another_too() -> None:
    both = subject(resources=(BUCKET, OTHER))
    assert not holds("resource", "equals", (BUCKET,), both)
    assert holds("resource", "equals", (BUCKET, OTHER), both)
    assert not holds("resource", "matches", ("*backups",), both)
    assert not holds("resource", "not_equals", (OTHER,), both)


def test_a_list_that_was_cut_may_hold_anything() -> None:
    many = detection(resources=tuple(f"{BUCKET}/{number}" for number in range(50)))
    assert not holds("resource", "matches", ("arn:aws:s3:::backups/*",), subject_of_detection(many))
    assert not holds("resource.s3BucketDetails.name", "equals", ("backups",), subject_of_detection(many))
    few = detection(resources=tuple(f"{BUCKET}/{number}" for number in range(49)))
    assert holds("resource.s3BucketDetails.name", "equals", ("backups",), subject_of_detection(few))


def test_a_subject_knows_what_filters_of_aws_ask_for() -> None:
    instance = f"arn:aws:ec2:ap-northeast-1:{ACCOUNT}:instance/i-0abc"
    told = guardduty(
        resources=(instance, f"{BUCKET}/key", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f:7"),
        origins=("192.0.2.1",),
        evidence={"access_key_id": "key-1", "action_type": "AWS_API_CALL", "api": "GetObject", "is_sample": True},
    )
    of = subject_of_detection(told)
    assert of.is_sample
    assert of.fields == {
        "resource.instanceDetails.instanceId": ("i-0abc",),
        "resource.s3BucketDetails.name": ("backups",),
        "resource.lambdaDetails.functionName": ("f",),
        "resource.accessKeyDetails.accessKeyId": ("key-1",),
        "resource.accessKeyDetails.userName": ("backup",),
        "service.action.actionType": ("AWS_API_CALL",),
        "service.action.awsApiCallAction.api": ("GetObject",),
        "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4": ("192.0.2.1",),
    }


def test_a_failing_verdict_is_a_subject_with_its_one_resource() -> None:
    of = subject_of_verdict(verdict(FAIL, rule(USER), BUCKET))
    assert (of.source, of.rule, of.resources) == ("sakimori", "aws.test.aws_iam_user", (BUCKET,))
    assert of.values("resource.s3BucketDetails.name") == ("backups",)
    assert (of.values("principal"), of.values("severity"), of.values("subject")) == ((), ("high",), ())


def test_other_names_of_a_field_are_taken() -> None:
    assert parse_criteria({"type": "a", "ResourceId": {"equals": ["b"]}}, "x") == Criteria.of((equals("rule", "a"), equals("resource", "b")))  # fmt: skip


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (None, "criteria_missing"), ({}, "criteria_missing"), (["rule"], "criteria_missing"),
        ({"rul": "x"}, "criterion_unknown"), ({"rule": {}}, "criterion_empty"), ({"rule": {"regex": "x"}}, "criterion_operator"),
        ({"rule": {"equals": []}}, "criterion_values"), ({"rule": {"equals": ["x"] * 51}}, "criterion_values"),
        ({"rule": {"equals": [7]}}, "criterion_not_text"), ({"rule": " "}, "criterion_not_text"),
        ({"rule": "x" * 2049}, "criterion_too_long"), ({"rule": "x", "type": "y"}, "criterion_twice"),
        ({f"f{number}": "x" for number in range(51)}, "criteria_too_many"), ({1: "x"}, "criterion_unknown"),
    ],
)  # fmt: skip
def test_criteria_that_are_none_are_refused_by_name(data: object, fault: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_criteria(data, "here")
    assert told.value.text == f"suppress.{fault}"


def test_the_nearest_field_is_named() -> None:
    with pytest.raises(UsageError) as told:
        parse_criteria({"resource.s3BucketDetail.name": "x"}, "here")
    assert told.value.values["near"] == "resource.s3BucketDetails.name"


def test_roles_are_known_to_filters_by_their_name() -> None:
    assert subject_of_detection(detection(principal=ROLE)).values("resource.accessKeyDetails.userName") == ("backup",)
