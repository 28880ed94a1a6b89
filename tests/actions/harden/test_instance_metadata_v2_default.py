"""HB19: new machines ask for a token; other defaults, and what an organisation declares, stay as they are."""

from typing import Any

import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.harden.instance_metadata_v2_default import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered


def _item(stage: Stage) -> Item:
    return next(item for item in stage.plan(STEP).items if item.region == HOME)


def _level(stage: Stage) -> dict[str, Any]:
    told = stage.client("ec2").get_instance_metadata_defaults()["AccountLevel"]
    return {name: value for name, value in told.items() if not name.startswith("Managed")}


@pytest.mark.parametrize(
    ("there", "after"),
    [
        ({}, {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}),
        ({"HttpTokens": "optional"}, {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}),
        ({"HttpPutResponseHopLimit": 1}, {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}),
        (
            {"HttpTokens": "optional", "InstanceMetadataTags": "enabled", "HttpEndpoint": "enabled"},
            {"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "InstanceMetadataTags": "enabled", "HttpEndpoint": "enabled"},
        ),
    ],
    ids=["nothing", "wrong", "hops chosen", "others set"],
)  # fmt: skip
def test_tokens_are_required_and_the_rest_stays_and_all_goes_back(
    stage: Stage, there: dict[str, Any], after: dict[str, Any]
) -> None:
    if there:
        stage.client("ec2").modify_instance_metadata_defaults(**there)
    holds_and_is_taken_back(stage, STEP)
    assert _level(stage) == there
    stage.apply(stage.plan(STEP), "again")
    assert _level(stage) == after


def test_tokens_that_are_required_already_are_left_alone_with_whatever_number_of_hops(stage: Stage) -> None:
    stage.client("ec2").modify_instance_metadata_defaults(HttpTokens="required")
    assert _item(stage).standing is Standing.AS_WANTED


def test_what_a_declarative_policy_manages_is_left_to_it(stage: Stage) -> None:
    stage.simulated.state.services.declared_settings.add("metadata")
    assert {(item.standing, item.reason) for item in stage.plan(STEP).items} == {
        (Standing.ADOPTED, "declarative-policy")
    }


def test_machines_that_answer_without_a_token_today_are_named_and_hold_nothing_back(stage: Stage) -> None:
    ec2 = stage.client("ec2")
    image = ec2.register_image(Name="web", RootDeviceName="/dev/xvda", Architecture="x86_64")["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=2, MaxCount=2, MetadataOptions={"HttpTokens": "optional"})
    names = sorted(each["InstanceId"] for each in made["Instances"])
    item = _item(stage)
    assert item.standing is Standing.TO_MAKE
    assert [each.values for each in item.cautions] == [{"count": 2, "names": names}]


def test_code_says_the_same(stage: Stage) -> None:
    site = Site(door=stage.door, region=HOME)
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(site, STEP.wanted(site, STEP.read(site))))
    assert 'http_tokens = "required"' in code
    assert "http_put_response_hop_limit = 2" in code
