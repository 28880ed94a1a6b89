"""Plain variables of containers: what leaves the function, and what does not."""

import json
from collections.abc import Callable
from typing import Any

PASSWORD = "not-a-" + "secret-value"
ARN = "arn:aws:ecs:us-east-1:123456789012:task-definition/api:1"


def _door(fake_door: Callable[..., Any], *containers: Any) -> Any:
    described = {"taskDefinition": {"taskDefinitionArn": ARN, "containerDefinitions": list(containers)}}
    return fake_door(
        ecs__ListTaskDefinitionFamilies={"families": ["api"]}, ecs__DescribeTaskDefinition=described
    )  # fmt: skip


def test_a_value_never_reaches_a_row(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    variables = [
        {"name": "DB_PASSWORD", "value": PASSWORD},
        {"name": "DB_SECRET", "value": "/app/db"},
        {"name": "EMPTY"},
    ]
    found = read("aws_ecs_environment_variable", _door(fake_door, {"name": "app", "environment": variables}))
    flags = {row["name"]: (row["has_secret_name"], row["value_is_plain"]) for row in found.rows.values()}
    assert flags == {"DB_PASSWORD": (True, True), "DB_SECRET": (True, False), "EMPTY": (False, False)}
    assert PASSWORD not in json.dumps(found.rows)
    assert f"{ARN}/app/DB_PASSWORD" in found.rows


def test_variables_of_another_form_are_a_gap(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    found = read("aws_ecs_environment_variable", _door(fake_door, {"name": "app", "environment": {"A": "b"}}))
    assert found.unit.gaps
    assert not found.rows
