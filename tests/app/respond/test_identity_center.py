"""A person of IAM Identity Center is stopped where Identity Center is administered, and counts as stopped then."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.actions.respond.scripted import ScriptedDoor
from tests.analysis.incident.incident_events import ACCOUNT, Tale
from tests.app.respond.test_containment import WorkingHands, World

from sakimori.app.respond.case import StepState, Suspect, Told
from sakimori.app.respond.case_files import CaseLog, new_case
from sakimori.app.respond.denied_people import sso_denials, sso_places_denied
from sakimori.app.respond.hands import Measure, Outcome
from sakimori.app.respond.identity_center import IdentityCenter
from sakimori.app.respond.telling import told
from sakimori.aws.refusal import Refusal
from sakimori.cli.respond_pages import next_line
from sakimori.model.account import Account
from sakimori.model.words import GapKind

ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"
SUSPECT = Suspect(kind="key", key_id="ASIA" + "0" * 15 + "1", role=ROLE, account=ACCOUNT)
INSTANCE = {"InstanceArn": "arn:aws:sso:::instance/ssoins-1111111111111111", "IdentityStoreId": "d-1111111111"}
SETS = {f"arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-{number:016}": name for number, name in enumerate(("Admin", "Read"))}  # fmt: skip
PERSON = "9067642ac7-0f4f3a3c-1111-2222-3333-444455556666"


def door(account: str = "222233334444", *, owner: str = "222233334444") -> ScriptedDoor:
    """An account from which the instance is seen."""

    def described(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"PermissionSet": {"Name": SETS[asked["PermissionSetArn"]]}}

    found = ScriptedDoor(
        {
            "sso-admin:ListInstances": lambda _: {"Instances": [{**INSTANCE, "OwnerAccountId": owner}]},
            "sso-admin:ListPermissionSets": lambda _: {"PermissionSets": list(SETS)},
            "sso-admin:DescribePermissionSet": described,
            "identitystore:GetUserId": lambda _: {"UserId": PERSON},
        }
    )
    found.account = Account(id=account, partition="aws", regions=("us-east-1",), selected=("us-east-1",))
    return found


def denying(world: World, *doors: Any) -> IdentityCenter:
    return IdentityCenter(hands=world.containment(SUSPECT).hands, doors=doors)


def opened(path: Path) -> Any:
    return new_case(path, {"by": "tanaka"}, clock=lambda: Tale().at)


def world_of(log: CaseLog) -> World:
    """One session of the person, and one of a colleague with the same permission set."""
    world = World(Tale(), log)
    principal = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/Bob@example.com"
    world.tale.tell("ListBuckets", service="s3", key=SUSPECT.key_id, principal=principal)
    return world


def test_a_person_is_denied_in_every_permission_set_and_then_contained(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        containment = world.containment(SUSPECT)
        assert containment.follow() is False
        assert denying(world, door("333344445555"), door()).deny("bob@example.com")
        assert log.case.steps["R12"].detail == "respond.identity_center_denied"
        world.tale.at += timedelta(minutes=4)
        again = world.containment(SUSPECT)
        assert again.follow() is True
    assert {each.resource for each, _ in sso_denials(log.case)} == {"Admin/bob@example.com", "Read/bob@example.com"}


def test_a_denial_that_was_taken_back_stops_nobody(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        denying(world, door()).deny("bob@example.com")
        log.write(Told.TAKEN_BACK, {"step": "R12", "account": "222233334444", "run": "r", "by": "tanaka"})
        assert sso_denials(log.case) == ()
        assert world.containment(SUSPECT).follow() is False


@pytest.mark.parametrize("is_made_again", [True, False])
def test_a_denial_that_somebody_took_out_of_a_permission_set_is_written_again_or_told(
    tmp_path: Path, *, is_made_again: bool
) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        denying(world, door()).deny("bob@example.com")
        world.tale.at += timedelta(minutes=4)
        again = world.containment(SUSPECT)
        gone = f"{next(iter(SETS))}|{PERSON}"
        hands: Any = again.hands
        hands.broken = {gone} if is_made_again else {gone, "for ever"}
        assert again.follow() is is_made_again
    if not is_made_again:
        assert log.case.steps["R13"].detail == "respond.left"
        assert log.case.contained_at is None


def test_another_person_of_the_set_is_not_stopped_by_it(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        denying(world, door()).deny("carol@example.com")
        assert world.containment(SUSPECT).follow() is False


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ({"sso-admin:ListInstances": lambda _: {"Instances": []}}, "respond.no_identity_center"),
        ({}, "respond.identity_center_unread"),
    ],
)
def test_where_it_cannot_be_asked_nobody_is_called_denied(answers: Any, text: str, tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        assert denying(world, replace(door(), answers=answers)).deny("bob@example.com") is False
        line = log.case.steps["R12"]
        assert (line.state, line.detail) == (StepState.FAILED, text)
        assert sso_denials(log.case) == ()


def test_a_region_that_refuses_is_told_and_the_others_are_still_looked_at(tmp_path: Path) -> None:
    seen = door()
    seen.account = replace(seen.account, regions=("ap-south-2", "us-east-1"), selected=("ap-south-2", "us-east-1"))
    ask = seen.call

    def call(operation: str, _region: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if _region == "ap-south-2":
            raise Refusal(call=operation, kind=GapKind.DENIED, code="AccessDeniedException", message="no")
        return ask(operation, _region, parameters)

    seen.call = call
    with opened(tmp_path) as log:
        world = world_of(log)
        assert denying(world, seen).deny("bob@example.com")
        line = log.case.steps["R12"]
    assert line.detail == "respond.identity_center_denied_where_seen"
    assert "222233334444 ap-south-2 (AccessDeniedException)" in told(line, "en")


def test_the_walk_tells_what_to_type_for_a_person_and_that_a_role_has_no_password(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        world.containment(SUSPECT).close_console()
        assert log.case.steps["R12"].detail == "respond.r12_identity_center"
        world.containment(Suspect(kind="role", role=f"arn:aws:iam::{ACCOUNT}:role/web")).close_console()
        assert log.case.steps["R12"].detail == "respond.r12_not_for_role"


class _Instance:
    """An account from which instances are seen: by ARN their owners, sets and whether this account administers them."""

    def __init__(self, account: str, **instances: tuple[str, tuple[str, ...], bool]) -> None:
        self.instances = instances
        self.door = ScriptedDoor(
            {
                "sso-admin:ListInstances": self._list,
                "sso-admin:ListPermissionSets": self._sets,
                "sso-admin:DescribePermissionSet": lambda asked: {"PermissionSet": {"Name": asked["PermissionSetArn"]}},
                "identitystore:GetUserId": self._user,
                "identitystore:DescribeUser": lambda asked: {"UserId": asked["UserId"], "UserName": "bob@example.com"},
            }
        )
        self.door.account = Account(id=account, partition="aws", regions=("us-east-1",), selected=("us-east-1",))

    def _list(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return {
            "Instances": [
                {"InstanceArn": name, "IdentityStoreId": name, "OwnerAccountId": owner}
                for name, (owner, _, _) in self.instances.items()
            ]
        }

    def _sets(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        _, sets, administers = self.instances[asked["InstanceArn"]]
        if not administers:
            raise Refusal(call="sso-admin:ListPermissionSets", kind=GapKind.DENIED, code="AccessDeniedException", message="no")  # fmt: skip
        return {"PermissionSets": list(sets)}

    def _user(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if asked["IdentityStoreId"] == "empty":
            raise Refusal(call="identitystore:GetUserId", kind=GapKind.REFUSED, code="ResourceNotFoundException", message="USER not found")  # fmt: skip
        return {"UserId": PERSON}


def test_the_instance_that_has_the_set_counts_and_not_an_account_s_own(tmp_path: Path) -> None:
    seen = _Instance("222233334444", own=("222233334444", (), True), organization=("999988887777", ("Admin",), True))
    with opened(tmp_path) as log:
        world = world_of(log)
        log.write(Told.SUSPECT, {"kind": "key", "key_id": SUSPECT.key_id, "role": ROLE, "account": ACCOUNT})
        assert denying(world, seen.door).deny("bob@example.com")
        assert [each.resource for each, _ in sso_denials(log.case)] == ["Admin/bob@example.com"]


@pytest.mark.parametrize(
    ("instances", "text", "words"),
    [
        ({"organization": ("999988887777", ("Admin",), False)}, "respond.identity_center_elsewhere", "999988887777"),
        ({"empty": ("222233334444", ("Admin",), True)}, "respond.identity_center_no_such_user", "bob@example.com"),
        ({"organization": ("222233334444", (), True)}, "respond.no_identity_center", "222233334444"),
    ],
)
def test_what_keeps_a_person_from_being_denied_is_told_with_the_way_on(
    tmp_path: Path, instances: Any, text: str, words: str
) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        assert denying(world, _Instance("222233334444", **instances).door).deny("bob@example.com") is False
        line = log.case.steps["R12"]
    assert (line.state, line.detail) == (StepState.FAILED, text)
    assert all(words in told(line, each) for each in ("en", "ja"))


def test_a_person_told_by_the_id_is_known_by_the_name_that_sessions_bear(tmp_path: Path) -> None:
    seen = _Instance("222233334444", organization=("222233334444", ("Admin",), True))
    with opened(tmp_path) as log:
        world = world_of(log)
        assert denying(world, seen.door).deny(PERSON)
        world.tale.at += timedelta(minutes=4)
        assert world.containment(SUSPECT).follow() is True


def test_a_second_person_s_denial_does_not_make_the_first_forgotten(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        first = door()
        assert denying(world, first).deny("bob@example.com")
        first.answers = {
            **first.answers,
            "identitystore:GetUserId": lambda _: {"UserId": PERSON.replace("9067", "9068")},
        }
        assert denying(world, first).deny("carol@example.com")
        people = {each.resource.partition("/")[2] for each, _ in sso_denials(log.case)}
        assert people == {"bob@example.com", "carol@example.com"}
        assert len(sso_places_denied(log.case)) == 4


class _HalfHands(WorkingHands):
    """Makes the first of what is asked for."""

    def carry_out(self, rail: str, measures: Sequence[Measure], *, revoked_before: str = "") -> Outcome:
        return super().carry_out(rail, measures[:1], revoked_before=revoked_before)


def test_a_set_in_which_it_failed_keeps_the_case_uncontained_and_is_named(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        whole: Any = world.containment(SUSPECT).hands
        hands = _HalfHands(**{each.name: getattr(whole, each.name) for each in fields(whole)})
        center = IdentityCenter(hands=hands, doors=[door()])  # type: ignore[list-item]
        assert center.deny("bob@example.com") is False
        line = log.case.steps["R12"]
        assert (line.detail, line.values["left"]) == ("respond.identity_center_in_part", ["Read"])
        assert [each.resource for each, _ in sso_denials(log.case)] == ["Admin/bob@example.com"]
        world.tale.at += timedelta(minutes=4)
        assert world.containment(SUSPECT).follow() is False
        assert "Read/bob@example.com" in told(log.case.steps["R13"], "en")


def test_the_walk_names_whose_sessions_may_still_act(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        assert world.containment(SUSPECT).follow() is False
        line = log.case.steps["R12"]
        assert (line.detail, line.values["users"]) == ("respond.r12_people", ["Bob@example.com"])
        assert f"--sso-user Bob@example.com --account all --case {log.case.id}" in told(line, "ja")
        assert next_line(log.case, "en").endswith("--sso-user Bob@example.com --account all")


def test_of_several_people_none_is_put_into_a_command_that_denies(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        world = world_of(log)
        principal = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/carol@example.com"
        world.tale.tell("ListBuckets", service="s3", key="ASIA" + "0" * 15 + "2", principal=principal, session_issuer=ROLE)  # fmt: skip
        assert world.containment(Suspect(kind="role", role=ROLE, account=ACCOUNT)).follow() is False
        line = log.case.steps["R12"]
        assert (len(line.values["users"]), line.values["first"]) == (2, "NAME")
        assert next_line(log.case, "en").endswith("--sso-user NAME --account all")
