"""Topics and queues: one of each open to the world beside those that only look open."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO

_PARTNER: Final = "333333333333"


def seed(seeding: Seeding) -> None:
    """Topics, then queues."""
    _topics(seeding)
    _queues(seeding)


def _topics(seeding: Seeding) -> None:
    account = seeding.state.account_id
    sns = seeding.client("sns", TOKYO)
    partner = {"AWS": f"arn:aws:iam::{_PARTNER}:root"}
    for name, statement in (
        ("stock-news", {"Principal": "*", "Action": ["sns:Subscribe", "sns:Publish"]}),
        ("orders", {"Principal": partner, "Action": "sns:Publish"}),
        ("uploads", {"Principal": "*", "Action": "sns:Publish", **_if_equals("aws:SourceAccount", account)}),
    ):
        arn = sns.create_topic(Name=name)["TopicArn"]
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=_policy(arn, statement))


def _queues(seeding: Seeding) -> None:
    sqs = seeding.client("sqs", IRELAND)
    topic = f"arn:aws:sns:{TOKYO}:{seeding.state.account_id}:orders"
    for name, statement in (
        ("contact-form", {"Principal": "*", "Action": "sqs:SendMessage"}),
        ("from-topic", {"Principal": {"AWS": "*"}, "Action": "sqs:SendMessage", **_if_equals("aws:SourceArn", topic)}),
        ("thumbnails", None),
    ):
        # Queues from before 2022 have no encryption, unless someone turned it on.
        sse = "false" if name == "thumbnails" else "true"
        url = sqs.create_queue(QueueName=name, Attributes={"SqsManagedSseEnabled": sse})["QueueUrl"]
        arn = f"arn:aws:sqs:{IRELAND}:{seeding.state.account_id}:{name}"
        if statement:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _policy(arn, statement)})


def _if_equals(key: str, value: str) -> Mapping[str, Any]:
    return {"Condition": {"StringEquals" if key == "aws:SourceAccount" else "ArnEquals": {key: value}}}


def _policy(resource: str, statement: Mapping[str, Any]) -> str:
    whole = {"Effect": "Allow", "Resource": resource, **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [whole]}, ensure_ascii=False)
