"""How old a secret's value is, and whether its policy was told at all."""

from collections.abc import Callable
from typing import Any

import pytest

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
MADE, CHANGED = "2025-01-01T00:00:00Z", "2026-10-01T00:00:00Z"
LIST = {"SecretList": [{"ARN": ARN, "Name": "db", "CreatedDate": MADE}]}
CURRENT = {"VersionId": "2", "VersionStages": ["AWSCURRENT"], "CreatedDate": CHANGED}
FORMER = {"VersionId": "1", "VersionStages": ["AWSPREVIOUS"], "CreatedDate": MADE}


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([FORMER, CURRENT], "2026-10-01"),
        ([FORMER], None),
        ([CURRENT, CURRENT], None),
        ([{"VersionId": "2", "VersionStages": ["AWSCURRENT"]}], None),
        (["no version"], None),
        (None, None),
    ],
)
def test_the_value_is_as_old_as_its_present_version(
    fake_door: Callable[..., Any], read: Callable[..., Any], versions: object, expected: str | None
) -> None:
    door = fake_door(secretsmanager__ListSecrets=LIST, secretsmanager__ListSecretVersionIds={"Versions": versions})
    row = read("aws_secretsmanager_secret", door).only
    found = row["value_changed_at"]
    assert (found[:10] if found else None) == expected
    assert (row["rotation_is_enabled"], row["is_replica"], row["idle_since_at"][:10]) == (False, False, "2025-01-01")


def test_a_replica_says_where_its_original_is(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    listed = {"SecretList": [{**LIST["SecretList"][0], "PrimaryRegion": "ap-northeast-1"}]}
    door = fake_door(secretsmanager__ListSecrets=listed, secretsmanager__ListSecretVersionIds={"Versions": [CURRENT]})
    assert read("aws_secretsmanager_secret", door).only["is_replica"] is True


@pytest.mark.parametrize(
    ("answer", "gaps"),
    [({"ARN": ARN, "Name": "db"}, 0), ({}, 1), ({"ARN": ARN, "ResourcePolicy": "{}"}, 1)],
)
def test_a_secret_has_no_policy_only_if_the_answer_names_the_secret(
    fake_door: Callable[..., Any], read: Callable[..., Any], answer: object, gaps: int
) -> None:
    door = fake_door(secretsmanager__ListSecrets=LIST, secretsmanager__GetResourcePolicy=answer)
    found = read("aws_secretsmanager_secret_policy_statement", door)
    assert (found.rows, [gap.parent for gap in found.unit.gaps]) == ({}, [ARN] * gaps)
