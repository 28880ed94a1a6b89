"""One simulated messy company, shared by the tests that only read it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.assess import AssessRequest, AssessResult, assess
from sakimori.app.clock import utc_now
from sakimori.aws.door import Door
from sakimori.simulate.server import SimulatedAccount


@pytest.fixture(scope="session")
def company() -> Iterator[SimulatedAccount]:
    with SimulatedAccount("messy-company") as simulated:
        yield simulated


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


def use_credentials(company: SimulatedAccount, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the credentials of one identity into the environment."""
    for variable, value in company.environment(name).items():
        if variable.startswith("AWS_"):
            monkeypatch.setenv(variable, value)


def open_company(company: SimulatedAccount, *, regions: tuple[str, ...] = ()) -> tuple[Door, ...]:
    """Its door, with whatever credentials stand in the environment."""
    return open_doors(AccessRequest(endpoint_url=company.endpoint_url, regions=regions))


def assess_company(
    company: SimulatedAccount, home: Path, *, regions: tuple[str, ...] = (), now: datetime | None = None, **more: object
) -> AssessResult:
    """Assess the company into a home."""
    request = AssessRequest(home=home, **more)  # type: ignore[arg-type]
    return assess(request, open_company(company, regions=regions), clock=lambda: now or utc_now())
