"""Filters of GuardDuty and automation rules of Security Hub, as criteria and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.suppression.test_criteria import VALUES
from tests.findings.suppression.world import ACCOUNT, BUCKET, ROLE, guardduty, of_bucket, suppression

from sakimori.findings.suppression.aws_forms import (
    Untranslatable,
    guardduty_criteria,
    guardduty_form,
    hub_criteria,
    hub_form,
)
from sakimori.findings.suppression.criteria import Criteria, Criterion, Operator, equals
from sakimori.findings.suppression.subject import AWS_FIELDS, subject_of_detection

FILTERED = st.lists(
    st.builds(Criterion, st.sampled_from(("rule", *AWS_FIELDS)), st.sampled_from(list(Operator)), st.lists(VALUES, min_size=1, max_size=3).map(tuple)),
    min_size=1, max_size=4, unique_by=lambda each: (each.field, each.operator),
).map(Criteria.of)  # fmt: skip


def of(*entries: Criterion, **words: Any) -> Any:
    return suppression(criteria=Criteria.of(entries), **words)


@pytest.mark.slow
@given(FILTERED)
def test_a_filter_gives_back_what_it_was_made_of(criteria: Criteria) -> None:
    form = guardduty_form(guardduty_criteria(of_bucket(criteria=criteria)))
    assert (form.criteria, form.accounts) == (criteria, (ACCOUNT,))


def test_a_filter_of_the_console_is_read() -> None:
    form = guardduty_form({"Criterion": {
        "type": {"Eq": ["Recon:EC2/Portscan"]}, "service.archived": {"Equals": ["false"]}, "severity": {"GreaterThanOrEqual": 4},
        "accountId": {"Equals": [ACCOUNT]}, "region": {"Equals": ["us-east-1"]}, "updatedAt": {"GreaterThan": 5},
    }})  # fmt: skip
    assert form.criteria.plain() == {
        "rule": {"equals": ["Recon:EC2/Portscan"]},
        "severity": {"equals": ["critical", "high", "medium"]},
        "updatedAt GreaterThan": {"equals": ["5"]},
    }
    assert (form.accounts, form.regions) == ((ACCOUNT,), ("us-east-1",))


def test_a_condition_that_no_recorded_finding_answers_never_holds() -> None:
    form = guardduty_form({"Criterion": {"severity": {"LessThan": 5}}})
    assert form.criteria.fields == {"severity LessThan"}
    assert not form.criteria.holds(subject_of_detection(guardduty()))


@pytest.mark.parametrize(
    ("entry", "name", "values"),
    [
        (equals("resource", BUCKET, "arn:aws:s3:::two/key"), "resource.s3BucketDetails.name", ["backups", "two"]),
        (equals("resource", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"), "resource.instanceDetails.instanceId", ["i-1"]),
        (equals("principal", ROLE), "resource.accessKeyDetails.userName", ["backup"]),
    ],
)  # fmt: skip
def test_arns_become_the_names_that_filters_know(entry: Criterion, name: str, values: list[str]) -> None:
    assert guardduty_criteria(of(entry))["Criterion"][name] == {"Equals": values}


@pytest.mark.parametrize(
    "entry",
    [equals("severity", "low"), equals("origin", "192.0.2.1"), equals("subject", "x"), equals("resource", "a-name"),
     equals("resource", BUCKET, f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"), equals("resource", BUCKET, "arn:aws:sns:::x"),
     Criterion("resource", Operator.MATCHES, (f"{BUCKET}*",))],
)  # fmt: skip
def test_what_a_filter_has_no_word_for_is_told(entry: Criterion) -> None:
    with pytest.raises(Untranslatable, match=entry.field):
        guardduty_criteria(of(equals("rule", "r"), entry))


HUB = of(
    equals("rule", "S3.8"), equals("severity", "medium", "low"), equals("resource", BUCKET),
    Criterion("resource", Operator.MATCHES, ("arn:aws:s3:::a*", "*logs*")), Criterion("resource", Operator.NOT_EQUALS, ("x",)),
    regions=("us-east-1",),
)  # fmt: skip


def test_an_automation_rule_gives_back_what_it_was_made_of() -> None:
    told = hub_criteria(HUB)
    assert told["SeverityLabel"] == [{"Value": each, "Comparison": "EQUALS"} for each in ("MEDIUM", "LOW")]
    assert {each["Comparison"] for each in told["ResourceId"]} == {"EQUALS", "PREFIX", "CONTAINS", "NOT_EQUALS"}
    form = hub_form({**told, "RecordState": [{"Value": "ACTIVE", "Comparison": "EQUALS"}]})
    assert (form.accounts, form.regions) == ((ACCOUNT,), ("us-east-1",))
    assert form.criteria.of_field("rule") == HUB.criteria.of_field("rule")
    assert form.criteria.equal_to("resource") == (BUCKET,)


def test_what_an_automation_rule_asks_and_nobody_knows_never_holds() -> None:
    form = hub_form({
        "Title": [{"Value": "x", "Comparison": "PREFIX"}], "Criticality": [{"Gte": 5.0}],
        "ResourceTags": [{"Key": "a", "Value": "b", "Comparison": "EQUALS"}], "ResourceId": [{"Value": "a*b", "Comparison": "PREFIX"}],
        "WorkflowStatus": "odd", "GeneratorId": [7],
    })  # fmt: skip
    assert not form.criteria.holds(subject_of_detection(guardduty()))
    assert {"Title PREFIX", "Criticality ", "ResourceTags EQUALS", "ResourceId PREFIX"} <= form.criteria.fields


def test_generators_are_named_as_such_and_not_mixed_with_controls() -> None:
    assert set(hub_criteria(of(equals("rule", "aws-foundational/v/1.0"), accounts=()))) == {"GeneratorId"}
    for entries in ((equals("rule", "S3.8", "a/b"),), (equals("principal", ROLE),), (Criterion("resource", Operator.MATCHES, ("a*b",)),)):  # fmt: skip
        with pytest.raises(Untranslatable):
            hub_criteria(of(*entries))
