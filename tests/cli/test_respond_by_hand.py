"""What no step of the program does is set right by a person, who says so; until then the sweep is not done."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.cli.running import Sakimori

from sakimori.app.respond.case import Case, Told
from sakimori.app.respond.case_files import new_case, read_case
from sakimori.app.respond.facts import facts_of
from sakimori.app.respond.removal import list_a, made_of_plain, mark_of
from sakimori.outputs.case.facts import ItemState

AT = "2026-11-23T02:00:00+00:00"
OPENED: dict[str, Any] = {
    "kind": "AWS::EC2::SecurityGroup", "id": "sg-1", "arn": "", "account": "123456789012", "region": "us-east-1",
    "is_created": False, "by": "AKIAIOSFODNN7EXAMPLE", "change": "AuthorizeSecurityGroupIngress", "at": AT, "event_ids": ["e"],
    "told": {},
}  # fmt: skip


def swept(command: Sakimori, *, left: list[str]) -> str:
    marks = [mark_of(made_of_plain(OPENED))]
    values = {"count": 3, "left": left, "unread": [], "by_hand": ["sg-1"], "by_hand_marks": marks, "case": "SKM-1"}
    with new_case(command.home, {"by": "tanaka"}, clock=lambda: datetime(2026, 11, 23, tzinfo=UTC)) as log:
        log.write(Told.CLOSURE, {"since": AT})
        log.write(Told.MADE, {"made": [OPENED]})
        log.write(Told.ANSWER, {"question": "sweep", "answer": {"left": 1 + len(left), "regions": 17, "at": AT}})
        log.write(
            Told.STEP,
            {"step": "R64", "state": "failed", "by": "tanaka", "detail": "respond.swept_by_hand", "values": values},
        )
        return log.case.id


def read(command: Sakimori, case: str) -> Case:
    return read_case(command.home, case)[1]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_persons_word_ends_the_sweep_and_stands_in_the_list_and_in_the_facts(sakimori: Sakimori, lang: str) -> None:
    case = swept(sakimori, left=[])
    assert list_a(read(sakimori, case)).by_hand
    assert sakimori("respond", "note", "--case", case, "--step", "R64", "rule taken out", lang=lang).code == 0
    found = read(sakimori, case)
    assert (found.steps["R64"].state, found.answers["sweep"]["left"]) == ("done", 0)
    assert not list_a(found).by_hand
    assert [each.state for each in facts_of(read_case(sakimori.home, case)[0], found).items] == [ItemState.BY_HAND]
    assert "rule taken out" in sakimori("respond", "eradicate", "--case", case, lang=lang).out


def test_a_persons_word_does_not_end_a_sweep_that_found_more(sakimori: Sakimori) -> None:
    case = swept(sakimori, left=["an instance"])
    assert sakimori("respond", "note", "--case", case, "--step", "R64", "rule taken out").code == 0
    found = read(sakimori, case)
    assert (found.steps["R64"].state, found.answers["sweep"]["left"]) == ("failed", 1)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_note_of_the_sweep_is_taken_back_with_what_it_set_right(sakimori: Sakimori, lang: str) -> None:
    case = swept(sakimori, left=[])
    sakimori("respond", "note", "--case", case, "--step", "R64", "deleted sg-1 in the console")
    done = sakimori("respond", "note", "--case", case, "--step", "R64", "--undo", "it is still there", lang=lang)
    assert (done.code, "it is still there" in done.out) == (0, True)
    found = read(sakimori, case)
    assert (found.steps["R64"].state, found.answers["sweep"]["left"]) == ("open", 1)
    assert "it is still there" in found.notes[-1][2]


def test_that_people_were_told_is_not_taken_back(sakimori: Sakimori) -> None:
    case = swept(sakimori, left=[])
    for step, code in (("R18", 2), ("R80", 0)):
        sakimori("respond", "note", "--case", case, "--step", step, "done")
        done = sakimori("respond", "note", "--case", case, "--step", step, "--undo", "not so")
        assert (done.code, read(sakimori, case).steps[step].state) == (code, "done" if code else "open")


def test_a_note_does_no_sweep_that_left_nothing_to_a_person(sakimori: Sakimori) -> None:
    with new_case(sakimori.home, {"by": "tanaka"}, clock=lambda: datetime(2026, 11, 23, tzinfo=UTC)) as log:
        case = log.case.id
    done = sakimori("respond", "note", "--case", case, "--step", "R64", "done")
    assert done.code == 2
    assert "respond do R64" in done.err
    assert "R64" not in read(sakimori, case).steps
