"""Environment variables of functions: what leaves the function, and what does not."""

import json
from collections.abc import Callable
from typing import Any

TOKEN = "xo" + "xb-" + "1" * 12
ARN = "arn:aws:lambda:us-east-1:123456789012:function:api"


def _door(fake_door: Callable[..., Any], environment: Any) -> Any:
    function = {"FunctionArn": ARN, "FunctionName": "api", "Environment": environment}
    return fake_door(lambda__ListFunctions={"Functions": [function]})


def test_a_value_never_reaches_a_row(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    door = _door(fake_door, {"Variables": {"NOTIFY": TOKEN, "STAGE": "production"}})
    rows = read("aws_lambda_environment_variable", door).rows
    assert {row["name"]: row["value_looks_like_secret"] for row in rows.values()} == {"NOTIFY": True, "STAGE": False}
    assert TOKEN not in json.dumps(rows)
    assert "production" not in json.dumps(rows)


def test_variables_that_could_not_be_decrypted_are_a_gap_and_not_none(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    door = _door(fake_door, {"Error": {"ErrorCode": "AccessDeniedException", "Message": "KMS"}})
    found = read("aws_lambda_environment_variable", door)
    assert [gap.parent for gap in found.unit.gaps] == [ARN]
    assert read("aws_lambda_function", door).only["environment_variable_count"] is None


def test_a_function_without_variables_has_none(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    found = read("aws_lambda_environment_variable", _door(fake_door, None))
    assert (found.unit.gaps, found.rows) == ((), {})
