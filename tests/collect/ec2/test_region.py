"""Defaults of a Region: what was never set is told from what could not be read."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sakimori.aws.refusal import Refusal
from sakimori.model.words import GapKind


@pytest.mark.parametrize(
    ("answer", "tokens", "is_enforced"),
    [
        ({"AccountLevel": {"HttpTokens": "required", "HttpTokensEnforced": "enabled"}}, "required", True),
        ({"AccountLevel": {"HttpTokens": "optional"}}, "optional", False),
        ({"AccountLevel": {"ManagedBy": "account"}}, "", False),
        ({"AccountLevel": {}}, "", False),
        ({}, None, None),
        ({"AccountLevel": "perhaps"}, None, None),
    ],
)
def test_metadata_defaults(
    fake_door: Callable[..., Any],
    read: Callable[..., Any],
    answer: Mapping[str, Any],
    tokens: str | None,
    is_enforced: bool | None,
) -> None:
    refusal = Refusal(call="", kind=GapKind.DENIED, code="UnauthorizedOperation", message="no")
    door = fake_door(
        ec2__GetEbsEncryptionByDefault=refusal,
        ec2__GetSnapshotBlockPublicAccessState=refusal,
        ec2__GetImageBlockPublicAccessState=refusal,
        ec2__GetInstanceMetadataDefaults=answer,
        ec2__DescribeVpcBlockPublicAccessOptions={"VpcBlockPublicAccessOptions": {"State": "update-in-progress"}},
    )
    row = read("aws_ec2_region", door).only
    assert (row["metadata_tokens_by_default"], row["imdsv2_is_enforced"]) == (tokens, is_enforced)
    assert (row["image_public_sharing"], row["vpc_internet_block_mode"]) == (None, None)
