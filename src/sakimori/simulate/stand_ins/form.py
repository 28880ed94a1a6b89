"""The form of a stand-in."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sakimori.simulate.answers import parameters_of
from sakimori.simulate.call import Answer, Call
from sakimori.simulate.callers import Caller
from sakimori.simulate.state import AccountState

GIVEN: Final = "/_given/"
"""No bucket can have such a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a stand-in works with: the call, the ARN of who makes it, the account's state, and moto.

    `caller` is None for an unsigned call, and where IAM is not enforced.
    """

    call: Call
    principal: str
    state: AccountState
    ask_moto: Callable[[Call], Answer]
    caller: Caller | None = None

    def parameters(self) -> Mapping[str, Any]:
        """The operation's parameters as boto3 names them."""
        return parameters_of(self.call)

    def address_of(self, content: bytes) -> str:
        """An address at which this account's endpoint gives the bytes to whoever knows it, as a signed one of S3 does."""
        path = f"{GIVEN}{hashlib.sha256(content).hexdigest()}"
        self.state.given[path] = content
        return f"http://{self.call.environ['HTTP_HOST']}{path}"

    def moto(self) -> Answer:
        """Moto's own answer to the call."""
        return self.ask_moto(self.call)


StandIn = Callable[[Desk], Mapping[str, Any] | Answer]
"""Gives a result as boto3 would (it is then written in the service's protocol) or a ready answer."""
