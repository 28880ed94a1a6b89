"""The desk at which people work: what they say is done as a whole or not at all, by two at once too."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.findings.inbox_world import DAY, HOUR, act, case_of, cases, close, guardduty, keep
from tests.findings.suppression.world import suppression
from tests.findings.test_detections import NOON
from tests.findings.world import FAIL, VOLUME, rule, run, unit, verdict

from sakimori.app.inbox import (
    Desk,
    forget_view,
    list_cases,
    meant_by,
    quiet_of,
    save_view,
    saved_views,
    who_am_i,
)
from sakimori.findings.detections import record_detections
from sakimori.findings.inbox import InboxFinding, InboxSought, Quiet, find_in_inbox
from sakimori.findings.life import record
from sakimori.findings.mutes import MuteEntry
from sakimori.findings.suppression.criteria import Criteria, equals
from sakimori.findings.suppression.suppression import Action
from sakimori.findings.suppression.suppressions import add_suppression
from sakimori.findings.triage import Doing, remarks_of
from sakimori.model.errors import UsageError
from sakimori.model.triage import Disposition, Standing
from sakimori.state.store import Store, open_store

VOLUMES = rule(VOLUME)
BAD = verdict(FAIL, VOLUMES, "vol-1")
BENIGN = Disposition.BENIGN


def desk(store: Store, hour: float = 30, by: str = "sato", mutes: tuple[MuteEntry, ...] = ()) -> Desk:
    return Desk(store, mutes, Doing(by, NOON + hour * HOUR))


def inbox(store: Store, *standings: Standing) -> tuple[InboxFinding, ...]:
    quiet = quiet_of(store, (), (NOON + DAY).date())
    return find_in_inbox(store, InboxSought(standings=standings or tuple(Standing)), quiet)


def history(store: Store, finding: str) -> list[str]:
    with store.read() as connection:
        return [each.act.value for each in remarks_of(connection, finding)]


def refused(doing: Callable[[], object]) -> UsageError:
    with pytest.raises(UsageError) as told:
        doing()
    return told.value


@pytest.mark.slow
def test_whoever_takes_a_finding_has_taken_its_case_and_the_first_to_do_so_keeps_it(store: Store) -> None:
    keep(store, act(), act(hour=1, rule="b"))
    assert desk(store).give([act().id[:8]], "tanaka") == 1
    desk(store, by="suzuki").say([act(hour=1, rule="b").id], "mine too?")
    assert [each.taken_by for each in cases(store)] == ["sato"]
    assert {each.told.rule: each.triage.owner for each in inbox(store)} == {"some-rule": "tanaka", "b": ""}


@pytest.mark.slow
def test_a_case_stands_for_all_its_findings(store: Store) -> None:
    keep(store, act(), act(hour=1, rule="b"), act("bob"))
    case = case_of(store, act())
    assert desk(store).give([case.lower(), act().id], "tanaka") == 2
    assert desk(store).close([case], BENIGN, "a drill") == 2
    assert [(each.id == case, each.state) for each in cases(store)] == [(True, "closed"), (False, "open")]
    assert desk(store).reopen([case], "no drill") == 2
    assert [each.state for each in cases(store)] == ["open", "open"]
    assert history(store, act().id) == ["assign", "close", "reopen"]


@pytest.mark.slow
def test_closing_the_last_finding_closes_the_case(store: Store) -> None:
    told = act(), act(hour=1, rule="b")
    keep(store, *told)
    for each, state in zip(told, ("open", "closed"), strict=True):
        desk(store).close([each.id], BENIGN, "a drill")
        assert [row.state for row in cases(store)] == [state]


@pytest.mark.slow
def test_growth_after_a_close_opens_it_with_owner_and_history(store: Store) -> None:
    keep(store, act())
    desk(store).give([act().id], "tanaka")
    desk(store).close([act().id], BENIGN, "a drill")
    keep(store, act(lasting=2, count=7), hour=40)
    (found,) = inbox(store, Standing.OPEN)
    assert (found.triage.owner, found.triage.disposition) == ("tanaka", None)
    assert history(store, found.id) == ["assign", "close", "grow"]
    assert [each.state for each in cases(store)] == ["open"]


@pytest.mark.slow
def test_posture_that_fails_is_not_closed_by_a_word_however_it_is_called(store: Store) -> None:
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [BAD])
    keep(store, act())
    case = next(each.id for each in cases(store) if each.kind == "posture")
    for word in (BAD.id, case):
        told = refused(lambda word=word: desk(store).close([act().id, word], BENIGN, "fine"))
        assert (told.text, told.values["rule"]) == ("triage.posture_stays", VOLUMES.id)
    assert {each.standing for each in inbox(store)} == {Standing.OPEN}
    assert history(store, act().id) == []


@pytest.mark.slow
def test_suppressed_posture_is_not_closed_either_and_resolved_posture_may_be_judged(store: Store) -> None:
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [BAD])
    muted = MuteEntry(number=3, reason="known", until=date(2026, 12, 31), resource="vol-*")
    assert refused(lambda: desk(store, mutes=(muted,)).close([BAD.id], BENIGN, "fine")).text == "triage.posture_stays"
    record(store, run(2, [VOLUMES], [unit(VOLUME)]), [])
    assert desk(store).close([BAD.id], Disposition.TRUE, "it was open for a week") == 1
    record(store, run(3, [VOLUMES], [unit(VOLUME)]), [BAD])
    (found,) = inbox(store, Standing.OPEN)
    assert found.triage.disposition is None


@pytest.mark.slow
def test_with_a_day_it_is_true_and_stays_until_it_is_put_right(store: Store) -> None:
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [BAD])
    desk(store).give([BAD.id], "tanaka", due_on=date(2026, 12, 1), reason="next sprint")
    (found,) = inbox(store, Standing.OPEN)
    triage = found.triage
    assert (triage.disposition, triage.owner, triage.due_on) == (Disposition.TRUE, "tanaka", date(2026, 12, 1))
    record(store, run(2, [VOLUMES], [unit(VOLUME)]), [])
    assert [each.standing for each in inbox(store)] == [Standing.RESOLVED]


def test_a_day_without_a_reason_is_refused(store: Store) -> None:
    keep(store, act())
    told = refused(lambda: desk(store).give([act().id], "tanaka", due_on=date(2026, 12, 1)))
    assert told.text == "triage.without_reason"


def test_a_day_for_what_was_closed_opens_it_and_its_case(store: Store) -> None:
    keep(store, act())
    desk(store).close([act().id], BENIGN, "a drill")
    desk(store).give([act().id], "tanaka", due_on=date(2026, 12, 1), reason="it was real")
    assert [each.standing for each in inbox(store)] == [Standing.OPEN]
    assert [each.state for each in cases(store)] == ["open"]


@pytest.mark.slow
def test_only_what_a_person_closed_is_reopened_by_one(store: Store) -> None:
    settled = guardduty(rule="T", is_closed=True)
    keep(store, act(), settled)
    for each, text in ((act(), "triage.is_open"), (settled, "triage.not_ours_to_reopen")):
        told = refused(lambda each=each: desk(store).reopen([each.id], "look again"))
        assert told.text == text


@pytest.mark.slow
def test_all_of_it_or_nothing(store: Store) -> None:
    keep(store, act())
    assert refused(lambda: desk(store).close([act().id, "ffff"], BENIGN, "a drill")).text == "found.unknown_id"
    assert [each.standing for each in inbox(store)] == [Standing.OPEN]
    assert [each.taken_by for each in cases(store)] == [""]


@pytest.mark.slow
def test_a_word_that_means_several_names_them_and_one_that_means_none_says_so(store: Store) -> None:
    keep(store, *(act(f"u{number}") for number in range(40)))
    beginnings = [each.id[0] for each in inbox(store)]
    doubled = next(each for each in beginnings if beginnings.count(each) > 1)
    quiet = quiet_of(store, (), NOON.date())
    told = refused(lambda: meant_by(store, doubled, quiet))
    assert (told.text, told.values["given"]) == ("found.ambiguous_id", doubled)
    assert refused(lambda: meant_by(store, "SKM-19990101-01", quiet)).text == "found.unknown_case"
    for odd in ("", "%", "SKM-1", "\x00", "\ud800", "<script>", "x" * 10_000):
        assert refused(lambda odd=odd: meant_by(store, odd, quiet)).text == "found.unknown_id"


def test_what_is_done_to_a_witness_is_done_to_its_finding(store: Store) -> None:
    ours, theirs = act(rule="cloudtrail-logging-stopped"), guardduty()
    keep(store, ours, theirs)
    desk(store).give([theirs.id[:10]], "tanaka")
    assert [(each.id, each.triage.owner) for each in inbox(store)] == [(ours.id, "tanaka")]


@pytest.mark.slow
def test_suppressions_and_mutes_keep_quiet_and_say_which(store: Store) -> None:
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [BAD, verdict(FAIL, VOLUMES, "vol-2")])
    keep(store, act(), act("bob"))
    of_alice = Criteria.of((equals("rule", "some-rule"), equals("principal", act().principal)))
    add_suppression(
        store, suppression(id="alice", criteria=of_alice, accounts=(), created_at=NOON, action=Action.DIGEST)
    )
    muted = (
        MuteEntry(number=1, reason="by tag", until=date(2026, 12, 31), tag_key="env"),
        MuteEntry(number=2, reason="known", until=date(2026, 12, 31), resource="vol-2"),
        MuteEntry(number=3, reason="over", until=date(2026, 9, 30)),
    )
    quiet = quiet_of(store, muted, (NOON + DAY).date())
    found = find_in_inbox(store, InboxSought(standings=(Standing.SUPPRESSED,)), quiet)
    assert sorted((each.subject, each.suppression) for each in found) == [
        (act().principal, "alice"),
        ("vol-2", "mute 2"),
    ]
    assert quiet.is_for_digest("alice")
    assert not quiet.is_for_digest("mute 2")


@pytest.mark.slow
def test_views_are_saved_replaced_and_forgotten(store: Store) -> None:
    save_view(store, "tokyo", {"region": ("ap-northeast-1",), "severity": None, "overdue": False, "case": ""})
    save_view(store, "夜間", {"severity": "high"})
    assert saved_views(store) == {"tokyo": {"region": ["ap-northeast-1"], "case": ""}, "夜間": {"severity": "high"}}
    save_view(store, "tokyo", {"overdue": True})
    assert saved_views(store)["tokyo"] == {"overdue": True}
    assert forget_view(store, "tokyo")
    assert not forget_view(store, "tokyo")
    assert list(saved_views(store)) == ["夜間"]


@pytest.mark.parametrize("name", ["", "a b", "x" * 61, "../etc", "<b>", "a\u202eb", "a\n", "%"])
def test_a_view_has_a_plain_name(store: Store, name: str) -> None:
    assert refused(lambda: save_view(store, name, {})).text == "found.bad_view_name"


@pytest.mark.slow
def test_cases_are_listed_the_latest_first(store: Store) -> None:
    keep(store, act(), act("bob", 5), act("carol", 2))
    close(store, act("bob", 5))
    desk(store).close([act("bob", 5).id], BENIGN, "a drill")
    assert [each.subject.rpartition("/")[2] for each in list_cases(store, Quiet(), with_closed=False, limit=9)] == [
        "carol",
        "alice",
    ]
    listed = list_cases(store, Quiet(), with_closed=True, limit=2)
    assert [(each.subject.rpartition("/")[2], each.is_open) for each in listed] == [("bob", False), ("carol", True)]


def test_whoever_acts_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAKIMORI_USER", "suzuki")
    assert (who_am_i(None), who_am_i(" tanaka ")) == ("suzuki", "tanaka")
    monkeypatch.delenv("SAKIMORI_USER")
    assert who_am_i(None)
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(KeyError("uid")))
    assert refused(lambda: who_am_i(None)).text == "triage.without_name"


MANY = 25


def close_each(own: Store, number: int) -> None:
    desk(own).close([act(f"u{number}").id], BENIGN, "a drill")


def grow_each(own: Store, number: int) -> None:
    record_detections(own, [replace(act(f"u{number}"), count=2 + number % 2)], NOON + 31 * HOUR)


def add_to_each(own: Store, number: int) -> None:
    record_detections(own, [act(f"u{number}", 1, rule="b"), act(f"v{number}")], NOON + 31 * HOUR)


def at_once(place: str, *works: Callable[[Store, int], None]) -> list[BaseException]:
    """Each over all numbers, with a store of its own; what failed."""
    failed: list[BaseException] = []

    def work(each: Callable[[Store, int], None]) -> None:
        try:
            with open_store(place) as own:
                for number in range(MANY):
                    each(own, number)
        except BaseException as error:  # noqa: BLE001 - told to the test
            failed.append(error)

    threads = [threading.Thread(target=work, args=(each,)) for each in works]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return failed


@pytest.mark.slow
def test_who_close_and_record_at_once_lose_nothing(place: str, store: Store) -> None:
    """What grew after its close is open, in a case that is open; what was closed last stays closed."""
    keep(store, *(act(f"u{number}") for number in range(MANY)))
    assert at_once(place, close_each, grow_each, add_to_each) == []
    found = inbox(store)
    assert len(found) == 3 * MANY
    state_of = {each.id: each.state for each in cases(store)}
    assert {state_of[each.case] for each in found if each.standing is Standing.OPEN} == {"open"}
    closed = [each for each in found if "close" in history(store, each.id)]
    assert len(closed) == MANY
    for each in closed:
        expected = {Standing.CLOSED: ["close"], Standing.OPEN: ["close", "grow"]}
        assert history(store, each.id) == expected[each.standing]


@pytest.mark.slow
def test_time_that_goes_back_breaks_nothing(store: Store) -> None:
    keep(store, act())
    desk(store, hour=40).give([act().id], "tanaka")
    desk(store, hour=-40).close([act().id], BENIGN, "a drill")
    (found,) = inbox(store)
    assert found.untouched_for(NOON - 80 * HOUR) == timedelta()
    assert history(store, act().id) == ["assign", "close"]
