"""The same fact, seen by several, is one finding: ours leads whichever came first, and nothing that was decided is lost."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from tests.findings.inbox_world import DAY, HOUR, act, cases, close, groups, guardduty, ids, keep, user
from tests.findings.test_detections import NOON
from tests.findings.world import FAIL, ONE, TOKYO, USER, VOLUME, run, unit, verdict

from sakimori.findings.inbox import InboxFinding, InboxSought, Quiet, count_inbox, find_in_inbox, inbox_by_id
from sakimori.findings.inbox_tables import CASE, TRIAGE
from sakimori.findings.life import record
from sakimori.findings.scope import JudgedRule
from sakimori.findings.tables import DETECTION
from sakimori.findings.triage import Doing, assign, comment, remarks_of
from sakimori.findings.witnesses import leads_of, release
from sakimori.model.detection import Detection
from sakimori.model.triage import Standing
from sakimori.model.words import GLOBAL, Severity
from sakimori.state.store import Store

OURS = "cloudtrail-logging-stopped"
SNAPSHOTS = JudgedRule(id="aws.ec2.snapshot-private", parameters={}, subject=VOLUME)
RECORDER = JudgedRule(id="aws.config.recorder-enabled", parameters={}, subject=USER)
QUIET = Quiet()


def control(number: int = 1, resource: str = "snap-1", **more: object) -> Detection:
    """Security Hub's control on public snapshots."""
    usual = {
        "rule": "EC2.1",
        "producer": "securityhub",
        "native_id": f"arn:control/{number}",
        "account": ONE,
        "region": TOKYO,
    }
    return act("", **{**usual, "resources": (resource,) if resource else (), "source": "", **more})


def inbox(store: Store, *standings: Standing) -> tuple[InboxFinding, ...]:
    return find_in_inbox(store, InboxSought(standings=standings or tuple(Standing)), QUIET)


def fails(store: Store, hour: float, *resources: str, of: JudgedRule = SNAPSHOTS) -> None:
    region = TOKYO if of is SNAPSHOTS else GLOBAL
    failing = [verdict(FAIL, of, each, region) for each in resources]
    record(store, run(hour, [of], [unit(of.subject, region)]), failing)


def pending(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.execute(select(CASE.c.id).where(CASE.c.is_pending == 1)).scalars())


def told_of_all(store: Store) -> None:
    with store.begin() as connection:
        connection.execute(update(CASE).values(is_pending=0))


@pytest.mark.slow
@pytest.mark.parametrize("order", ["ours first", "theirs first", "at once"])
def test_guardduty_and_ours_are_one_finding_with_two_witnesses(store: Store, order: str) -> None:
    ours, theirs = act(rule=OURS), (guardduty(1, 1), guardduty(2, 2))
    batches = {
        "ours first": [[ours], theirs],
        "theirs first": [theirs, [ours]],
        "at once": [[theirs[0], ours, theirs[1]]],
    }
    for batch in batches[order]:
        keep(store, *batch)
    (found,) = inbox(store)
    assert found.id == ours.id
    assert [each.producer for each in found.witnesses] == ["guardduty", "guardduty"]
    assert groups(store) == {ids([ours])}
    assert [each.state for each in cases(store)] == ["open"]
    assert count_inbox(store, NOON + DAY, QUIET).open == {Severity.HIGH: 1}


@pytest.mark.parametrize(
    ("theirs", "count"),
    [
        (guardduty(hour=24), 1),
        (guardduty(hour=24.01), 2),
        (guardduty(hour=-24), 1),
        (guardduty(hour=-30, lasting=8), 1),
        (guardduty(who="bob"), 2),
        (guardduty(who="bob", resources=("trail/main",)), 1),
        (guardduty(who="", resources=("other", "trail/main")), 1),
        (guardduty(account="444455556666"), 2),
        (guardduty(rule="Recon:EC2/Portscan"), 2),
        (guardduty(is_closed=True), 2),
    ],
)
def test_the_same_fact_has_the_same_account_the_same_who_or_what_and_the_same_day(
    store: Store, theirs: Detection, count: int
) -> None:
    keep(store, act(rule=OURS, resources=("trail/main",)), theirs)
    assert len(inbox(store)) == count


@pytest.mark.slow
def test_the_gravest_word_is_shown_sought_ordered_and_counted(store: Store) -> None:
    ours, other = act(rule=OURS, severity=Severity.LOW), act("bob", 5, severity=Severity.HIGH)
    keep(store, ours, guardduty(severity=Severity.CRITICAL), other)
    assert [(each.id, each.severity) for each in inbox(store)] == [
        (ours.id, Severity.CRITICAL),
        (other.id, Severity.HIGH),
    ]
    (found,) = find_in_inbox(store, InboxSought(severity=Severity.CRITICAL), QUIET)
    assert found.id == ours.id
    assert count_inbox(store, NOON + DAY, QUIET).open == {Severity.CRITICAL: 1, Severity.HIGH: 1}
    assert sorted(each.severity for each in cases(store)) == ["critical", "high"]


@pytest.mark.slow
def test_the_gravest_word_of_a_later_witness_reaches_the_case(store: Store) -> None:
    keep(store, act(rule=OURS, severity=Severity.LOW))
    told_of_all(store)
    keep(store, guardduty(hour=20, severity=Severity.CRITICAL))
    ((case,),) = (cases(store),)
    assert (case.severity, case.is_pending, case.last_at) == ("critical", 1, NOON + 20 * HOUR)


def test_what_was_decided_and_said_of_a_witness_goes_over_to_ours(store: Store) -> None:
    theirs, ours = guardduty(), act(rule=OURS)
    keep(store, theirs)
    with store.begin() as connection:
        assign(connection, theirs.id, "tanaka", Doing("sato", NOON))
        comment(connection, theirs.id, "asked the team", Doing("sato", NOON))
    close(store, theirs)
    keep(store, ours)
    (found,) = inbox(store)
    assert (found.id, found.standing, found.triage.owner) == (ours.id, Standing.CLOSED, "tanaka")
    with store.read() as connection:
        assert [each.text for each in remarks_of(connection, ours.id)] == ["tanaka", "asked the team", "benign: known"]
        assert len(remarks_of(connection, theirs.id)) == 3


def test_what_was_decided_of_ours_stands(store: Store) -> None:
    theirs, ours = guardduty(), act(rule=OURS)
    keep(store, replace(ours))
    with store.begin() as connection:
        assign(connection, ours.id, "suzuki", Doing("sato", NOON))
        assign(connection, theirs.id, "tanaka", Doing("sato", NOON))
    keep(store, theirs)
    assert [each.triage.owner for each in inbox(store)] == ["suzuki"]
    with store.read() as connection:
        assert len(remarks_of(connection, ours.id)) == 1


def test_a_witness_is_found_under_its_own_id_too(store: Store) -> None:
    keep(store, act(rule=OURS), guardduty())
    for each in (act(rule=OURS), guardduty()):
        assert [found.id for found in inbox_by_id(store, each.id[:12], QUIET)] == [act(rule=OURS).id]


def test_more_of_a_witness_opens_its_finding_and_case_again(store: Store) -> None:
    keep(store, act(rule=OURS), guardduty())
    close(store, act(rule=OURS))
    keep(store, guardduty(), act("x"), hour=26)
    assert [each.standing for each in inbox(store) if each.witnesses] == [Standing.CLOSED]
    keep(store, guardduty(count=9, updated_at=NOON + 2 * HOUR), hour=27)
    assert [each.standing for each in inbox(store) if each.witnesses] == [Standing.OPEN]
    assert {each.state for each in cases(store)} == {"open"}


def test_the_case_that_a_witness_had_alone_is_closed_when_it_joins(store: Store) -> None:
    theirs = guardduty(who="", resources=("trail/main",))
    keep(store, theirs)
    keep(store, act(rule=OURS, resources=("trail/main",)), hour=25)
    assert [(each.subject, each.state) for each in cases(store)] == [("trail/main", "closed"), (user("alice"), "open")]


@pytest.mark.parametrize("order", ["ours first", "theirs first"])
def test_a_control_of_security_hub_and_posture_are_one_finding(store: Store, order: str) -> None:
    steps = [lambda: fails(store, 1, "snap-1", "snap-2"), lambda: keep(store, control(severity=Severity.CRITICAL))]
    for step in steps if order == "ours first" else reversed(steps):
        step()
    first, second = inbox(store)
    assert (first.subject, first.severity, [each.rule for each in first.witnesses]) == (
        "snap-1",
        Severity.CRITICAL,
        ["EC2.1"],
    )
    assert (second.subject, second.witnesses) == ("snap-2", ())
    assert [each.kind for each in cases(store) if each.state == "open"] == ["posture"]


@pytest.mark.slow
def test_a_control_without_a_resource_joins_where_one_finding_is_meant(store: Store) -> None:
    recorder = control(rule="Config.1", resource="")
    fails(store, 1, "recorder", of=RECORDER)
    keep(store, recorder)
    assert [len(each.witnesses) for each in inbox(store)] == [1]
    fails(store, 2, "snap-1", "snap-2")
    keep(store, control(2, resource=""))
    assert sorted(len(each.witnesses) for each in inbox(store)) == [0, 0, 0, 1]


def test_posture_is_not_closed_by_what_was_said_of_a_control(store: Store) -> None:
    keep(store, control())
    close(store, control())
    fails(store, 1, "snap-1")
    (found,) = inbox(store)
    assert (found.is_posture, found.standing) == (True, Standing.OPEN)
    assert (found.triage.reason, found.triage.is_closed) == ("known", False)


@pytest.mark.slow
def test_a_witness_speaks_again_when_ours_is_resolved(store: Store) -> None:
    fails(store, 1, "snap-1")
    keep(store, control())
    told_of_all(store)
    fails(store, 2)
    found = {each.is_posture: each for each in inbox(store)}
    assert (found[True].standing, found[True].witnesses) == (Standing.RESOLVED, ())
    assert (found[False].standing, found[False].told.rule) == (Standing.OPEN, "EC2.1")
    assert groups(store) == {ids([control()])}
    assert pending(store) == {each.id for each in cases(store)}


@pytest.mark.slow
def test_a_witness_that_had_a_case_has_it_again(store: Store) -> None:
    keep(store, control())
    (before,) = cases(store)
    fails(store, 1, "snap-1")
    assert [each.state for each in cases(store) if each.kind == "attack"] == ["closed"]
    fails(store, 2)
    assert [(each.id, each.state) for each in cases(store) if each.kind == "attack"] == [(before.id, "open")]
    fails(store, 3, "snap-1")
    assert [each.state for each in cases(store) if each.kind == "attack"] == ["closed"]


@pytest.mark.slow
def test_a_control_that_its_service_settled_stays_silent_when_ours_is_resolved(store: Store) -> None:
    fails(store, 1, "snap-1")
    keep(store, control(updated_at=NOON))
    keep(store, control(updated_at=NOON + HOUR, is_closed=True))
    fails(store, 2)
    assert {each.standing for each in inbox(store)} == {Standing.RESOLVED, Standing.CLOSED}
    assert [each.kind for each in cases(store)] == ["posture"]


@pytest.mark.slow
def test_many_are_released_and_asked_at_once(store: Store) -> None:
    keep(store, *(guardduty(number, rule=f"T:{number}") for number in range(30)))
    names = [f"{number:032}" for number in range(6_000)]
    with store.begin() as connection:
        connection.execute(update(DETECTION).values(witness_of=names[-1]))
        assert leads_of(connection, [guardduty(3).id, *names]) == (names[-1],)
        assert len(release(connection, names)) == 30
        assert leads_of(connection, [guardduty(3).id]) == ()
        assert connection.execute(select(TRIAGE)).all() == []


@pytest.mark.slow
def test_a_hostile_resource_joins_nothing_that_is_not_it(store: Store) -> None:
    fails(store, 1, "snap-1")
    keep(store, *(control(number, resource=each) for number, each in enumerate(("%", "snap-_", "\x00snap-1", "\ud800", "x" * 700))))  # fmt: skip
    assert [len(each.witnesses) for each in inbox(store) if each.is_posture] == [0]
