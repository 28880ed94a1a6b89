from collections.abc import Callable
from typing import Any

import pytest


def door(fake_door: Callable[..., Any], detector: Any) -> Any:
    return fake_door(guardduty__ListDetectors={"DetectorIds": ["d1"]}, guardduty__GetDetector=detector)


def test_each_feature_is_a_row_with_the_state_of_its_detector(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    features = [{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}, {"Name": "RUNTIME_MONITORING", "Status": "DISABLED"}]
    found = read(
        "aws_guardduty_detector_feature", door(fake_door, {"Status": "DISABLED", "Features": features})
    ).rows.values()
    assert {row["name"]: row["is_enabled"] for row in found} == {"S3_DATA_EVENTS": True, "RUNTIME_MONITORING": False}
    assert {row["detector_is_enabled"] for row in found} == {False}


@pytest.mark.parametrize("detector", [{"Status": "ENABLED"}, {"Status": "ENABLED", "Features": "all"}])
def test_a_detector_without_a_list_of_features_is_a_gap(
    fake_door: Callable[..., Any], read: Callable[..., Any], detector: Any
) -> None:
    found = read("aws_guardduty_detector_feature", door(fake_door, detector))
    assert found.rows == {}
    assert [gap.parent for gap in found.unit.gaps] == ["arn:aws:guardduty:us-east-1:123456789012:detector/d1"]


def test_a_status_that_nobody_knows_is_not_known(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    features = [{"Name": "S3_DATA_EVENTS", "Status": "PERHAPS"}]
    row = read("aws_guardduty_detector_feature", door(fake_door, {"Features": features})).only
    assert (row["is_enabled"], row["detector_is_enabled"]) == (None, None)
