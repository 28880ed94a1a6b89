"""Drafts: the finest suppression of given findings holds for them, and for nothing beside."""

from typing import Any

import pytest
from tests.findings.suppression.world import (
    BUCKET,
    NIGHTS,
    NOW,
    ROLE,
    RULE,
    detection,
    errors,
    guardduty,
    keep,
    three_nights,
    until,
)
from tests.findings.world import FAIL, USER, rule, run, unit, verdict

from sakimori.findings.life import record
from sakimori.findings.suppression.criteria import Criteria, equals
from sakimori.findings.suppression.drafts import criteria_from, draft, draft_off
from sakimori.findings.suppression.history import History, Past
from sakimori.findings.suppression.noise import noise_of
from sakimori.findings.suppression.suppression import Action, Suppression
from sakimori.model.errors import UsageError
from sakimori.model.triage import Disposition
from sakimori.state.store import Store

WORDS: dict[str, Any] = {"reason": "nightly", "owner": "sato", "ticket": "OPS-1", "created_by": "tanaka"}


def pasts(store: Store, *told: Any, as_: Disposition | None = Disposition.BENIGN) -> tuple[Past, ...]:
    ids = keep(store, *told, as_=as_)
    with store.read() as connection:
        return History(connection, NOW).findings(ids)


def drafted(found: tuple[Past, ...]) -> Suppression:
    return draft(found, criteria_from(found), until(90), WORDS, NOW)


def test_a_draft_of_three_benign_nights_is_in_order(store: Store) -> None:
    found = pasts(store, *three_nights())
    made = drafted(found)
    assert made.criteria == Criteria.of((equals("rule", RULE), equals("resource", BUCKET), equals("principal", ROLE)))
    assert (made.accounts, made.regions, made.source) == (("111122223333",), ("ap-northeast-1",), "sakimori")
    assert errors(store, made) == []


@pytest.mark.slow
def test_a_role_on_ever_other_resources_is_named_alone(store: Store) -> None:
    found = pasts(store, *(detection(night, resources=(f"{BUCKET}-{night.day}",)) for night in NIGHTS))
    assert criteria_from(found) == Criteria.of((equals("rule", RULE), equals("principal", ROLE)))


def test_a_draft_for_guardduty_uses_what_its_filters_know(store: Store) -> None:
    found = pasts(store, guardduty())
    named = equals("resource.s3BucketDetails.name", "backups")
    assert criteria_from(found).entries[1:] == (named,)
    assert errors(store, drafted(found)) == []
    key = guardduty("2", rule="Recon:IAMUser/UserPermissions", resources=())
    assert criteria_from(pasts(store, key)).fields == {"rule", "resource.accessKeyDetails.userName"}


def test_what_is_asked_for_stands_in_place_of_what_was_found(store: Store) -> None:
    found = pasts(store, *three_nights())
    assert criteria_from(found, [equals("principal", ROLE)]).fields == {"rule", "principal"}


def test_findings_that_name_nothing_or_come_from_several_sources_are_refused(store: Store) -> None:
    with pytest.raises(UsageError) as told:
        criteria_from(pasts(store, detection(principal="", resources=())))
    assert told.value.text == "suppress.from_no_identity"
    with pytest.raises(UsageError) as told:
        criteria_from(pasts(store, detection(), guardduty()))
    assert told.value.text == "suppress.from_several_sources"


def test_posture_that_three_runs_saw_on_two_days_may_be_quiet(store: Store) -> None:
    failing = verdict(FAIL, rule(USER), "arn:aws:iam::111111111111:user/kiosk")
    for hour in (1, 2, 30):
        record(store, run(hour, [rule(USER)], [unit(USER)]), [failing], lambda _places: ())
    with store.read() as connection:
        found = History(connection, NOW).findings([failing.id])
    assert (found[0].sightings, len(found[0].days)) == (3, 2)
    assert errors(store, drafted(found)) == []
    assert drafted(found).rules == ("aws.test.aws_iam_user",)


def test_a_rule_is_turned_off_for_everything_of_its_source() -> None:
    made = draft_off("S3.8", "securityhub", until(365), {**WORDS, "evidence": "none"}, NOW)
    assert (made.action, made.rules, made.accounts) == (Action.DISABLE, ("S3.8",), ())


@pytest.mark.slow
def test_noise_is_what_repeats_and_was_harmless(store: Store) -> None:
    quiet = three_nights()
    undecided = tuple(detection(night, principal=f"{ROLE}-2") for night in NIGHTS)
    true = tuple(detection(night, principal=f"{ROLE}-3") for night in NIGHTS)
    sample = tuple(detection(night, principal=f"{ROLE}-4", evidence={"is_sample": True}) for night in NIGHTS)
    seldom = (detection(NIGHTS[0], principal=f"{ROLE}-5"),)
    pasts(store, *undecided, as_=None)
    pasts(store, *true, as_=Disposition.TRUE)
    pasts(store, *quiet, *sample, *seldom, guardduty())
    with store.read() as connection:
        noise = noise_of(History(connection, NOW).detections_since(NIGHTS[0]), 3)
    assert [(each.rule, each.about, each.sightings) for each in noise.settled] == [
        ("Policy:S3/BucketBlockPublicAccessDisabled", ROLE, 4),
        (RULE, ROLE, 3),
    ]
    assert [each.about for each in noise.undecided] == [f"{ROLE}-2"]
    assert (noise.settled[1].reason, noise.settled[1].owner) == ("nightly backup", "sato")
