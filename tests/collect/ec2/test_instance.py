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


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"PublicIpAddress": "203.0.113.9", "NetworkInterfaces": []}, True),
        ({"NetworkInterfaces": [{"Association": {"PublicIp": "203.0.113.9"}}]}, True),
        ({"NetworkInterfaces": [{"PrivateIpAddresses": [{}, {"Association": {"PublicIp": "203.0.113.9"}}]}]}, True),
        ({"NetworkInterfaces": [{"Association": {}, "PrivateIpAddresses": [{"Primary": True}]}]}, False),
        ({"NetworkInterfaces": []}, False),
        ({}, None),
        ({"NetworkInterfaces": ["perhaps"]}, None),
    ],
)
def test_a_public_address_may_stand_on_any_interface(told: Any, expected: bool | None, context: Context) -> None:
    source = declarations()["aws_ec2_instance"].sources["has_public_ip"]
    assert value_of(source, {"InstanceId": "i-1", **told}, context) is expected
