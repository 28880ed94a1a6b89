import json
from collections.abc import Mapping
from typing import Any

import pytest
from tests.held_company import close_company

from sakimori.aws.account import open_account
from sakimori.aws.refusal import Refusal
from sakimori.aws.session import open_session
from sakimori.model.errors import UsageError
from sakimori.model.words import GapKind
from sakimori.outputs.notify.channel import Attempt, DeliveryError, FailureKind
from sakimori.outputs.notify.sns import SnsTopic
from sakimori.simulate.server import SimulatedAccount

from .conftest import KEY, message
from .test_slack_blocks import ENGLISH

TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:alerts"


class FakeDoor:
    def __init__(self, refusal: Refusal | None = None) -> None:
        self.asked: list[tuple[str, str, Mapping[str, Any]]] = []
        self.refusal = refusal

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        self.asked.append((operation, region, parameters))
        if self.refusal:
            raise self.refusal
        return {"MessageId": "m-1"}


def test_message_is_published_in_the_topics_region() -> None:
    door = FakeDoor()
    topic = SnsTopic(TOPIC, door.call)
    assert topic.send(Attempt(message=message())) == "m-1"
    assert not topic.is_keyed
    [(operation, region, parameters)] = door.asked
    assert (operation, region) == ("sns:Publish", "ap-northeast-1")
    assert parameters["Subject"] == ENGLISH.splitlines()[0]
    assert json.loads(parameters["Message"]) == {"default": ENGLISH, "sms": ENGLISH.splitlines()[0]}
    assert "MessageDeduplicationId" not in parameters


def test_fifo_topic_gets_the_key_and_a_group_for_each_case() -> None:
    door = FakeDoor()
    topic = SnsTopic(TOPIC + ".fifo", door.call)
    assert topic.is_keyed
    topic.send(Attempt(message=message()))
    topic.send(Attempt(message=message(case="")))
    assert [each["MessageDeduplicationId"] for _, _, each in door.asked] == [KEY, KEY]
    assert [each["MessageGroupId"] for _, _, each in door.asked] == ["SKM-20261123-01", "sakimori"]


@pytest.mark.parametrize(
    ("kind", "expected", "uncertain"),
    [
        (GapKind.DENIED, FailureKind.NEVER, False),
        (GapKind.REFUSED, FailureKind.NEVER, False),
        (GapKind.THROTTLED, FailureKind.LATER, False),
        (GapKind.CREDENTIALS, FailureKind.LATER, False),
        (GapKind.UNREACHABLE, FailureKind.LATER, True),
        (GapKind.SERVICE_ERROR, FailureKind.LATER, True),
    ],
)
def test_refusal_says_whether_to_try_again(kind: GapKind, expected: FailureKind, uncertain: bool) -> None:
    door = FakeDoor(Refusal(call="sns:Publish", kind=kind, code="Code", message="words"))
    with pytest.raises(DeliveryError) as caught:
        SnsTopic(TOPIC, door.call).send(Attempt(message=message()))
    assert (caught.value.kind, caught.value.reason, caught.value.may_have_arrived) == (expected, "sns: Code", uncertain)


@pytest.mark.parametrize(
    "topic", ["", "alerts", "arn:aws:sqs:us-east-1:123456789012:q", TOPIC + "\n", TOPIC + ":" + "0" * 36]
)
def test_what_is_no_topic_is_refused(topic: str) -> None:
    with pytest.raises(UsageError):
        SnsTopic(topic, FakeDoor().call)


@pytest.mark.slow
def test_simulated_account_takes_it_and_its_queue_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    close_company()
    with SimulatedAccount() as account:
        for name, value in account.environment().items():
            monkeypatch.setenv(name, value)
        sns, sqs = account.client("sns"), account.client("sqs")
        topic = sns.create_topic(Name="alerts")["TopicArn"]
        queue = sqs.create_queue(QueueName="alerts")["QueueUrl"]
        queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
        door = open_account(open_session(), regions=["us-east-1"])
        assert SnsTopic(topic, door.call).send(Attempt(message=message(language="ja")))
        [got] = sqs.receive_message(QueueUrl=queue)["Messages"]
        body = json.loads(got["Body"])
        assert body["Message"].startswith("🟥 CRITICAL | 漏洩した")
        assert body["MessageAttributes"]["severity"]["Value"] == "critical"
        with pytest.raises(DeliveryError) as caught:
            SnsTopic(topic + "x", door.call).send(Attempt(message=message()))
        assert (caught.value.kind, caught.value.reason) == (FailureKind.NEVER, "sns: NotFound")
