"""A fresh simulated account for each test, or one for all tests of a module that only read."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sakimori.simulate.server import SimulatedAccount


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as simulated:
        yield simulated


@pytest.fixture(scope="module")
def shared_account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as simulated:
        yield simulated


@pytest.fixture(scope="module")
def messy() -> Iterator[SimulatedAccount]:
    with SimulatedAccount("messy-company") as simulated:
        yield simulated


@pytest.fixture
def refusal_of() -> Callable[..., tuple[str, str, int]]:
    """Calls a method of boto3's that must be refused: gives the code, the message and the HTTP status."""

    def refused(call: Callable[..., Any], **parameters: Any) -> tuple[str, str, int]:
        with pytest.raises(ClientError) as caught:
            call(**parameters)
        response: Any = caught.value.response
        error = response["Error"]
        return error["Code"], error.get("Message", ""), response["ResponseMetadata"]["HTTPStatusCode"]

    return refused
