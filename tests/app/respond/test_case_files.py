"""The directories and logs of cases."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sakimori.app.respond.case import StepState, Suspect, Told
from sakimori.app.respond.case_files import every_case, find_case, new_case, open_about, open_case, read_case
from sakimori.model.errors import ActionError, UsageError

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


def opened(home: Path, by: str = "tanaka") -> str:
    with new_case(home, {"by": by, "trigger": "AKIA…"}, clock=lambda: NOW) as log:
        return log.case.id


def test_cases_of_a_day_are_numbered_and_differ_from_those_of_the_inbox(tmp_path: Path) -> None:
    assert [opened(tmp_path), opened(tmp_path)] == ["SKM-20261123-R01", "SKM-20261123-R02"]


def test_what_was_written_is_there_when_the_case_is_opened_again(tmp_path: Path) -> None:
    name = opened(tmp_path)
    with open_case(tmp_path, name, clock=lambda: NOW) as log:
        log.write(Told.SUSPECT, {"kind": "key", "key_id": "AKIAIOSFODNN7EXAMPLE", "accounts": ["111122223333"]})
        log.write(Told.STEP, {"step": "R10", "state": "done", "by": "tanaka", "detail": "respond.step_done", "evidence": ["E-001"]})  # fmt: skip
        log.write(Told.STEP, {"step": "R10", "state": "failed", "by": "tanaka", "evidence": ["E-002"]})
    _, case = read_case(tmp_path, name)
    assert case.suspect.name == "AKIA…MPLE"
    assert case.accounts == ("111122223333",)
    assert case.steps["R10"].state is StepState.FAILED
    assert case.steps["R10"].evidence == ("E-001", "E-002")


def test_a_torn_last_line_is_forgotten_and_the_case_goes_on(tmp_path: Path) -> None:
    name = opened(tmp_path)
    path = find_case(tmp_path, name) / "case.jsonl"
    path.write_bytes(path.read_bytes() + b'{"hash": "abc", "line"')
    with open_case(tmp_path, name, clock=lambda: NOW) as log:
        log.write(Told.NOTE, {"by": "tanaka", "text": "after the kill"})
    assert [text for _, _, text in read_case(tmp_path, name)[1].notes] == ["after the kill"]


def test_a_log_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    name = opened(tmp_path)
    path = find_case(tmp_path, name) / "case.jsonl"
    path.write_bytes(path.read_bytes().replace(b"tanaka", b"suzuki"))
    with pytest.raises(ActionError, match=r"chain\.broken"):
        read_case(tmp_path, name)
    assert every_case(tmp_path) == ((name, None),)


def test_an_empty_log_is_named_and_never_taken_for_no_case(tmp_path: Path) -> None:
    opened(tmp_path)
    path = find_case(tmp_path, opened(tmp_path)) / "case.jsonl"
    path.write_bytes(b"")
    for name in ("", "SKM-20261123-R02"):
        with pytest.raises(ActionError, match=r"respond\.log_empty") as told:
            read_case(tmp_path, name)
        assert told.value.values["path"] == path
        with (
            pytest.raises(ActionError, match=r"respond\.log_empty"),
            open_case(tmp_path, name, clock=lambda: NOW) as log,
        ):
            _ = log.case
    assert read_case(tmp_path, "SKM-20261123-R01")[1].opened_by == "tanaka"


@pytest.mark.parametrize("end", ["", '{"hash": "abc'])
def test_a_log_whose_end_is_gone_is_known_by_the_journals_that_it_does_not_announce(tmp_path: Path, end: str) -> None:
    name = opened(tmp_path)
    directory = find_case(tmp_path, name)
    before = (directory / "case.jsonl").read_bytes()
    with open_case(tmp_path, name, clock=lambda: NOW) as log:
        log.write(Told.RUN, {"account": "111122223333", "run": "R1", "step": "R10"})
    journal = directory / "journal" / "111122223333" / "R1.jsonl"
    journal.parent.mkdir(parents=True)
    journal.touch()
    assert read_case(tmp_path, name)[1].runs
    (directory / "case.jsonl").write_bytes(before + end.encode())
    for named in (name, ""):
        with pytest.raises(ActionError, match=r"respond\.log_cut"):
            read_case(tmp_path, named)
        with pytest.raises(ActionError, match=r"respond\.log_cut"), open_case(tmp_path, named, clock=lambda: NOW):
            pass
    assert every_case(tmp_path) == ((name, None),)
    assert (directory / "case.jsonl").read_bytes() == before + end.encode()


def test_two_processes_do_not_work_on_one_case_at_once(tmp_path: Path) -> None:
    name = opened(tmp_path)
    with (
        open_case(tmp_path, name, clock=lambda: NOW),
        pytest.raises(ActionError, match=r"respond\.in_use"),
        open_case(tmp_path, name, clock=lambda: NOW),
    ):
        pass


def test_without_a_name_the_newest_open_case_is_meant(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    with open_case(tmp_path, second, clock=lambda: NOW) as log:
        log.write(Told.CLOSED, {"by": "tanaka"})
    assert find_case(tmp_path, "").name == first
    with open_case(tmp_path, first, clock=lambda: NOW) as log:
        log.write(Told.CLOSED, {"by": "tanaka"})
    with pytest.raises(UsageError, match="no_open_case"):
        find_case(tmp_path, "")


def test_a_directory_that_was_brought_along_is_a_case(tmp_path: Path) -> None:
    name = opened(tmp_path / "one")
    elsewhere = tmp_path / "two" / name
    elsewhere.parent.mkdir()
    (tmp_path / "one" / "cases" / name).rename(elsewhere)
    assert read_case(tmp_path / "three", str(elsewhere))[1].opened_by == "tanaka"


def test_a_kind_of_a_later_version_is_passed_over(tmp_path: Path) -> None:
    name = opened(tmp_path)
    with open_case(tmp_path, name, clock=lambda: NOW) as log:
        log._chain.write("of_tomorrow", NOW, {"x": 1})
    assert read_case(tmp_path, name)[1].opened_by == "tanaka"


@pytest.mark.parametrize("name", ["../escape", "SKM-20261123-R0x", "SKM-20261123-01", "nothing"])
def test_what_is_no_name_of_a_case_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no_such_case"):
        find_case(tmp_path, name)


KEY, OTHER = Suspect(kind="key", key_id="AKIAIOSFODNN7EXAMPLE"), Suspect(kind="key", key_id="AKIAI44QH8DHBEXAMPLE")
ALICE = "arn:aws:iam::111122223333:user/team/alice"


@pytest.mark.parametrize(
    ("known", "told", "is_same"),
    [
        (replace(KEY, user=ALICE, account="111122223333"), KEY, True),
        (KEY, OTHER, False),
        (replace(KEY, user=ALICE), Suspect(kind="user", user=ALICE), False),
        (Suspect(kind="user", user=ALICE, account="111122223333"), Suspect(kind="user", user="alice"), True),
        (Suspect(kind="user", user=ALICE), Suspect(kind="role", role="alice"), False),
        (Suspect(kind="user", user="alice", account="111122223333"), Suspect(kind="user", user="alice", account="444455556666"), False),
        (Suspect(kind="root", account="111122223333"), Suspect(kind="root", account="111122223333"), True),
    ],
)  # fmt: skip
def test_a_case_is_found_again_by_what_it_began_with(
    tmp_path: Path, known: Suspect, told: Suspect, is_same: bool
) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: NOW) as log:
        log.write(Told.SUSPECT, asdict(known))
    assert open_about(tmp_path, told) == (log.case.id if is_same else "")


def test_a_case_that_is_closed_is_not_gone_on_with(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: NOW) as log:
        log.write(Told.SUSPECT, asdict(KEY))
        log.write(Told.CLOSED, {"by": "tanaka"})
    assert open_about(tmp_path, KEY) == ""
