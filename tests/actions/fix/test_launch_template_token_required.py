from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.staging import HOME, Stage

from sakimori.actions.fix.launch_template_token_required import STEP
from sakimori.actions.plan import Standing


def make_template(stage: Stage, **options: Any) -> str:
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro", **({"MetadataOptions": options} if options else {})}
    made = stage.client("ec2").create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    return made["LaunchTemplate"]["LaunchTemplateId"]


def arn(template: str, account: str = "606060606060") -> str:
    return f"arn:aws:ec2:{HOME}:{account}:launch-template/{template}"


def versions(stage: Stage, template: str) -> list[Any]:
    return stage.client("ec2").describe_launch_template_versions(LaunchTemplateId=template)["LaunchTemplateVersions"]


@pytest.mark.parametrize(
    "options", [{}, {"HttpTokens": "optional", "HttpPutResponseHopLimit": 3}], ids=["silent", "optional"]
)
def test_a_version_that_asks_for_a_token_is_the_default_and_is_gone_after_an_undo(
    stage: Stage, options: dict[str, Any]
) -> None:
    template = make_template(stage, **options)
    mends_and_is_taken_back(stage, STEP, arn(template))
    first, second = versions(stage, template)
    assert (first["DefaultVersion"], second["DefaultVersion"]) == (False, True)
    expected = {**first["LaunchTemplateData"], "MetadataOptions": {**options, "HttpTokens": "required"}}
    assert second["LaunchTemplateData"] == expected, "all else is as it was"
    stage.undo("again")
    (only,) = versions(stage, template)
    assert only["DefaultVersion"]


def test_what_was_half_made_is_completed_and_never_made_twice(stage: Stage) -> None:
    template = make_template(stage)
    plan = stage.plan(STEP, (HOME, arn(template)))
    create = plan.to_make[0].changes[0].call.parameters
    stage.client("ec2").create_launch_template_version(**create)
    stage.apply(stage.plan(STEP, (HOME, arn(template))))
    assert [each["DefaultVersion"] for each in versions(stage, template)] == [False, True]


@pytest.mark.parametrize("there", ["required", "no metadata", "default of the Region", "gone", "of another account"])
def test_a_template_that_needs_nothing_is_left_alone(stage: Stage, there: str) -> None:
    options = {"required": {"HttpTokens": "required"}, "no metadata": {"HttpEndpoint": "disabled"}}
    template = make_template(stage, **options.get(there, {}))
    if there == "default of the Region":
        stage.client("ec2").modify_instance_metadata_defaults(HttpTokens="required")
    if there == "gone":
        stage.client("ec2").delete_launch_template(LaunchTemplateId=template)
    resource = arn(template, "111122223333") if there == "of another account" else arn(template)
    expected = Standing.ADOPTED if there == "of another account" else Standing.AS_WANTED
    assert item_of(stage, STEP, resource).standing is expected


def test_groups_that_name_a_version_are_named(stage: Stage) -> None:
    template = make_template(stage)
    for name, version in (("fixed", "1"), ("following", "$Default")):
        stage.client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=1, AvailabilityZones=[f"{HOME}a"],
            LaunchTemplate={"LaunchTemplateId": template, "Version": version},
        )  # fmt: skip
    cautions = item_of(stage, STEP, arn(template)).cautions
    assert [each.text for each in cautions] == ["fix_network.template_new_ones", "fix_network.template_fixed"]
    assert cautions[1].values["groups"] == ["fixed"]
