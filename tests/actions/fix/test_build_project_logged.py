from typing import Any

import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.build_project_logged import STEP
from sakimori.actions.plan import Item, Standing

NAME = "shop-build"
ARN = f"arn:aws:codebuild:{HOME}:606060606060:project/{NAME}"
OFF = {"status": "DISABLED"}


def make_project(stage: Stage, **logs: Any) -> Any:
    client = stage.client("codebuild")
    client.create_project(
        name=NAME,
        source={"type": "S3", "location": "sources/shop.zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole="arn:aws:iam::606060606060:role/service-role/build",
        **({"logsConfig": logs} if logs else {}),
    )  # fmt: skip
    return client


def item_of(stage: Stage, arn: str = ARN) -> Item:
    (item,) = stage.plan(STEP, (HOME, arn)).items
    return item


@pytest.mark.parametrize("logs", [OFF, {**OFF, "groupName": "builds", "streamName": "shop"}], ids=["bare", "named"])
def test_builds_are_logged_where_they_were_and_no_longer_after_an_undo(stage: Stage, logs: dict[str, str]) -> None:
    client = make_project(stage, cloudWatchLogs=logs, s3Logs=OFF)
    holds_and_is_taken_back(stage, STEP, (HOME, ARN))
    (told,) = client.batch_get_projects(names=[NAME])["projects"]
    assert told["logsConfig"] == {"cloudWatchLogs": logs, "s3Logs": OFF}
    stage.apply(stage.plan(STEP, (HOME, ARN)), "again")
    (told,) = client.batch_get_projects(names=[NAME])["projects"]
    assert told["logsConfig"]["cloudWatchLogs"] == {**logs, "status": "ENABLED"}


@pytest.mark.parametrize(
    "logs",
    [{}, {"cloudWatchLogs": OFF, "s3Logs": {"status": "ENABLED", "location": "builds/logs"}}],
    ids=["as it was made", "to S3"],
)
def test_builds_that_are_logged_are_left_alone(stage: Stage, logs: Any) -> None:
    make_project(stage, **logs)
    assert item_of(stage).standing is Standing.AS_WANTED
    assert item_of(stage, f"{ARN}-of-yesterday").standing is Standing.AS_WANTED
