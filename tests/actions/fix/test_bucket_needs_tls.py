import json
from typing import Any

import pytest
from tests.actions.fix.test_bucket_public_access_blocked import ARN, NAME, OPEN_POLICY, make_open_bucket, make_website
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.bucket_needs_tls import STEP
from sakimori.actions.plan import Item, Standing

PARTNER = {
    "Sid": "LetsThePartnerRead",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "s3:GetObject",
    "Resource": f"{ARN}/日報/*",
}
REFUSAL = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [ARN, f"{ARN}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def put(stage: Stage, *statements: Any, alone: bool = False) -> None:
    document = {"Version": "2008-10-17", "Id": "kept", "Statement": statements[0] if alone else list(statements)}
    stage.client("s3").put_bucket_policy(Bucket=NAME, Policy=json.dumps(document))


def policy(stage: Stage) -> Any:
    return json.loads(stage.client("s3").get_bucket_policy(Bucket=NAME)["Policy"])


def item_of(stage: Stage) -> Item:
    (item,) = stage.plan(STEP, (HOME, ARN)).items
    return item


@pytest.mark.parametrize("there", ["nothing", "list", "one statement", "objects only"])
def test_requests_without_tls_are_refused_and_no_longer_after_an_undo(stage: Stage, there: str) -> None:
    make_open_bucket(stage)
    if there == "list":
        put(stage, PARTNER)
    if there == "one statement":
        put(stage, PARTNER, alone=True)
    if there == "objects only":
        put(stage, {**REFUSAL, "Sid": "SakimoriDenyWithoutTLS", "Resource": f"{ARN}/*"})
    holds_and_is_taken_back(stage, STEP, (HOME, ARN))


def test_everything_else_in_the_policy_stays_as_it_is(stage: Stage) -> None:
    make_open_bucket(stage)
    put(stage, PARTNER, alone=True)
    stage.apply(stage.plan(STEP, (HOME, ARN)))
    made = policy(stage)
    assert (made["Version"], made["Id"], made["Statement"][0]) == ("2008-10-17", "kept", PARTNER)
    assert len(made["Statement"]) == 2
    stage.undo()
    assert policy(stage)["Statement"] == PARTNER


def test_a_taken_name_is_not_taken_twice(stage: Stage) -> None:
    make_open_bucket(stage)
    put(stage, {**REFUSAL, "Sid": "SakimoriDenyWithoutTLS", "Resource": f"{ARN}/*"})
    stage.apply(stage.plan(STEP, (HOME, ARN)))
    assert [each["Sid"] for each in policy(stage)["Statement"]] == ["SakimoriDenyWithoutTLS", "SakimoriDenyWithoutTLS2"]


@pytest.mark.parametrize("there", ["a policy", "nothing"])
def test_what_somebody_added_after_the_fix_survives_the_undo(stage: Stage, there: str) -> None:
    make_open_bucket(stage)
    if there == "a policy":
        put(stage, PARTNER)
    stage.apply(stage.plan(STEP, (HOME, ARN)))
    later = {**PARTNER, "Sid": "later"}
    put(stage, *policy(stage)["Statement"], later)
    stage.undo()
    assert policy(stage)["Statement"] == ([PARTNER, later] if there == "a policy" else [later])


@pytest.mark.parametrize("form", ["another name", "written the other way round"])
def test_a_policy_that_asks_for_tls_in_its_own_words_is_left_alone(stage: Stage, form: str) -> None:
    make_open_bucket(stage)
    other = {**REFUSAL, "Sid": "mine"}
    if form == "written the other way round":
        del other["Principal"]
        other["NotPrincipal"] = {"AWS": "arn:aws:iam::606060606060:role/legacy"}
    put(stage, other)
    assert item_of(stage).standing is Standing.AS_WANTED


def test_a_website_is_held_back(stage: Stage) -> None:
    make_website(stage, "ObjectWriter")
    assert item_of(stage).standing is Standing.BLOCKED


@pytest.mark.parametrize("where", ["bucket", "account"])
def test_a_public_policy_under_a_block_cannot_be_changed_and_is_held_back(stage: Stage, where: str) -> None:
    make_open_bucket(stage)
    stage.client("s3").put_bucket_policy(Bucket=NAME, Policy=json.dumps(OPEN_POLICY))
    assert item_of(stage).standing is Standing.TO_MAKE
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    if where == "bucket":
        stage.client("s3").put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=block)
    else:
        stage.client("s3control").put_public_access_block(
            AccountId="606060606060", PublicAccessBlockConfiguration=block
        )  # fmt: skip
    assert "fix_data.bucket_needs_tls_public" in [each.text for each in item_of(stage).cautions if each.blocks]


def test_a_policy_that_would_be_too_long_is_held_back(stage: Stage) -> None:
    make_open_bucket(stage)
    put(stage, {**PARTNER, "Resource": [f"{ARN}/{number:04}/*" for number in range(532)]})
    assert "fix_data.bucket_needs_tls_long" in [each.text for each in item_of(stage).cautions if each.blocks]
