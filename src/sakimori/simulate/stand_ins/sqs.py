"""A queue's policy, which moto forgets whenever another attribute is set."""

from collections.abc import Mapping
from typing import Final

from moto.sqs.models import SQSBackend, sqs_backends

from sakimori.simulate.call import Answer
from sakimori.simulate.stand_ins.form import Desk, StandIn


def set_attributes(desk: Desk) -> Answer:
    """Moto's answer; a policy of which the call says nothing stays. Source: SQS API reference, SetQueueAttributes."""
    asked = desk.parameters()
    backend: SQSBackend = sqs_backends[desk.state.account_id][desk.call.region]
    queue = backend.queues.get(str(asked["QueueUrl"]).rpartition("/")[2])
    policy = queue.policy if queue is not None else None
    answer = desk.moto()
    if queue is not None and "Policy" not in asked["Attributes"]:
        queue.policy = policy
    return answer


STAND_INS: Final[Mapping[str, StandIn]] = {"sqs:SetQueueAttributes": set_attributes}
