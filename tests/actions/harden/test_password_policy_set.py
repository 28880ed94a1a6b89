from typing import Any

import pytest
from tests.actions.harden.way_back import the_way_back_is_as_shown
from tests.actions.staging import Stage, holds_and_is_taken_back

from sakimori.actions.harden.password_policy_set import STEP
from sakimori.actions.plan import Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.model.words import GLOBAL

_KINDS = {f"Require{kind}": True for kind in ("Symbols", "Numbers", "UppercaseCharacters", "LowercaseCharacters")}
WANTED = {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24, **_KINDS}


def policy(stage: Stage) -> dict[str, Any]:
    return stage.client("iam").get_account_password_policy()["PasswordPolicy"]


@pytest.mark.parametrize(
    "there",
    [
        {},
        {"MinimumPasswordLength": 6, "AllowUsersToChangePassword": True},
        {"MinimumPasswordLength": 20, "MaxPasswordAge": 60, "HardExpiry": True, "RequireNumbers": True},
    ],
    ids=["nothing", "weaker", "partly stricter"],
)
def test_the_password_policy_is_strong_and_afterwards_as_it_was(stage: Stage, there: dict[str, Any]) -> None:
    if there:
        stage.client("iam").update_account_password_policy(**there)
    the_way_back_is_as_shown(stage, STEP)
    plan = holds_and_is_taken_back(stage, STEP)
    (item,) = plan.to_make
    assert item.target is not None
    assert item.target["policy"].items() >= {**WANTED, "MinimumPasswordLength": max(14, there.get("MinimumPasswordLength", 0))}.items()  # fmt: skip


def test_what_is_stricter_and_what_the_owner_decided_stays(stage: Stage) -> None:
    stage.client("iam").update_account_password_policy(
        MinimumPasswordLength=20, MaxPasswordAge=60, HardExpiry=True, AllowUsersToChangePassword=False
    )
    stage.apply(stage.plan(STEP))
    now = policy(stage)
    assert {**WANTED, "MinimumPasswordLength": 20}.items() <= now.items()
    assert now["MaxPasswordAge"] == 60
    assert now["HardExpiry"] is True
    assert now["AllowUsersToChangePassword"] is False


def test_a_policy_made_anew_lets_people_change_their_password_and_never_locks_anybody_out(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    now = policy(stage)
    assert now["AllowUsersToChangePassword"] is True
    assert not now.get("ExpirePasswords")


def test_a_policy_that_is_as_wanted_is_left_alone(stage: Stage) -> None:
    stage.client("iam").update_account_password_policy(**{**WANTED, "MinimumPasswordLength": 30})
    assert [each.standing for each in stage.plan(STEP).items] == [Standing.AS_WANTED]


def test_terraform_says_the_same(stage: Stage) -> None:
    (item,) = stage.plan(STEP).items
    assert STEP.terraform is not None
    assert item.target is not None
    text = rendered(STEP.terraform(Site(door=stage.door, region=GLOBAL), item.target))
    assert "minimum_password_length = 14" in text
    assert "require_lowercase_characters = true" in text
    assert "max_password_age" not in text
