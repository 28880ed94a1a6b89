"""The latest ACTIVE revision of each family."""

from collections.abc import Callable, Mapping
from typing import Any

from sakimori.aws.refusal import Refusal
from sakimori.model.words import GapKind

PREFIX = "arn:aws:ecs:us-east-1:123456789012:task-definition"


def _described(parameters: Mapping[str, Any]) -> Any:
    if parameters["taskDefinition"] == "gone":
        return Refusal(
            call="", kind=GapKind.REFUSED, code="ClientException", message="Unable to describe task definition."
        )
    return {"taskDefinition": {"taskDefinitionArn": f"{PREFIX}/web:2", "pidMode": "host"}}


def test_a_family_that_lost_its_last_revision_since_it_was_listed_has_none(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    door = fake_door(
        ecs__ListTaskDefinitionFamilies={"families": ["web", "gone"]}, ecs__DescribeTaskDefinition=_described
    )
    found = read("aws_ecs_task_definition", door)
    assert not found.unit.gaps
    assert found.only["shares_host_processes"] is True
    assert found.only["uses_host_network"] is False


def test_a_family_that_is_not_described_is_a_gap(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    door = fake_door(ecs__ListTaskDefinitionFamilies={"families": ["web"]}, ecs__DescribeTaskDefinition={})
    assert not read("aws_ecs_task_definition", door).unit.is_read
