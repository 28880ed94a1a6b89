"""One simulated messy company, shared by the tests that only read it."""

import pytest
from tests.app.company import use_credentials
from tests.held_company import held_company

from sakimori.simulate.server import SimulatedAccount


@pytest.fixture(scope="module")
def company() -> SimulatedAccount:
    return held_company()


@pytest.fixture(autouse=True)
def _quiet_account(request: pytest.FixtureRequest) -> None:
    if "company" in request.fixturenames:
        company = request.getfixturevalue("company")
        company.faults.clear()
        company.forget_calls()


@pytest.fixture
def as_owner(company: SimulatedAccount, monkeypatch: pytest.MonkeyPatch) -> SimulatedAccount:
    """The credentials of the company's owner in the environment."""
    use_credentials(company, "owner", monkeypatch)
    return company
