"""By what the sessions with which a case begins were opened: as long as that works, they are not the last."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.analysis.incident.incident_events import ACCOUNT, OTHER, Tale, role, session, user
from tests.app.respond.test_containment import World, given_by_service, walk_of

from sakimori.app.clock import utc_now
from sakimori.app.respond.case import StepState, Suspect
from sakimori.app.respond.case_files import CaseLog, new_case, open_case
from sakimori.app.respond.telling import told as told_line
from sakimori.app.respond.ways_in import ways_in
from sakimori.cli.respond_note import command
from sakimori.cli.respond_pages import next_line
from sakimori.cli.respond_status import plain_case

STOLEN = "ASIA" + "0" * 15 + "7"


def followed(log: CaseLog, tale: Tale, suspect: Suspect, doors: Any = None) -> bool:
    """Whether it ends as contained."""
    world = World(tale, log)
    containment = world.containment(suspect)
    containment.hands.doors = doors or {}
    containment.follow()
    return walk_of(world, containment).contain_again()


def stolen_session(name: str) -> Suspect:
    return Suspect(kind="key", key_id=STOLEN, role=role(name), account=ACCOUNT)


def assumed_by(tale: Tale, who: str, **more: Any) -> None:
    tale.assumes("AKIA" + "0" * 15 + "1", who, role("ops"), STOLEN, **more)
    tale.tell("ListBuckets", service="s3", key=STOLEN, principal=session("ops", "s"), session_issuer=role("ops"))


@pytest.mark.parametrize("service", ["ecs-tasks.amazonaws.com", "codebuild.amazonaws.com", "pods.eks.amazonaws.com"])
def test_a_service_that_gives_new_sessions_to_what_runs_with_the_role_is_told(service: str, tmp_path: Path) -> None:
    tale = Tale()
    given_by_service(tale, service, "task", "0123456789abcdef0123456789abcdef")
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        assert followed(log, tale, stolen_session("task")) is False
    line = log.case.steps["R16"]
    assert (line.state, line.detail) == (StepState.FAILED, "respond.services_held")
    assert service in line.values["marks"][0]
    assert "--step R16" in next_line(log.case, "en")


@pytest.mark.parametrize(
    ("who", "more", "told"),
    [
        (user("deploy"), {}, user("deploy")),
        (session("admin", "x"), {"session_issuer": role("admin")}, role("admin")),
        ("AIDAEXAMPLE", {"identity_type": "AWSAccount", "caller_account": OTHER}, OTHER),
    ],
)
def test_whoever_assumed_the_role_can_do_so_again_and_is_told(
    who: str, more: dict[str, Any], told: str, tmp_path: Path
) -> None:
    tale = Tale()
    assumed_by(tale, who, **more)
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        assert followed(log, tale, stolen_session("ops")) is False
    line = log.case.steps["R13"]
    assert (line.state, line.detail) == (StepState.FAILED, "respond.ways_left")
    assert [each["values"]["who"] for each in line.values["ways"]] == [told]
    assert log.case.contained_at is None
    assert "--step R13" in next_line(log.case, "ja")


def test_a_session_of_which_no_event_tells_who_opened_it_is_not_the_last(tmp_path: Path) -> None:
    tale = Tale()
    tale.tell("ListBuckets", service="s3", key=STOLEN, principal=session("ops", "s"), session_issuer=role("ops"))
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        assert followed(log, tale, stolen_session("ops")) is False
    assert log.case.steps["R13"].values["ways"][0]["text"] == "respond.way_unknown"


def test_a_role_that_the_suspects_own_key_took_has_no_other_way(tmp_path: Path) -> None:
    tale = Tale()
    key = "AKIA" + "0" * 15 + "1"
    assumed_by(tale, user("deploy"))
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        world = World(tale, log)
        containment = world.containment(Suspect(kind="key", key_id=key, user=user("deploy"), account=ACCOUNT))
        containment.stop_at_once()
        containment.follow()
        assert walk_of(world, containment).contain_again() is True


def test_a_persons_word_counts_for_the_ways_that_were_told_and_for_no_other(tmp_path: Path) -> None:
    tale = Tale()
    assumed_by(tale, user("deploy"))
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        followed(log, tale, Suspect(kind="role", role=role("ops"), account=ACCOUNT))
        name = log.directory.name
    done = CliRunner().invoke(command, ["the session alone was copied", "--step", "R13", "--case", name], obj=tmp_path)
    assert done.exit_code == 0, done.output
    with open_case(tmp_path, name, clock=lambda: tale.at) as log:
        assert followed(log, tale, Suspect(kind="role", role=role("ops"), account=ACCOUNT)) is True
        other = "ASIA" + "0" * 15 + "8"
        tale.assumes("AKIA" + "0" * 15 + "2", user("eve"), role("ops"), other)
        tale.tell("ListBuckets", service="s3", key=other, principal=session("ops", "s"), session_issuer=role("ops"))
        assert followed(log, tale, Suspect(kind="role", role=role("ops"), account=ACCOUNT)) is False
        assert [each["values"]["who"] for each in log.case.steps["R13"].values["ways"]] == [user("eve")]


def test_a_word_on_ways_that_is_taken_back_has_them_told_again(tmp_path: Path) -> None:
    tale, suspect = Tale(), Suspect(kind="role", role=role("ops"), account=ACCOUNT)
    assumed_by(tale, user("deploy"))
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        followed(log, tale, suspect)
        name = log.directory.name
    asked = ["the session alone was copied", "--step", "R13", "--case", name]
    assert CliRunner().invoke(command, asked, obj=tmp_path).exit_code == 0
    with open_case(tmp_path, name, clock=lambda: tale.at) as log:
        assert followed(log, tale, suspect) is True
    done = CliRunner().invoke(command, ["it was not", "--step", "R13", "--undo", "--case", name], obj=tmp_path)
    assert done.exit_code == 0, done.output
    with open_case(tmp_path, name, clock=lambda: tale.at) as log:
        assert (log.case.contained_at, log.case.steps["R13"].state) == (None, StepState.OPEN)
        assert "do R13" in next_line(log.case, "en")
        assert followed(log, tale, suspect) is False
        assert log.case.steps["R13"].detail == "respond.ways_left"
    again = CliRunner().invoke(command, ["it was not", "--step", "R13", "--undo", "--case", name], obj=tmp_path)
    assert again.exit_code != 0


def test_sessions_that_are_opened_later_by_a_way_that_somebody_closed_are_told(tmp_path: Path) -> None:
    tale, suspect = Tale(), Suspect(kind="role", role=role("ops"), account=ACCOUNT)
    assumed_by(tale, user("deploy"))
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        followed(log, tale, suspect)
        name = log.directory.name
    done = CliRunner().invoke(command, ["the session alone was copied", "--step", "R13", "--case", name], obj=tmp_path)
    assert done.exit_code == 0, done.output
    with open_case(tmp_path, name, clock=lambda: tale.at) as log:
        assert followed(log, tale, suspect) is True
        assert log.case.steps["R13"].detail == "respond.followed"
        tale.at = utc_now() + timedelta(minutes=5)
        assumed_by(tale, user("deploy"))
        assert followed(log, tale, suspect) is True
        said = told_line(log.case.steps["R13"], "en")
        assert (user("deploy") in said, "since that was written down (1)" in said) == (True, True)


def test_a_note_closes_no_way_where_none_was_told(tmp_path: Path) -> None:
    tale = Tale()
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        name = log.directory.name
    done = CliRunner().invoke(command, ["all is well", "--step", "R13", "--case", name], obj=tmp_path)
    assert done.exit_code != 0


def test_who_opened_the_first_of_a_roles_sessions_is_looked_for_before_it(tmp_path: Path) -> None:
    tale = Tale()
    assumed_by(tale, user("deploy"))
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        world = World(tale, log)
        asked: list[datetime] = []
        containment = world.containment(Suspect(kind="role", role=role("ops"), account=ACCOUNT))
        containment.events = lambda since: (asked.append(since), world.events(since))[1]
        containment.look()
        assert asked == [containment.since - timedelta(hours=24)]


def shared_role(tale: Tale, people: int) -> None:
    """A role that many take from the office; by the session of one a user was made from elsewhere."""
    for number in range(people):
        key, who = "ASIA" + f"{number:016}", user(f"person-{number}")
        tale.assumes("AKIA" + f"{number:016}", who, role("shared"), key)
        used: dict[str, Any] = {"key": key, "principal": session("shared", "s"), "session_issuer": role("shared")}
        tale.tell("DescribeVpcs", service="ec2", read_only=True, ip="198.51.100.7", **used)
        if number == people - 1:
            tale.tell("CreateUser", ip="203.0.113.9", request={"userName": "helper"}, **used)


def test_of_a_role_that_many_take_those_with_signs_come_first_and_the_rest_is_counted(tmp_path: Path) -> None:
    tale = Tale()
    shared_role(tale, 12)
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        assert followed(log, tale, Suspect(kind="role", role=role("shared"), account=ACCOUNT)) is False
        line, case = log.case.steps["R13"], log.case
    (first,) = line.values["ways"]
    assert (line.detail, line.values["count"], line.values["rest"]) == ("respond.ways_left_many", 12, 11)
    assert first["values"]["way"]["values"]["who"] == user("person-11")
    assert len(line.values["marks"]) == 12
    assert "--step R13" in next_line(case, "en")
    for language in ("en", "ja"):
        assert "--format json" in told_line(line, language)
    ways = plain_case(case)["ways"]
    assert (len(ways), ways[0]["who"], ways[0]["making"], ways[0]["is_closed"]) == (12, user("person-11"), 1, False)


def test_where_none_has_signs_the_latest_are_shown_and_the_rest_is_counted(tmp_path: Path) -> None:
    tale = Tale()
    shared_role(tale, 6)
    tale.events = [each for each in tale.events if each.name != "CreateUser"]
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        assert followed(log, tale, Suspect(kind="role", role=role("shared"), account=ACCOUNT)) is False
        line = log.case.steps["R13"]
    shown = [each["values"]["who"] for each in line.values["ways"]]
    assert (shown, line.values["rest"]) == ([user(f"person-{number}") for number in (5, 4, 3)], 3)


def test_sessions_from_where_the_owner_does_not_work_are_the_strongest_sign(tmp_path: Path) -> None:
    tale = Tale()
    shared_role(tale, 3)
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        world = World(tale, log)
        containment = world.containment(Suspect(kind="role", role=role("shared"), account=ACCOUNT))
        found = ways_in(containment.seen, (), is_known=lambda each: each.ip == "198.51.100.7")
    assert next((each.who, each.strange, each.making) for each in found) == (user("person-2"), 1, 1)
    assert [each.strange for each in found] == [1, 0, 0]
