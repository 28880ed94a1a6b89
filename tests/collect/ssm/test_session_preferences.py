"""Session Manager's preferences: a document that someone wrote."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]


def document(**inputs: object) -> dict[str, str]:
    return {"Content": json.dumps({"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs})}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (document(s3BucketName="", cloudWatchLogGroupName="sessions"), True),
        (document(s3BucketName="b"), True),
        (document(s3BucketName="", cloudWatchLogGroupName=""), False),
        (document(), False),
        # Half of it is not understood, and the other half settles it.
        (document(s3BucketName=1, cloudWatchLogGroupName="sessions"), True),
        (document(s3BucketName=1, cloudWatchLogGroupName=""), None),
        ({"Content": json.dumps({"schemaVersion": "1.0"})}, False),
        ({"Content": "schemaVersion: '1.0'"}, None),
        ({"Content": "[]"}, None),
        ({"Content": '{"inputs": "none"}'}, None),
    ],
)
def test_sessions_are_logged_where_the_document_names_a_place(
    fake_door: Make, read: Make, answer: dict[str, str], expected: bool | None
) -> None:
    row = read("aws_ssm_session_preferences", fake_door(ssm__GetDocument=answer)).only
    assert (row["has_document"], row["sessions_are_logged"]) == (True, expected)


def test_where_there_is_no_document_nothing_is_logged(fake_door: Make, read: Make, refusal: Make) -> None:
    row = read("aws_ssm_session_preferences", fake_door(ssm__GetDocument=refusal("InvalidDocument"))).only
    assert (row["has_document"], row["sessions_are_logged"], row["log_group_name"]) == (False, False, "")


def test_a_refused_document_is_unknown(fake_door: Make, read: Make, refusal: Make) -> None:
    found = read("aws_ssm_session_preferences", fake_door(ssm__GetDocument=refusal()))
    assert (found.only["has_document"], found.only["sessions_are_logged"]) == (None, None)
    assert len(found.unit.gaps) == 1
