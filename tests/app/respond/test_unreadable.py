"""An event that nobody can read keeps a case uncontained until a person looked at it, and no longer."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.analysis.incident.incident_events import ACCOUNT, Tale, user
from tests.app.respond.test_containment import WHOLE, World

from sakimori.app.respond.case import StepState, Suspect
from sakimori.app.respond.case_files import CaseLog, new_case, open_case
from sakimori.app.respond.facts import facts_of
from sakimori.app.respond.telling import told
from sakimori.cli.respond_note import command
from sakimori.cli.respond_pages import next_line
from sakimori.model.gap import Gap
from sakimori.model.words import GapKind

SUSPECT = Suspect(kind="user", user=user("deploy"), account=ACCOUNT)
ID = "11111111-2222-3333-4444-555555555555"


def gap(identifier: str = ID, code: str = "UnreadableEvent") -> Gap:
    words = f"{identifier} is no JSON object"
    return Gap(table="cloudtrail", account=ACCOUNT, region="us-east-1", call="cloudtrail:LookupEvents", kind=GapKind.MALFORMED, code=code, message=words)  # fmt: skip


def follow(log: CaseLog, *gaps: Gap) -> bool:
    tale = Tale()
    tale.tell("ListBuckets", service="s3", principal=user("deploy"), read_only=True)
    looked = (replace(WHOLE, gaps=gaps),)
    containment = World(tale, log, looked=looked).containment(SUSPECT)
    containment.stop_at_once()
    return containment.follow()


def test_a_person_looks_at_it_and_the_case_is_contained_and_says_who_and_why(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        assert follow(log, gap()) is False
        line = log.case.steps["R13"]
        assert (line.state, line.detail) == (StepState.FAILED, "respond.followed_unreadable")
        assert f"{ACCOUNT} us-east-1 {ID}" in told(line, "ja")
        assert next_line(log.case, "en").endswith(f"respond note --case {log.case.id} --step R13 TEXT")
        name = log.case.id
    done = CliRunner().invoke(command, ["--step", "R13", "--by", "sato", "A heartbeat of ours"], obj=tmp_path)
    assert done.exit_code == 0, done.output
    with open_case(tmp_path, name, clock=lambda: Tale().at) as log:
        assert "do R13" in next_line(log.case, "en")
        assert follow(log, gap()) is True
        residual = [each.value for each in facts_of(log.directory, log.case).residual]
    (words,) = [each for each in residual if ID in each.en]
    for sentence in (words.en, words.ja):
        assert "sato" in sentence
        assert "A heartbeat of ours" in sentence


def test_a_word_about_one_event_is_none_about_another(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        follow(log, gap())
        name = log.case.id
    CliRunner().invoke(command, ["--step", "R13", "--by", "sato", "looked"], obj=tmp_path)
    with open_case(tmp_path, name, clock=lambda: Tale().at) as log:
        assert follow(log, gap(), gap(ID.replace("1", "9"))) is False
        assert log.case.steps["R13"].values["unreadable_count"] == 1


@pytest.mark.parametrize("code", ["AccessDeniedException", "NextToken"])
def test_what_could_be_read_with_the_right_permission_is_not_closed_by_a_word(tmp_path: Path, code: str) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        assert follow(log, gap(code=code), gap()) is False
        assert log.case.steps["R13"].detail == "respond.followed_in_part"
