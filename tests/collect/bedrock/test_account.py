from collections.abc import Callable, Mapping
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("answer", "is_logged"),
    [
        ({}, False),
        ({"loggingConfig": {"textDataDeliveryEnabled": True}}, False),
        ({"loggingConfig": {"s3Config": {"bucketName": "log"}}}, True),
        ({"loggingConfig": {"cloudWatchConfig": {"logGroupName": "log", "roleArn": "r"}}}, True),
        ({"loggingConfig": "yes"}, None),
    ],
)
def test_calls_are_logged_where_a_destination_is_named(
    fake_door: Callable[..., Any], read: Callable[..., Any], answer: Mapping[str, Any], is_logged: bool | None
) -> None:
    door = fake_door(bedrock__GetModelInvocationLoggingConfiguration=answer, cloudwatch__ListMetrics={"Metrics": []})
    assert read("aws_bedrock_account", door).only["invocations_are_logged"] is is_logged


@pytest.mark.parametrize(
    ("answer", "was_invoked"),
    [({"Metrics": []}, False), ({"Metrics": [{"MetricName": "Invocations"}]}, True), ({}, None)],
)
def test_a_metric_of_the_last_weeks_says_that_models_were_called(
    fake_door: Callable[..., Any], read: Callable[..., Any], answer: Mapping[str, Any], was_invoked: bool | None
) -> None:
    door = fake_door(bedrock__GetModelInvocationLoggingConfiguration={}, cloudwatch__ListMetrics=answer)
    assert read("aws_bedrock_account", door).only["was_invoked_recently"] is was_invoked
