"""An attestation is a person's word: signed, dated, ending, never overwritten."""

import hashlib
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sakimori.findings.attestations import Signature, attestations, history, is_due, sign, withdraw
from sakimori.model.errors import UsageError
from sakimori.model.verdict import Text
from sakimori.rules.framework import Question
from sakimori.state.store import Store

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
SAFE = Question(id="safe", text=Text("Safe?", "安全ですか？"), how=Text("Look.", "見ます。"), valid_days=90)
ONE, TWO = "111111111111", "222222222222"


def _sign(store: Store, account: str = ONE, signer: str = "佐藤", now: datetime = NOW, **more: object) -> None:
    sign(store, Signature(account=account, question=SAFE, signer=signer, **more), now)  # type: ignore[arg-type]


def test_the_newest_signature_of_an_account_counts(store: Store) -> None:
    _sign(store, signer="first")
    _sign(store, signer="second", now=NOW + timedelta(days=1))
    _sign(store, account=TWO, signer="other")
    found = attestations(store)
    assert (found["safe", ONE].signer, found["safe", TWO].signer) == ("second", "other")
    assert found["safe", ONE].valid_until == date(2027, 1, 31)
    assert [signed.signer for signed, _ in history(store, ONE, "safe")] == ["second", "first"]


def test_it_ends_with_its_last_day(store: Store) -> None:
    _sign(store, valid_days=1)
    signed = attestations(store)["safe", ONE]
    assert not is_due(signed, date(2026, 11, 2))
    assert is_due(signed, date(2026, 11, 3))
    assert is_due(None, date(2026, 11, 2))


def test_a_withdrawn_one_counts_no_more_and_stays_in_the_history(store: Store) -> None:
    _sign(store)
    assert withdraw(store, ONE, "safe", NOW + timedelta(hours=1)) == 1
    assert withdraw(store, ONE, "safe", NOW) == 0
    assert attestations(store) == {}
    ((signed, taken_back),) = history(store, ONE, "safe")
    assert (signed.signer, taken_back) == ("佐藤", NOW + timedelta(hours=1))


def test_of_the_evidence_its_hash_and_name_are_kept(store: Store, tmp_path: Path) -> None:
    evidence = tmp_path / "写真.png"
    evidence.write_bytes(b"x" * 3_000_000)
    _sign(store, evidence=evidence, note="seen")
    signed = attestations(store)["safe", ONE]
    assert signed.evidence_sha256 == hashlib.sha256(b"x" * 3_000_000).hexdigest()
    assert (signed.evidence_name, signed.note) == ("写真.png", "seen")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"signer": "  "}, "findings.attest_no_signer"),
        ({"signer": "x" * 2001}, "findings.attest_too_long"),
        ({"note": "x" * 2001}, "findings.attest_too_long"),
        ({"valid_days": 0}, "findings.attest_days"),
        ({"valid_days": 91}, "findings.attest_days"),
        ({"evidence": Path("/nowhere/at/all")}, "findings.attest_evidence"),
        ({"evidence": Path("/")}, "findings.attest_evidence"),
        ({"evidence": Path("/dev/zero")}, "findings.attest_evidence"),
    ],
)
def test_what_cannot_be_signed_is_refused_and_nothing_is_kept(
    store: Store, given: dict[str, object], text: str
) -> None:
    with pytest.raises(UsageError) as caught:
        _sign(store, **given)  # type: ignore[arg-type]
    assert caught.value.text == text
    assert attestations(store) == {}


def test_nobody_waits_for_a_pipe_as_evidence(store: Store, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError):
        _sign(store, evidence=tmp_path / "pipe")


def test_words_without_utf_8_are_kept_as_far_as_they_are_text(store: Store, tmp_path: Path) -> None:
    evidence = tmp_path / os.fsdecode(b"e\xff")
    evidence.write_bytes(b"x")
    _sign(store, signer=os.fsdecode(b"a\xffb\0"), note=os.fsdecode(b"\xff" + "佐藤".encode()), evidence=evidence)
    signed = attestations(store)["safe", ONE]
    assert (signed.signer, signed.note, signed.evidence_name) == ("a\ufffdb\ufffd", "\ufffd佐藤", "e\ufffd")


def test_what_is_due_soon_may_be_asked_for_any_span(store: Store) -> None:
    _sign(store, valid_days=1)
    signed = attestations(store)["safe", ONE]
    day = date(2026, 11, 2)
    asked = (timedelta(), timedelta(hours=23), timedelta(days=1), timedelta(days=999_999_999))
    assert [is_due(signed, day, span) for span in asked] == [False, False, True, True]


def test_of_a_day_long_past_it_is_told_who_vouched_then(store: Store) -> None:
    later = NOW + timedelta(days=200)
    _sign(store, signer="then")
    _sign(store, account=TWO, signer="late", now=later)
    withdraw(store, ONE, "safe", later)
    _sign(store, signer="now", now=later)

    def told(day: date | None) -> list[str]:
        return sorted(signed.signer for signed in attestations(store, day).values())

    assert told(date(2026, 10, 31)) == []
    assert told(NOW.date()) == told(later.date() - timedelta(days=1)) == ["then"]
    assert told(later.date()) == told(None) == ["late", "now"]
