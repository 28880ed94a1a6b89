"""The form of a scenario: it fills an account and tells the truth about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any

import boto3
from botocore.config import Config

from sakimori.simulate.identities import Credentials
from sakimori.simulate.state import AccountState
from sakimori.texts.bounded_yaml import read_yaml

Truth = Mapping[str, Mapping[str, Sequence[str]]]
"""By rule id: the resources that `fail`, `pass` or stay `unknown`, each as ARN, or as `Region ARN`."""


@dataclass(kw_only=True)
class Seeding:
    """What a scenario works with. `names` collects the ids that AWS makes up, for the truth."""

    endpoint_url: str
    credentials: Credentials
    state: AccountState
    as_of: datetime
    names: dict[str, str] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """boto3's client of the simulated service, made once."""
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._session.client(
                service, region_name=region, endpoint_url=self.endpoint_url, config=Config(retries={"total_max_attempts": 1})
            )
        return self._clients[key]

    def close(self) -> None:
        """Close the clients' connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def __post_init__(self) -> None:
        self._session = boto3.Session(
            aws_access_key_id=self.credentials.access_key_id,
            aws_secret_access_key=self.credentials.secret_access_key,
        )


Scenario = Callable[[Seeding], Truth]


def read_truth(path: Path, names: Mapping[str, str]) -> Truth:
    """The truth in a file, with every `${name}` replaced; KeyError for a name that was not made."""
    data = read_yaml(path).data
    if not isinstance(data, dict):
        raise TypeError(path)
    return {
        rule: {verdict: tuple(Template(each).substitute(names) for each in listed) for verdict, listed in said.items()}
        for rule, said in data.items()
    }
