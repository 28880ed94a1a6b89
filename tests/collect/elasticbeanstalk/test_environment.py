"""The settings of an environment: those that are deployed, and no draft."""

from collections.abc import Callable
from typing import Any

import pytest

ARN = "arn:aws:elasticbeanstalk:us-east-1:123456789012:environment/shop/prod"
LISTED = {"Environments": [{"EnvironmentArn": ARN, "EnvironmentName": "prod", "ApplicationName": "shop"}]}


def _settings(status: str | None, **options: str) -> Any:
    namespaces = {
        "ManagedActionsEnabled": "aws:elasticbeanstalk:managedactions",
        "SystemType": "aws:elasticbeanstalk:healthreporting:system",
        "Notification": "aws:elasticbeanstalk:sns:topics",
    }
    listed = [{"Namespace": namespaces[name], "OptionName": name, "Value": value} for name, value in options.items()]
    return {"DeploymentStatus": status, "OptionSettings": listed}


def _read(fake_door: Callable[..., Any], read: Callable[..., Any], *settings: Any) -> Any:
    door = fake_door(
        elasticbeanstalk__DescribeEnvironments=LISTED,
        elasticbeanstalk__DescribeConfigurationSettings={"ConfigurationSettings": list(settings)},
    )
    row = read("aws_elasticbeanstalk_environment", door).only
    return row["managed_updates_are_enabled"], row["enhanced_health_is_enabled"]


def test_a_draft_that_is_not_deployed_does_not_count(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    draft = _settings("pending", ManagedActionsEnabled="true", SystemType="enhanced")
    deployed = _settings("deployed", ManagedActionsEnabled="false", SystemType="basic")
    assert _read(fake_door, read, draft, deployed) == (False, False)
    assert _read(fake_door, read, draft) == (None, None)


def test_an_option_that_is_not_set_has_its_default(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    assert _read(fake_door, read, _settings("deployed", Notification="")) == (False, False)


@pytest.mark.parametrize(
    "settings", [[], [{"DeploymentStatus": "deployed"}], [{"OptionSettings": [{"Value": "true"}]}]]
)
def test_settings_that_were_not_told_are_not_known(
    fake_door: Callable[..., Any], read: Callable[..., Any], settings: list[Any]
) -> None:
    assert _read(fake_door, read, *settings) == (None, None)
