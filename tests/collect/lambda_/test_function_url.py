"""URLs of functions and of their aliases."""

from collections.abc import Callable
from typing import Any

ARN = "arn:aws:lambda:us-east-1:123456789012:function:api"
LISTED = {"Functions": [{"FunctionArn": ARN, "FunctionName": "api"}]}


def test_the_url_of_an_alias_is_a_row_of_its_own(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    urls = [
        {"FunctionArn": ARN, "FunctionUrl": "https://a", "AuthType": "AWS_IAM"},
        {"FunctionArn": f"{ARN}:live", "FunctionUrl": "https://b", "AuthType": "NONE"},
        {"FunctionArn": f"{ARN}:next", "FunctionUrl": "https://c", "AuthType": "SOMETHING"},
    ]
    door = fake_door(lambda__ListFunctions=LISTED, lambda__ListFunctionUrlConfigs={"FunctionUrlConfigs": urls})
    rows = read("aws_lambda_function_url", door).rows
    assert [row["requires_signature"] for row in rows.values()] == [True, False, None]
    assert {row["function_arn"] for row in rows.values()} == {ARN}


def test_a_second_page_is_a_gap(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    answer = {"FunctionUrlConfigs": [], "NextMarker": "more"}
    door = fake_door(lambda__ListFunctions=LISTED, lambda__ListFunctionUrlConfigs=answer)
    assert [gap.parent for gap in read("aws_lambda_function_url", door).unit.gaps] == [ARN]
