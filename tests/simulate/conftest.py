"""A fresh simulated account for each test, or one for all tests of a module that only read."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.held_company import close_company, held_company

from sakimori.simulate.server import SimulatedAccount


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as simulated:
        yield simulated


@pytest.fixture(scope="module")
def shared_account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as simulated:
        yield simulated


@pytest.fixture(autouse=True)
def _alone(request: pytest.FixtureRequest) -> None:
    """These tests speak of the first account of a process: no other may be there."""
    if "messy" not in request.fixturenames:
        close_company()


@pytest.fixture
def messy() -> SimulatedAccount:
    return held_company()


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
