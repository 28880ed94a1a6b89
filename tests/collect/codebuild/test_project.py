"""What a build project's sources and logs tell, and what they keep to themselves."""

import json
from collections.abc import Callable
from typing import Any

import pytest

PASSWORD = "not-a-" + "password"
CLEAN = {"type": "BITBUCKET", "location": "https://sato@bitbucket.org/a/b.git"}


def _project(fake_door: Callable[..., Any], read: Callable[..., Any], **members: Any) -> dict[str, Any]:
    project = {"arn": "arn:aws:codebuild:us-east-1:123456789012:project/p", "name": "p", **members}
    door = fake_door(codebuild__ListProjects={"projects": ["p"]}, codebuild__BatchGetProjects={"projects": [project]})
    return read("aws_codebuild_project", door).only


def test_a_password_is_seen_in_any_source_and_kept_out_of_the_row(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    given = {"type": "BITBUCKET", "location": f"https://sato:{PASSWORD}@bitbucket.org/a/b.git"}
    for members in ({"source": given}, {"source": CLEAN, "secondarySources": [CLEAN, given]}):
        row = _project(fake_door, read, **members)
        assert row["source_urls_have_credentials"] is True
        assert PASSWORD not in json.dumps(row)


@pytest.mark.parametrize("source", [CLEAN, {"type": "NO_SOURCE"}, {"type": "CODEPIPELINE"}])
def test_a_source_without_a_password_has_none(
    fake_door: Callable[..., Any], read: Callable[..., Any], source: dict[str, str]
) -> None:
    assert _project(fake_door, read, source=source)["source_urls_have_credentials"] is False


def test_a_source_that_was_not_told_is_not_known(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    assert _project(fake_door, read)["source_urls_have_credentials"] is None


@pytest.mark.parametrize(
    ("config", "enabled"),
    [
        (None, True),
        ({"s3Logs": {"status": "DISABLED"}}, True),
        ({"cloudWatchLogs": {"status": "DISABLED"}}, False),
        ({"cloudWatchLogs": {"status": "DISABLED"}, "s3Logs": {"status": "ENABLED"}}, True),
    ],
)
def test_logs_go_to_cloudwatch_unless_told_otherwise(
    fake_door: Callable[..., Any], read: Callable[..., Any], config: Any, enabled: bool
) -> None:
    assert _project(fake_door, read, source=CLEAN, logsConfig=config)["logs_are_enabled"] is enabled
