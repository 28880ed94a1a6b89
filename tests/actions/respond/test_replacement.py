"""A new user in the place of an old one, and a new key of which nothing but its destination knows the secret."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.actions.staging import HOME, WISHES, Stage, holds_and_is_taken_back, now

from sakimori.actions.applying import journaled_items
from sakimori.actions.journal import Entry, open_journal, read_journal
from sakimori.actions.plan import Standing
from sakimori.actions.respond.replace import (
    replacement_key,
    replacement_parameter,
    replacement_secret,
    replacement_user,
)
from sakimori.actions.respond.replace.destination import Destination, NewKey, Target, parse_destination
from sakimori.actions.respond.replace.making import PLAN, KeyMaking, MadeKey
from sakimori.actions.site import Site
from sakimori.aws.refusal import Refusal
from sakimori.model.errors import ActionError, UsageError
from sakimori.model.words import GapKind

ACCOUNT = "606060606060"
CASE = "SKM-20261126-R01"
OLD = f"arn:aws:iam::{ACCOUNT}:user/robots/deploy"
NEW = f"{OLD}-r1"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
THIEFS = "arn:aws:iam::aws:policy/AdministratorAccess"
ALLOWED = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
DENIED = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def scene(stage: Stage) -> Stage:
    """A user with all that a user may have, under a denial, and with what a thief gave it."""
    iam = stage.client("iam")
    iam.create_user(
        UserName="deploy", Path="/robots/", Tags=[{"Key": "team", "Value": "web"}],
        PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess",
    )  # fmt: skip
    for group in ("shippers", "admins"):
        iam.create_group(GroupName=group)
        iam.add_user_to_group(UserName="deploy", GroupName=group)
    quarantine = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
    for arn in (READ_ONLY, THIEFS, quarantine, "arn:aws:iam::aws:policy/AWSDenyAll"):
        iam.attach_user_policy(UserName="deploy", PolicyArn=arn)
    for name, document in (("own", ALLOWED), ("thiefs", ALLOWED), (f"SakimoriQuarantine-{CASE}", DENIED), ("AWSRevokeOlderSessions", DENIED)):  # fmt: skip
        iam.put_user_policy(UserName="deploy", PolicyName=name, PolicyDocument=json.dumps(document))
    left = (f"attached {THIEFS}", "inline thiefs", "group admins")
    return replace(stage, wishes=replace(WISHES, case=CASE, replaces=OLD, left_out=left))


def rights(stage: Stage, name: str) -> dict[str, Any]:
    iam = stage.client("iam")
    user = iam.get_user(UserName=name)["User"]
    return {
        "path": user["Path"], "boundary": user["PermissionsBoundary"]["PermissionsBoundaryArn"],
        "groups": [each["GroupName"] for each in iam.list_groups_for_user(UserName=name)["Groups"]],
        "attached": [each["PolicyArn"] for each in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]],
        "inline": iam.list_user_policies(UserName=name)["PolicyNames"],
        "tags": {each["Key"]: each["Value"] for each in iam.list_user_tags(UserName=name)["Tags"]},
    }  # fmt: skip


def test_the_new_user_has_the_rights_of_the_old_one_but_not_the_denials_nor_the_thiefs(scene: Stage) -> None:
    plan = holds_and_is_taken_back(scene, replacement_user.STEP, ("global", NEW))
    scene.apply(plan, "again")
    assert rights(scene, "deploy-r1") == {
        "path": "/robots/", "boundary": "arn:aws:iam::aws:policy/PowerUserAccess", "groups": ["shippers"],
        "attached": [READ_ONLY], "inline": ["own"], "tags": {"team": "web", "sakimori:case": CASE},
    }  # fmt: skip


def test_a_user_of_that_name_who_was_there_before_gets_nothing(scene: Stage) -> None:
    scene.client("iam").create_user(UserName="deploy-r1", Path="/robots/")
    (item,) = scene.plan(replacement_user.STEP, ("global", NEW)).items
    assert item.standing is Standing.BLOCKED
    assert "respond_rotate.user_taken" in [each.text for each in item.cautions]


def test_rights_that_a_thief_changed_hold_the_new_user_back_and_others_do_not(scene: Stage) -> None:
    def standing(*left: str) -> Standing:
        stage = replace(scene, wishes=replace(scene.wishes, left_out=left))
        (item,) = stage.plan(replacement_user.STEP, ("global", NEW)).items
        return item.standing

    assert standing("changed shippers") is Standing.BLOCKED
    assert standing("changed boundary") is Standing.BLOCKED
    assert standing("changed arn:aws:iam::aws:policy/of-somebody-else") is Standing.TO_MAKE


def test_the_new_user_is_not_deleted_while_it_has_a_key(scene: Stage) -> None:
    scene.apply(scene.plan(replacement_user.STEP, ("global", NEW)))
    scene.client("iam").create_access_key(UserName="deploy-r1")
    with pytest.raises(ActionError, match="UserHasAccessKeys"):
        scene.undo()
    assert rights(scene, "deploy-r1")["groups"] == ["shippers"]


class Killed(BaseException):
    """The process is gone."""


def make(
    stage: Stage, to: Destination, run: str = "key", created: Callable[[MadeKey], None] = lambda _made: None, door: Any = None
) -> MadeKey:  # fmt: skip
    journal, _ = open_journal(stage.place, ACCOUNT, run)
    try:
        journal.write(Entry.BEGIN, now(), {"plan": PLAN, "by": "tanaka", "second": "", "wishes": asdict(stage.wishes)})
        site = Site(door=door or stage.door, region="global", resource=OLD, wishes=stage.wishes)
        made = KeyMaking(site=site, destination=to, journal=journal, clock=now, created=created).make()
        journal.write(Entry.END, now(), {"plan": PLAN})
    finally:
        journal.close()
    return made


def keys(stage: Stage) -> set[str]:
    found = stage.client("iam").list_access_keys(UserName="deploy")["AccessKeyMetadata"]
    return {each["AccessKeyId"] for each in found}


def test_a_key_in_secrets_manager_is_what_a_credential_process_prints(scene: Stage) -> None:
    made = make(scene, parse_destination("secretsmanager:app/key", HOME))
    told = json.loads(scene.client("secretsmanager").get_secret_value(SecretId="app/key")["SecretString"])
    assert (told["Version"], told["AccessKeyId"]) == (1, made.key_id)
    assert hashlib.sha256(told["SecretAccessKey"].encode()).hexdigest()[:12] == made.digest
    journal = (scene.place / "journal" / ACCOUNT / "key.jsonl").read_text()
    assert made.key_id in journal
    assert told["SecretAccessKey"] not in journal


def test_an_undo_deletes_the_key_and_makes_the_version_of_before_current_again(scene: Stage) -> None:
    vault = scene.client("secretsmanager")
    vault.create_secret(Name="app/key", SecretString="before")
    make(scene, parse_destination("secretsmanager:app/key", HOME))
    assert vault.get_secret_value(SecretId="app/key", VersionStage="AWSCURRENT")["SecretString"] != "before"
    scene.undo("key")
    assert vault.get_secret_value(SecretId="app/key", VersionStage="AWSCURRENT")["SecretString"] == "before"
    assert keys(scene) == set()


def test_an_undo_has_a_secret_deleted_that_was_not_there_before(scene: Stage) -> None:
    make(scene, parse_destination("secretsmanager:app/key", HOME))
    scene.undo("key")
    assert "DeletedDate" in scene.client("secretsmanager").describe_secret(SecretId="app/key")
    assert journaled_items(read_journal(scene.place / "journal" / ACCOUNT / "key.jsonl")) == ()


@pytest.mark.parametrize("name", ["/app/key", "/key", "key"])
def test_a_parameter_is_a_secure_string_and_is_deleted_by_an_undo(scene: Stage, name: str) -> None:
    made = make(scene, parse_destination(f"ssm:{name}", HOME))
    ssm = scene.client("ssm")
    found = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert (found["Type"], json.loads(found["Value"])["AccessKeyId"]) == ("SecureString", made.key_id)
    scene.undo("key")
    assert ssm.describe_parameters()["Parameters"] == []
    assert keys(scene) == set()


@pytest.mark.parametrize("name", ["/app/key", "/key", "key"])
def test_a_parameter_that_everybody_can_read_gets_no_secret(scene: Stage, name: str) -> None:
    scene.client("ssm").put_parameter(Name=name, Value="x", Type="String")
    with pytest.raises(UsageError, match="parameter_is_open"):
        make(scene, parse_destination(f"ssm:{name}", HOME))
    assert keys(scene) == set()


def test_a_file_is_new_and_its_owners_alone(scene: Stage, tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = make(scene, parse_destination(f"file:{path}", ""))
    assert path.stat().st_mode & 0o777 == 0o600
    assert f"aws_access_key_id = {made.key_id}\n" in path.read_text()
    with pytest.raises(UsageError, match="file_is_there"):
        make(scene, parse_destination(f"file:{path}", ""), "again")
    assert keys(scene) == {made.key_id}


def test_a_directory_that_everybody_may_write_to_gets_no_file(scene: Stage, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(UsageError, match="open_directory"):
        make(scene, parse_destination(f"file:{shared / 'key'}", ""))
    assert keys(scene) == set()


def test_a_third_key_is_refused_by_aws_and_said(scene: Stage, tmp_path: Path) -> None:
    for _ in range(2):
        scene.client("iam").create_access_key(UserName="deploy")
    with pytest.raises(UsageError, match="limit"):
        make(scene, parse_destination(f"file:{tmp_path / 'key'}", ""))
    assert not (tmp_path / "key").exists()


def _kill(_made: MadeKey) -> None:
    raise Killed


def test_a_key_that_was_made_and_not_delivered_is_found_and_deleted(scene: Stage) -> None:
    other = scene.client("iam").create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"]
    with pytest.raises(Killed):
        make(scene, parse_destination("secretsmanager:app/key", HOME), created=_kill)
    assert len(keys(scene)) == 2
    scene.undo("key")
    assert keys(scene) == {other}


@pytest.mark.parametrize("operation", ["iam:CreateAccessKey", "secretsmanager:CreateSecret"])
def test_after_a_kill_right_behind_a_call_nothing_is_left_by_an_undo(scene: Stage, operation: str) -> None:
    class Dying:
        account, refusals = scene.door.account, ()
        pages = staticmethod(scene.door.pages)

        @staticmethod
        def call(asked: str, region: str, parameters: Any) -> Any:
            answer = scene.door.call(asked, region, parameters)
            if asked == operation:
                raise Killed
            return answer

    with pytest.raises(Killed):
        make(scene, parse_destination("secretsmanager:app/key", HOME), door=Dying())
    assert len(keys(scene)) == 1
    scene.undo("key")
    assert keys(scene) == set()


def test_what_aws_says_of_a_delivery_that_it_refuses_is_not_written_down(scene: Stage) -> None:
    class Echoing:
        account, refusals = scene.door.account, ()
        pages = staticmethod(scene.door.pages)

        @staticmethod
        def call(asked: str, region: str, parameters: Any) -> Any:
            if asked == "secretsmanager:CreateSecret":
                raise Refusal(call=asked, kind=GapKind.DENIED, code="AccessDenied", message=parameters["SecretString"])
            return scene.door.call(asked, region, parameters)

    with pytest.raises(ActionError) as caught:
        make(scene, parse_destination("secretsmanager:app/key", HOME), door=Echoing())
    assert "SecretAccessKey" not in str(caught.value)
    assert "SecretAccessKey" not in (scene.place / "journal" / ACCOUNT / "key.jsonl").read_text()


def test_a_key_that_is_in_use_is_taken_away_only_by_who_names_it(scene: Stage, tmp_path: Path) -> None:
    made = make(scene, parse_destination(f"file:{tmp_path / 'key'}", ""))

    class Used:
        account = scene.door.account

        @staticmethod
        def call(_asked: str, _region: str, _parameters: Any) -> Any:
            return {"AccessKeyLastUsed": {"LastUsedDate": now()}}

    site = Site(door=Used(), region="global", resource=OLD)  # type: ignore[arg-type]
    loses = replacement_key.STEP.loses(site, {"keys": []}, {"keys": [made.key_id]})
    assert loses == made.key_id


@pytest.mark.parametrize("step", [replacement_key.STEP, replacement_secret.STEP, replacement_parameter.STEP], ids=lambda each: each.id)  # fmt: skip
def test_a_plan_alone_makes_no_key_and_keeps_no_secret(scene: Stage, step: Any) -> None:
    place = {
        "replacement-key": ("global", OLD),
        "replacement-secret": (HOME, f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:x"),
        "replacement-parameter": (HOME, f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter/x"),
    }[step.id]
    (item,) = scene.plan(step, place).items
    assert item.standing is Standing.AS_WANTED


def test_a_key_does_not_show_its_secret() -> None:
    assert "hush" not in repr(NewKey("deploy", "AKIAIOSFODNN7EXAMPLE", "hush"))


@pytest.mark.slow
@given(st.text(max_size=60), st.sampled_from(["", HOME]))
def test_a_destination_is_one_of_three_or_is_refused(text: str, region: str) -> None:
    try:
        found = parse_destination(text, region)
    except UsageError:
        return
    assert found.target is Target.FILE or found.region


@pytest.mark.parametrize("text", ["s3:x", "ssm:/", "ssm:a/b", "secretsmanager:", "ssm:/a//b", "secretsmanager:a b"])
def test_what_is_no_place_for_a_secret_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_destination(text, HOME)
