"""Cases: one affair is one case, whatever order its pieces come in, and nothing that is open is in none."""

from dataclasses import replace
from datetime import timedelta, timezone
from itertools import permutations
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from tests.findings.inbox_world import ACCOUNT, HOUR, act, case_of, cases, close, groups, ids, keep, user
from tests.findings.test_detections import NOON
from tests.findings.world import FAIL, PASS, TWO, VOLUME, account, rule, run, unit, verdict
from tests.stores import emptied

from sakimori.findings.cases import reopen_cases, settle
from sakimori.findings.detections import record_detections
from sakimori.findings.inbox_tables import CASE
from sakimori.findings.life import record
from sakimori.findings.triage import Doing, reopen
from sakimori.model.detection import Detection
from sakimori.model.words import Severity
from sakimori.state.store import Store

VOLUMES = rule(VOLUME)


def told_of_all(store: Store) -> None:
    with store.begin() as connection:
        connection.execute(update(CASE).values(is_pending=0))


def test_all_that_one_principal_did_within_a_day_is_one_case(store: Store) -> None:
    keep(store, act(hour=0), act(hour=23, rule="b", severity=Severity.CRITICAL), act("bob", 1))
    keep(store, act(hour=46, rule="c", lasting=1))
    alice, bob = sorted(cases(store), key=lambda each: each.subject)
    assert (alice.subject, alice.kind, alice.severity, alice.state) == (user("alice"), "attack", "critical", "open")
    assert (alice.first_at, alice.last_at) == (NOON, NOON + 47 * HOUR)
    assert (bob.subject, bob.severity) == (user("bob"), "high")


@pytest.mark.parametrize(("hours", "count"), [(24, 1), (24.001, 2)])
def test_after_a_day_without_more_the_next_one_is_another_case(store: Store, hours: float, count: int) -> None:
    keep(store, act(hour=0), act(hour=hours))
    assert len(cases(store)) == count


@pytest.mark.slow
def test_a_day_is_counted_from_the_end_of_what_lasted(store: Store) -> None:
    keep(store, act(hour=0, lasting=30), act(hour=50))
    assert len(cases(store)) == 1


def test_a_principal_is_the_same_in_every_account_and_a_name_only_in_its_own(store: Store) -> None:
    keep(store, act(), act(account="444455556666", rule="b"))
    assert len(cases(store)) == 1
    keep(store, act("", principal="alice"), act("", principal="alice", account="444455556666"))
    assert len(cases(store)) == 3


def test_without_a_principal_the_resource_holds_it_together_and_without_one_the_rule(store: Store) -> None:
    keep(
        store,
        act("", rule="a", resources=("bucket",)), act("", rule="b", resources=("bucket", "other")),
        act("", rule="c"), act("", 1, rule="c"), act("", rule="d", subject="10.0.0.1"),
    )  # fmt: skip
    assert sorted(each.subject for each in cases(store)) == ["10.0.0.1", "bucket", "c"]


@pytest.mark.parametrize("name", ["mallory", user("mallory"), f"arn:aws:iam::{ACCOUNT}:role/mallory"])
@pytest.mark.parametrize("at_once", [True, False])
def test_whom_the_principal_of_a_case_made_acts_in_it(store: Store, name: str, at_once: bool) -> None:
    who = name if ":role/" in name else user("mallory")
    made = act(rule="user-made", tactics=("persistence",), resources=(name,))
    used = act("", 3, principal=who)
    later = act("", 26, principal=who, rule="b")
    for batch in ((made, used, later),) if at_once else ((made,), (used,), (later,)):
        keep(store, *batch)
    assert groups(store) == {ids((made, used, later))}
    assert cases(store)[0].subject == user("alice")


def test_whom_somebody_only_looked_at_acts_in_a_case_of_their_own(store: Store) -> None:
    seen = act(rule="user-listed", tactics=("discovery",), resources=(user("bob"),))
    keep(store, seen, act("bob", 3))
    assert len(cases(store)) == 2


def test_a_name_in_another_account_is_another_person(store: Store) -> None:
    made = act(rule="user-made", tactics=("persistence",), resources=("mallory",))
    keep(store, made, act("", 3, principal=user("mallory", "444455556666")))
    assert len(cases(store)) == 2


def test_who_was_seen_before_it_was_known_who_made_them_comes_into_the_case_of_the_maker(store: Store) -> None:
    used = act("mallory", 3)
    keep(store, used)
    made = act(rule="user-made", tactics=("persistence",), resources=("mallory",))
    keep(store, made, hour=25)
    assert groups(store) == {ids((made, used))}


def test_what_its_service_has_settled_opens_no_case(store: Store) -> None:
    settled = act(is_closed=True, producer="guardduty", native_id="n")
    keep(store, settled)
    assert cases(store) == []
    keep(store, replace(settled, is_closed=False, count=2))
    assert [each.state for each in cases(store)] == ["open"]


def test_closing_all_closes_the_case_and_closing_some_does_not(store: Store) -> None:
    told = act(), act(hour=1, rule="b")
    keep(store, *told)
    for each, state in zip(told, ("open", "closed"), strict=True):
        told_of_all(store)
        close(store, each)
        with store.begin() as connection:
            settle(connection, [case_of(store, each)], NOON)
        assert [(row.state, row.is_pending) for row in cases(store)] == [(state, int(state == "closed"))]


def test_a_service_that_settles_its_last_finding_closes_the_case(store: Store) -> None:
    told = act(producer="guardduty", native_id="n", updated_at=NOON)
    keep(store, told)
    keep(store, replace(told, is_closed=True, updated_at=NOON + HOUR))
    assert [each.state for each in cases(store)] == ["closed"]


@pytest.mark.slow
def test_growth_opens_the_finding_and_its_case_again(store: Store) -> None:
    told = act()
    keep(store, told)
    close(store, told)
    with store.begin() as connection:
        settle(connection, [case_of(store, told)], NOON)
    told_of_all(store)
    keep(store, replace(told, count=9, last_at=NOON + HOUR), hour=30)
    ((case,),) = (cases(store),)
    assert (case.state, case.is_pending, case.last_at) == ("open", 1, NOON + HOUR)
    assert groups(store) == {ids([told])}


def test_more_of_somebody_whose_case_is_closed_is_another_case(store: Store) -> None:
    told = act()
    keep(store, told)
    close(store, told)
    with store.begin() as connection:
        settle(connection, [case_of(store, told)], NOON)
    keep(store, act(hour=1, rule="b"))
    assert [each.state for each in cases(store)] == ["closed", "open"]


def test_reopening_opens_closed_cases_only(store: Store) -> None:
    told = act(), act("bob")
    keep(store, *told)
    close(store, told[0])
    with store.begin() as connection:
        settle(connection, {case_of(store, each) for each in told}, NOON)
    told_of_all(store)
    with store.begin() as connection:
        reopen(connection, told[0].id, "not so", Doing("sato", NOON))
        reopen_cases(connection, ("", *(case_of(store, each) for each in told)), NOON)
    assert sorted((each.state, each.is_pending) for each in cases(store)) == [("open", 0), ("open", 1)]


@pytest.mark.slow
def test_ids_count_up_within_a_day_and_never_repeat(store: Store) -> None:
    for number in range(3):
        keep(store, act(f"u{number}", number), act(f"v{number}", number), hour=24 + number)
    keep(store, act("x"), hour=48)
    listed = [each.id for each in cases(store)]
    assert listed == [f"SKM-20261002-{number:02}" for number in range(1, 7)] + ["SKM-20261003-01"]


@pytest.mark.slow
def test_ids_go_on_behind_a_hundred(store: Store) -> None:
    for begin in (0, 60):
        keep(store, *(act(f"user-{number}") for number in range(begin, begin + 60)))
    keep(store, act("last"))
    assert {each.id for each in cases(store)} == {f"SKM-20261002-{number:02}" for number in range(1, 122)}


@pytest.mark.slow
def test_an_id_that_became_part_of_another_case_is_not_given_again(store: Store) -> None:
    keep(store, act(hour=0), act(hour=40), act("bob"))
    keep(store, act(hour=20, rule="between"))
    keep(store, act("carol"))
    assert len({each.id for each in cases(store)}) == 4


@pytest.mark.slow
def test_the_day_of_an_id_is_that_of_utc(store: Store) -> None:
    record_detections(store, [act()], (NOON + 2 * HOUR).astimezone(timezone(timedelta(hours=11))))
    assert cases(store)[0].id == "SKM-20261001-01"


def test_what_comes_between_two_cases_makes_them_one_and_the_elder_stays(store: Store) -> None:
    first, last, between = act(hour=0), act(hour=40), act(hour=20, rule="between", severity=Severity.CRITICAL)
    keep(store, first)
    keep(store, last, hour=45)
    elder, younger = cases(store)
    with store.begin() as connection:
        connection.execute(update(CASE).where(CASE.c.id == younger.id).values(taken_by="tanaka"))
    told_of_all(store)
    keep(store, between, hour=46)
    assert groups(store) == {ids((first, last, between))}
    assert {case_of(store, each) for each in (first, last, between)} == {elder.id}
    assert [(each.state, each.is_pending) for each in cases(store)] == [("open", 1), ("closed", 1)]
    assert (cases(store)[0].severity, cases(store)[0].taken_by) == ("critical", "tanaka")


def test_what_grows_until_it_touches_the_next_case_makes_them_one(store: Store) -> None:
    first, last = act(hour=0), act(hour=40)
    keep(store, first, last)
    grown = replace(first, last_at=NOON + 20 * HOUR, count=5)
    keep(store, grown, hour=46)
    assert groups(store) == {ids((first, last))}


@pytest.mark.slow
def test_posture_that_fails_is_one_case_a_rule_and_account(store: Store) -> None:
    other = rule(VOLUME, days=3)
    both = (account(), account(TWO))
    units = [unit(VOLUME), unit(VOLUME, account=TWO)]
    failing = [verdict(FAIL, VOLUMES, each) for each in "ab"] + [verdict(FAIL, VOLUMES, "a", account=TWO)]
    record(store, run(1, [VOLUMES], units, both), failing)
    assert [(each.kind, each.subject, each.state) for each in cases(store)] == [("posture", VOLUMES.id, "open")] * 2
    told_of_all(store)
    record(store, run(2, [VOLUMES], units, both), failing)
    assert {each.is_pending for each in cases(store)} == {0}
    record(store, run(3, [VOLUMES], units, both), [*failing[1:], verdict(PASS, VOLUMES, "a")])
    assert {each.state for each in cases(store)} == {"open"}
    record(store, run(4, [VOLUMES], units, both), failing[2:])
    assert sorted((each.state, each.is_pending) for each in cases(store)) == [("closed", 1), ("open", 0)]
    record(store, run(5, [VOLUMES, other], units, both), failing)
    assert [each.state for each in cases(store)].count("open") == 2


def test_hostile_subjects_make_cases_too(store: Store) -> None:
    told = [
        act("", principal=each, rule="r" * 700)
        for each in ("\u202egnp.exe", "<script>", "x" * 5_000, "\x00", "\ud800", "arn:aws:iam::1:user/" + "%_" * 400)
    ]
    keep(store, *told)
    keep(store, *(replace(each, first_at=each.first_at + HOUR, last_at=each.last_at + HOUR) for each in told), hour=25)
    assert len(cases(store)) == len(told)
    assert all(len(members) == 2 for members in groups(store))


PIECES = st.builds(
    act,
    who=st.sampled_from(["alice", "bob", ""]),
    hour=st.integers(0, 100).map(lambda number: number * 4),
    rule=st.sampled_from(["a", "b"]),
    lasting=st.sampled_from([0, 0, 3, 30]),
    resources=st.sampled_from([(), ("bucket",)]),
    account=st.sampled_from([ACCOUNT, "444455556666"]),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, min_size=1, max_size=9, unique_by=lambda each: each.id), st.randoms(use_true_random=False))
def test_the_cases_are_the_same_in_whatever_order_and_pieces_detections_come(
    lasting_store: Store, told: list[Detection], chance: Random
) -> None:
    """One that arms another is left out: its case reaches as far as what was known of it when the other was told."""
    store = emptied(lasting_store)
    keep(store, *told)
    expected = groups(store)
    assert frozenset().union(*expected) == ids(told)
    shuffled = list(told)
    chance.shuffle(shuffled)
    emptied(store)
    while shuffled:
        count = chance.randint(1, len(shuffled))
        batch, shuffled = shuffled[:count], shuffled[count:]
        keep(store, *batch)
    assert groups(store) == expected
    keep(store, *told)
    assert groups(store) == expected


@pytest.mark.slow
def test_a_maker_and_whom_they_made_are_one_case_in_every_order(store: Store) -> None:
    made = act(rule="user-made", tactics=("persistence",), resources=("mallory",))
    pieces = (made, act(hour=5, rule="b"), act("mallory", 3), act("mallory", 20, rule="b"))
    for order in permutations(pieces):
        emptied(store)
        for each in order:
            keep(store, each)
        assert groups(store) == {ids(pieces)}, [each.rule for each in order]
