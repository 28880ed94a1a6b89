"""What people decide of findings, and that nothing of it is ever lost."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests.findings.test_detections import AT
from tests.stores import emptied

from sakimori.findings.inbox_tables import REMARK, TRIAGE
from sakimori.findings.triage import (
    Decision,
    Doing,
    Remark,
    Triage,
    assign,
    begin_again,
    comment,
    decide,
    hand_over,
    open_again,
    remarks_of,
    reopen,
    triage_of,
)
from sakimori.model.errors import UsageError
from sakimori.model.triage import MAX_NAME, MAX_WORDS, Act, Disposition
from sakimori.state.store import Store

SATO = Doing("sato", AT)
LATER = Doing("suzuki", AT + timedelta(hours=1))
ONE, OTHER = "a" * 32, "b" * 32


def known(store: Store, finding: str = ONE) -> Triage:
    with store.read() as connection:
        return triage_of(connection, [finding])[finding]


def said(store: Store, finding: str = ONE) -> tuple[Remark, ...]:
    with store.read() as connection:
        return remarks_of(connection, finding)


def test_what_nobody_touched_has_no_triage(store: Store) -> None:
    with store.read() as connection:
        assert triage_of(connection, [ONE]) == {}
        assert remarks_of(connection, ONE) == ()


def test_an_owner_is_named_and_taken_away_again(store: Store) -> None:
    with store.begin() as connection:
        assign(connection, ONE, " tanaka ", SATO)
    assert known(store) == Triage(owner="tanaka", touched_at=AT)
    with store.begin() as connection:
        assign(connection, ONE, "", LATER)
    assert known(store) == Triage(touched_at=LATER.at)
    assert [(each.by, each.act) for each in said(store)] == [("sato", Act.ASSIGN), ("suzuki", Act.ASSIGN)]


def test_a_decision_closes_and_says_why_and_by_whom(store: Store) -> None:
    with store.begin() as connection:
        assign(connection, ONE, "tanaka", SATO)
        decide(connection, ONE, Decision(disposition=Disposition.BENIGN, reason=" a drill "), LATER)
    assert known(store) == Triage(
        owner="tanaka", disposition=Disposition.BENIGN, is_closed=True, reason="a drill", decided_by="suzuki",
        decided_at=LATER.at, touched_at=LATER.at,
    )  # fmt: skip
    assert said(store)[-1] == Remark(LATER.at, "suzuki", Act.CLOSE, "benign: a drill")


def test_with_a_day_it_is_true_has_an_owner_and_stays(store: Store) -> None:
    decision = Decision(disposition=Disposition.TRUE, reason="next sprint", owner="tanaka", due_on=date(2026, 12, 1))
    with store.begin() as connection:
        decide(connection, ONE, decision, SATO)
    found = known(store)
    assert (found.is_closed, found.owner, found.due_on) == (False, "tanaka", date(2026, 12, 1))
    assert said(store)[-1].act is Act.DECIDE
    assert "2026-12-01" in said(store)[-1].text


def test_reopening_undecides_and_keeps_owner_and_history(store: Store) -> None:
    with store.begin() as connection:
        decide(connection, ONE, Decision(disposition=Disposition.FALSE, reason="no", owner="tanaka"), SATO)
        reopen(connection, ONE, "it was not", LATER)
    assert known(store) == Triage(owner="tanaka", touched_at=LATER.at)
    assert [each.act for each in said(store)] == [Act.CLOSE, Act.REOPEN]


def test_more_of_it_opens_what_was_closed_and_nothing_else(store: Store) -> None:
    with store.begin() as connection:
        decide(connection, ONE, Decision(disposition=Disposition.BENIGN, reason="a drill", owner="tanaka"), SATO)
        assign(connection, OTHER, "tanaka", SATO)
        assert open_again(connection, [ONE, OTHER, "c" * 32], LATER.at) == (ONE,)
    assert known(store) == Triage(owner="tanaka", touched_at=AT)
    assert said(store)[-1] == Remark(LATER.at, "sakimori", Act.GROW, "a drill")
    assert len(said(store, OTHER)) == 1


def test_what_comes_back_is_undecided_and_has_its_owner(store: Store) -> None:
    decision = Decision(disposition=Disposition.TRUE, reason="soon", owner="tanaka", due_on=date(2026, 12, 1))
    with store.begin() as connection:
        decide(connection, ONE, decision, SATO)
        comment(connection, OTHER, "looks odd", SATO)
        begin_again(connection, [ONE, OTHER], LATER.at)
    assert known(store) == Triage(owner="tanaka", touched_at=AT)
    assert [each.act for each in said(store)] == [Act.DECIDE, Act.GROW]
    assert [each.act for each in said(store, OTHER)] == [Act.COMMENT]


@pytest.mark.parametrize("words", ["", "  \n"])
def test_without_words_there_is_no_remark_no_decision_and_no_reopening(store: Store, words: str) -> None:
    with store.begin() as connection:
        for act, text in (
            (lambda: comment(connection, ONE, words, SATO), "triage.without_words"),
            (lambda: decide(connection, ONE, Decision(disposition=Disposition.TRUE, reason=words), SATO), "triage.without_reason"),
            (lambda: reopen(connection, ONE, words, SATO), "triage.without_reason"),
        ):  # fmt: skip
            with pytest.raises(UsageError) as told:
                act()
            assert told.value.text == text
    assert said(store) == ()


def test_nobody_acts_without_a_name() -> None:
    with pytest.raises(UsageError) as told:
        Doing(" ", AT)
    assert told.value.text == "triage.without_name"


@pytest.mark.parametrize("name", ["x" * (MAX_NAME + 1), "a\nb", "sato\u202e", "\x1b[31msato", "\ud800"])
def test_a_name_that_hides_something_is_refused(store: Store, name: str) -> None:
    with store.begin() as connection, pytest.raises(UsageError) as told:
        assign(connection, ONE, name, SATO)
    assert told.value.text == "triage.odd_name"
    with store.begin() as connection, pytest.raises(UsageError):
        comment(connection, ONE, "x", Doing(name, AT))


@pytest.mark.slow
def test_words_are_bounded_and_whatever_stands_in_them_is_kept(store: Store) -> None:
    text = "<script>\x00\u202e<!channel>\ud800 '; DROP TABLE remark; --" + "あ" * MAX_WORDS
    with store.begin() as connection:
        comment(connection, ONE, text, SATO)
        decide(connection, ONE, Decision(disposition=Disposition.TRUE, reason=text), SATO)
    first, second = said(store)
    assert first.text.startswith("<script>\ufffd\u202e<!channel>? ")
    assert {len(first.text), len(second.text)} == {MAX_WORDS}
    assert len(known(store).reason) == MAX_WORDS


@pytest.mark.slow
def test_many_are_asked_at_once(store: Store) -> None:
    with store.begin() as connection:
        for number in (0, 6_000, 11_999):
            assign(connection, f"{number:032}", "tanaka", SATO)
        assert len(triage_of(connection, (f"{number:032}" for number in range(12_000)))) == 3


def test_what_was_decided_goes_over_to_another_id(store: Store) -> None:
    with store.begin() as connection:
        decide(connection, ONE, Decision(disposition=Disposition.BENIGN, reason="a drill", owner="tanaka"), SATO)
        before = triage_of(connection, [ONE])[ONE]
        hand_over(connection, {ONE: OTHER})
        assert connection.execute(select(TRIAGE.c.finding)).scalars().all() == [OTHER]
        assert connection.execute(select(REMARK.c.finding)).scalars().all() == [OTHER]
    assert known(store, OTHER) == before


DUE = Decision(disposition=Disposition.TRUE, reason="r", owner="t", due_on=date(2026, 12, 1))
STEPS = {
    "assign": lambda connection, doing: assign(connection, ONE, "tanaka", doing),
    "comment": lambda connection, doing: comment(connection, ONE, "hm", doing),
    "close": lambda connection, doing: decide(connection, ONE, replace(DUE, due_on=None), doing),
    "decide": lambda connection, doing: decide(connection, ONE, DUE, doing),
    "reopen": lambda connection, doing: reopen(connection, ONE, "r", doing),
    "grow": lambda connection, doing: open_again(connection, [ONE], doing.at),
    "back": lambda connection, doing: begin_again(connection, [ONE], doing.at),
}


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_whatever_is_done_every_step_is_remembered_in_order(lasting_store: Store, steps: list[str]) -> None:
    store = emptied(lasting_store)
    expected: list[str] = []
    standing = ""
    for number, step in enumerate(steps):
        with store.begin() as connection:
            STEPS[step](connection, Doing("sato", AT + timedelta(minutes=number)))
        if step in {"grow", "back"}:
            if standing == "close" or (standing and step == "back"):
                expected.append("grow")
                standing = ""
            continue
        expected.append(step)
        standing = step if step in {"close", "decide"} else "" if step == "reopen" else standing
    assert [each.act for each in said(store)] == expected
    if expected:
        found = known(store)
        assert (found.is_closed, found.disposition is not None) == (standing == "close", standing != "")
