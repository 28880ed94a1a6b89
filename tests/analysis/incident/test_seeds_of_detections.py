"""Whom to investigate after a detection."""

from datetime import UTC, datetime

import pytest

from sakimori.analysis.incident.seeds import Subject, SubjectKind, subject_of
from sakimori.model.detection import Detection
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity

AT = datetime(2026, 10, 3, tzinfo=UTC)
SESSION = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0/hanako@example.com"


def found(principal: str, *origins: str) -> Subject | None:
    return subject_of(
        Detection(
            rule="any", title=Text(en="", ja=""), severity=Severity.LOW, confidence=Confidence.LOW, first_at=AT, last_at=AT,
            count=1, principal=principal, origins=origins, account="111122223333", region="us-east-1", message=Text(en="", ja=""),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("principal", "kind"),
    [
        ("arn:aws:iam::111122223333:user/team/ci", SubjectKind.USER),
        ("arn:aws:iam::111122223333:root", SubjectKind.USER),
        ("arn:aws-cn:iam::111122223333:role/aws-service-role/x/y", SubjectKind.ROLE),
        (SESSION, SubjectKind.SESSION),
    ],
)
def test_who_stands_behind_it_is_investigated_as_what_he_is(principal: str, kind: SubjectKind) -> None:
    assert found(principal, "203.0.113.9") == Subject(kind=kind, id=principal)


def test_a_detection_of_one_key_is_investigated_by_it() -> None:
    assert found("ASIAIOSFODNN7EXAMPLE") == Subject(kind=SubjectKind.KEY, id="ASIAIOSFODNN7EXAMPLE")


@pytest.mark.parametrize("principal", ["", "s3.amazonaws.com", "AROAEXAMPLE:session", "arn:aws:s3:::b", "ASIA; rm"])
def test_where_the_log_does_not_tell_who_it_was_there_is_nobody_to_investigate(principal: str) -> None:
    assert found(principal, "203.0.113.9") is None
