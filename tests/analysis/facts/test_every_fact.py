"""What holds for all facts: any event gives a value of the declared type, from the declared fields alone."""

import inspect
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.facts.events import SURROUNDINGS, policy

from sakimori.analysis.facts import permissions, sharing
from sakimori.analysis.facts.catalogue import facts
from sakimori.analysis.facts.fact import Fact, FactType, Surroundings, Value

FIELDS = (
    "eventName", "eventSource", "eventType", "userIdentity", "requestParameters", "responseElements",
    "additionalEventData", "serviceEventDetails", "sourceIPAddress", "userAgent", "errorCode", "errorMessage",
    "recipientAccountId", "resources", "sessionCredentialFromConsole",
)  # fmt: skip
OPERATIONS = sorted(
    {
        *permissions._READERS, *sharing._READERS, *sharing._BY_ACCESS_LIST, "PutBucketPolicy", "CreateRole", "RunInstances",
        "TerminateInstances", "ConsoleLogin", "CreateAccessKey", "AttachUserPolicy", "PutUserPolicy",
    }
)  # fmt: skip
PARTS = (
    "items", "add", "Add", "userId", "cidrIp", "cidrIpv6", "ipPermissions", "ipRanges", "fromPort", "policyDocument",
    "bucketPolicy", "Statement", "Effect", "Action", "Resource", "Principal", "Condition", "createVolumePermission",
    "instancesSet", "instanceType", "AccessControlPolicy", "Grant", "x-amz-acl", "principal", "principals", "userName",
    "ModifySecurityGroupRulesRequest", "SecurityGroupRule", "sessionContext", "sessionIssuer", "arn", "type", "accessKey",
    "condition", "portInfo", "cIDRIP", "valuesToAdd", "value",
)  # fmt: skip
WORDS = ("*", "all", "0.0.0.0/0", "tcp", "-1", "Allow", "AWSService", "AWS Internal", "o-ours12345", "true", policy({}))
texts = st.one_of(st.text(), st.sampled_from(WORDS))
json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(PARTS), st.text()), inner, max_size=5),
    ),
    max_leaves=25,
)
events = st.fixed_dictionaries(
    {"eventName": st.one_of(st.sampled_from(OPERATIONS), json_values)},
    optional={name: json_values for name in FIELDS if name != "eventName"},
)
KINDS = {FactType.BOOLEAN: bool, FactType.TEXT: str, FactType.TEXTS: tuple, FactType.INTEGER: int}


def is_of_type(value: Value, fact: Fact) -> bool:
    if value is None:
        return True
    if fact.type is FactType.TEXTS:
        return isinstance(value, tuple) and all(isinstance(each, str) and each for each in value)
    return type(value) is KINDS[fact.type]


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(events)
def test_any_event_gives_a_value_of_the_declared_type(event: dict[str, Any]) -> None:
    for fact in facts().values():
        assert is_of_type(fact.of(event, SURROUNDINGS), fact), fact.name


def nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"Statement": value, "items": [value]}
    return value


def deep(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


HOSTILE = (
    10**6000, "\ud800", "a\x00b", float("nan"), nested(200), deep(3_000), "[" * 10_000, '"Statement"' * 2_000,
    {"Statement": [{"Effect": "Allow", "Action": 10**6000, "Resource": "*"}]},
    {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"a": 10**6000}}}]},
    {"Statement": [{"Effect": []}]}, {"items": [{"items": deep(3_000)}]}, ["x"] * 1_000,
)  # fmt: skip


HOSTILE_OPERATIONS = (
    "PutBucketPolicy", "CreateRole", "RunInstances", "AuthorizeSecurityGroupIngress", "ModifySnapshotAttribute",
    "PutBucketAcl",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_value_at_any_place_gives_a_value(hostile: Any) -> None:
    """Slow: every fact, every field, every operation, and values of thousands of parts."""
    for fact in facts().values():
        for name in FIELDS:
            for operation in HOSTILE_OPERATIONS:
                event = {"eventName": operation, "eventSource": "iam.amazonaws.com", name: hostile}
                assert is_of_type(fact.of(event, SURROUNDINGS), fact)
        for part in PARTS:
            for operation in HOSTILE_OPERATIONS:
                event = {"eventName": operation, "requestParameters": {part: hostile}}
                assert is_of_type(fact.of(event, SURROUNDINGS), fact)


def copy_along(path: list[str], event: Any, told: dict[str, Any]) -> None:
    """What lies at a path of keys, into another event: all else of the objects on the way stays behind."""
    key, *rest = path
    if not isinstance(event, dict) or key not in event:
        return
    if not rest:
        told[key] = event[key]
    elif isinstance(event[key], dict):
        copy_along(rest, event[key], told.setdefault(key, {}))


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(events)
def test_a_fact_reads_only_the_fields_it_declares(event: dict[str, Any]) -> None:
    for fact in facts().values():
        told: dict[str, Any] = {}
        for path in fact.reads:
            copy_along(path.split("."), event, told)
        assert repr(fact.of(event, SURROUNDINGS)) == repr(fact.of(told, SURROUNDINGS)), fact.name


SAID = (
    None, "", "x", "Root", "AWSService", "IAMUser", "IdentityCenterUser", "AwsServiceEvent", "AwsConsoleSignIn", "true",
    "ec2.amazonaws.com", "s3.amazonaws.com", "AWS Internal", "203.0.113.7", "HIDDEN_DUE_TO_SECURITY_REASONS",
    "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/ecs", "arn:aws:iam::111122223333:role/deploy",
    "AWSReservedSSO_admin_1", "Mozilla/5.0", "console.amazonaws.com", "exec-env/CloudShell", "aws-cli/2.1",
)  # fmt: skip


def event_of(values: dict[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = {}
    for path, value in values.items():
        *way, last = path.split(".")
        inner = event
        for key in way:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return event


def test_values_of_which_a_fact_sees_the_same_give_the_same_answer() -> None:
    rng = random.Random(1)  # noqa: S311 - chance, no secret
    seeing = [fact for fact in facts().values() if fact.sees]
    for fact in seeing * 200:
        assert fact.sees.keys() <= set(fact.reads)
        one = {path: rng.choice(SAID) for path in fact.reads}
        other = {
            path: rng.choice([each for each in SAID if path in fact.sees and fact.sees[path](each) == fact.sees[path](value)] or [value])
            for path, value in one.items()
        }  # fmt: skip
        assert fact.of(event_of(one), SURROUNDINGS) == fact.of(event_of(other), SURROUNDINGS), (fact.name, one, other)
    assert seeing


def test_no_field_that_a_fact_reads_lies_in_another_one() -> None:
    for fact in facts().values():
        for path in fact.reads:
            assert not any(other.startswith(f"{path}.") for other in fact.reads), fact.name


def test_an_empty_event_gives_a_value() -> None:
    for fact in facts().values():
        assert is_of_type(fact.of({}, Surroundings()), fact)


def test_names_are_of_one_form_and_sentences_stand_in_both_languages() -> None:
    for name, fact in facts().items():
        assert name == fact.name
        assert name.removeprefix("fact.").isidentifier()
        assert name == name.lower()
        assert fact.sentence.en.endswith(".")
        assert fact.sentence.ja.endswith("。")
        assert fact.reads
        assert {path.partition(".")[0] for path in fact.reads} <= set(FIELDS)


def test_a_fact_takes_the_event_and_its_surroundings() -> None:
    for fact in facts().values():
        assert len(inspect.signature(fact.of).parameters) == 2
