"""How callers of a GraphQL API are known."""

from collections.abc import Callable
from typing import Any

import pytest

KEY, IAM = {"authenticationType": "API_KEY"}, {"authenticationType": "AWS_IAM"}


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        (IAM, ("AWS_IAM", False)),
        (KEY, ("API_KEY", True)),
        ({**IAM, "additionalAuthenticationProviders": [KEY]}, ("AWS_IAM, API_KEY", True)),
        ({**IAM, "additionalAuthenticationProviders": [{}]}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_a_key_beside_another_way_is_a_key_all_the_same(
    fake_door: Callable[..., Any], read: Callable[..., Any], api: dict[str, Any], expected: tuple[Any, Any]
) -> None:
    row = read(
        "aws_appsync_graphql_api", fake_door(appsync__ListGraphqlApis={"graphqlApis": [{"arn": "a", **api}]})
    ).only
    assert (row["authentication_types"], row["takes_api_keys"]) == expected
