"""Ways around the law on suppressions that somebody would try, and that do not lead anywhere."""

from datetime import timedelta

import pytest
from tests.findings.suppression.world import (
    NIGHTS,
    NOW,
    ROLE,
    RULE,
    detection,
    errors,
    guardduty,
    keep,
    suppression,
    texts,
    three_nights,
    until,
)

from sakimori.app.suppress import Court, Known, draft_of_rule
from sakimori.app.suppress import Decision as Said
from sakimori.findings.detections import record_detections
from sakimori.findings.suppression.criteria import Criteria, Criterion, Operator, equals
from sakimori.findings.suppression.files import Maker
from sakimori.findings.suppression.subject import subject_of_detection
from sakimori.findings.suppression.suppressions import Suppressions
from sakimori.findings.triage import Decision, Doing, comment, decide
from sakimori.model.triage import Disposition
from sakimori.model.words import Severity
from sakimori.state.store import Store


@pytest.mark.parametrize(
    "pattern",
    [
        "arn*", "*arn*", "arn:aws*", "arn:aws:*", "arn:aws:ec2:*:*:instance*", "arn:aws:ec2:*:*:instance/i-0*", "i-0*",
        "arn:aws:iam::111122223333:user*", "arn:aws:iam::*:role?*", "*a*r*n*", "AKIA*", "*:instance/i-0*",
    ],
)  # fmt: skip
def test_a_pattern_that_takes_everything_of_a_kind_names_nothing(store: Store, pattern: str) -> None:
    ids = keep(store, *three_nights())
    criteria = Criteria.of((equals("rule", RULE), Criterion("resource", Operator.MATCHES, (pattern,))))
    assert "sup004_no_identity" in texts(store, suppression(created_from=ids, criteria=criteria))


@pytest.mark.parametrize(
    "pattern",
    [
        "arn:aws:s3:::backups*", "arn:aws:iam::111122223333:role/backup*", "arn:aws:ec2:*:*:instance/i-0abc1234*",
        "arn:aws:logs:*:*:log-group:/aws/lambda/nightly*", "*-backup-*",
    ],
)  # fmt: skip
def test_a_pattern_with_a_name_in_it_names_something(store: Store, pattern: str) -> None:
    ids = keep(store, *three_nights())
    criteria = Criteria.of((equals("rule", RULE), Criterion("resource", Operator.MATCHES, (pattern,))))
    assert "sup004_no_identity" not in texts(store, suppression(created_from=ids, criteria=criteria))


def test_who_is_not_in_the_team_approves_nothing(store: Store) -> None:
    ids = keep(store, *three_nights())
    found = suppression(created_from=ids, approved_by="mickey mouse")
    assert errors(store, found) == ["SUP009"]
    assert errors(store, found, people=None) == []


def test_what_comes_later_and_is_critical_is_heard(store: Store) -> None:
    ids = keep(store, *three_nights())
    made = suppression(created_from=ids)
    assert errors(store, made) == []
    usual, grave = (subject_of_detection(detection(NOW, severity=each)) for each in (Severity.HIGH, Severity.CRITICAL))
    assert Suppressions([made]).of(usual) == made
    assert Suppressions([made]).of(grave) is None
    of_two = suppression(created_from=ids, approved_by="suzuki", expires_on=until(14))
    assert Suppressions([of_two]).of(grave) == of_two


def test_a_critical_detection_is_not_turned_off_by_one_person(store: Store) -> None:
    said = Said(reason="noise", owner="sato", evidence="none", expires_on=until(90))
    with store.read() as connection:
        court = Court(connection, Maker("tanaka", NOW), Known())
        (judged,) = court.judge_all([draft_of_rule(court, "key-quarantined-by-aws", "sakimori", said)])
    assert {each.text for each in judged.faults} >= {"suppress.sup007_one_person", "suppress.sup007_too_long"}


KIND, OURS = "Behavior:EC2/TrafficVolumeUnusual", "dns-volume-past-the-resolver"


@pytest.mark.slow
def test_a_remark_on_a_witness_covers_no_decision_of_its_finding(store: Store) -> None:
    witness = guardduty(rule=KIND, at=NIGHTS[0], last_at=NIGHTS[0], count=1)
    record_detections(store, [witness], NIGHTS[0])
    with store.begin() as connection:
        comment(connection, witness.id, "looking", Doing("sato", NIGHTS[0]))
    keep(store, detection(rule=OURS, at=NIGHTS[0] + timedelta(hours=1)), as_=Disposition.TRUE)
    of_kind = suppression(source="guardduty", criteria=Criteria.of((equals("rule", KIND), equals("principal", ROLE))))
    assert "sup010_true" in texts(store, of_kind)


def test_what_was_true_for_a_witness_is_true_for_its_finding_until_that_is_decided_anew(store: Store) -> None:
    witness = guardduty(rule=KIND, at=NIGHTS[0], last_at=NIGHTS[0], count=1)
    ours = detection(rule=OURS, at=NIGHTS[0] + timedelta(hours=60))
    record_detections(store, [witness, ours], NIGHTS[0])
    true, benign = (Decision(disposition=each, reason="r") for each in (Disposition.TRUE, Disposition.BENIGN))
    with store.begin() as connection:
        comment(connection, ours.id, "looking", Doing("sato", NIGHTS[0]))
        decide(connection, witness.id, true, Doing("sato", NIGHTS[0]))
    grown = guardduty(rule=KIND, at=NIGHTS[0], last_at=ours.first_at, count=2)
    record_detections(store, [grown], NIGHTS[2])
    with store.begin() as connection:
        decide(connection, witness.id, true, Doing("sato", NIGHTS[2]))
    of_ours = suppression(criteria=Criteria.of((equals("rule", OURS), equals("principal", ROLE))))
    assert "sup010_true" in texts(store, of_ours)
    with store.begin() as connection:
        decide(connection, ours.id, benign, Doing("sato", NOW))
    assert "sup010_true" not in texts(store, of_ours)
