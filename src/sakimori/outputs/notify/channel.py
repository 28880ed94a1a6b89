"""What a channel is: it brings one message to one place, or says why it could not."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sakimori.outputs.notify.message import Message


class FailureKind(StrEnum):
    """What to do about a message that did not arrive."""

    LATER = "later"
    """Try again: the network, a server's error, too many requests."""
    NEVER = "never"
    """This route cannot take it: a wrong address, a revoked token, an unknown channel."""


class DeliveryError(Exception):
    """A message was not taken. `reason` holds no secret and is bounded; it is kept in the ledger.

    `may_have_arrived`: the answer was lost, or came too late, so that nobody knows.
    """

    def __init__(
        self, kind: FailureKind, reason: str, retry_after_seconds: float = 0.0, *, may_have_arrived: bool = False
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to send.

    `thread` is the reference of the first message of the case on this route, "" for a first message. `may_have_arrived`:
    a try before this one may have got through (the program was killed, or the answer was lost); a channel that can look
    looks before it sends again.
    """

    message: Message
    thread: str = ""
    may_have_arrived: bool = False


class Channel(Protocol):
    """One place that takes messages. Sends one at a time; holds no state that outlives the process."""

    is_keyed: bool
    """Whether a message that is sent again with the same key is shown once there."""
    seconds_between: float
    """The least time between two messages that the place allows."""

    def send(self, attempt: Attempt) -> str:
        """The reference of what now stands there (for answers in a thread); DeliveryError where it was not taken."""
        ...
