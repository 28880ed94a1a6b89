from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select
from tests.findings.world import (
    BUCKET,
    FAIL,
    ONE,
    OSAKA,
    PASS,
    REGIONS,
    STATEMENT,
    TOKYO,
    TWO,
    UNKNOWN,
    USER,
    VOLUME,
    account,
    at,
    rule,
    run,
    unit,
    verdict,
    with_gap,
)

from sakimori.findings.life import record
from sakimori.findings.reading import dates_of, find_findings, open_findings
from sakimori.findings.tables import CHANGE, FINDING, RUN
from sakimori.model.account import Account
from sakimori.model.assessment import Changes
from sakimori.model.verdict import Text
from sakimori.model.words import GLOBAL, GapKind
from sakimori.state.store import Store

VOLUMES = rule(VOLUME)
BUCKETS = rule(BUCKET)
STATEMENTS = rule(STATEMENT)


def open_ids(store: Store) -> set[str]:
    return {each.id for each in open_findings(store)}


def fixed_ids(changes: Changes) -> set[str]:
    return {each.id for each in changes.fixed}


def test_a_failure_opens_a_finding_with_its_dates(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    changes = record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad, verdict(PASS, VOLUMES, "other")])
    assert changes == Changes(new=frozenset({bad.id}))
    assert list(open_findings(store)) == [replace(bad, first_seen=at(1), last_seen=at(1))]


def test_a_finding_seen_again_keeps_its_first_date_and_takes_the_new_words(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    again = replace(bad, message=Text(en="Now worse.", ja="悪化しました。"))
    changes = record(store, run(2, [VOLUMES], [unit(VOLUME)]), [again])
    assert changes == Changes(previous_run_at=at(1), still_open=frozenset({bad.id}))
    assert list(open_findings(store)) == [replace(again, first_seen=at(1), last_seen=at(2))]


def test_a_pass_resolves_even_where_the_unit_was_not_read_whole(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    changes = record(store, run(2, [VOLUMES], [with_gap(unit(VOLUME))]), [verdict(PASS, VOLUMES)])
    assert changes.fixed == (replace(bad, first_seen=at(1), last_seen=at(1)),)
    assert open_ids(store) == set()


def test_a_resource_that_is_gone_from_a_unit_read_whole_resolves(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    changes = record(store, run(2, [VOLUMES], [unit(VOLUME)]), [])
    assert fixed_ids(changes) == {bad.id}


def test_a_resource_missing_from_a_unit_not_read_whole_stays_open(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    changes = record(store, run(2, [VOLUMES], [with_gap(unit(VOLUME))]), [])
    assert changes == Changes(previous_run_at=at(1))
    assert open_ids(store) == {bad.id}


def test_unknown_resolves_nothing(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    changes = record(store, run(2, [VOLUMES], [unit(VOLUME)]), [verdict(UNKNOWN, VOLUMES)])
    assert changes == Changes(previous_run_at=at(1))
    assert open_ids(store) == {bad.id}


def test_unknown_is_no_sight_of_the_failure(store: Store) -> None:
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [verdict(FAIL, VOLUMES)])
    record(store, run(2, [VOLUMES], [unit(VOLUME)]), [verdict(UNKNOWN, VOLUMES)])
    assert [each.last_seen for each in open_findings(store)] == [at(1)]


@pytest.mark.parametrize("reason", [GapKind.RULE_ERROR, GapKind.INTERRUPTED])
def test_a_rule_that_did_not_finish_resolves_nothing_by_silence(store: Store, reason: GapKind) -> None:
    bad = verdict(FAIL, VOLUMES)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    broken = replace(verdict(UNKNOWN, VOLUMES, ""), reason=reason.value)
    assert record(store, run(2, [VOLUMES], [unit(VOLUME)]), [broken]).fixed == ()


def test_a_run_without_the_rule_resolves_nothing_of_it(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    assert record(store, run(2, [BUCKETS], [unit(VOLUME), unit(BUCKET, GLOBAL)]), []).fixed == ()


def test_a_run_with_other_thresholds_resolves_nothing(store: Store) -> None:
    strict, lax = rule(VOLUME, days=45), rule(VOLUME, days=90)
    bad = verdict(FAIL, strict)
    record(store, run(1, [strict], [unit(VOLUME)]), [bad])
    changes = record(store, run(2, [lax], [unit(VOLUME)]), [verdict(PASS, lax)])
    assert changes.fixed == ()
    assert open_ids(store) == {bad.id}


def test_a_run_of_another_region_or_account_resolves_nothing(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    osaka = run(2, [VOLUMES], [unit(VOLUME, OSAKA)], (account(selected=(OSAKA,)),))
    other = run(3, [VOLUMES], [unit(VOLUME, account=TWO)], (account(TWO),))
    assert record(store, osaka, []).fixed == ()
    assert record(store, other, []).fixed == ()


def test_a_unit_of_a_region_that_was_not_selected_resolves_nothing(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    partial = run(2, [VOLUMES], [unit(VOLUME)], (account(selected=(OSAKA,)),))
    assert record(store, partial, []).fixed == ()


def test_a_deleted_bucket_resolves_where_its_region_was_selected(store: Store) -> None:
    bad = verdict(FAIL, BUCKETS, region=TOKYO)
    record(store, run(1, [BUCKETS], [unit(BUCKET, GLOBAL)]), [bad])
    osaka = run(2, [BUCKETS], [unit(BUCKET, GLOBAL)], (account(selected=(OSAKA,)),))
    assert record(store, osaka, []).fixed == ()
    tokyo = run(3, [BUCKETS], [unit(BUCKET, GLOBAL)], (account(selected=(TOKYO,)),))
    assert fixed_ids(record(store, tokyo, [])) == {bad.id}


def test_a_deleted_bucket_of_an_unlisted_region_resolves_only_by_a_whole_run(store: Store) -> None:
    bad = verdict(FAIL, BUCKETS, region="me-central-1")
    record(store, run(1, [BUCKETS], [unit(BUCKET, GLOBAL)]), [bad])
    unsure = Account(id=ONE, partition="aws", regions=REGIONS, selected=REGIONS, regions_are_known=False)
    assert record(store, run(2, [BUCKETS], [unit(BUCKET, GLOBAL)], (unsure,)), []).fixed == ()
    assert fixed_ids(record(store, run(3, [BUCKETS], [unit(BUCKET, GLOBAL)]), [])) == {bad.id}


def test_an_unread_detail_keeps_no_other_resource_of_a_plain_table_open(store: Store) -> None:
    bad = verdict(FAIL, BUCKETS)
    record(store, run(1, [BUCKETS], [unit(BUCKET, GLOBAL)]), [bad])
    denied = with_gap(unit(BUCKET, GLOBAL), parent="another-bucket")
    assert fixed_ids(record(store, run(2, [BUCKETS], [denied]), [])) == {bad.id}


def test_an_unread_parent_keeps_findings_on_its_children_open(store: Store) -> None:
    bad = verdict(FAIL, STATEMENTS, region=GLOBAL)
    record(store, run(1, [STATEMENTS], [unit(STATEMENT, GLOBAL)]), [bad])
    denied = with_gap(unit(STATEMENT, GLOBAL), parent="some-policy")
    assert record(store, run(2, [STATEMENTS], [denied]), []).fixed == ()
    assert open_ids(store) == {bad.id}


@pytest.mark.slow
def test_a_finding_that_reappears_is_the_same_one_and_counts_as_new(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    record(store, run(2, [VOLUMES], [unit(VOLUME)]), [])
    changes = record(store, run(3, [VOLUMES], [unit(VOLUME)]), [bad])
    assert changes == Changes(previous_run_at=at(2), new=frozenset({bad.id}))
    with store.read() as connection:
        row = connection.execute(select(FINDING)).one()
    assert (row.state, row.first_seen, row.reopened_at, row.resolved_at) == ("open", at(1), at(3), None)


def test_of_two_verdicts_on_one_resource_the_worse_counts(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES)
    first = record(store, run(1, [VOLUMES], [unit(VOLUME)]), [verdict(PASS, VOLUMES), bad, bad])
    assert first.new == {bad.id}
    second = record(store, run(2, [VOLUMES], [unit(VOLUME)]), [bad, verdict(PASS, VOLUMES)])
    assert second.still_open == {bad.id}
    third = record(store, run(3, [VOLUMES], [unit(VOLUME)]), [verdict(UNKNOWN, VOLUMES), verdict(PASS, VOLUMES)])
    assert third.fixed == ()


@pytest.mark.slow
def test_a_run_recorded_twice_changes_nothing_and_answers_the_same(store: Store) -> None:
    old, new = verdict(FAIL, VOLUMES, "old"), verdict(FAIL, VOLUMES, "new")
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [old])
    second = run(2, [VOLUMES], [unit(VOLUME)])
    first_answer = record(store, second, [new])
    rows = everything(store)
    assert record(store, second, [new]) == first_answer
    assert everything(store) == rows
    record(store, run(3, [VOLUMES], [unit(VOLUME)]), [old])
    assert record(store, second, [new]).new == first_answer.new


def everything(store: Store) -> list[list[tuple[object, ...]]]:
    with store.read() as connection:
        return [sorted(tuple(row) for row in connection.execute(select(table))) for table in (RUN, FINDING, CHANGE)]


@pytest.mark.slow
def test_a_run_that_read_earlier_does_not_undo_what_a_later_one_found(store: Store) -> None:
    bad, other = verdict(FAIL, VOLUMES), verdict(FAIL, VOLUMES, region=OSAKA)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    later = run(3, [VOLUMES], [unit(VOLUME)], (account(selected=(TOKYO,)),))
    record(store, later, [verdict(PASS, VOLUMES)])
    changes = record(store, run(2, [VOLUMES], [unit(VOLUME), unit(VOLUME, OSAKA)]), [bad, other])
    assert changes.new == {other.id}
    assert open_ids(store) == {other.id}


def test_the_previous_run_is_the_last_that_covered_all_of_this_one(store: Store) -> None:
    users = rule(USER)
    whole = [VOLUMES, users]
    assert record(store, run(1, whole, []), []).previous_run_at is None
    assert record(store, run(2, [VOLUMES], []), []).previous_run_at == at(1)
    assert record(store, run(3, whole, [], (account(selected=(TOKYO,)),)), []).previous_run_at == at(1)
    assert record(store, run(4, whole, []), []).previous_run_at == at(1)
    assert record(store, run(5, [VOLUMES], [], (account(selected=(TOKYO,)),)), []).previous_run_at == at(4)
    assert record(store, run(6, whole, [], (account(), account(TWO))), []).previous_run_at is None


def test_a_verdict_of_a_rule_outside_the_scope_is_a_fault_that_changes_nothing(store: Store) -> None:
    with pytest.raises(ValueError, match=BUCKETS.id):
        record(store, run(1, [VOLUMES], []), [verdict(FAIL, VOLUMES), verdict(PASS, BUCKETS)])
    assert everything(store) == [[], [], []]


def test_verdicts_get_the_dates_of_their_findings(store: Store) -> None:
    bad, good = verdict(FAIL, VOLUMES), verdict(PASS, VOLUMES, "good")
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    record(store, run(2, [VOLUMES], [unit(VOLUME)]), [bad])
    strange = verdict(FAIL, VOLUMES, "never recorded")
    assert dates_of(store, [good, bad, strange]) == {bad.id: (at(1), at(2))}
    assert [each.id for each in find_findings(store, bad.id[:8])] == [bad.id]
    assert find_findings(store, "%") == ()


@pytest.mark.slow
def test_open_findings_of_one_account_leave_out_the_others(store: Store) -> None:
    mine, theirs = verdict(FAIL, VOLUMES), verdict(FAIL, VOLUMES, account=TWO)
    record(store, run(1, [VOLUMES], [], (account(), account(TWO))), [mine, theirs])
    assert [each.id for each in open_findings(store, TWO)] == [theirs.id]


def test_a_name_with_a_nul_is_kept_and_not_taken_for_gone(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES, "a\x00b")
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    record(store, run(2, [VOLUMES], [unit(VOLUME)]), [replace(bad, status=UNKNOWN)])
    assert len(list(open_findings(store))) == 1
    assert len(record(store, run(3, [VOLUMES], [unit(VOLUME)]), [replace(bad, status=PASS)]).fixed) == 1


@pytest.mark.slow
def test_runs_over_many_accounts_may_be_recorded_at_once(store: Store) -> None:
    accounts = [f"{number:012d}" for number in range(8)]

    def record_one(identifier: str) -> Changes:
        scope = run(1, [VOLUMES], [unit(VOLUME, account=identifier)], (account(identifier),), name=identifier)
        return record(store, scope, [verdict(FAIL, VOLUMES, account=identifier)])

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(record_one, accounts))
    assert [len(answer.new) for answer in answers] == [1] * 8
    assert [each.account for each in open_findings(store)] == accounts


@pytest.mark.slow
def test_more_findings_than_one_batch_all_count(store: Store) -> None:
    many = [verdict(FAIL, VOLUMES, f"r{number}") for number in range(5_001)]
    assert len(record(store, run(1, [VOLUMES], [unit(VOLUME)]), many).new) == 5_001
    assert len(record(store, run(2, [VOLUMES], [unit(VOLUME)]), many).still_open) == 5_001
    assert len(record(store, run(3, [VOLUMES], [unit(VOLUME)]), many[:-1]).fixed) == 1
    assert len(record(store, run(4, [VOLUMES], [unit(VOLUME)]), ()).fixed) == 5_000
