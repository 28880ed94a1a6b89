from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.iam.models import AccessKeyLastUsed, iam_backends
from tests.actions.staging import Stage, holds_and_is_taken_back

from sakimori.actions.fix.access_key_inactive import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.aws.door import Door
from sakimori.collect.declaration import Record
from sakimori.collect.iam.credential_report import read_credentials
from sakimori.simulate.faults import Fault, Kind

ACCOUNT = "606060606060"
USER = "deploy"
FIRST = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)


def make_user(stage: Stage, *made_at: datetime) -> Sequence[Any]:
    """A user below a path with a key made on each of these days; the keys as the simulated account keeps them."""
    iam = stage.client("iam")
    iam.create_user(UserName=USER, Path="/robots/")
    for _ in made_at:
        iam.create_access_key(UserName=USER)
    keys = iam_backends[ACCOUNT]["aws"].users[USER].access_keys
    for key, moment in zip(keys, made_at, strict=True):
        key.create_date = moment
    return keys


def arn(kind: str, user: str = f"user/robots/{USER}") -> tuple[str, str]:
    return "global", f"arn:aws:iam::{ACCOUNT}:{user}/{kind}"


def item_of(stage: Stage, kind: str, user: str = f"user/robots/{USER}") -> Item:
    (item,) = stage.plan(STEP, arn(kind, user)).items
    return item


@pytest.mark.parametrize("kind", ["access_key_1", "access_key_2"])
def test_the_key_that_is_meant_is_switched_off_and_on_again(stage: Stage, kind: str) -> None:
    keys = make_user(stage, FIRST, FIRST + timedelta(days=300))
    plan = holds_and_is_taken_back(stage, STEP, arn(kind))
    (change,) = plan.items[0].changes
    assert change.call.parameters["AccessKeyId"] == keys[int(kind[-1]) - 1].access_key_id


def test_the_only_key_of_a_user_is_switched_off(stage: Stage) -> None:
    make_user(stage, FIRST)
    holds_and_is_taken_back(stage, STEP, arn("access_key_1"))


def test_a_key_that_is_off_or_gone_is_left_alone(stage: Stage) -> None:
    (key,) = make_user(stage, FIRST)
    stage.client("iam").update_access_key(UserName=USER, AccessKeyId=key.access_key_id, Status="Inactive")
    assert item_of(stage, "access_key_1").standing is Standing.AS_WANTED
    assert item_of(stage, "access_key_2").standing is Standing.AS_WANTED
    assert item_of(stage, "access_key_1", "user/left-long-ago").standing is Standing.AS_WANTED


def test_a_key_that_took_the_place_of_a_switched_off_one_is_not_touched_by_the_undo(stage: Stage) -> None:
    (key,) = make_user(stage, FIRST)
    stage.apply(stage.plan(STEP, arn("access_key_1")))
    iam = stage.client("iam")
    iam.delete_access_key(UserName=USER, AccessKeyId=key.access_key_id)
    new = iam.create_access_key(UserName=USER)["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName=USER, AccessKeyId=new, Status="Inactive")
    stage.undo()
    (left,) = iam.list_access_keys(UserName=USER)["AccessKeyMetadata"]
    assert (left["AccessKeyId"], left["Status"]) == (new, "Inactive")


def test_keys_of_the_same_minute_are_told_apart_by_their_last_use_or_not_at_all(stage: Stage) -> None:
    keys = make_user(stage, FIRST, FIRST)
    assert item_of(stage, "access_key_2").reason == "iam:GetCredentialReport: WhichAccessKeyIsNotKnown"
    for number, key in enumerate(keys):
        key.last_used = AccessKeyLastUsed(FIRST + timedelta(days=1 + number), "s3", "us-east-1")
    (change,) = item_of(stage, "access_key_2").changes
    assert change.call.parameters["AccessKeyId"] == keys[1].access_key_id


def test_the_last_use_is_said_with_its_day_service_and_region(stage: Stage) -> None:
    (key,) = make_user(stage, FIRST)
    assert [each.text for each in item_of(stage, "access_key_1").cautions] == ["fix_data.access_key_inactive_never"]
    key.last_used = AccessKeyLastUsed(datetime(2026, 10, 2, 1, tzinfo=UTC), "s3", "ap-northeast-1")
    (caution,) = item_of(stage, "access_key_1").cautions
    assert not caution.blocks
    told = {"day": "2026-10-02", "service": "s3", "region": "ap-northeast-1"}
    assert caution.values == {"user": USER, "key": key.access_key_id[-4:], **told}


def test_a_key_that_was_used_lately_is_held_back(stage: Stage) -> None:
    (key,) = make_user(stage, FIRST)
    key.last_used = AccessKeyLastUsed(datetime(2026, 11, 20, 1, tzinfo=UTC), "s3", "ap-northeast-1")
    item = item_of(stage, "access_key_1")
    assert item.standing is Standing.BLOCKED
    assert [each.text for each in item.cautions if each.blocks] == ["fix_data.access_key_inactive_in_use"]


def test_a_last_use_that_could_not_be_looked_at_is_said(stage: Stage) -> None:
    make_user(stage, FIRST)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="iam:GetAccessKeyLastUsed"))
    assert [each.text for each in item_of(stage, "access_key_1").cautions] == ["fix_data.access_key_inactive_unseen"]


def test_the_keys_of_whoever_asks_are_held_back(stage: Stage) -> None:
    caller = stage.client("sts").get_caller_identity()["Arn"]
    name = caller.rpartition("/")[2]
    item = item_of(stage, "access_key_1", f"user/{name}")
    assert item.standing is Standing.BLOCKED
    assert "fix_data.access_key_inactive_own" in [each.text for each in item.cautions if each.blocks]


@pytest.mark.parametrize(
    ("kind", "user", "reason"),
    [
        ("password", f"user/robots/{USER}", "fix_data.access_key_inactive_password"),
        ("access_key_1", "root", "fix_data.access_key_inactive_root"),
    ],
)
def test_passwords_and_the_root_user_are_left_to_a_person(stage: Stage, kind: str, user: str, reason: str) -> None:
    make_user(stage, FIRST)
    item = item_of(stage, kind, user)
    assert (item.standing, item.reason) == (Standing.UNSAID, reason)


@pytest.mark.parametrize(("kind", "user"), [("access_key_3", f"user/{USER}"), ("access_key_1", f"role/{USER}")])
def test_what_is_no_credential_is_not_read(stage: Stage, kind: str, user: str) -> None:
    assert item_of(stage, kind, user).reason == "iam:ListAccessKeys: NotThisResource"


def test_the_key_is_found_again_where_the_report_no_longer_says_when_a_switched_off_key_was_made(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_days(door: Door, region: str) -> Iterator[Record]:
        for each in read_credentials(door, region):
            yield each if each["is_active"] else {**each, "rotated_at": None}

    monkeypatch.setattr("sakimori.actions.fix.access_key_inactive.read_credentials", without_days)
    keys = make_user(stage, FIRST, FIRST + timedelta(days=300))
    stage.apply(stage.plan(STEP, arn("access_key_1")))
    assert [each.status for each in keys] == ["Inactive", "Active"]
    stage.undo()
    assert [each.status for each in keys] == ["Active", "Active"]


def test_a_key_of_another_account_is_its_own_matter(stage: Stage) -> None:
    other = f"arn:aws:iam::111122223333:user/{USER}/access_key_1"
    (item,) = stage.plan(STEP, ("global", other)).items
    assert (item.standing, item.reason) == (Standing.ADOPTED, "111122223333")
