"""A thief who writes into the trail's bucket: a copy of a true event, under its id, that tells something harmless."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.ingest.test_contested import take, written
from tests.ingest.trail import ACCOUNT, event

from sakimori.cli.main import command

LEAKED, NEW = "AKIAEXAMPLEEXAMPLE01", "AKIAEXAMPLEEXAMPLE02"
WHO = {
    "type": "IAMUser", "principalId": "AIDADEPLOYEXAMPLE0000", "arn": f"arn:aws:iam::{ACCOUNT}:user/deploy",
    "accountId": ACCOUNT, "accessKeyId": LEAKED, "userName": "deploy",
}  # fmt: skip
TRUE = event(
    2, eventName="CreateAccessKey", eventSource="iam.amazonaws.com", eventTime="2026-10-20T10:01:00Z", userIdentity=WHO,
    awsRegion="us-east-1", sourceIPAddress="203.0.113.66", requestParameters={"userName": "admin"},
    responseElements={"accessKey": {"accessKeyId": NEW, "status": "Active", "userName": "admin"}},
)  # fmt: skip
FORGED = {
    "the same time": {**TRUE, "eventName": "ListAccessKeys", "responseElements": None, "readOnly": True},
    "another day": {
        **TRUE,
        "eventName": "ListAccessKeys",
        "eventTime": "2026-10-05T10:01:00Z",
        "responseElements": None,
    },
    "another Region": {**TRUE, "eventName": "ListAccessKeys", "awsRegion": "eu-west-1", "responseElements": None},
    "another account": {**TRUE, "eventName": "ListAccessKeys", "recipientAccountId": "999988887777"},
}


def said(home: Path, *words: str) -> str:
    return CliRunner().invoke(command, ["--home", str(home), *words, "--lang", "en"]).output


def lake(folder: Path, events: Sequence[dict[str, Any]]) -> Path:
    for number, each in enumerate(events):
        take(folder / "home", written(folder / f"{number}.json", each))
    return folder / "home"


@pytest.mark.slow
@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("is_true_first", [True, False])
def test_a_detection_fires_on_the_true_event_and_every_answer_tells_of_the_other(
    name: str, is_true_first: bool, tmp_path: Path
) -> None:
    """Slow: all rules are loaded, and three programs run."""
    home = lake(tmp_path, [TRUE, FORGED[name]] if is_true_first else [FORGED[name], TRUE])
    rules = ("--rules", "*access-key*", "--dry-run")
    detected = said(home, "detect", *rules)
    assert NEW in detected
    assert "sakimori lake contested" in detected
    lines = said(home, "detect", *rules, "--format", "jsonl")
    assert NEW in lines
    assert "sakimori lake contested" in lines
    investigated = said(home, "investigate", "key", LEAKED)
    assert NEW in investigated
    assert "events came with one id" in " ".join(investigated.split())
    assert "sakimori lake contested" in said(home, "ask", "who-did", "CreateAccessKey")
