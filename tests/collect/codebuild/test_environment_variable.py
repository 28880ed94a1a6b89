"""Environment variables of build projects: what leaves the function, and what does not."""

import json
import string
from collections.abc import Callable
from typing import Any

import pytest

from sakimori.collect.codebuild.environment_variable import looks_like_aws_key

# Made here, so that no key stands in the repository.
KEY_ID = "AK" + "IA" + string.ascii_uppercase[:16]
SECRET = (string.ascii_letters + string.digits)[20:60]


def test_access_key_ids_and_secrets_are_recognised() -> None:
    assert looks_like_aws_key(KEY_ID)
    assert looks_like_aws_key(f"id={KEY_ID};")
    assert looks_like_aws_key(SECRET)


@pytest.mark.parametrize(
    "value", ["", "hello", "a" * 40, "0123456789abcdef0123456789abcdef01234567", KEY_ID + "Q", SECRET + "x"]
)
def test_words_and_hashes_are_not(value: str) -> None:
    assert not looks_like_aws_key(value)


def test_a_value_never_reaches_a_row(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    variables = [
        {"name": "AWS_SECRET_ACCESS_KEY", "value": SECRET, "type": "PLAINTEXT"},
        {"name": "TOKEN", "value": SECRET, "type": "SECRETS_MANAGER"},
        {"name": "STAGE", "value": "production"},
    ]
    project = {"arn": "arn:aws:codebuild:us-east-1:123456789012:project/p", "name": "p",
               "environment": {"environmentVariables": variables}}  # fmt: skip
    door = fake_door(codebuild__ListProjects={"projects": ["p"]}, codebuild__BatchGetProjects={"projects": [project]})
    rows = {row["name"]: row for row in read("aws_codebuild_environment_variable", door).rows.values()}
    assert {
        name: (row["is_plaintext"], row["is_aws_access_key_name"], row["value_looks_like_aws_key"])
        for name, row in rows.items()
    } == {
        "AWS_SECRET_ACCESS_KEY": (True, True, True),
        "TOKEN": (False, False, False),
        "STAGE": (True, False, False),
    }
    assert SECRET not in json.dumps(rows)
    assert "production" not in json.dumps(rows)
