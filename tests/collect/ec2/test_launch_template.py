"""What a launch template says of metadata, and what it leaves to others."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("data", "tokens", "is_required"),
    [
        ({"MetadataOptions": {"HttpTokens": "required"}}, "required", True),
        ({"MetadataOptions": {"HttpTokens": "optional"}}, "optional", False),
        ({"MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "disabled"}}, "optional", True),
        ({"MetadataOptions": {"HttpPutResponseHopLimit": 1}}, "", False),
        ({}, "", False),
        (None, None, None),
    ],
)
def test_metadata_options(
    fake_door: Callable[..., Any],
    read: Callable[..., Any],
    data: Mapping[str, Any] | None,
    tokens: str | None,
    is_required: bool | None,
) -> None:
    version: dict[str, Any] = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "VersionNumber": 3}
    if data is not None:
        version["LaunchTemplateData"] = data
    door = fake_door(ec2__DescribeLaunchTemplateVersions={"LaunchTemplateVersions": [version]})
    row = read("aws_ec2_launch_template", door).only
    assert (row["metadata_tokens"], row["imdsv2_is_required"]) == (tokens, is_required)
    assert door.asked[0][2]["Versions"] == ["$Default"]
