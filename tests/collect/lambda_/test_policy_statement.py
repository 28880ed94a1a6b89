"""Who may call a function."""

import json
from collections.abc import Callable
from typing import Any

import pytest

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
BUCKET = {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::photos"}}
ACCOUNT = {"StringEquals": {"AWS:SourceAccount": "123456789012"}}


@pytest.fixture
def row(fake_door: Callable[..., Any], read: Callable[..., Any]) -> Callable[..., Any]:
    def with_statement(**members: Any) -> Any:
        statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": FUNCTION, **members}
        door = fake_door(
            lambda__ListFunctions={"Functions": [{"FunctionName": "f", "FunctionArn": FUNCTION}]},
            lambda__GetPolicy={"Policy": json.dumps({"Statement": [statement]})},
        )
        return read("aws_lambda_policy_statement", door).only

    return with_statement


def test_everyone_is_public_and_a_named_service_is_not(row: Callable[..., Any]) -> None:
    assert row(Principal="*")["is_public"] is True
    assert row(Principal={"Service": "apigateway.amazonaws.com"})["is_public"] is False


def test_a_function_url_without_sign_in_is_public(row: Callable[..., Any]) -> None:
    condition = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    assert row(Principal="*", Action="lambda:InvokeFunctionUrl", Condition=condition)["is_public"] is True


@pytest.mark.parametrize(
    ("condition", "expected"), [({}, True), (BUCKET, True), (ACCOUNT, False), ({**BUCKET, **ACCOUNT}, False)]
)
def test_s3_needs_an_account_because_a_bucket_name_tells_none(
    row: Callable[..., Any], condition: dict[str, Any], expected: bool
) -> None:
    found = row(Principal={"Service": "s3.amazonaws.com"}, Condition=condition)
    assert found["lets_any_bucket_call"] is expected
