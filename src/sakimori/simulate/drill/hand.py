"""Somebody at work in the simulated accounts: with one set of credentials, from one address, with one program."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from botocore.credentials import Credentials as SigningCredentials
from botocore.exceptions import ClientError

from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials

Pause = Callable[[float], None]
"""Lets seconds of the story pass."""
HOME: Final = "ap-northeast-1"
VIRGINIA: Final = "us-east-1"
_GLOBAL: Final = frozenset({"iam", "sts", "organizations"})


def no_pause(_seconds: float) -> None:
    """Time passes by itself."""


@dataclass(slots=True)
class Bench:
    """boto3's clients, one a service for everybody: making one costs more than ten calls. Not thread-safe."""

    endpoint_url: str
    acting: "Hand | None" = None
    region: str = ""
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    def client(self, service: str) -> Any:
        """Signs as whoever acts, for the Region in which they do."""
        if service not in self._clients:
            client = client_of(service, HOME, self.endpoint_url, Credentials(access_key_id="-", secret_access_key="-"))  # noqa: S106 - replaced before signing
            client.meta.events.register("before-sign", self._sign_with)
            # botocore writes the agent anew after signing, which does not cover it.
            client.meta.events.register("before-send", self._say_agent)
            self._clients[service] = client
        return self._clients[service]

    def _sign_with(self, request: Any, **_event: object) -> None:
        hand = self.acting
        if hand is None:
            return
        key = hand.credentials
        signer = SigningCredentials(key.access_key_id, key.secret_access_key, key.session_token or None)
        told = request.context.get("signing") or {}
        request.context["signing"] = {**told, "region": self.region, "request_credentials": signer}
        request.headers["X-Simulated-Address"] = hand.address

    def _say_agent(self, request: Any, **_event: object) -> None:
        if self.acting is not None:
            request.headers["User-Agent"] = self.acting.agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """`address` and `agent` are what CloudTrail shows; between two calls pass up to `slowness` seconds."""

    bench: Bench = field(repr=False)
    credentials: Credentials = field(repr=False)
    address: str
    agent: str
    chance: random.Random = field(repr=False)
    pause: Pause = no_pause
    slowness: float = 20.0

    def does(self, service: str, method: str, *, region: str = "", **parameters: Any) -> dict[str, Any]:
        """One call by boto3's name of the method, at home or in the Region; raises botocore's ClientError."""
        self.pause(self.chance.uniform(1.0, self.slowness))
        self.bench.acting = self
        self.bench.region = region or (VIRGINIA if service in _GLOBAL else HOME)
        return getattr(self.bench.client(service), method)(**parameters)

    def tries(self, service: str, method: str, *, region: str = "", **parameters: Any) -> dict[str, Any]:
        """The same; {} where AWS refuses."""
        try:
            return self.does(service, method, region=region, **parameters)
        except ClientError:
            return {}

    def other(self, credentials: Credentials, *, address: str = "", agent: str = "") -> "Hand":
        """The same person with other credentials, or elsewhere."""
        return replace(self, credentials=credentials, address=address or self.address, agent=agent or self.agent)


def given_in(answer: dict[str, Any]) -> Credentials:
    """The credentials in an answer of STS."""
    given = answer["Credentials"]
    return Credentials(
        access_key_id=given["AccessKeyId"],
        secret_access_key=given["SecretAccessKey"],
        session_token=given["SessionToken"],
    )
