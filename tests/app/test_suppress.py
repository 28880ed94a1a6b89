"""Suppressing as people do it: all or nothing, with a trace on every finding, and nothing ever deleted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.findings.suppression.world import NIGHTS, NOW, ROLE, RULE, detection, keep, suppression, three_nights, until
from tests.findings.world import FAIL, USER, rule, run, unit, verdict

from sakimori.app.noise import propose
from sakimori.app.settings import read_settings
from sakimori.app.suppress import Court, Decision, Known, add_all, chosen, draft_from, expire
from sakimori.findings.detections import find_detections
from sakimori.findings.inbox_tables import REMARK, TRIAGE
from sakimori.findings.life import record
from sakimori.findings.mutes import Mutes
from sakimori.findings.suppression.criteria import Criteria, equals
from sakimori.findings.suppression.files import Maker, as_yaml
from sakimori.findings.suppression.suppressions import active_suppressions, all_suppressions
from sakimori.model.errors import UsageError
from sakimori.model.triage import Disposition
from sakimori.state.store import Store, open_store

MAKER = Maker("tanaka", NOW)
KNOWN = Known(people=("sato",))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "state.db") as opened:
        yield opened


def remarks(store: Store) -> list[tuple[str, str]]:
    with store.read() as connection:
        return [(row.act, row.finding) for row in connection.execute(select(REMARK).order_by(REMARK.c.number))]


def test_what_is_in_order_is_kept_and_leaves_its_trace_on_every_finding(store: Store) -> None:
    ids = keep(store, *three_nights())
    (judged,) = add_all(store, [suppression(created_from=ids)], MAKER, KNOWN)
    assert not judged.is_refused
    assert active_suppressions(store, NOW.date()).entries == (judged.suppression,)
    assert [each for each in remarks(store) if each[0] == "suppress"] == [("suppress", each) for each in ids]
    with store.read() as connection:
        assert set(connection.execute(select(TRIAGE.c.touched_at)).scalars()) == {NOW}
        assert set(connection.execute(select(TRIAGE.c.disposition)).scalars()) == {"benign"}


def test_the_same_file_twice_does_the_same_thing_once(store: Store) -> None:
    ids = keep(store, *three_nights())
    wanted = [suppression(created_from=ids)]
    add_all(store, wanted, MAKER, KNOWN)
    before = remarks(store)
    later = Maker("suzuki", NOW + timedelta(days=30))
    (again,) = add_all(store, [replace(wanted[0], created_at=later.at, created_by="suzuki")], later, KNOWN)
    assert (again.is_kept, remarks(store), len(all_suppressions(store))) == (True, before, 1)


def test_one_that_is_refused_stops_the_whole_file(store: Store) -> None:
    ids = keep(store, *three_nights())
    keep(store, detection(NIGHTS[2] + timedelta(hours=5), principal=f"{ROLE}-2"), as_=Disposition.TRUE)
    bad = suppression(id="wide", criteria=Criteria.of((equals("rule", RULE), equals("resource", "arn:aws:s3:::backups"))), created_from=ids)  # fmt: skip
    judged = add_all(store, [suppression(created_from=ids), bad], MAKER, KNOWN)
    assert [each.is_refused for each in judged] == [False, True]
    assert [fault.check for fault in judged[1].faults if fault.level == "error"] == ["SUP010"]
    assert all_suppressions(store) == ()
    with pytest.raises(UsageError, match="id_twice"):
        add_all(store, [bad, bad], MAKER, KNOWN)


def test_whoever_adds_it_is_not_the_second_person_whatever_the_file_says(store: Store) -> None:
    ids = keep(store, *three_nights())
    claimed = suppression(created_from=ids, created_by="sato", approved_by="Tanaka")
    with pytest.raises(UsageError, match="second_is_maker"):
        add_all(store, [claimed], MAKER, KNOWN)
    assert all_suppressions(store) == ()


def test_nothing_that_is_suppressed_is_deleted_and_ending_it_brings_all_back(store: Store) -> None:
    ids = keep(store, *three_nights())
    add_all(store, [suppression(created_from=ids)], MAKER, KNOWN)
    assert len(find_detections(store)) == 3
    later = Maker("sato", NOW + timedelta(days=1))
    ended = expire(store, "backup-role", "the backup is gone", later)
    assert (ended.ended_at, ended.ended_by) == (later.at, "sato")
    assert len(active_suppressions(store, later.at.date())) == 0
    assert len(all_suppressions(store)) == 1
    assert len([each for each in remarks(store) if each[0] == "comment"]) == 3
    for word, fault in (("backup-role", "over"), ("nothing", "unknown")):
        with pytest.raises(UsageError, match=fault):
            expire(store, word, "again", later)
    with pytest.raises(UsageError, match="without_reason"):
        expire(store, "backup-role", " ", later)


def test_a_draft_is_made_of_findings_by_the_beginning_of_their_ids(store: Store) -> None:
    ids = keep(store, *three_nights())
    with store.read() as connection:
        court = Court(connection, MAKER, KNOWN)
        decision = Decision(reason="nightly", owner="sato", ticket="OPS-1", expires_on=until(90))
        made = draft_from(court, [each[:12] for each in ids], (), decision)
        assert court.judge(made).faults == ()
        assert made.created_from == ids
        for word, fault in (("zz", "finding_unknown"), ("%", "finding_unknown"), ("", "finding_unknown")):
            with pytest.raises(UsageError, match=fault):
                draft_from(court, [word], (), decision)


def test_a_suppression_is_chosen_by_its_id_or_its_file(store: Store, tmp_path: Path) -> None:
    ids = keep(store, *three_nights())
    add_all(store, [suppression(created_from=ids)], MAKER, KNOWN)
    file = tmp_path / "s.yaml"
    file.write_text(as_yaml([suppression(id="other")]), encoding="utf-8")
    with store.read() as connection:
        court = Court(connection, MAKER, KNOWN)
        assert [each.id for each in chosen(court, "backup-role")] == ["backup-role"]
        assert [each.id for each in chosen(court, str(file))] == ["other"]
        with pytest.raises(UsageError, match="unknown"):
            chosen(court, "neither")


def test_a_failing_verdict_that_a_suppression_holds_for_carries_it(store: Store) -> None:
    of, arn = rule(USER), "arn:aws:iam::111111111111:user/kiosk"
    failing = verdict(FAIL, of, arn)
    for hour in (1, 2, 30):
        record(store, run(hour, [of], [unit(USER)]), [failing], lambda _places: ())
    named = Criteria.of((equals("rule", of.id), equals("resource", arn)))
    wanted = suppression(criteria=named, accounts=("111111111111",), created_from=(failing.id,))
    assert not add_all(store, [wanted], MAKER, KNOWN)[0].is_refused
    mutes = Mutes((), NOW.date(), active_suppressions(store, NOW.date()))
    (quiet,) = mutes.apply([failing])
    assert quiet.mute == wanted.mute
    (loud,) = mutes.apply([verdict(FAIL, of, "arn:aws:iam::111111111111:user/other")])
    assert loud.mute is None


def test_noise_is_proposed_with_what_the_law_takes(store: Store) -> None:
    keep(store, *three_nights())
    keep(store, *(detection(night, principal="", resources=()) for night in NIGHTS))
    with store.read() as connection:
        found = propose(Court(connection, MAKER, KNOWN), timedelta(days=7), 3)
    ready = {each.group.about: each for each in found.settled}
    judged = ready[ROLE].judged
    assert judged is not None
    assert not judged.is_refused
    assert [fault.text for fault in judged.faults] == ["suppress.sup009_ticket"]
    fault = ready[""].fault
    assert (ready[""].judged, fault.text if fault else "") == (None, "suppress.from_no_identity")
    assert not add_all(store, [judged.suppression], MAKER, KNOWN)[0].is_refused
    with store.read() as connection:
        again = propose(Court(connection, MAKER, KNOWN), timedelta(days=7), 3)
    assert [each.group.about for each in again.settled] == [""]


def test_noise_says_what_stops_a_proposal(store: Store) -> None:
    keep(store, *three_nights())
    keep(store, detection(NIGHTS[0] - timedelta(days=30)), as_=Disposition.TRUE)
    with store.read() as connection:
        (found,) = propose(Court(connection, MAKER, KNOWN), timedelta(days=7), 3).settled
    assert found.judged is not None
    assert found.judged.is_refused
    assert "SUP010" in [each.check for each in found.judged.faults]


def test_the_team_stands_in_the_configuration_or_is_not_known(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    assert read_settings(file).team is None
    for text, team in (('members = ["sato", "田中"]', ("sato", "田中")), ("", ()), ('members = "sato"', ("sato",))):
        file.write_text(f"[team]\n{text}\n", encoding="utf-8")
        assert read_settings(file).team == team
    for text in ("team = 1", "[team]\nmember = []", "[team]\nmembers = [1]"):
        file.write_text(text)
        with pytest.raises(UsageError, match="config_"):
            read_settings(file)
