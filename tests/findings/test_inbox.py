"""The inbox: one list of everything, the worst first, narrowed by what is asked; it hides nothing and counts right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.findings.inbox_world import DAY, HOUR, act, cases, close, guardduty, keep, user
from tests.findings.test_detections import NOON
from tests.findings.world import FAIL, ONE, OSAKA, TOKYO, VOLUME, account, rule, unit, verdict
from tests.stores import emptied

from sakimori.findings.detections import record_detections
from sakimori.findings.inbox import (
    InboxFinding,
    InboxSought,
    Quiet,
    Told,
    count_inbox,
    find_in_inbox,
    findings_of_case,
    inbox_by_id,
)
from sakimori.findings.life import record
from sakimori.findings.scope import RunScope
from sakimori.findings.triage import Decision, Doing, assign, comment, decide, reopen
from sakimori.model.triage import Disposition, Standing
from sakimori.model.verdict import Verdict
from sakimori.model.words import Severity
from sakimori.state.store import Store

VOLUMES, SNAPSHOTS = rule(VOLUME), replace(rule(VOLUME), id="aws.test.snapshot")
ALL = tuple(Standing)
LOUD = Quiet()
NAMES = ("portscan", "stopped", "listed", "closed", "settled", "open volume", "old volume", "fixed volume", "snapshot")
QUIET = Quiet(
    suppression=lambda told: "quiet-one" if _name(told) in {"listed", "snapshot"} else "",
    may_concern=lambda rule: rule in {"listed", SNAPSHOTS.id},
)


def scope(hour: float) -> RunScope:
    return RunScope(
        run=f"run-{hour}", at=NOON + hour * HOUR, accounts=(account(),), rules=(VOLUMES, SNAPSHOTS),
        units=(unit(VOLUME), unit(VOLUME, OSAKA)),
    )  # fmt: skip


def failing(name: str, region: str = TOKYO, severity: Severity = Severity.MEDIUM) -> Verdict:
    of = SNAPSHOTS if name == "snapshot" else VOLUMES
    return replace(verdict(FAIL, of, name, region), severity=severity)


def filled(store: Store) -> Store:
    """One of each: see NAMES, in the order of the whole list."""
    keep(
        store,
        guardduty(rule="portscan", hour=-200, severity=Severity.CRITICAL, who="", resources=("i-0123",)),
        act(rule="stopped", hour=5, region="us-east-1"),
        act("bob", 4, rule="listed", severity=Severity.HIGH, account="444455556666"),
        act("carol", 3, rule="closed"),
        guardduty(2, 2, rule="settled", is_closed=True, severity=Severity.HIGH),
        hour=6,
    )
    record(store, scope(-2_000), [failing("old volume", OSAKA), failing("fixed volume")])
    record(store, scope(7), [failing("open volume", severity=Severity.HIGH), failing("old volume", OSAKA), failing("snapshot", severity=Severity.LOW)])  # fmt: skip
    close(store, act("carol", 3, rule="closed"), hour=8)
    with store.begin() as connection:
        assign(connection, act(rule="stopped", hour=5, region="us-east-1").id, "tanaka", Doing("sato", NOON + 9 * HOUR))
        due = Decision(disposition=Disposition.TRUE, reason="soon", owner="suzuki", due_on=date(2026, 10, 5))
        decide(connection, failing("old volume", OSAKA).id, due, Doing("sato", NOON + 9 * HOUR))
    return store


def _name(told: Told) -> str:
    return told.resource if isinstance(told, Verdict) else told.rule


def names(found: tuple[InboxFinding, ...]) -> list[str]:
    return [_name(each.told) for each in found]


def sought(store: Store, quiet: Quiet = QUIET, **words: object) -> list[str]:
    return names(find_in_inbox(store, InboxSought(**{"standings": ALL, **words}), quiet))  # type: ignore[arg-type]


FILTERS: list[tuple[Mapping[str, object], str]] = [
    ({}, "portscan, open volume, stopped, listed, closed, settled, old volume, fixed volume, snapshot"),
    ({"standings": (Standing.OPEN,)}, "portscan, open volume, stopped, old volume"),
    ({"standings": (Standing.SUPPRESSED,)}, "listed, snapshot"),
    ({"standings": (Standing.CLOSED,)}, "closed, settled"),
    ({"standings": (Standing.RESOLVED,)}, "fixed volume"),
    ({"standings": (Standing.OPEN, Standing.RESOLVED)}, "portscan, open volume, stopped, old volume, fixed volume"),
    ({"severity": Severity.CRITICAL}, "portscan"),
    ({"severity": Severity.MEDIUM}, "portscan, open volume, stopped, listed, closed, settled, old volume, fixed volume"),
    ({"severity": Severity.INFORMATIONAL}, "portscan, open volume, stopped, listed, closed, settled, old volume, fixed volume, snapshot"),
    ({"kinds": ("posture",)}, "open volume, old volume, fixed volume, snapshot"),
    ({"kinds": ("guardduty",)}, "portscan, settled"),
    ({"kinds": ("sakimori",)}, "stopped, listed, closed"),
    ({"kinds": ("posture", "guardduty")}, "portscan, open volume, settled, old volume, fixed volume, snapshot"),
    ({"kinds": ("macie",)}, ""),
    ({"rules": ("aws.test.s*",)}, "snapshot"),
    ({"rules": ("PORT????", "listed")}, "portscan, listed"),
    ({"rules": ("%", "_topped")}, ""),
    ({"accounts": ("444455556666",)}, "listed"),
    ({"accounts": (ONE, "444455556666")}, "open volume, listed, old volume, fixed volume, snapshot"),
    ({"regions": (OSAKA, "us-east-1")}, "stopped, old volume"),
    ({"principals": (user("bob"),)}, "listed"),
    ({"principals": ("*user/[bc]*", "*/CAROL")}, "closed"),
    ({"principals": ("*volume",)}, "open volume, old volume, fixed volume"),
    ({"resources": ("*volume",)}, "open volume, old volume, fixed volume"),
    ({"resources": ("i-*", "SNAPSHO?")}, "portscan, snapshot"),
    ({"resources": ("%",)}, ""),
    ({"owners": ("tanaka",)}, "stopped"),
    ({"owners": ("tanaka", "suzuki")}, "stopped, old volume"),
    ({"owners": ("",)}, "portscan, open volume, listed, closed, settled, fixed volume, snapshot"),
    ({"dispositions": ("benign",)}, "closed"),
    ({"dispositions": ("true", "none")}, "portscan, open volume, stopped, listed, settled, old volume, fixed volume, snapshot"),
    ({"since": NOON + 5 * HOUR}, "open volume, stopped, old volume, snapshot"),
    ({"until": NOON}, "portscan, old volume, fixed volume"),
    ({"untouched_before": NOON + 6.5 * HOUR}, "portscan, listed, settled, fixed volume"),
    ({"untouched_before": NOON - DAY}, "fixed volume"),
    ({"is_overdue_on": datetime(2026, 10, 6, tzinfo=NOON.tzinfo)}, "old volume"),
    ({"is_overdue_on": datetime(2026, 10, 5, tzinfo=NOON.tzinfo)}, ""),
    ({"case": "SKM-20261001-01"}, "portscan"),
    ({"case": "SKM-20261001-05"}, "snapshot"),
    ({"case": "SKM-20260710-01"}, "open volume, old volume"),
    ({"case": "SKM-19700101-01"}, ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def held(lasting_store: Store) -> Store:
    return filled(emptied(lasting_store))


@pytest.mark.parametrize(("words", "expected"), FILTERS)
def test_each_filter_alone(held: Store, words: Mapping[str, object], expected: str) -> None:
    assert ", ".join(sought(held, **words)) == expected


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(FILTERS), min_size=2, max_size=4), st.integers(1, 10))
def test_filters_together_find_what_each_of_them_finds_alone_in_one_order(
    held: Store, chosen: list[tuple[Mapping[str, object], str]], limit: int
) -> None:
    words: dict[str, object] = {}
    for each, _ in chosen:
        words |= each
    of_each = [sought(held, **{name: value}) for name, value in words.items()]
    expected = [name for name in sought(held) if all(name in found for found in of_each)]
    assert sought(held, **words) == expected
    assert sought(held, **words, limit=limit) == expected[:limit]


def test_the_worst_come_first_and_of_those_the_latest(held: Store) -> None:
    found = find_in_inbox(held, InboxSought(standings=ALL), QUIET)
    for one, other in pairwise(found):
        assert one.severity.rank >= other.severity.rank
    high = [each.last_seen if isinstance(each.told, Verdict) else each.told.last_at for each in found if each.severity is Severity.HIGH]  # fmt: skip
    assert high == sorted(high, reverse=True)


def test_by_default_only_what_is_open(held: Store) -> None:
    assert names(find_in_inbox(held, InboxSought(), QUIET)) == ["portscan", "open volume", "stopped", "old volume"]


@pytest.mark.slow
def test_a_limit_is_filled_though_suppressed_ones_stand_in_between(store: Store) -> None:
    told = [act(f"u{number}", number / 60, rule="loud" if number % 50 == 0 else "listed") for number in range(1_500)]
    keep(store, *told, hour=100)
    found = find_in_inbox(store, InboxSought(limit=25), QUIET)
    assert names(found) == ["loud"] * 25
    assert found[0].told.account == told[0].account
    last = [each.told.last_at for each in found if not isinstance(each.told, Verdict)]
    assert last == sorted((each.last_at for each in told[::50]), reverse=True)[:25]
    assert len(find_in_inbox(store, InboxSought(limit=31), QUIET)) == 30


def test_the_counts_are_those_of_the_list(held: Store) -> None:
    now = NOON + 40 * DAY
    for quiet in (LOUD, QUIET):
        counts = count_inbox(held, now, quiet)
        open_ones = find_in_inbox(held, InboxSought(), quiet)
        for severity in Severity:
            assert counts.open.get(severity, 0) == sum(each.severity is severity for each in open_ones)
        assert counts.suppressed == len(sought(held, quiet, standings=(Standing.SUPPRESSED,)))
        assert counts.undecided == sum(each.triage.disposition is None for each in open_ones)
        assert counts.untouched == sum(each.untouched_for(now) > timedelta(days=30) for each in open_ones)
        before = InboxSought(untouched_before=now - timedelta(days=30))
        assert counts.untouched == len(find_in_inbox(held, before, quiet))


@pytest.mark.slow
def test_untouched_days_are_counted_from_the_record_or_from_what_somebody_did(store: Store) -> None:
    told = act()
    record_detections(store, [told], NOON)
    (found,) = find_in_inbox(store, InboxSought(), LOUD)
    assert found.untouched_for(NOON + 40 * DAY).days == 40
    assert found.untouched_for(NOON - DAY) == timedelta()
    with store.begin() as connection:
        comment(connection, told.id, "looking", Doing("sato", NOON + 39 * DAY))
    (found,) = find_in_inbox(store, InboxSought(), LOUD)
    assert found.untouched_for(NOON + 40 * DAY).days == 1
    neglected = InboxSought(untouched_before=NOON + 10 * DAY)
    assert find_in_inbox(store, neglected, LOUD) == ()
    assert count_inbox(store, NOON + 40 * DAY, LOUD).untouched == 0
    assert count_inbox(store, NOON + 70 * DAY, LOUD).untouched == 1


@pytest.mark.slow
def test_what_came_back_yesterday_is_not_neglected_though_it_was_touched_long_ago(store: Store) -> None:
    bad = failing("open volume")
    record(store, scope(1), [bad])
    with store.begin() as connection:
        comment(connection, bad.id, "hm", Doing("sato", NOON + 2 * HOUR))
    record(store, scope(3), [])
    record(store, scope(24 * 60), [bad])
    now = NOON + 61 * DAY
    (found,) = find_in_inbox(store, InboxSought(), LOUD)
    assert found.untouched_for(now).days == 1
    assert count_inbox(store, now, LOUD).untouched == 0
    assert find_in_inbox(store, InboxSought(untouched_before=now - 30 * DAY), LOUD) == ()


@pytest.mark.slow
def test_posture_that_comes_back_starts_undecided_with_owner_and_history(store: Store) -> None:
    bad = failing("open volume")
    record(store, scope(1), [bad])
    due = Decision(disposition=Disposition.TRUE, reason="soon", owner="tanaka", due_on=date(2026, 10, 5))
    with store.begin() as connection:
        decide(connection, bad.id, due, Doing("sato", NOON + 2 * HOUR))
    record(store, scope(3), [])
    with store.begin() as connection:
        decide(
            connection, bad.id, Decision(disposition=Disposition.TRUE, reason="done"), Doing("sato", NOON + 4 * HOUR)
        )
    record(store, scope(5), [bad])
    (found,) = find_in_inbox(store, InboxSought(), LOUD)
    triage = found.triage
    assert (triage.owner, triage.disposition, triage.due_on, triage.is_closed) == ("tanaka", None, None, False)
    assert count_inbox(store, NOON + 6 * HOUR, LOUD).undecided == 1


@pytest.mark.slow
def test_one_is_found_by_the_beginning_of_its_id_and_several_are_told_apart(held: Store) -> None:
    for each in find_in_inbox(held, InboxSought(standings=ALL), QUIET):
        assert inbox_by_id(held, each.id, QUIET) == (each,)
        assert each.id in {one.id for one in inbox_by_id(held, each.id[:1], QUIET)}


@pytest.mark.parametrize("word", ["", "%", "_", "a'b", "a" * 33, "\x00", "\ud800", "../x", "é" * 600])
def test_what_is_no_id_finds_nothing(held: Store, word: str) -> None:
    assert inbox_by_id(held, word, QUIET) == ()


@pytest.mark.slow
def test_at_most_a_handful_share_a_beginning(store: Store) -> None:
    keep(store, *(act(f"u{number}") for number in range(200)))
    assert len(inbox_by_id(store, "a", LOUD)) == 5


def test_a_case_holds_its_findings_in_the_order_of_time(held: Store) -> None:
    with held.read() as connection:
        for case in cases(held):
            found = findings_of_case(connection, case.id, QUIET)
            assert found
            begun = [each.first_seen if isinstance(each.told, Verdict) else each.told.first_at for each in found]
            assert begun == sorted(begun)
            if case.kind == "posture":
                assert {each.standing for each in found} <= {Standing.OPEN, Standing.SUPPRESSED}
        assert findings_of_case(connection, "SKM-19700101-01", QUIET) == ()


def test_a_rule_that_no_suppression_concerns_is_not_asked(held: Store) -> None:
    asked: list[str] = []

    def suppression(told: Told) -> str:
        asked.append(told.rule)
        return ""

    quiet = Quiet(suppression, lambda rule: rule == "listed")
    find_in_inbox(held, InboxSought(standings=ALL), quiet)
    count_inbox(held, NOON, quiet)
    assert set(asked) == {"listed"}


def test_what_is_closed_or_resolved_is_not_called_suppressed(held: Store) -> None:
    quiet = Quiet(lambda _: "everything", lambda _: True)
    found = find_in_inbox(held, InboxSought(standings=ALL), quiet)
    assert sorted({(each.standing, each.suppression) for each in found}) == [
        (Standing.CLOSED, ""),
        (Standing.RESOLVED, ""),
        (Standing.SUPPRESSED, "everything"),
    ]
    counts = count_inbox(held, NOON, quiet)
    assert (sum(counts.open.values()), counts.suppressed, counts.undecided) == (0, 6, 0)


@pytest.mark.slow
def test_hostile_findings_are_listed_sought_and_counted(store: Store) -> None:
    hostile = (
        "\u202egnp.exe",
        "<script>alert(1)</script>",
        "あ" * 700,
        "nul\x00",
        "\ud800",
        "%_\\",
        "'; DROP TABLE case; --",
    )
    told = [act("", principal=each, rule=f"r{number}", resources=(each,)) for number, each in enumerate(hostile)]
    keep(store, *told)
    for each in told:
        # A column holds the first 600 characters, and neither NUL nor a lone surrogate.
        (found,) = find_in_inbox(store, InboxSought(principals=(each.principal[:600],), rules=(each.rule,)), LOUD)
        assert found.told == each
        (found,) = find_in_inbox(store, InboxSought(resources=(each.resources[0].replace("[", "[[]"),)), LOUD)
        assert found.id == each.id
    assert count_inbox(store, NOON, LOUD).open == {Severity.HIGH: len(told)}


@pytest.mark.slow
def test_reopening_leaves_a_finding_at_its_place(store: Store) -> None:
    keep(store, act(), act("bob", 1))
    before = names(find_in_inbox(store, InboxSought(), LOUD))
    close(store, act())
    with store.begin() as connection:
        reopen(connection, act().id, "not so", Doing("sato", NOON))
    assert names(find_in_inbox(store, InboxSought(), LOUD)) == before
