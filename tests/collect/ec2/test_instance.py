"""Whether an instance gives out its credentials without a token."""

from typing import Any

import pytest

from sakimori.collect.catalogue import declarations
from sakimori.collect.declaration import Context
from sakimori.collect.reading import value_of


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"HttpTokens": "required", "HttpEndpoint": "enabled"}, True),
        ({"HttpTokens": "optional", "HttpEndpoint": "enabled"}, False),
        ({"HttpTokens": "optional", "HttpEndpoint": "disabled"}, True),
        ({}, None),
        (None, None),
    ],
)
def test_imdsv2_is_required_by_token_or_by_no_endpoint(options: Any, expected: bool | None, context: Context) -> None:
    source = declarations()["aws_ec2_instance"].sources["imdsv2_is_required"]
    assert value_of(source, {"InstanceId": "i-1", "MetadataOptions": options}, context) is expected
