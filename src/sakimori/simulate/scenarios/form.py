"""The form of a scenario: it fills an account and tells the truth about it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Any

from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.state import AccountState, Clock
from sakimori.texts.bounded_yaml import read_yaml

Truth = Mapping[str, Mapping[str, Sequence[str]]]
"""By rule id: what must `fail`, `pass` and stay `unknown`: resources, or for rules of a Region the Regions."""


@dataclass(kw_only=True)
class Seeding(AbstractContextManager["Seeding"]):
    """What a scenario works with. `names` collects what the truth calls by name: ids that AWS makes up.

    `state` is the first account's. `story` is left there by a scenario that has more to tell than the truth about rules.
    """

    endpoint_url: str
    credentials: Credentials
    state: AccountState
    as_of: datetime
    seed: int = 1
    story: object = None
    names: dict[str, str] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    @property
    def states(self) -> tuple[AccountState, ...]:
        """All accounts behind the endpoint, in order."""
        return tuple(self.state.accounts.values())

    @property
    def clock(self) -> Clock:
        """By which all accounts go."""
        return self.state.clock

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """boto3's client of the simulated service, made once."""
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = client_of(service, region, self.endpoint_url, self.credentials)
        return self._clients[key]

    def days_ago(self, days: float) -> datetime:
        """So many days before the seeding."""
        return self.as_of - timedelta(days=days)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            client.close()


class _Named(Template):
    braceidpattern = r"[a-z][\w.-]*"


Scenario = Callable[[Seeding], Truth]


def read_truth(directory: Path, names: Mapping[str, str]) -> Truth:
    """The truth in a directory's files, every `${name}` replaced and then split at blanks: a name may stand for many.

    KeyError for a name that was not made, ValueError for a rule in two files.
    """
    truth: dict[str, Mapping[str, Sequence[str]]] = {}
    for path in sorted(directory.glob("*.yaml")):
        data = read_yaml(path).data
        if not isinstance(data, dict):
            raise TypeError(path)
        for rule, said in data.items():
            if rule in truth:
                raise ValueError(rule)
            truth[rule] = {verdict: tuple(_resolved(listed, names)) for verdict, listed in said.items()}
    return truth


def _resolved(listed: Sequence[str], names: Mapping[str, str]) -> Sequence[str]:
    return [resource for each in listed for resource in _Named(each).substitute(names).split()]
