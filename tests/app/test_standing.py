"""A judgement that goes on says of what came bit by bit what one look at all of it says."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sakimori.analysis.behaviour.roots import Issued, Roots
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.app import standing
from sakimori.app.detect import DetectRequest, chosen_rules, judge
from sakimori.app.ingesting import Ingesting, Wanted, ingest_sources
from sakimori.app.standing import StandingJudgement
from sakimori.lake.compaction import compact, piles_of
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_reader import LogReader
from sakimori.lake.log_writer import LogWriter
from sakimori.model.detection import Detection
from sakimori.rules.detections.examples import completed, repeated
from sakimori.rules.detections.load import load_detections
from sakimori.rules.detections.rule import Detections

NOW = datetime(2026, 11, 3, tzinfo=UTC)
WAITING = (
    "instance-taken-over-by-user-data", "user-made-with-admin-and-key", "data-stores-deleted-in-bulk",
    "console-login-guessing", "cloudwatch-alarms-silenced-in-bulk", "instance-credentials-in-two-places",
)  # fmt: skip


@cache
def rules() -> Detections:
    return chosen_rules(load_detections(), (*WAITING, "cloudtrail-logging-stopped"), ())


def events_of(name: str) -> list[dict[str, Any]]:
    detections = rules()
    rule = detections.rules.get(name) or detections.correlations[name]
    example = next(each for each in rule.head.examples if each.match)
    return completed(FORM, repeated(example.events))


def taken(home: Path, number: int, events: Sequence[dict[str, Any]]) -> None:
    folder = home.parent / "logs"
    folder.mkdir(exist_ok=True)
    path = folder / f"{number}.json"
    path.write_text(json.dumps({"Records": list(events)}))
    ingest_sources(Ingesting(home=home, wanted=(Wanted(kind="cloudtrail", source=str(path)),)), (), clock=lambda: NOW)


def parts_of(home: Path) -> tuple[LogPart, ...]:
    reader = LogReader(home)
    try:
        return reader.every_part()
    finally:
        reader.close()


class Lake:
    """A lake that fills, and a judgement over what is new in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.rules = rules()
        self.judgement = StandingJudgement(DetectRequest(home=home), self.rules)
        self.known: set[str] = set()
        self.files = 0

    def comes(self, *events: dict[str, Any]) -> tuple[Detection, ...]:
        taken(self.home, self.files, events)
        self.files += 1
        return self.look()

    def look(self) -> tuple[Detection, ...]:
        fresh = [part for part in parts_of(self.home) if part.name not in self.known]
        self.known |= {part.name for part in fresh}
        return self.judgement.over(fresh)

    def at_once(self) -> list[Detection]:
        found = judge(DetectRequest(home=self.home), self.rules, clock=lambda: NOW)
        assert found is not None
        return [each for each in found.detections if each.rule in self.names(self.rules)]

    @staticmethod
    def names(rules: Detections) -> set[str]:
        return {*rules.rules, *rules.correlations}


def told(detections: Sequence[Detection]) -> list[tuple[Any, ...]]:
    return sorted((each.rule, each.principal, each.first_at, each.count, sorted(each.event_ids)) for each in detections)


@pytest.mark.slow
@pytest.mark.parametrize("name", WAITING)
def test_what_a_rule_waits_for_is_remembered_from_one_part_to_the_next(tmp_path: Path, name: str) -> None:
    lake = Lake(tmp_path / "home")
    found: tuple[Detection, ...] = ()
    for event in events_of(name):
        found = lake.comes(event)
    assert name in {each.rule for each in found}
    assert told(found) == told(lake.at_once())


def test_only_what_is_new_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    scanned = standing.scanned
    monkeypatch.setattr(standing, "scanned", lambda *words: looked_at.append(scanned(*words)))
    lake = Lake(tmp_path / "home")
    for event in events_of("data-stores-deleted-in-bulk")[:4]:
        lake.comes(event)
    assert looked_at == [1, 1, 1, 1]


def test_after_a_restart_the_day_before_is_judged_once_more(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    *before, last = events_of("user-made-with-admin-and-key")
    for event in before:
        lake.comes(event)
    lake.judgement = StandingJudgement(DetectRequest(home=lake.home), lake.rules)
    found = lake.comes(last)
    assert "user-made-with-admin-and-key" in {each.rule for each in found}
    assert told(found) == told(lake.at_once())


@pytest.mark.slow
def test_parts_that_became_one_are_not_counted_twice(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    events = events_of("data-stores-deleted-in-bulk")
    for event in events[:5]:
        lake.comes(event)
    reader, writer = LogReader(lake.home), LogWriter(lake.home, lambda: NOW)
    compact(writer, reader, {FORM.table.name: (FORM.table, piles_of(reader, FORM.table))})
    writer.close()
    reader.close()
    lake.look()
    found = lake.comes(*events[5:])
    assert told(found) == told(lake.at_once())
    assert max(each.count for each in found if each.rule == "data-stores-deleted-in-bulk") == len(events)


@pytest.mark.slow
def test_what_comes_late_from_days_ago_is_judged_with_the_day_before_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    first, second, third = events_of("user-made-with-admin-and-key")
    later = [
        {**event, "eventTime": (NOW + timedelta(days=4, minutes=number)).isoformat().replace("+00:00", "Z")}
        for number, event in enumerate(events_of("data-stores-deleted-in-bulk")[:2])
    ]
    lake.comes(first)
    lake.comes(*[{**each, "eventID": f"later-{number}"} for number, each in enumerate(later)])
    lake.comes(second)
    assert "user-made-with-admin-and-key" in {each.rule for each in lake.comes(third)}


@pytest.mark.slow
def test_a_failure_leaves_nothing_half_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path / "home")
    first, second, third = events_of("user-made-with-admin-and-key")
    lake.comes(first)
    with monkeypatch.context() as patched:
        patched.setattr(standing.DetectionRun, "so_far", lambda _: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            lake.comes(second)
    found = lake.comes(third)
    assert told(found) == told(lake.at_once())


def test_whoever_turns_out_to_stand_behind_a_session_is_named_in_what_was_judged_before(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    (use,) = completed(
        FORM,
        [{
            "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "requestParameters": {"name": "main"},
            "userIdentity": {
                "type": "AssumedRole", "principalId": "AROAEXAMPLE:x", "accountId": "123456789012",
                "arn": "arn:aws:sts::123456789012:assumed-role/worker/x", "accessKeyId": "ASIAEXAMPLE",
                "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::123456789012:role/worker"}},
            },
        }],
    )  # fmt: skip
    (issue,) = completed(
        FORM,
        [{
            "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
            "responseElements": {"credentials": {"accessKeyId": "ASIAEXAMPLE"}},
        }],
    )  # fmt: skip
    before = lake.comes({**use, "eventID": "use"})
    after = lake.comes({**issue, "eventID": "issue"})
    stopped = [{each.principal for each in found if "use" in each.event_ids} for found in (before, after)]
    assert stopped[0] != stopped[1] == {"arn:aws:iam::123456789012:user/alice"}
    assert told(after) == told(lake.at_once())


def test_keys_are_changed_where_more_is_known_of_them() -> None:
    before = Roots({"a": Issued("alice", ""), "b": Issued("bob", "a")})
    after = Roots({"a": Issued("carol", ""), "b": Issued("bob", "a"), "c": Issued("dave", "b")})
    assert after.changed(before) == {"a", "c"}
    assert before.issuers() == {"", "a"}
