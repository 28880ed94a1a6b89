"""The next thing to do is always one that leads on, and can be copied whole."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from tests.cli.running import Sakimori

from sakimori.app.clock import utc_now
from sakimori.app.respond.case import Told
from sakimori.app.respond.case_files import new_case, open_case, read_case
from sakimori.cli.respond_pages import next_line

AT = datetime(2026, 11, 23, tzinfo=UTC)
MACHINE = "arn:aws:ec2:ap-northeast-1:123456789012:instance/i-0123456789abcdef0"
ROLE = {"kind": "role", "role": "arn:aws:iam::123456789012:role/app", "account": "123456789012"}
BEFORE = ("R00", "P1", "R01", "R02", "R03", "R10", "R11", "R04", "R05", "R06", "R12", "R13", "R14", "R17")


def case_with(
    sakimori: Sakimori, *told: tuple[str, str, str, dict[str, Any]], suspect: dict[str, str] | None = None
) -> str:
    now = [AT]
    with new_case(sakimori.home, {"by": "tanaka"}, clock=lambda: now[0]) as log:
        log.write(Told.SUSPECT, suspect or ROLE)
        for step, state, detail, values in (*((each, "done", "", {}) for each in BEFORE), *told):
            now[0] += timedelta(seconds=1)
            log.write(Told.STEP, {"step": step, "state": state, "detail": detail, "values": values, "by": "tanaka"})
        return next_line(log.case, "en")


def test_a_command_longer_than_the_screen_is_printed_whole(sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    case_with(sakimori, ("R16", "failed", "respond.machines_held", {"machines": [MACHINE], "count": 1, "first": MACHINE, "case": "C"}))  # fmt: skip
    assert f"--account all --instance {MACHINE}\n" in sakimori("respond", "status").out


def test_after_a_machine_was_cut_off_what_it_was_given_meanwhile_is_followed(sakimori: Sakimori) -> None:
    assert "sakimori respond do R13" in case_with(sakimori, ("R16", "done", "", {}))


def test_where_nobody_is_configured_to_be_told_the_same_step_is_not_proposed_for_ever(sakimori: Sakimori) -> None:
    said = case_with(sakimori, ("R16", "skipped", "", {}), ("R18", "open", "respond.no_route", {}))
    assert "sakimori respond note --case SKM-20261123-R01 --step R18 TEXT" in said


def test_a_case_without_a_leaked_key_replaces_none(sakimori: Sakimori) -> None:
    told = (("R16", "skipped", "", {}), ("R18", "done", "", {}))
    assert "respond do R40" in case_with(sakimori, *told)
    key = {"kind": "key", "key_id": "AKIAIOSFODNN7EXAMPLE", "account": "123456789012"}
    assert "respond rotate" in case_with(sakimori, *told, suspect=key)


def test_what_waits_for_its_day_does_not_hide_the_answer_to_aws_and_comes_before_the_end(sakimori: Sakimori) -> None:
    key = {"kind": "key", "key_id": "AKIAIOSFODNN7EXAMPLE", "account": "123456789012"}
    done = ("R16", "R18", "R30", "R31", "R40", "R4B", "R50", "R51", "R64", "R71", "R73")
    waiting = (("R34", "open", "respond_rotate.quiet_so_far", {}), ("R70", "open", "respond.lifted_later", {}))
    told = (*((each, "skipped", "", {}) for each in done), *waiting)
    assert "sakimori respond reply" in case_with(sakimori, *told, suspect=key)
    answered = (*told, ("R80", "done", "", {}), ("R81", "done", "", {}))
    assert "sakimori respond rotate" in case_with(sakimori, *answered, suspect=key)
    over = (*answered, ("R34", "done", "", {}), ("R70", "done", "", {}))
    assert "sakimori respond close" in case_with(sakimori, *over, suspect=key)


def test_what_lacks_against_the_next_time_is_set_up_and_not_asked_for_again(sakimori: Sakimori) -> None:
    done = (*((each, "skipped", "", {}) for each in ("R16", "R18", "R40", "R4B", "R50", "R51", "R64", "R70", "R71")),)
    assert "sakimori harden plan" in case_with(sakimori, *done, ("R73", "failed", "respond.prevention_lacks", {}))


@pytest.mark.parametrize(("contained", "is_early"), [(timedelta(hours=1), True), (timedelta(days=2), False)])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_list_that_may_not_be_removed_yet_says_from_when_on(
    sakimori: Sakimori, contained: timedelta, lang: str, *, is_early: bool
) -> None:
    at = utc_now() - contained
    made = {
        "kind": "AWS::EC2::KeyPair", "id": "key-0123", "arn": "arn:aws:ec2:us-east-1:123456789012:key-pair/key-0123", "account": "123456789012",
        "region": "us-east-1", "is_created": True, "by": "AKIA", "change": "CreateKeyPair", "event_ids": ["e1"], "at": at.isoformat(),
    }  # fmt: skip
    with new_case(sakimori.home, {"by": "tanaka"}, clock=lambda: at) as log:
        log.write(Told.MADE, {"made": [made]})
        log.write(Told.CONTAINED, {"credentials": 1})
    shown = sakimori("respond", "eradicate", lang=lang).out
    assert ("eradicate --case" in shown, "--apply --now" in shown) == (True, is_early)


def test_a_home_without_cases_is_not_sent_to_its_list(sakimori: Sakimori) -> None:
    assert "respond list" not in sakimori("respond", "list").out
    assert "respond list" in sakimori("respond", "status").err


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_who_writes_down_the_cause_is_told_what_is_next(sakimori: Sakimori, lang: str) -> None:
    case_with(sakimori)
    done = sakimori("respond", "cause", "repository-commit", "--fix", "made it private", lang=lang)
    assert (done.code, "$ sakimori respond do R16" in done.out) == (0, True)


def test_a_case_that_was_brought_along_is_named_by_its_path(sakimori: Sakimori, tmp_path: Any) -> None:
    case_with(sakimori)
    brought = tmp_path / "SKM-20261123-R01"
    (sakimori.home / "cases" / brought.name).rename(brought)
    done = sakimori("respond", "status", str(brought))
    assert (done.code, str(brought) in done.err) == (0, True)
    renamed = brought.rename(tmp_path / "case")
    done = sakimori("respond", "status", str(renamed))
    assert (done.code, "give it back" in done.err) == (2, True)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_case_with_open_steps_is_closed_by_who_says_so(sakimori: Sakimori, lang: str) -> None:
    case_with(sakimori)
    with open_case(sakimori.home, "", clock=lambda: AT + timedelta(hours=1)) as log:
        log.write(Told.CONTAINED, {"credentials": 1})
    held = sakimori("respond", "close", lang=lang)
    assert held.code == 2
    assert all(each in held.err for each in ("R16", "R40", "R81", "--yes"))
    assert "R15" not in held.err
    assert read_case(sakimori.home, "")[1].closed_at is None
    done = sakimori("respond", "close", "--yes", lang=lang)
    assert (done.code, "R40" in done.err) == (0, True)


def test_a_person_at_a_terminal_is_asked_before_a_case_with_open_steps_is_closed(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_with(sakimori)
    with open_case(sakimori.home, "", clock=lambda: AT + timedelta(hours=1)) as log:
        log.write(Told.CONTAINED, {"credentials": 1})
    for answer, code in (("n\n", 2), ("y\n", 0)):
        stream = StringIO(answer)
        monkeypatch.setattr(stream, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdin", stream)
        assert sakimori("respond", "close").code == code


def test_after_a_person_closed_the_ways_it_is_looked_once_more(sakimori: Sakimori) -> None:
    told = case_with(sakimori, ("R13", "done", "respond.by_person", {"by": "tanaka", "text": "copied from a cache"}))
    assert "sakimori respond do R13" in told


def test_the_case_is_named_with_and_without_its_option_and_never_twice(sakimori: Sakimori) -> None:
    sakimori.home.mkdir(parents=True, exist_ok=True)
    with new_case(sakimori.home, {"by": "tanaka"}, clock=utc_now) as log:
        name = log.case.id
    for told in ((name,), ("--case", name), (name, "--case", name)):
        done = sakimori("respond", "status", *told, "--format", "json")
        assert (done.code, f'"{name}"' in done.out) == (0, True), done.err
    for lang in ("en", "ja"):
        for verb in ("status", "undo"):
            refused = sakimori("respond", verb, name, "--case", "SKM-20260101-R01", lang=lang)
            assert (refused.code, name in refused.err, "SKM-20260101-R01" in refused.err) == (2, True, True)
