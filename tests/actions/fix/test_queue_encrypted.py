import json

import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.queue_encrypted import STEP
from sakimori.actions.plan import Item, Standing

OPEN = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
PARTNER = {**OPEN, "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}


def make_queue(stage: Stage, name: str = "orders", **attributes: str) -> str:
    stage.client("sqs").create_queue(QueueName=name, Attributes=attributes)
    return f"arn:aws:sqs:{HOME}:606060606060:{name}"


def item_of(stage: Stage, arn: str) -> Item:
    (item,) = stage.plan(STEP, (HOME, arn)).items
    return item


@pytest.mark.parametrize(("name", "more"), [("orders", {}), ("orders.fifo", {"FifoQueue": "true"})])
def test_messages_are_encrypted_and_no_longer_after_an_undo(stage: Stage, name: str, more: dict[str, str]) -> None:
    arn = make_queue(stage, name, SqsManagedSseEnabled="false", VisibilityTimeout="77", **more)
    holds_and_is_taken_back(stage, STEP, (HOME, arn))
    client = stage.client("sqs")
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    told = client.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert told["Attributes"]["VisibilityTimeout"] == "77"


@pytest.mark.parametrize(
    "key", [{"KmsMasterKeyId": "alias/aws/sqs", "SqsManagedSseEnabled": "false"}, {"SqsManagedSseEnabled": "true"}]
)
def test_a_queue_that_is_encrypted_is_left_alone(stage: Stage, key: dict[str, str]) -> None:
    assert item_of(stage, make_queue(stage, **key)).standing is Standing.AS_WANTED


def test_a_queue_that_is_gone_is_left_alone_also_by_the_undo(stage: Stage) -> None:
    arn = make_queue(stage, SqsManagedSseEnabled="false")
    stage.apply(stage.plan(STEP, (HOME, arn)))
    client = stage.client("sqs")
    client.delete_queue(QueueUrl=client.get_queue_url(QueueName="orders")["QueueUrl"])
    assert item_of(stage, arn).standing is Standing.AS_WANTED
    stage.undo()


@pytest.mark.parametrize(("statement", "is_said"), [(OPEN, True), (PARTNER, False)])
def test_it_is_said_where_requests_without_credentials_may_be_let_in(
    stage: Stage, statement: dict[str, object], is_said: bool
) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = make_queue(stage, SqsManagedSseEnabled="false", Policy=policy)
    assert bool(item_of(stage, arn).cautions) is is_said


def test_the_policy_of_the_queue_stays(stage: Stage) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [PARTNER]})
    arn = make_queue(stage, SqsManagedSseEnabled="false", Policy=policy)
    holds_and_is_taken_back(stage, STEP, (HOME, arn))
