"""An SNS topic of the user's own, and whoever subscribes to it."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from sakimori.aws.refusal import Refusal
from sakimori.model.errors import UsageError
from sakimori.model.words import GapKind
from sakimori.outputs.notify import text_form
from sakimori.outputs.notify.channel import Attempt, DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import quotable
from sakimori.outputs.notify.message import Message

Call = Callable[[str, str, Mapping[str, object]], Mapping[str, Any]]
"""`Door.call`: operation, Region, parameters."""

_TOPIC: Final = re.compile(r"arn:aws[a-z0-9-]*:sns:([a-z0-9-]{1,40}):\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?\Z")
_SUBJECT_LIMIT: Final = 99
"""botocore's model of Publish: "less than 100 characters long", without line breaks or control characters."""
_MESSAGE_BYTES: Final = 200_000
"""Below the 256 KiB of a topic as it is made, with room for attributes and JSON's own signs."""
_SHORT: Final = 300
_GROUP_OTHERS: Final = re.compile(r"[^A-Za-z0-9_-]")
_LATER: Final = frozenset(
    {GapKind.THROTTLED, GapKind.UNREACHABLE, GapKind.SERVICE_ERROR, GapKind.MALFORMED, GapKind.CREDENTIALS}
)
_UNCERTAIN: Final = frozenset({GapKind.UNREACHABLE, GapKind.SERVICE_ERROR, GapKind.MALFORMED})


class SnsTopic:
    """A Channel by `sns:Publish`. `call` is the door of an account that may publish to `topic`.

    A FIFO topic delivers a message that is sent again within five minutes once (botocore's model of Publish, on
    MessageDeduplicationId); after that, and on a standard topic, twice. The door itself repeats a call whose answer
    was lost.
    """

    seconds_between = 0.0

    def __init__(self, topic: str, call: Call) -> None:
        match = _TOPIC.match(topic)
        if match is None:
            raise UsageError("notify_channels.topic_arn", topic=quotable(topic))
        self._topic = topic
        self._region = match.group(1)
        self.is_keyed = match.group(2) is not None
        self._call = call

    def send(self, attempt: Attempt) -> str:
        """AWS's MessageId."""
        try:
            answer = self._call("sns:Publish", self._region, self._parameters(attempt.message))
        except Refusal as refusal:
            raise DeliveryError(
                FailureKind.LATER if refusal.kind in _LATER else FailureKind.NEVER,
                f"sns: {text_form.one_line(refusal.code, 100)}",
                may_have_arrived=refusal.kind in _UNCERTAIN,
            ) from None
        return str(answer.get("MessageId", ""))

    def _parameters(self, message: Message) -> Mapping[str, object]:
        title = text_form.title(message)
        whole = text_form.text_form(message).encode("utf-8")[:_MESSAGE_BYTES].decode("utf-8", "ignore")
        parameters: dict[str, object] = {
            "TopicArn": self._topic,
            "Subject": text_form.one_line(title, _SUBJECT_LIMIT),
            # A text message gets the first line alone.
            "Message": json.dumps({"default": whole, "sms": text_form.one_line(title, _SHORT)}, ensure_ascii=False),
            "MessageStructure": "json",
            # What a subscription's filter policy can choose by.
            "MessageAttributes": {
                "severity": _attribute(message.severity),
                "kind": _attribute(message.kind),
                "sakimori_key": _attribute(message.key),
            },
        }
        if self.is_keyed:
            group = _GROUP_OTHERS.sub("-", message.case)[:100] or "sakimori"
            parameters |= {"MessageDeduplicationId": message.key, "MessageGroupId": group}
        return parameters


def _attribute(value: str) -> Mapping[str, str]:
    return {"DataType": "String", "StringValue": str(value)}
