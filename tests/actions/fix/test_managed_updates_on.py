from typing import Any

import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.managed_updates_on import STEP
from sakimori.actions.plan import Item, Standing

ARN = f"arn:aws:elasticbeanstalk:{HOME}:606060606060:environment/my shop/shop-1"
ROLE = {
    "Namespace": "aws:elasticbeanstalk:environment",
    "OptionName": "ServiceRole",
    "Value": "aws-elasticbeanstalk-service-role",
}
MANAGED = "aws:elasticbeanstalk:managedactions"
HEALTH = {"Namespace": "aws:elasticbeanstalk:healthreporting:system", "OptionName": "SystemType", "Value": "enhanced"}
WINDOW = {"Namespace": MANAGED, "OptionName": "PreferredStartTime", "Value": "Sun:18:00"}
LEVEL = {"Namespace": f"{MANAGED}:platformupdate", "OptionName": "UpdateLevel", "Value": "patch"}
ON = {"Namespace": MANAGED, "OptionName": "ManagedActionsEnabled", "Value": "true"}


def make_environment(stage: Stage, *options: dict[str, str]) -> Any:
    client = stage.client("elasticbeanstalk")
    client.create_application(ApplicationName="my shop")
    client.create_environment(
        ApplicationName="my shop", EnvironmentName="shop-1", SolutionStackName="PHP", OptionSettings=list(options)
    )
    return client


def options_of(client: Any) -> dict[str, str]:
    answer = client.describe_configuration_settings(ApplicationName="my shop", EnvironmentName="shop-1")
    return {each["OptionName"]: each["Value"] for each in answer["ConfigurationSettings"][0]["OptionSettings"]}


def item_of(stage: Stage) -> Item:
    (item,) = stage.plan(STEP, (HOME, ARN)).items
    return item


@pytest.mark.parametrize("there", ["nothing", "half", "a window and a level"])
def test_the_environment_updates_itself_and_is_as_before_after_an_undo(stage: Stage, there: str) -> None:
    known = {"nothing": [], "half": [HEALTH], "a window and a level": [HEALTH, WINDOW, LEVEL]}[there]
    client = make_environment(stage, ROLE, *known)
    before = options_of(client)
    holds_and_is_taken_back(stage, STEP, (HOME, ARN))
    assert options_of(client) == before


def test_a_window_and_a_level_that_somebody_chose_stay(stage: Stage) -> None:
    client = make_environment(stage, ROLE, HEALTH, WINDOW, LEVEL)
    stage.apply(stage.plan(STEP, (HOME, ARN)))
    made = options_of(client)
    assert (made["PreferredStartTime"], made["UpdateLevel"]) == ("Sun:18:00", "patch")
    assert (made["ManagedActionsEnabled"], made["SystemType"]) == ("true", "enhanced")


def test_an_environment_that_updates_itself_or_is_gone_is_left_alone(stage: Stage) -> None:
    make_environment(stage, ROLE, HEALTH, WINDOW, LEVEL, ON)
    assert item_of(stage).standing is Standing.AS_WANTED
    gone = ARN.replace("shop-1", "shop-2")
    assert [each.standing for each in stage.plan(STEP, (HOME, gone)).items] == [Standing.AS_WANTED]


def test_an_environment_without_a_service_role_is_held_back(stage: Stage) -> None:
    make_environment(stage)
    item = item_of(stage)
    assert [each.text for each in item.cautions if each.blocks] == ["fix_data.managed_updates_on_role"]


def test_an_environment_that_is_being_changed_is_held_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    make_environment(stage, ROLE)
    monkeypatch.setattr("sakimori.actions.fix.managed_updates_on._environment", lambda *_: {"Status": "Updating"})
    assert [each.text for each in item_of(stage).cautions if each.blocks] == ["fix_data.managed_updates_on_busy"]
