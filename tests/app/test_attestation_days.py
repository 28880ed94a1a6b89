"""Whose word counts depends on the day that is asked for: now, or the day of a snapshot that is named."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.app.company import assess_company

from sakimori.app.assess import AssessRequest, assess
from sakimori.app.rules import open_rules
from sakimori.findings.attestations import Signature, sign, withdraw
from sakimori.model.framework import RequirementStatus
from sakimori.simulate.server import SimulatedAccount
from sakimori.state.store import open_store

THEN = datetime(2026, 11, 1, 9, tzinfo=UTC)
LATER = THEN + timedelta(days=200)
ACCOUNT, QUESTION = "123456789012", "root-mail-is-group-address"


@pytest.fixture
def home(as_owner: SimulatedAccount, tmp_path: Path) -> Path:
    """A home with one snapshot of long ago."""
    assess_company(as_owner, tmp_path, regions=("us-east-1",), rules=("aws.iam.root-mfa-enabled",), now=THEN)
    return tmp_path


def _sign(home: Path, now: datetime) -> None:
    question = open_rules().frameworks.question(QUESTION)
    with open_store(home / "state.db") as store:
        sign(store, Signature(account=ACCOUNT, question=question, signer="佐藤", valid_days=30), now)


def _withdraw(home: Path, now: datetime) -> None:
    with open_store(home / "state.db") as store:
        withdraw(store, ACCOUNT, QUESTION, now)


def _status(home: Path, snapshot: str) -> RequirementStatus:
    request = AssessRequest(
        home=home, snapshot=snapshot, frameworks=("seed-first-day",), rules=("aws.iam.root-mfa-enabled",)
    )
    (framework,) = assess(request, (), clock=lambda: LATER).assessment.frameworks
    (status,) = [each.status for each in framework.requirements if each.id == "HB02"]
    return status


@pytest.mark.slow
def test_a_signature_of_later_vouches_for_no_day_before_it(home: Path) -> None:
    _sign(home, LATER)
    assert _status(home, "latest") is RequirementStatus.ATTESTED
    assert _status(home, f"{THEN:%Y-%m-%d}") is RequirementStatus.TO_ATTEST


@pytest.mark.slow
def test_a_signature_of_then_vouches_for_its_days_though_it_was_withdrawn_since(home: Path) -> None:
    _sign(home, THEN)
    _withdraw(home, LATER)
    assert _status(home, f"{THEN:%Y-%m-%d}") is RequirementStatus.ATTESTED
    assert _status(home, "latest") is RequirementStatus.TO_ATTEST


@pytest.mark.slow
def test_a_signature_that_has_ended_vouches_for_nothing_now_however_old_the_newest_snapshot(home: Path) -> None:
    _sign(home, THEN)
    assert _status(home, "latest") is RequirementStatus.TO_ATTEST
