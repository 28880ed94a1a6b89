"""Queues, topics, repositories and secrets, each with a policy that is too open in the same ways."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from moto.kms.models import kms_backends
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix import (
    key_not_public,
    queue_not_public,
    repository_not_public,
    secret_not_public,
    topic_not_public,
)
from sakimori.actions.plan import Item, Standing
from sakimori.actions.step import Step
from sakimori.model.action import Approval

ACCOUNT = "606060606060"


@dataclass(frozen=True)
class Holder:
    """A resource with a policy: how it is made, and how its policy is set and read."""

    step: Step
    action: str
    make: Callable[[Stage], str]
    put: Callable[[Stage, str, str], None]
    get: Callable[[Stage, str], str]
    drop: Callable[[Stage, str], None]


def queue_url(stage: Stage) -> str:
    return str(stage.client("sqs").get_queue_url(QueueName="orders")["QueueUrl"])


def make_queue(stage: Stage) -> str:
    stage.client("sqs").create_queue(QueueName="orders")
    return f"arn:aws:sqs:{HOME}:{ACCOUNT}:orders"


def put_on_queue(stage: Stage, _arn: str, text: str) -> None:
    stage.client("sqs").set_queue_attributes(QueueUrl=queue_url(stage), Attributes={"Policy": text})


def get_of_queue(stage: Stage, _arn: str) -> str:
    told = stage.client("sqs").get_queue_attributes(QueueUrl=queue_url(stage), AttributeNames=["Policy"])
    return str(told.get("Attributes", {}).get("Policy", ""))


def make_repository(stage: Stage) -> str:
    return str(stage.client("ecr").create_repository(repositoryName="shop/web")["repository"]["repositoryArn"])


def get_of_repository(stage: Stage, _arn: str) -> str:
    client = stage.client("ecr")
    try:
        return str(client.get_repository_policy(repositoryName="shop/web")["policyText"])
    except client.exceptions.RepositoryPolicyNotFoundException:
        return ""


HOLDERS = {
    "queue": Holder(
        queue_not_public.STEP, "sqs:SendMessage", make_queue, put_on_queue, get_of_queue,
        lambda stage, _: stage.client("sqs").delete_queue(QueueUrl=queue_url(stage)),
    ),
    "topic": Holder(
        topic_not_public.STEP, "sns:Publish",
        lambda stage: str(stage.client("sns").create_topic(Name="alarms")["TopicArn"]),
        lambda stage, arn, text: stage.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text),
        lambda stage, arn: str(stage.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]),
        lambda stage, arn: stage.client("sns").delete_topic(TopicArn=arn),
    ),
    "repository": Holder(
        repository_not_public.STEP, "ecr:BatchGetImage", make_repository,
        lambda stage, _, text: stage.client("ecr").set_repository_policy(repositoryName="shop/web", policyText=text),
        get_of_repository,
        lambda stage, _: stage.client("ecr").delete_repository(repositoryName="shop/web"),
    ),
    "secret": Holder(
        secret_not_public.STEP, "secretsmanager:GetSecretValue",
        lambda stage: str(stage.client("secretsmanager").create_secret(Name="shop/db", SecretString="-")["ARN"]),
        lambda stage, arn, text: stage.client("secretsmanager").put_resource_policy(SecretId=arn, ResourcePolicy=text),
        lambda stage, arn: str(stage.client("secretsmanager").get_resource_policy(SecretId=arn).get("ResourcePolicy", "")),
        lambda stage, arn: stage.client("secretsmanager").delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True),
    ),
    "key": Holder(
        key_not_public.STEP, "kms:Decrypt",
        lambda stage: str(stage.client("kms").create_key()["KeyMetadata"]["Arn"]),
        lambda stage, arn, text: stage.client("kms").put_key_policy(KeyId=arn, PolicyName="default", Policy=text),
        lambda stage, arn: str(stage.client("kms").get_key_policy(KeyId=arn, PolicyName="default")["Policy"]),
        lambda _, arn: kms_backends[ACCOUNT][HOME].keys.pop(arn.rpartition("/")[2]),
    ),
}  # fmt: skip


@pytest.fixture(params=HOLDERS)
def holder(request: pytest.FixtureRequest) -> Holder:
    return HOLDERS[request.param]


def statements_of(holder: Holder, arn: str) -> dict[str, Any]:
    resource = {} if holder.action.startswith("ecr:") else {"Resource": arn}
    shared = {"Effect": "Allow", "Action": holder.action, **resource}
    partner = {"AWS": "arn:aws:iam::111122223333:root"}
    return {
        "partner": {**shared, "Sid": "partner", "Principal": partner},
        "open": {**shared, "Sid": "open", "Principal": "*"},
        "tls": {
            **shared,
            "Sid": "tls",
            "Effect": "Deny",
            "Principal": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        "organization": {
            **shared,
            "Sid": "organization",
            "Principal": "*",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        },
    }


def put(stage: Stage, holder: Holder, arn: str, *names: str) -> None:
    known = statements_of(holder, arn)
    document = {"Version": "2008-10-17", "Id": "kept", "Statement": [known[name] for name in names]}
    holder.put(stage, arn, json.dumps(document))


def names_in(stage: Stage, holder: Holder, arn: str) -> list[str]:
    text = holder.get(stage, arn)
    return [each["Sid"] for each in json.loads(text)["Statement"]] if text else []


def item_of(stage: Stage, holder: Holder, arn: str) -> Item:
    (item,) = stage.plan(holder.step, (HOME, arn)).items
    return item


@pytest.mark.parametrize("there", [("open",), ("open", "partner", "tls")], ids=["alone", "first of three"])
def test_what_lets_everybody_in_goes_and_comes_back(stage: Stage, holder: Holder, there: tuple[str, ...]) -> None:
    arn = holder.make(stage)
    put(stage, holder, arn, *there)
    before = json.loads(holder.get(stage, arn))
    holds_and_is_taken_back(stage, holder.step, (HOME, arn))
    assert json.loads(holder.get(stage, arn)) == before


def test_those_who_were_chosen_stay_and_what_was_added_later_survives_the_undo(stage: Stage, holder: Holder) -> None:
    arn = holder.make(stage)
    put(stage, holder, arn, "organization", "open", "tls")
    stage.apply(stage.plan(holder.step, (HOME, arn)))
    assert names_in(stage, holder, arn) == ["organization", "tls"]
    put(stage, holder, arn, "organization", "tls", "partner")
    stage.undo()
    assert names_in(stage, holder, arn) == ["organization", "tls", "partner", "open"]


def test_a_policy_for_those_who_were_chosen_is_left_alone(stage: Stage, holder: Holder) -> None:
    arn = holder.make(stage)
    put(stage, holder, arn, "partner", "organization", "tls")
    assert item_of(stage, holder, arn).standing is Standing.AS_WANTED


def test_a_resource_as_it_was_made_and_one_that_is_gone_are_left_alone(stage: Stage, holder: Holder) -> None:
    arn = holder.make(stage)
    assert item_of(stage, holder, arn).standing is Standing.AS_WANTED
    holder.drop(stage, arn)
    assert item_of(stage, holder, arn).standing is Standing.AS_WANTED


def test_it_is_said_that_nobody_looked_who_is_refused(stage: Stage, holder: Holder) -> None:
    arn = holder.make(stage)
    put(stage, holder, arn, "open")
    assert [each.text for each in item_of(stage, holder, arn).cautions] == ["fix_data.open_policy_callers"]


def test_the_account_keeps_its_topic_where_everybody_was_all_that_the_policy_let_in(stage: Stage) -> None:
    holder = HOLDERS["topic"]
    arn = holder.make(stage)
    put(stage, holder, arn, "open")
    stage.apply(stage.plan(holder.step, (HOME, arn)))
    (made,) = json.loads(holder.get(stage, arn))["Statement"]
    assert made["Condition"] == {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}


def test_the_account_keeps_its_key_where_everybody_was_all_that_the_policy_let_in(stage: Stage) -> None:
    holder = HOLDERS["key"]
    arn = holder.make(stage)
    put(stage, holder, arn, "open")
    plan = stage.plan(holder.step, (HOME, arn))
    stage.apply(plan)
    (made,) = json.loads(holder.get(stage, arn))["Statement"]
    assert (made["Principal"], made["Action"]) == ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*")
    assert holder.step.approval is Approval.TWO_PERSON


ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


@pytest.mark.parametrize(
    ("open_to", "kept", "is_added"),
    [
        ("kms:*", {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:Decrypt"}, True),
        ("kms:*", {"Principal": ROOT, "Action": "kms:Decrypt"}, True),
        (["kms:Put*"], {"Principal": ROOT, "Action": "kms:*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ("kms:*", {"Principal": ROOT, "Action": "kms:*"}, False),
        ("kms:*", {"Principal": {"AWS": ACCOUNT}, "Action": "kms:*"}, False),
        ("kms:Decrypt", {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"}, "Action": "kms:*"}, False),
    ],
)  # fmt: skip
def test_the_account_keeps_its_key_where_its_own_way_in_was_the_one_of_everybody(
    stage: Stage, open_to: object, kept: dict[str, Any], is_added: bool
) -> None:
    """And gets none that it did not have."""
    holder = HOLDERS["key"]
    arn = holder.make(stage)
    shared = {"Effect": "Allow", "Resource": "*"}
    statements = [
        {**shared, "Sid": "open", "Principal": "*", "Action": open_to},
        {**shared, "Sid": "kept", **kept},
    ]
    holder.put(stage, arn, json.dumps({"Version": "2012-10-17", "Statement": statements}))
    holds_and_is_taken_back(stage, holder.step, (HOME, arn))
    stage.apply(stage.plan(holder.step, (HOME, arn)), "again")
    assert names_in(stage, holder, arn) == ["kept", *(["sakimori-owner"] if is_added else [])]
