"""A case's log whose hashes fit and whose words do not: whatever reads it says which line of which file, and never falls over."""

import copy
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from tests.cli.running import Sakimori

from sakimori.app.respond.case import Case
from sakimori.app.respond.case_files import cases_of
from sakimori.app.respond.case_lines import case_of
from sakimori.app.respond.facts import facts_of
from sakimori.app.respond.removal import list_a
from sakimori.app.respond.rotate_register import _known
from sakimori.cli.respond_pages import not_contained_lines, page, timers
from sakimori.cli.respond_status import plain_case
from sakimori.model.errors import ActionError, UsageError
from sakimori.outputs.case.reply import write_billing_request, write_reply
from sakimori.outputs.case.report_html import ReportRequest, write_report
from sakimori.outputs.case.timeline_csv import write_timeline
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.state.hash_chain import ChainLine, open_chain
from sakimori.texts.language import LANGUAGES

AT = "2026-11-23T02:30:00+00:00"
NOW = datetime.fromisoformat(AT)
ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/deploy"
KEY = "AKIAIOSFODNN7EXAMPLE"
THING = {
    "kind": "AWS::EC2::Instance", "id": "i-1", "arn": "", "account": ACCOUNT, "region": "us-east-1", "is_created": True, "by": KEY,
    "change": "RunInstances", "at": AT, "event_ids": ["e"], "told": {"instanceType": "p4d.24xlarge"}, "count": 1,
    "is_from_known_origin": False,
}  # fmt: skip
INVESTIGATION = {
    "evidence": "E-1", "since": AT, "until": AT, "regions": 17, "regions_enabled": 17, "events": 5, "has_data_events": None,
    "digest": "partial", "digest_files": [1, 2], "is_cut": False, "agrees": False, "unread": ["rounds"],
    "negatives": [{"question": {"en": "q", "ja": "q"}, "coverage": {"en": "c", "ja": "c"}, "is_complete": True}],
    "others": [{"account": ACCOUNT, "principal": USER, "count": 3, "at": AT}],
    "costs": [{"kind": "AWS::EC2::Instance", "id": "i-1", "account": ACCOUNT, "region": "us-east-1", "size": "p4d", "hourly": 32.7, "usd": 3.1}],
    "moments": [{"at": AT, "calls": ["RunInstances"], "count": 1, "region": "us-east-1", "account": ACCOUNT, "actor": KEY, "error": "", "resource": "i-1"}],
}  # fmt: skip
LINES: list[tuple[str, dict[str, Any]]] = [
    ("opened", {"by": "tanaka", "trigger": "mail", "occurred_at": AT, "deadline_at": AT, "subject": "Abuse", "aws_case": "1", "approval": "two_person"}),
    ("suspect", {"kind": "key", "key_id": KEY, "user": USER, "account": ACCOUNT, "accounts": [ACCOUNT]}),
    ("approved", {"steps": ["R10"], "by": "suzuki", "is_own": False, "plans": ["p"]}),
    ("run", {"account": ACCOUNT, "run": "20261123T023000000Z-abcdef", "step": "R10", "plan": "p"}),
    ("step", {"step": "R10", "state": "done", "by": "tanaka", "detail": "respond.step_done", "values": {"count": 1, "of": 1}, "evidence": ["E-1"]}),
    ("step", {"step": "R06", "state": "done", "by": "tanaka", "detail": "respond.uses", "values": {"since": AT, "established": [], "days": 3}}),
    ("step", {"step": "R14", "state": "failed", "by": "tanaka", "detail": "respond.step_in_part", "values": {"failed": [{"text": "harden.not_verified", "values": {"step": "x"}}]}}),
    ("step", {"step": "R64", "state": "done", "evidence": ["E-1"]}),
    ("closure", {"since": AT, "seeds": [KEY], "credentials": [{"id": KEY, "kind": "user_key", "account": ACCOUNT, "issued_at": None}], "users": [USER], "roles": [USER], "external_accounts": ["999988887777"], "unread": []}),
    ("made", {"made": [THING]}),
    ("contained", {"credentials": 1}), ("taken_back", {"step": "R14", "by": "tanaka"}), ("not_contained", {"by": "tanaka"}),
    ("verified", {"count": 0, "acting": [], "looked": []}), ("notified", {"sent": 1}), ("note", {"by": "tanaka", "text": "words"}),
    ("answer", {"question": "investigation", "answer": INVESTIGATION}),
    ("answer", {"question": "cause", "answer": {"cause": "repository-commit", "fix": "removed", "note": "", "evidence": "E-1"}}),
    ("answer", {"question": "keys", "answer": {"keys": [{"account": ACCOUNT, "key_id": KEY, "user": "deploy", "is_there": True, "rotated_at": AT}], "evidence": "E-1"}}),
    ("answer", {"question": "sweep", "answer": {"left": 0, "regions": 17, "at": AT}}),
    ("answer", {"question": "prevention", "answer": {"watching": ["Budgets"], "protecting": ["MFA"], "evidence": "E-1"}}),
    ("replacement", {"key_id": KEY, "state": "need", "account": ACCOUNT, "user": USER}),
    ("closed", {"by": "tanaka"}),
]  # fmt: skip
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**15), 10**15), st.floats(), st.text(max_size=8), st.just("9999-12-31T23:59:59+00:00"),
    st.just("2026-11-23T00:00:00"), st.lists(st.integers(), max_size=2), st.dictionaries(st.sampled_from(["en", "text", "values"]), st.integers(), max_size=2),
)  # fmt: skip


def lines_of(bodies: list[tuple[str, Any]]) -> list[ChainLine]:
    return [ChainLine(number=n, at=NOW, kind=kind, body=body, hash="") for n, (kind, body) in enumerate(bodies, 1)]


def every_reader(path: Path, case: Case) -> None:
    """All that is made of a case without an account."""
    for language in LANGUAGES:
        Console(file=io.StringIO(), width=90).print(page(case, NOW, language, 90))
        not_contained_lines(case, language)
    escaped_json(plain_case(case))
    timers(case)
    list_a(case)
    list(_known(case))
    facts = facts_of(path.parent, case)
    for language in LANGUAGES:
        write_reply(facts, language)
        write_billing_request(facts, language)
        write_report(ReportRequest(facts=facts, evidence=(), head="", made_at=NOW), language, io.StringIO())
        write_timeline(facts, io.StringIO(), language)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


PLACES = [(number, place) for number, (_, body) in enumerate(LINES) for place in places(body) if place]


def test_the_lines_as_they_are_written_are_read_by_everything(tmp_path: Path) -> None:
    case = case_of(tmp_path / "SKM-20261123-R01" / "case.jsonl", lines_of(LINES))
    assert case is not None
    every_reader(tmp_path / "case.jsonl", case)


def test_a_cause_that_this_version_does_not_know_is_told_as_it_was_written_and_claimed_nowhere(tmp_path: Path) -> None:
    bodies = copy.deepcopy(LINES)
    next(body for kind, body in bodies if body.get("question") == "cause")["answer"]["cause"] = "a-later-cause"
    path = tmp_path / "SKM-20261123-R01" / "case.jsonl"
    case = case_of(path, lines_of(bodies))
    assert case is not None
    every_reader(path, case)
    facts, stream = facts_of(path.parent, case), io.StringIO()
    write_report(ReportRequest(facts=facts, evidence=(), head="", made_at=NOW), "en", stream)
    assert "a-later-cause" in stream.getvalue()
    assert "a-later-cause" not in write_reply(facts, "en").text


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PLACES), ODD, st.booleans())
def test_an_odd_value_is_read_or_named_with_its_line(
    tmp_path: Path, where: tuple[int, tuple[Any, ...]], odd: Any, is_left_out: bool
) -> None:
    number, place = where
    bodies = copy.deepcopy(LINES)
    at: Any = bodies[number][1]
    for key in place[:-1]:
        at = at[key]
    if is_left_out:
        del at[place[-1]]
    else:
        at[place[-1]] = odd
    path = tmp_path / "SKM-20261123-R01" / "case.jsonl"
    try:
        case = case_of(path, lines_of(bodies))
    except ActionError as error:
        told = (error.text, error.values["path"], error.values["line"])
        assert told == ("respond.line_unreadable", path, number + 1)
        return
    assert case is not None
    try:
        every_reader(path, case)
    except UsageError as error:
        assert error.text == "harden.bad_run"  # noqa: PT017 - a run of no possible name


@pytest.mark.parametrize(
    "verb", [("status",), ("reply",), ("report",), ("eradicate",), ("close", "--yes"), ("note", "x")]
)
def test_each_command_names_the_file_and_the_line(sakimori: Sakimori, verb: tuple[str, ...]) -> None:
    path = cases_of(sakimori.home) / "SKM-20261123-R01" / "case.jsonl"
    chain, _ = open_chain(path)
    chain.write("opened", NOW, {"by": "tanaka"})
    chain.write("step", NOW, {"step": "R10", "state": "of tomorrow"})
    chain.close()
    done = sakimori("respond", *verb)
    assert done.code == 1
    assert "case.jsonl, line 2 (step)" in " ".join(done.err.split())
    listed = sakimori("respond", "list")
    assert (listed.code, "SKM-20261123-R01" in listed.out) == (1, True)


def test_a_kind_and_a_sentence_of_a_later_version_are_passed_over(sakimori: Sakimori) -> None:
    path = cases_of(sakimori.home) / "SKM-20261123-R01" / "case.jsonl"
    chain, _ = open_chain(path)
    for kind, body in [("opened", {"by": "tanaka"}), ("of_tomorrow", {"x": []}), ("step", {"step": "R99", "state": "done"}), ("step", {"step": "R10", "state": "done", "detail": "respond.of_tomorrow"})]:  # fmt: skip
        chain.write(kind, datetime(2026, 11, 23, tzinfo=UTC), body)
    chain.close()
    done = sakimori("respond", "status")
    assert (done.code, "another version" in done.out) == (0, True)
