"""Replacing a leaked key, from the need to the deletion of the old one, in a simulated account."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.actions.staging import Stage, staged

from sakimori.actions.plan import Item
from sakimori.actions.respond.replace import destination, making
from sakimori.analysis.incident.events import HeldEvents
from sakimori.analysis.incident.form import Event, Looked
from sakimori.app.clock import utc_now
from sakimori.app.harden import Approver
from sakimori.app.respond.case import StepLine, StepState, Told
from sakimori.app.respond.case_files import CaseLog, new_case, open_case
from sakimori.app.respond.hands import Hands, Measure
from sakimori.app.respond.rotate import Replacement, Rotation, State, Wanted
from sakimori.app.respond.rotate_register import Register, register
from sakimori.app.respond.telling import told
from sakimori.app.respond.undo import Undo
from sakimori.model.action import Change
from sakimori.model.errors import ActionError, UsageError

ACCOUNT = "606060606060"
OLD = f"arn:aws:iam::{ACCOUNT}:user/deploy"
WHOLE = Looked(source="lookup", accounts=(ACCOUNT,), regions=("us-east-1",), regions_asked=1, days=1, days_asked=1)


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Talk:
    agrees: bool = True
    shown: list[str] = field(default_factory=list[str])
    said_of: dict[str, StepLine] = field(default_factory=dict[str, StepLine])

    def said(self, step: str, line: StepLine) -> None:
        self.said_of[step] = line

    def changing(self, word: str, item: Item, change: Change | None) -> None:
        pass

    def show(self, step: str, plans: Any) -> None:
        self.shown += [f"{step} {change.call.operation}" for plan in plans for item in plan.items for change in item.changes]  # fmt: skip

    def agree(self, step: str) -> bool:
        self.shown.append(f"asked {step}")
        return self.agrees


@dataclass
class Scene:
    """An account whose key leaked, and its case. `at` is what the clock says."""

    stage: Stage
    home: Path
    key: str
    case: str = ""
    at: datetime = field(default_factory=utc_now)
    talk: Talk = field(default_factory=Talk)
    events: list[Event] = field(default_factory=list[Event])
    looked: tuple[Looked, ...] = (WHOLE,)

    def clock(self) -> datetime:
        return self.at

    @contextmanager
    def log(self) -> Iterator[CaseLog]:
        with open_case(self.home, self.case, clock=self.clock) as log:
            yield log

    def hands(self, log: CaseLog) -> Hands:
        doors = {ACCOUNT: self.stage.door}
        return Hands(log=log, doors=doors, by="tanaka", clock=self.clock, conversation=self.talk)

    def go_on(self, key: str = "", **wanted: Any) -> Replacement:
        with self.log() as log:
            return Rotation(
                hands=self.hands(log), doors=[self.stage.door], events=lambda _since: HeldEvents(self.events, self.looked),
                key_id=key or self.key, wanted=Wanted(**wanted),
            ).go_on()  # fmt: skip

    def tell(self, kind: Told, **body: Any) -> None:
        with self.log() as log:
            log.write(kind, body)

    def keys(self, user: str = "deploy-r1") -> dict[str, str]:
        found = self.stage.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
        return {each["AccessKeyId"]: each["Status"] for each in found}

    def secret(self, stage: str = "AWSCURRENT") -> dict[str, Any]:
        vault = self.stage.client("secretsmanager", "us-east-1")
        return json.loads(vault.get_secret_value(SecretId="app/key", VersionStage=stage)["SecretString"])

    def use(self, key: str) -> None:
        """As IAM shows it of a key that signed something."""
        call = self.stage.door.call

        def answering(operation: str, region: str, parameters: Any) -> Any:
            if operation == "iam:GetAccessKeyLastUsed" and parameters["AccessKeyId"] == key:
                return {"UserName": "x", "AccessKeyLastUsed": {"LastUsedDate": self.at}}
            return call(operation, region, parameters)

        class Door:
            account, refusals, pages = self.stage.door.account, (), staticmethod(self.stage.door.pages)
            call = staticmethod(answering)

        self.stage = replace(self.stage, door=Door())  # type: ignore[arg-type]


def made_by_thief(kind: str, name: str, change: str, **more: Any) -> dict[str, Any]:
    """A thing of list A, as a case tells it."""
    where = {"arn": "", "account": ACCOUNT, "region": "global", "by": "", "at": "2026-11-20T00:00:00+00:00"}
    return {"kind": kind, "id": name, "change": change, "is_created": True, "event_ids": [], **where, **more}


TO = {"to": "secretsmanager:app/key", "to_region": "us-east-1"}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with staged(tmp_path) as stage:
        iam = stage.client("iam")
        iam.create_user(UserName="deploy")
        iam.attach_user_policy(UserName="deploy", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        key = iam.create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"]
        found = Scene(stage, tmp_path / "home", key)
        with new_case(found.home, {"by": "tanaka", "trigger": "x"}, clock=found.clock) as log:
            log.write(
                Told.SUSPECT, {"kind": "key", "key_id": key, "user": OLD, "account": ACCOUNT, "accounts": [ACCOUNT]}
            )
            found.case = log.case.id
            measures = [
                Measure(account=ACCOUNT, step="key-deactivated", resource=f"{OLD}/{key}"),
                Measure(account=ACCOUNT, step="user-denied", resource=OLD),
            ]
            assert found.hands(log).carry_out("R10", measures).is_whole
        found.talk = Talk()
        yield found


def event(key: str, at: datetime, **more: Any) -> Event:
    told = {
        "account": ACCOUNT,
        "region": "us-east-1",
        "source": "s3.amazonaws.com",
        "name": "ListBuckets",
        "principal": OLD,
    }
    return Event(at=at, key_id=key, event_id=f"e{at.timestamp()}", **{**told, **more})  # fmt: skip


@pytest.mark.slow
def test_first_a_role_is_offered_and_nothing_is_made(scene: Scene) -> None:
    scene.events = [
        event(scene.key, scene.at - timedelta(days=day), ip="192.0.2.7", agent="Boto3/1.40 exec-env/AWS_Lambda_python3.12")
        for day in (1, 4, 8, 9)
    ]  # fmt: skip
    found = scene.go_on()
    assert (found.state, found.next.text) == (State.NEED, "respond_rotate.next_choose")
    assert [(each.workload, each.trust["Statement"][0]["Principal"]) for each in found.advice] == [
        ("lambda", {"Service": "lambda.amazonaws.com"})
    ]
    assert scene.keys("deploy") == {scene.key: "Inactive"}


@pytest.mark.slow
def test_a_key_is_replaced_from_the_need_to_the_deletion_of_the_old_one(scene: Scene) -> None:
    scene.go_on()
    found = scene.go_on(**TO)
    assert (found.state, found.next.is_waiting) == (State.DELIVERED, True)
    new = found.line["new_key_id"]
    assert scene.keys() == {new: "Active"}
    assert scene.secret()["AccessKeyId"] == new
    policies = scene.stage.client("iam").list_attached_user_policies(UserName="deploy-r1")["AttachedPolicies"]
    assert [each["PolicyName"] for each in policies] == ["ReadOnlyAccess"]
    assert scene.stage.client("iam").list_user_policies(UserName="deploy-r1")["PolicyNames"] == []

    scene.use(new)
    scene.events = [event(scene.key, scene.at - timedelta(minutes=5), error="AccessDenied")]
    assert scene.go_on().state is State.APP_SWITCHED
    assert scene.talk.said_of["R34"].detail == "respond_rotate.old_in_use"

    scene.events = []
    assert scene.go_on().state is State.APP_SWITCHED, "a silence of minutes is none"
    scene.at += timedelta(hours=25)
    found = scene.go_on()
    assert found.state is State.OLD_DELETED
    assert scene.keys("deploy") == {}
    with scene.log() as log:
        assert log.case.replacements[scene.key]["new_key_id"] == new, "the ids stay for searches"
        assert log.case.steps["R30"].state is log.case.steps["R34"].state is StepState.DONE
    assert "SakimoriQuarantine-" in str(scene.stage.client("iam").list_user_policies(UserName="deploy")), "R11 stays"


@pytest.mark.slow
def test_no_byte_under_the_home_holds_the_secret(scene: Scene) -> None:
    scene.go_on(**TO)
    secret = scene.secret()["SecretAccessKey"].encode()
    files = [each for each in scene.home.rglob("*") if each.is_file()]
    assert len(files) > 5
    for each in files:
        raw = each.read_bytes()
        if each.suffix == ".zst":
            raw += pa.input_stream(each, compression="zstd").read()
        assert secret not in raw, each


@pytest.mark.slow
def test_without_a_whole_look_nothing_counts_as_quiet_until_somebody_vouches(scene: Scene) -> None:
    scene.use(scene.go_on(**TO).line["new_key_id"])
    scene.looked = (replace(WHOLE, regions_asked=2),)
    scene.at += timedelta(days=3)
    found = scene.go_on()
    assert (found.state, found.next.text) == (State.APP_SWITCHED, "respond_rotate.next_vouch")
    found = scene.go_on(is_quiet=True)
    assert (found.state, found.line["vouched_by"]) == (State.OLD_DELETED, "tanaka")


@pytest.mark.slow
def test_whoever_uses_a_role_needs_no_key(scene: Scene) -> None:
    found = scene.go_on(role_instead=True)
    assert found.state is State.ROLE_INSTEAD
    scene.at += timedelta(hours=25)
    assert scene.go_on().state is State.OLD_DELETED
    with pytest.raises(scene.stage.client("iam").exceptions.NoSuchEntityException):
        scene.stage.client("iam").get_user(UserName="deploy-r1")


@pytest.mark.slow
def test_what_uses_the_key_is_told_in_words(scene: Scene) -> None:
    scene.go_on(to="")
    line = scene.talk.said_of["R30"]
    assert "no program that was seen" in told(line, "en")
    assert "使用中のプログラムなし" in told(line, "ja")


@pytest.mark.slow
def test_nothing_is_made_that_nobody_agreed_to(scene: Scene) -> None:
    scene.talk.agrees = False
    found = scene.go_on(**TO)
    assert (found.state, found.next.text) == (State.NEED, "respond.next_approve")
    assert scene.talk.said_of["R30"].state is StepState.WAITING
    scene.tell(Told.APPROVED, steps=["R30"], by="suzuki")
    assert scene.go_on(**TO).state is State.DELIVERED


@pytest.mark.slow
def test_the_deletion_of_the_old_key_is_agreed_to_on_its_own(scene: Scene) -> None:
    scene.use(scene.go_on(**TO).line["new_key_id"])
    scene.go_on()
    scene.at += timedelta(hours=25)
    scene.talk.agrees = False
    found = scene.go_on()
    assert (found.state, found.next.values["step"]) == (State.OLD_QUIET, "R34")
    assert scene.keys("deploy") == {scene.key: "Inactive"}


@pytest.mark.slow
def test_what_the_thief_attached_does_not_go_along_even_where_list_a_joined_it(scene: Scene) -> None:
    iam = scene.stage.client("iam")
    for name in ("AdministratorAccess", "IAMFullAccess"):
        iam.attach_user_policy(UserName="deploy", PolicyArn=f"arn:aws:iam::aws:policy/{name}")
    told = {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "userName": "deploy"}
    made = made_by_thief("AWS::IAM::User", "deploy", "AttachUserPolicy", is_created=False, count=2, told=told)
    scene.tell(Told.MADE, made=[made])
    scene.tell(Told.CLOSURE, seeds=[scene.key], credentials=[{"id": scene.key, "kind": "user_key"}])
    scene.events = [
        event(
            scene.key, scene.at - timedelta(hours=9), name="AttachUserPolicy", source="iam.amazonaws.com",
            request={"userName": "deploy", "policyArn": "arn:aws:iam::aws:policy/IAMFullAccess"},
        )
    ]  # fmt: skip
    scene.go_on(**TO)
    policies = iam.list_attached_user_policies(UserName="deploy-r1")["AttachedPolicies"]
    assert [each["PolicyName"] for each in policies] == ["ReadOnlyAccess"]


@pytest.mark.slow
def test_joined_changes_that_no_event_explains_hold_the_new_user_back(scene: Scene) -> None:
    told = {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "userName": "deploy"}
    made = made_by_thief("AWS::IAM::User", "deploy", "AttachUserPolicy", is_created=False, count=2, told=told)
    scene.tell(Told.MADE, made=[made])
    scene.tell(Told.CLOSURE, seeds=[scene.key], credentials=[{"id": scene.key, "kind": "user_key"}])
    scene.looked = (replace(WHOLE, regions_asked=2),)
    found = scene.go_on(**TO)
    assert (found.state, found.next.values["steps"]) == (State.NEED, ["replacement-user"])


@pytest.mark.slow
def test_the_same_user_is_no_way_while_it_is_denied(scene: Scene) -> None:
    with pytest.raises(UsageError, match="not_quiet_yet"):
        scene.go_on(same_user=True, **TO)
    scene.tell(Told.STEP, step="R17", state="done", by="tanaka", detail="", values={})
    with pytest.raises(UsageError, match="is_denied"):
        scene.go_on(same_user=True, **TO)


def lifted(scene: Scene) -> None:
    scene.tell(Told.STEP, step="R17", state="done", by="tanaka", detail="", values={})
    iam = scene.stage.client("iam")
    for name in iam.list_user_policies(UserName="deploy")["PolicyNames"]:
        iam.delete_user_policy(UserName="deploy", PolicyName=name)


@pytest.mark.slow
def test_with_two_keys_there_is_no_room_until_somebody_agrees_which_one_goes(scene: Scene) -> None:
    lifted(scene)
    other = scene.stage.client("iam").create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"]
    scene.tell(Told.MADE, made=[made_by_thief("AWS::IAM::AccessKey", other, "CreateAccessKey")])
    found = scene.go_on(same_user=True, **TO)
    assert (found.state, found.next.text) == (State.NEED, "respond_rotate.next_free")
    assert [(each.key_id, each.origin) for each in found.others if each.key_id == other][:1] == [(other, "thief")]
    scene.talk.agrees = False
    found = scene.go_on(same_user=True, free_slot=other, **TO)
    assert found.next.values["step"] == "R31"
    assert scene.keys("deploy")[other] == "Active"
    scene.talk.agrees = True
    found = scene.go_on(same_user=True, free_slot=other, **TO)
    assert found.state is State.DELIVERED
    assert set(scene.keys("deploy")) == {scene.key, found.line["new_key_id"]}


@pytest.mark.slow
def test_a_key_that_the_thief_made_is_not_replaced(scene: Scene) -> None:
    other = scene.stage.client("iam").create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"]
    scene.tell(Told.MADE, made=[made_by_thief("AWS::IAM::AccessKey", other, "CreateAccessKey")])
    with pytest.raises(UsageError, match="key_of_thief"):
        scene.go_on(key=other)


@pytest.mark.slow
def test_a_file_among_the_cases_gets_no_secret(scene: Scene) -> None:
    with pytest.raises(UsageError, match="file_in_home"):
        scene.go_on(to=f"file:{scene.home / 'key'}")


@pytest.mark.slow
def test_before_a_user_is_made_a_file_that_is_there_already_is_refused(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("mine")
    with pytest.raises(UsageError, match="file_is_there"):
        scene.go_on(to=f"file:{tmp_path / 'key'}")
    assert "R30" not in scene.talk.said_of
    assert (tmp_path / "key").read_text() == "mine"


@pytest.mark.slow
@pytest.mark.parametrize("where", ["created", "delivered", "written_down"])
def test_after_a_kill_there_is_one_key_and_its_secret_is_where_it_belongs(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    real = making.deliver_to_service

    def dying(*given: Any) -> None:
        if where == "delivered":
            real(*given)
        raise Killed

    with monkeypatch.context() as patch:
        if where == "written_down":
            original = Rotation._delivered

            def late(self: Rotation, *_: Any) -> None:
                patch.setattr(Rotation, "_delivered", original)
                raise Killed

            patch.setattr(Rotation, "_delivered", late)
        else:
            patch.setattr(making, "deliver_to_service", dying)
        with pytest.raises(Killed):
            scene.go_on(**TO)
    (left,) = scene.keys()
    found = scene.go_on()
    assert found.state is State.DELIVERED
    assert set(scene.keys()) == {found.line["new_key_id"]} == {scene.secret()["AccessKeyId"]}
    assert (found.line["new_key_id"] == left) is (where == "written_down")


@pytest.mark.slow
def test_a_file_of_a_run_that_was_killed_makes_way(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"

    def torn(*given: Any) -> None:
        destination.write_file(*given)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(making, "write_file", torn)
        with pytest.raises(Killed):
            scene.go_on(to=f"file:{path}")
    found = scene.go_on()
    assert set(scene.keys()) == {found.line["new_key_id"]}
    assert found.line["new_key_id"] in path.read_text()


@pytest.mark.slow
def test_a_delivery_that_aws_refuses_leaves_no_key(scene: Scene) -> None:
    with pytest.raises(ActionError):
        scene.go_on(to="secretsmanager:app/" + "x" * 508, to_region="eu-nowhere-1")
    with pytest.raises((UsageError, ActionError)):
        scene.go_on(to="ssm:/aws/reserved", to_region="us-east-1")
    assert scene.keys() == {}


@pytest.mark.slow
def test_what_was_made_is_taken_back_whole(scene: Scene) -> None:
    scene.go_on(**TO)
    with scene.log() as log:
        undo = Undo(log, {ACCOUNT: scene.stage.door}, scene.clock, lambda *_: None)
        assert undo.take_back(undo.shown("R30"), Approver("tanaka"), lambda _name: False) == ()
    iam = scene.stage.client("iam")
    assert "deploy-r1" not in [each["UserName"] for each in iam.list_users()["Users"]]
    assert "DeletedDate" in scene.stage.client("secretsmanager", "us-east-1").describe_secret(SecretId="app/key")


@pytest.mark.slow
def test_the_register_counts_what_is_new_or_gone_and_says_of_how_many(scene: Scene) -> None:
    iam = scene.stage.client("iam")
    iam.create_user(UserName="web")
    thiefs = iam.create_access_key(UserName="web")["AccessKey"]["AccessKeyId"]
    scene.tell(Told.MADE, made=[made_by_thief("AWS::IAM::AccessKey", thiefs, "CreateAccessKey")])

    def looked() -> tuple[dict[str, bool], Register]:
        with scene.log() as log:
            found = register(scene.hands(log), [scene.stage.door])
            assert log.case.answers["keys"]["evidence"] == found.evidence
        return {each.key_id: bool(each.rotated_at) for each in found.keys}, found

    told, found = looked()
    assert {key: told[key] for key in (scene.key, thiefs)} == {scene.key: False, thiefs: False}
    assert not found.is_all
    iam.delete_access_key(UserName="deploy", AccessKeyId=scene.key)
    iam.delete_access_key(UserName="web", AccessKeyId=thiefs)
    scene.at += timedelta(minutes=1)
    after, _ = looked()
    assert after == {**told, scene.key: True, thiefs: True}
    later = iam.create_access_key(UserName="web")["AccessKey"]["AccessKeyId"]
    after, found = looked()
    assert after[later], "made after the case was opened"
    assert (found.rotated, len(found.keys)) == (sum(after.values()), len(after))


@pytest.mark.slow
def test_a_register_that_could_not_read_an_account_is_not_whole(scene: Scene) -> None:
    scene.tell(Told.SUSPECT, accounts=["111122223333"])
    with scene.log() as log:
        found = register(scene.hands(log), [scene.stage.door])
    assert found.unread == ("111122223333: -",)
    assert not found.is_all
