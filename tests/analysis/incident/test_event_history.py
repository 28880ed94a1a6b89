"""A thief who has thousands of credentials issued does not keep the event history from answering, nor from saying what it left out."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from json import dumps
from typing import Any

import pytest
from tests.analysis.incident.incident_events import (
    ACCOUNT,
    KEY,
    NOW,
    SEED,
    T0,
    VICTIM,
    Tale,
    record,
    role,
    session,
    user,
)

from sakimori.analysis.incident.closure import closure_of
from sakimori.analysis.incident.event_history import Asking, Span
from sakimori.analysis.incident.events import session_name, user_key
from sakimori.analysis.incident.form import Closure, Event
from sakimori.analysis.incident.lookup_events import LookupEvents
from sakimori.analysis.incident.made import made_by
from sakimori.aws.settings import Clock
from sakimori.model.account import Account

FLOOD = 2_000
REGIONS = tuple(f"us-made-{number}" for number in range(1, 18))
PAGE = 50


class History:
    """A door behind which LookupEvents answers as AWS does: newest first, fifty on a page, by one attribute or by none."""

    def __init__(self, events: list[Event], regions: tuple[str, ...] = REGIONS) -> None:
        self.account = Account(id=ACCOUNT, partition="aws", regions=regions, selected=regions)
        self.refusals = ()
        self.asked = Counter[str]()
        self.kinds = Counter[str]()
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str, str], list[Event]] = {}
        for event in sorted(events, key=lambda each: each.at, reverse=True):
            name = session_name(event.principal) or user_key(event.principal)[1]
            marks = [("", ""), ("AccessKeyId", event.key_id), ("Username", name), ("EventName", event.name)]
            for kind, value in [*marks, *(("ResourceName", each) for each in event.resources)]:
                self._found.setdefault((event.region, kind, value), []).append(event)

    def call(self, operation: str, region: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        assert operation == "cloudtrail:LookupEvents"
        told = parameters.get("LookupAttributes") or ({"AttributeKey": "", "AttributeValue": ""},)
        kind, value = told[0]["AttributeKey"], told[0]["AttributeValue"]
        with self._lock:
            self.asked[region] += 1
            self.kinds[kind] += 1
        between = (parameters["StartTime"], parameters["EndTime"])
        found = [each for each in self._found.get((region, kind, value), ()) if between[0] <= each.at <= between[1]]
        begin = int(parameters.get("NextToken", "0"))
        page = [{"CloudTrailEvent": dumps(record(each))} for each in found[begin : begin + PAGE]]
        return {"Events": page, **({"NextToken": str(begin + PAGE)} if begin + PAGE < len(found) else {})}

    def pages(self, operation: str, region: str, parameters: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        yield self.call(operation, region, parameters)

    @property
    def most(self) -> int:
        """Requests of the Region that was asked most: at two a second, half of them are the seconds that it took."""
        return max(self.asked.values(), default=0)


def asked(door: History, **more: Any) -> LookupEvents:
    return LookupEvents([door], Span(now=NOW, since=T0), **{"times": Clock(sleep=lambda _: None), **more})


def flood(tell: Callable[[Tale, int], Event], count: int = FLOOD) -> list[Event]:
    """So many credentials issued within minutes, and with the last of them a user is made, in another Region."""
    tale = Tale()
    for number in range(count):
        tell(tale, number)
        tale.at = T0 + timedelta(seconds=number // 8)
    last = f"ASIAFLOOD{count - 1:07}"
    principal = tale.events[-1].principal
    issued_to = session("admin", f"s{count - 1}") if tale.events[-1].name == "AssumeRole" else principal
    tale.makes_user("mallory", by=last, principal=issued_to)
    tale.events[-1] = replace(tale.events[-1], region=REGIONS[3])
    tale.makes_key("mallory", "AKIAMALLORY", by=last, principal=issued_to)
    return [replace(each, region=REGIONS[0]) if each.region not in REGIONS else each for each in tale.events]


def session_token(tale: Tale, number: int) -> Event:
    return tale.tell("GetSessionToken", service="sts", response={"credentials": {"accessKeyId": f"ASIAFLOOD{number:07}"}})  # fmt: skip


def role_session(tale: Tale, number: int) -> Event:
    event = tale.assumes(KEY, VICTIM, role("admin"), f"ASIAFLOOD{number:07}")
    response = {**event.response, "assumedRoleUser": {"arn": session("admin", f"s{number}")}}
    tale.events[-1] = replace(event, response=response)
    return tale.events[-1]


def whole(closure: Closure) -> bool:
    return len(closure.credentials) == FLOOD + 2 and {KEY, "AKIAMALLORY"} <= set(closure.key_ids)


@pytest.mark.slow
def test_thousands_of_sessions_of_one_name_are_one_question_in_each_region() -> None:
    door = History(flood(session_token))
    source = asked(door)
    closure = closure_of(source, [SEED], NOW)
    assert whole(closure)
    assert closure.users == (user("mallory"),)
    assert {each.id for each in made_by(closure, source)} >= {"mallory"}
    # Two ways to read the same two thousand events, fifty on a page, and a few questions more.
    assert door.most <= 2 * FLOOD / PAGE + 10
    assert source.looked[0].is_complete


@pytest.mark.slow
def test_sessions_each_of_a_name_of_its_own_are_read_by_their_time() -> None:
    door = History(flood(role_session))
    source = asked(door)
    closure = closure_of(source, [SEED], NOW)
    assert whole(closure)
    assert door.most <= 2 * FLOOD / PAGE + 10
    assert min(door.asked.values()) < 10
    assert source.looked[0].is_complete


def test_a_few_credentials_are_asked_one_by_one() -> None:
    door = History(flood(role_session, count=10))
    assert len(closure_of(asked(door), [SEED], NOW).credentials) == 12
    assert not door.kinds[""]
    assert not door.kinds["Username"] - len(REGIONS)


@pytest.mark.slow
def test_a_region_too_busy_to_be_read_is_asked_by_credential_and_what_was_read_is_not_asked_again() -> None:
    busy = Tale()
    for number in range(30_000):
        busy.tell("DescribeInstances", "AKIABUSY", user("busy"), service="ec2", event_id=f"b{number}", read_only=True)
        busy.at = T0 + timedelta(seconds=number // 4)
    noise = [replace(each, region=REGIONS[0]) for each in busy.events]
    few = 100
    door = History([*flood(role_session, few), *noise])
    closure = closure_of(asked(door), [SEED], NOW)
    assert {"AKIAMALLORY", f"ASIAFLOOD{few - 1:07}"} <= set(closure.key_ids)
    # Once each, and a few pages by which the Region shows itself too busy.
    assert door.most <= few + 20


@pytest.mark.slow
def test_what_there_was_no_time_to_ask_is_counted_and_no_region_is_called_read() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    door = History(flood(role_session), REGIONS[:1])
    times = Clock(monotonic=lambda: now[0], sleep=sleep)
    source = asked(door, times=times, patience=timedelta(seconds=15))
    closure = closure_of(source, [SEED], NOW)
    assert now[0] <= 16
    assert 1 < len(closure.credentials) < FLOOD
    assert closure.is_cut
    (looked,) = source.looked
    assert looked.unasked
    assert not looked.is_complete
    assert not looked.regions
    assert {gap.code for gap in looked.gaps} == {"OutOfTime"}


def test_how_far_it_is_is_told_after_each_request() -> None:
    told: list[Asking] = []
    door = History(flood(role_session, count=15), REGIONS[:1])
    closure_of(asked(door, told=told.append), [SEED], NOW)
    assert [each.asked for each in told] == list(range(1, door.most + 1))
    fifteen = next(index for index, each in enumerate(told) if each.left == 15)
    assert told[fifteen].left_for == timedelta(seconds=7.5)
    assert [each.left for each in told[fifteen : fifteen + 15]] == list(range(15, 0, -1))


@pytest.mark.slow
def test_a_long_chain_of_a_few_credentials_at_a_time_is_counted_together() -> None:
    tale = Tale()
    by, principal = KEY, VICTIM
    for number in range(60):
        tale.assumes(by, principal, role("admin"), f"ASIACHAIN{number:07}")
        by, principal = f"ASIACHAIN{number:07}", session("admin", "s")
    door = History([replace(each, region=REGIONS[0]) for each in tale.events])
    source = LookupEvents([door], Span(now=NOW, since=T0), times=Clock(sleep=lambda _: None))
    closure = closure_of(source, [SEED], NOW)
    assert len(closure.credentials) == 41
    # After twenty questions one page tells the rest of each Region.
    assert door.most <= 25


@pytest.mark.parametrize("told", ["{" + '"x": 1' * 3, "[]", '{"eventID": "a"}', dumps({"x": "A" * 600_000})])
def test_an_event_that_nobody_can_read_is_told_and_never_passed_over(told: str) -> None:
    tale = Tale()
    tale.tell("ListBuckets", region=REGIONS[0])
    door = History(tale.events, REGIONS[:2])
    answered = door.call

    def call(operation: str, region: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        page = answered(operation, region, parameters)
        return {**page, "Events": [*page["Events"], {"CloudTrailEvent": told}]} if region == REGIONS[0] else page

    door.call = call
    events = asked(door)
    assert [each.name for each in events.by_keys([KEY])] == ["ListBuckets"]
    (looked,) = events.looked
    assert not looked.is_complete
    assert [(each.code, each.region) for each in looked.gaps] == [("UnreadableEvent", REGIONS[0])]


def test_an_id_that_is_written_twice_hides_nothing() -> None:
    tale = Tale()
    tale.tell("ListBuckets", region=REGIONS[0], event_id="twice")
    tale.makes_key("mallory", "AKIAMALLORY")
    tale.tell("ListBuckets", region=REGIONS[0], event_id="twice")
    events = [replace(each, event_id="twice", region=REGIONS[0]) for each in tale.events]
    found = closure_of(asked(History(events)), (SEED,), NOW, since=T0)
    assert "AKIAMALLORY" in found.key_ids
