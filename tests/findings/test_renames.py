"""A rule may have another name tomorrow: what was found, decided and told under the former one goes on."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.findings.suppression.world import suppression
from tests.findings.test_detections import AT, NOON, detection, imported
from tests.findings.world import BUCKET, FAIL, PASS, TOKYO, VOLUME, at, rule, run, unit, verdict

from sakimori.app.inbox import quiet_of
from sakimori.findings.cursors import read_cursor, write_cursor
from sakimori.findings.detections import find_detections, record_detections
from sakimori.findings.inbox import InboxFinding, InboxSought, find_in_inbox
from sakimori.findings.inbox_tables import CASE
from sakimori.findings.life import record
from sakimori.findings.mutes import MuteEntry, Mutes
from sakimori.findings.recording import record_found
from sakimori.findings.renames import carry_over, renamed_rules
from sakimori.findings.scope import JudgedRule
from sakimori.findings.suppression.criteria import Criteria, equals
from sakimori.findings.suppression.suppressions import add_suppression, find_suppression
from sakimori.findings.tables import CHANGE, DETECTION, FINDING, GROUND, OPEN, RESOLVED
from sakimori.findings.triage import Decision, Doing, assign, comment, decide, remarks_of, reopen
from sakimori.model.assessment import Changes
from sakimori.model.triage import Disposition, Standing
from sakimori.model.verdict import Verdict
from sakimori.state.store import Store, open_store

FORMER = rule(VOLUME, days=90)
NOW = replace(FORMER, id="aws.test.volume-is-private", aliases=(FORMER.id,))
RENAMED = {FORMER.id: NOW.id}
SATO = Doing("sato", at(1.5))


def record_run(store: Store, hour: float, of: JudgedRule, *resources: str) -> Changes:
    verdicts = [verdict(FAIL, of, each) for each in resources]
    return record(store, run(hour, [of], [unit(VOLUME)]), verdicts)


def inbox(store: Store, on: float = 2) -> tuple[InboxFinding, ...]:
    return find_in_inbox(store, InboxSought(standings=tuple(Standing)), quiet_of(store, (), at(on).date()))


def rules_in(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.execute(select(FINDING.c.rule)).scalars())


def cases(store: Store) -> list[tuple[str, str, str, int]]:
    with store.read() as connection:
        query = select(CASE.c.id, CASE.c.subject, CASE.c.state, CASE.c.is_pending).order_by(CASE.c.id)
        return [tuple(row) for row in connection.execute(query)]


def test_no_finding_is_new_or_fixed_by_another_name_of_its_rule(store: Store) -> None:
    record_run(store, 1, FORMER, "a", "b")
    changes = record_run(store, 2, NOW, "a", "b")
    assert (changes.new, changes.fixed, changes.previous_run_at) == (frozenset(), (), at(1))
    assert changes.still_open == {verdict(FAIL, NOW, each).id for each in "ab"}
    assert rules_in(store) == {NOW.id}
    assert [(each.first_seen, each.last_seen) for each in inbox(store)] == [(at(1), at(2))] * 2


def test_a_finding_that_is_fixed_when_its_rule_is_renamed_is_fixed(store: Store) -> None:
    record_run(store, 1, FORMER, "a", "b")
    changes = record(store, run(2, [NOW], [unit(VOLUME)]), [verdict(FAIL, NOW, "a"), verdict(PASS, NOW, "b")])
    assert [(each.resource, each.rule) for each in changes.fixed] == [("b", NOW.id)]


def test_owner_history_and_suppression_go_over(store: Store) -> None:
    record_run(store, 1, FORMER, "a", "b")
    one, other = (verdict(FAIL, FORMER, each).id for each in "ab")
    quiet = Criteria.of((equals("rule", FORMER.id), equals("resource", "b")))
    kept = suppression(criteria=quiet, accounts=(), regions=(), created_from=(other,), created_at=at(1))
    add_suppression(store, replace(kept, expires_on=at(99).date()))
    with store.begin() as connection:
        assign(connection, one, "tanaka", SATO)
        decision = Decision(disposition=Disposition.TRUE, reason="next sprint", owner="tanaka", due_on=at(99).date())
        decide(connection, one, decision, SATO)
    record_run(store, 2, NOW, "a", "b")
    found = {each.subject: each for each in inbox(store)}
    assert found["a"].triage.owner == "tanaka"
    assert (found["a"].triage.due_on, found["a"].triage.touched_at) == (at(99).date(), SATO.at)
    assert (found["b"].standing, found["b"].suppression) == (Standing.SUPPRESSED, "backup-role")
    with store.read() as connection:
        assert [each.act for each in remarks_of(connection, found["a"].id)] == ["assign", "decide"]
        assert remarks_of(connection, one) == ()
    assert find_suppression(store, "backup-role") == replace(
        kept, expires_on=at(99).date(), created_from=(found["b"].id,)
    )


def test_its_case_goes_on_and_tells_nothing_new(store: Store) -> None:
    record_run(store, 1, FORMER, "a")
    told = {"slack": {"rules": [FORMER.id, "other"], "count": 3}}
    with store.begin() as connection:
        connection.execute(CASE.update().values(is_pending=0, told=json.dumps(told)))
    record_run(store, 2, NOW, "a")
    ((identifier, *_),) = cases(store)
    assert cases(store) == [(identifier, NOW.id, OPEN, 0)]
    with store.read() as connection:
        kept = json.loads(connection.execute(select(CASE.c.told)).scalar_one())
    assert kept == {"slack": {"rules": sorted((NOW.id, "other")), "count": 3}}
    record_run(store, 3, NOW, "a", "b")
    assert cases(store) == [(identifier, NOW.id, OPEN, 1)]
    record_run(store, 4, NOW)
    assert [each[2] for each in cases(store)] == ["closed"]


def test_a_witness_stays_with_its_finding(store: Store) -> None:
    record_run(store, 1, FORMER, "a")
    record_detections(store, [imported()], AT)
    with store.begin() as connection:
        connection.execute(DETECTION.update().values(witness_of=verdict(FAIL, FORMER, "a").id))
    record_run(store, 2, NOW, "a")
    (found,) = inbox(store)
    assert [each.producer for each in found.witnesses] == ["guardduty"]


def test_what_was_resolved_and_comes_back_under_the_new_name_is_reopened(store: Store) -> None:
    record_run(store, 1, FORMER, "a")
    record_run(store, 2, FORMER)
    assert record_run(store, 3, NOW, "a").new == {verdict(FAIL, NOW, "a").id}
    with store.read() as connection:
        row = connection.execute(select(FINDING)).mappings().one()
    assert (row["state"], row["first_seen"], row["reopened_at"]) == (OPEN, at(1), at(3))


@pytest.mark.slow
def test_where_both_names_have_it_there_is_one_finding_with_the_earlier_date_and_all_decisions(store: Store) -> None:
    stranger = replace(NOW, aliases=())
    record_run(store, 1, FORMER, "a", "b")
    record_run(store, 2, stranger, "a")
    with store.begin() as connection:
        assign(connection, verdict(FAIL, FORMER, "a").id, "tanaka", SATO)
        comment(connection, verdict(FAIL, NOW, "a").id, "seen twice?", Doing("sato", at(2.5)))
    assert len(inbox(store)) == 3
    assert len(cases(store)) == 2
    changes = record_run(store, 3, NOW, "a", "b")
    assert (changes.new, changes.fixed) == (frozenset(), ())
    found = {each.subject: each for each in inbox(store)}
    assert sorted(found) == ["a", "b"]
    assert (found["a"].first_seen, found["a"].triage.owner, found["a"].triage.touched_at) == (at(1), "tanaka", at(2.5))
    with store.read() as connection:
        assert [each.act for each in remarks_of(connection, found["a"].id)] == ["assign", "comment"]
        kinds = connection.execute(select(CHANGE.c.kind).where(CHANGE.c.finding == found["a"].id)).scalars().all()
    assert kinds == ["opened", "opened"]
    assert [(each[1], each[2]) for each in cases(store)] == [(NOW.id, OPEN), (NOW.id, "closed")]


@pytest.mark.parametrize(("hours", "state"), [((1, 2, 3), RESOLVED), ((2, 1, 1.5), OPEN)])
def test_of_two_states_the_later_look_counts(store: Store, hours: tuple[float, float, float], state: str) -> None:
    former, opened, resolved = hours
    stranger = replace(NOW, aliases=())
    record_run(store, opened, stranger, "a")
    record_run(store, resolved, stranger)
    record_run(store, former, FORMER, "a")
    with store.begin() as connection:
        carry_over(connection, RENAMED, at(4))
        row = connection.execute(select(FINDING)).mappings().one()
    assert (row["state"], row["first_seen"]) == (state, at(1))


def test_what_people_closed_under_the_former_name_does_not_close_what_is_open_under_the_new(store: Store) -> None:
    told = detection(rule="former-name"), detection(rule="new-name")
    record_detections(store, told, AT)
    with store.begin() as connection:
        decision = Decision(disposition=Disposition.BENIGN, reason="a test", owner="tanaka")
        decide(connection, told[0].id, decision, Doing("sato", AT))
        reopen(connection, told[1].id, "not this one", Doing("sato", AT + timedelta(hours=1)))
        carry_over(connection, {"former-name": "new-name"}, AT)
    (found,) = inbox(store)
    assert (found.standing, found.triage.owner, found.triage.disposition) == (Standing.OPEN, "tanaka", None)


def test_carrying_over_twice_does_nothing_the_second_time(store: Store) -> None:
    record_run(store, 1, FORMER, "a", "b")
    record_detections(store, [detection(rule="former-name")], AT)
    renamed = {**RENAMED, "former-name": "new-name"}
    with store.begin() as connection:
        moved = carry_over(connection, renamed, at(2))
    before = _everything(store)
    with store.begin() as connection:
        assert len(moved) == 3
        assert carry_over(connection, renamed, at(3)) == {}
    assert _everything(store) == before
    assert renamed_rules(store) == renamed


def _everything(store: Store) -> list[object]:
    with store.read() as connection:
        return [connection.execute(select(each)).all() for each in (FINDING, CHANGE, GROUND, CASE, DETECTION)]


def test_several_former_names_come_to_one_finding(store: Store) -> None:
    older = replace(FORMER, id="aws.test.older")
    now = replace(NOW, aliases=(older.id, FORMER.id))
    record(
        store,
        run(1, [older, FORMER], [unit(VOLUME)]),
        [verdict(FAIL, each, "a") for each in (older, FORMER)],
    )
    assert record_run(store, 2, now, "a").new == frozenset()
    assert [each.first_seen for each in inbox(store)] == [at(1)]


def test_other_rules_are_left_alone(store: Store) -> None:
    other = rule(BUCKET)
    record(
        store, run(1, [other, FORMER], [unit(VOLUME)]), [verdict(FAIL, each, "a", TOKYO) for each in (other, FORMER)]
    )
    record_run(store, 2, NOW, "a")
    assert rules_in(store) == {other.id, NOW.id}


def test_a_mute_that_names_the_former_id_goes_on(store: Store) -> None:
    entry = MuteEntry(number=1, reason="known", until=at(99).date(), rule=FORMER.id)
    bad = verdict(FAIL, NOW, "a")
    assert Mutes([entry], at(1).date()).entry_for(bad) is None
    assert Mutes([entry], at(1).date(), renamed=RENAMED).entry_for(bad) == entry
    assert Mutes([entry], at(1).date(), renamed=RENAMED).entry_for(verdict(FAIL, rule(BUCKET), "a")) is None
    record_run(store, 1, NOW, "a")
    (found,) = find_in_inbox(store, InboxSought(standings=tuple(Standing)), quiet_of(store, [entry], at(1).date()))
    assert found.suppression == "mute 1"


def test_detections_of_a_renamed_rule_are_not_doubled(store: Store) -> None:
    first = detection(rule="former-name")
    record_detections(store, [first], AT)
    with store.begin() as connection:
        assign(connection, first.id, "tanaka", Doing("sato", AT))
    write_cursor(store, "watch.untold", json.dumps([first.id]))
    again = detection(rule="new-name", count=2, last_at=NOON + timedelta(minutes=3))
    with store.begin() as connection:
        recorded = record_found(connection, [again], AT + timedelta(hours=1), {"former-name": "new-name"})
    assert (recorded.new, [each.id for each in recorded.grown]) == ((), [again.id])
    (found,) = find_detections(store)
    assert (found.detection, found.first_seen) == (again, AT)
    (seen,) = inbox(store)
    assert seen.triage.owner == "tanaka"
    assert [each[2] for each in cases(store)] == [OPEN]
    assert read_cursor(store, "watch.untold") == json.dumps([again.id])


def test_detections_under_both_names_become_one_in_the_case_that_came_first(store: Store) -> None:
    told = (
        detection(rule="former-name", principal="", resources=()),
        detection(rule="new-name", principal="", resources=()),
    )
    record_detections(store, [told[0]], AT)
    record_detections(store, [replace(told[1], count=4, event_ids=("e-2",))], AT + timedelta(hours=1))
    assert len(cases(store)) == 2
    with store.begin() as connection:
        carry_over(connection, {"former-name": "new-name"}, AT + timedelta(hours=2))
    (found,) = find_detections(store)
    assert (found.detection.count, found.detection.event_ids, found.first_seen) == (4, ("e-1", "e-2"), AT)
    (one, other) = cases(store)
    assert (one[1:3], other[2]) == (("new-name", OPEN), "closed")
    grown = replace(told[1], count=9)
    record_detections(store, [grown], AT + timedelta(hours=3))
    assert [each.case for each in inbox(store)] == [one[0]]


def test_findings_of_other_services_keep_their_types(store: Store) -> None:
    record_detections(store, [replace(imported(), rule="former-name")], AT)
    with store.begin() as connection:
        assert carry_over(connection, {"former-name": "new-name"}, AT) == {}
    assert [each.detection.rule for each in find_detections(store)] == ["former-name"]


def test_hostile_detections_move_too(store: Store) -> None:
    told = detection(rule="former-name", principal="\ud800\x00" + "あ" * 2_000, subject="\u202e\x00")
    record_detections(store, [told], AT)
    with store.begin() as connection:
        moved = carry_over(connection, {"former-name": "new-name"}, AT)
    assert moved == {told.id: replace(told, rule="new-name").id}
    assert record_detections(store, [replace(told, rule="new-name")], AT).unchanged_count == 1


@pytest.mark.slow
def test_many_findings_move_in_pieces(store: Store) -> None:
    count = 4_100
    record_run(store, 1, FORMER, *(f"vol-{number}" for number in range(count)))
    changes = record_run(store, 2, NOW, *(f"vol-{number}" for number in range(count)))
    assert (changes.new, changes.fixed, len(changes.still_open)) == (frozenset(), (), count)


CHILD = """
import sys
from sakimori.findings.life import record
from sakimori.state.store import open_store
from tests.findings.test_renames import SCOPE, until_killed

record(open_store(sys.argv[1]), SCOPE, until_killed())
"""
SCOPE = run(2, [NOW], [unit(VOLUME)])


def until_killed() -> Iterator[Verdict]:
    yield verdict(FAIL, NOW, "a")
    sys.stdout.write("stopped\n")
    sys.stdout.flush()
    sys.stdin.read()


@pytest.mark.slow
def test_a_kill_in_the_middle_leaves_everything_under_the_former_name(place: str) -> None:
    with open_store(place) as store:
        record_run(store, 1, FORMER, "a")
        before = _everything(store)
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, place],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "stopped"
        process.kill()
    with open_store(place) as store:
        assert _everything(store) == before
        assert record(store, SCOPE, [verdict(FAIL, NOW, "a")]).still_open == {verdict(FAIL, NOW, "a").id}


def test_a_case_without_a_former_name_looks_nothing_up(store: Store) -> None:
    with store.begin() as connection:
        assert carry_over(connection, {}, at(1)) == {}
        assert carry_over(connection, {"same": "same"}, at(1)) == {}
    assert renamed_rules(store) == {}
