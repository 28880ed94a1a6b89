"""No planted secret is ever kept, wherever it stands; what is none stays as it came."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.outputs.evidence.plain import json_bytes, plain
from sakimori.outputs.evidence.redaction import REDACTED, Redactor

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
NAMES = (
    "SecretAccessKey", "secretAccessKey", "SessionToken", "Password", "MasterUserPassword", "Plaintext", "KeyMaterial",
    "SecretString", "ServicePassword", "ServiceCredentialSecret", "authorizationToken", "UserData", "Base32StringSeed",
)  # fmt: skip
secrets = st.text(ALPHABET, min_size=40, max_size=40).filter(
    lambda text: any(c.isupper() for c in text) and any(c.islower() for c in text) and any(c.isdigit() for c in text)
)
shapeless = st.text(ALPHABET, min_size=8, max_size=60).map(lambda text: f"zQ{text}9x")
"""Secrets that only their name gives away."""
harmless = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def kept(value: Any) -> str:
    return json_bytes(Redactor().walk(plain(value))).decode()


def planted(secret: str, name: str, way: int) -> Any:
    """One of the ways in which a secret stands in an answer."""
    inner = json.dumps({"responseElements": {"accessKey": {name: secret}}})
    return [
        {name: secret},
        {name: [secret, {"deep": secret}]},
        {"Events": [{"CloudTrailEvent": inner}]},
        {"text": json.dumps({"again": inner})},
        {"line": f"2026-11-23 {name}={secret} done"},
        {"line": f"{{'{name}': '{secret}'}}"},
        {"Environment": {"Variables": {"ANY": secret, "value": secret}}},
        {"environment": [{"name": "ANY", "value": secret}]},
        {"environment": {"Key": secret, "name": secret}},
        {"Parameter": {"Type": "SecureString", "Value": secret, "Name": "/db"}},
        {"blob": f"x\n-----BEGIN RSA PRIVATE KEY-----\n{secret}\n-----END RSA PRIVATE KEY-----"},
        {name: secret.encode()},
    ][way]


@pytest.mark.slow
@given(secret=shapeless, name=st.sampled_from(NAMES), way=st.integers(0, 11), around=harmless, first=st.booleans())
def test_a_secret_under_its_name_is_never_kept(secret: str, name: str, way: int, around: Any, first: bool) -> None:
    if way in {4, 5} and name in {
        "KeyMaterial",
        "UserData",
        "Base32StringSeed",
        "ServicePassword",
        "ServiceCredentialSecret",
    }:
        name = "secretAccessKey"  # in free text only the plain names are looked for
    value = planted(secret, name, way)
    shown = kept({"a": around, "b": value} if first else [value, around])
    assert secret not in shown
    assert REDACTED in shown


@pytest.mark.slow
@given(secret=secrets, way=st.integers(0, 4), around=harmless)
def test_a_secret_access_key_is_told_by_its_look_alone(secret: str, way: int, around: Any) -> None:
    texts = [secret, f"key {secret} end", f"AKIAIOSFODNN7EXAMPLE,{secret}", f'"{secret}"', f"a:{secret};b"]
    for value in ({"x": texts[way], "y": around}, {texts[way]: around}, [texts[way]]):
        assert secret not in kept(value)


@pytest.mark.slow
@given(value=harmless)
def test_what_holds_no_secret_is_kept_as_it_came(value: Any) -> None:
    redactor = Redactor()
    walked = redactor.walk(value)
    if not redactor.count:
        assert walked == value


def test_what_an_investigator_needs_is_kept() -> None:
    answer = {
        "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "PasswordLastUsed": "2026-11-23", "NextToken": "AAAA", "clientToken": "c0ffee",
        "etag": "d41d8cd98f00b204e9800998ecf8427e", "commit": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "PasswordEnabled": True, "arn": "arn:aws:iam::111122223333:role/aws-service-role/elasticache.amazonaws.com/AWSServiceRoleForElastiCache",
        "environment": {"type": "LINUX_CONTAINER", "image": "miner:latest", "computeType": "BUILD_GENERAL1_LARGE", "environmentVariables": [{"name": "POOL", "value": "x", "type": "PLAINTEXT"}]},
        "Environment": {"Variables": {"POOL": "stratum"}}, "password": None,
    }  # fmt: skip
    walked = Redactor().walk(answer)
    assert walked["environment"]["image"] == "miner:latest"
    assert walked["environment"]["environmentVariables"] == [{"name": "POOL", "value": REDACTED, "type": "PLAINTEXT"}]
    assert walked["Environment"] == {"Variables": {"POOL": REDACTED}}
    untouched = {key: value for key, value in answer.items() if key.lower() != "environment"}
    assert {key: walked[key] for key in untouched} == untouched


def test_a_text_of_json_without_secrets_stays_byte_for_byte() -> None:
    event = '{ "eventName" : "ListBuckets", "n":1.0 }'
    assert Redactor().text(event) == event


@pytest.mark.parametrize(
    "text",
    [
        'password="a\\"b-still-secret" next', "'secretAccessKey': 'two words'", "https://x/?X-Amz-Signature=deadbeef&X-Amz-Expires=1",
        "export AWS_SESSION_TOKEN=secretsecret", r'{\"token\":\"x\",\"client_secret\":\"s3cr3t-secret\"}',
    ],
)  # fmt: skip
def test_assignments_in_free_text_lose_their_value(text: str) -> None:
    shown = Redactor().text(text)
    assert REDACTED in shown
    assert not any(each in shown for each in ("still-secret", "two words", "deadbeef", "secretsecret", "s3cr3t-secret"))


def test_names_that_held_two_secrets_stay_two() -> None:
    one, two = ("A1b" + "x" * 37), ("B2c" + "y" * 37)
    assert len(Redactor().walk({one: 1, two: 2})) == 2


@pytest.mark.slow
def test_a_hostile_text_does_not_stall_it() -> None:
    for text in (
        "password=" * 20_000,
        "-----BEGIN PRIVATE KEY-----" * 3_000,
        "[" * 100_000,
        '{"a":' * 5_000,
        "a" * 500_000,
        '\\"' * 50_000,
    ):
        Redactor().text(text)
