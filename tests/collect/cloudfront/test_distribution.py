"""Distributions: HTTPS on every path, or not known."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("default", "others", "expected"),
    [
        ("https-only", [], True),
        ("redirect-to-https", ["https-only"], True),
        ("allow-all", [], False),
        ("https-only", ["allow-all"], False),
        ("https-maybe", [], None),
        ("https-maybe", ["allow-all"], False),
        ("https-only", [None], None),
        (None, ["https-only"], None),
    ],
)
def test_one_path_over_plain_http_is_enough(
    fake_door: Callable[..., Any], read: Callable[..., Any], default: Any, others: list[Any], expected: bool | None
) -> None:
    distribution = {
        "ARN": "arn:aws:cloudfront::123456789012:distribution/E1",
        "Id": "E1",
        "DefaultCacheBehavior": {"ViewerProtocolPolicy": default},
        "CacheBehaviors": {"Items": [{"ViewerProtocolPolicy": each} for each in others]},
    }
    door = fake_door(
        cloudfront__ListDistributions={"DistributionList": {"Items": [distribution]}},
        cloudfront__GetDistributionConfig={"DistributionConfig": {}},
    )
    assert read("aws_cloudfront_distribution", door).only["requires_https"] is expected
