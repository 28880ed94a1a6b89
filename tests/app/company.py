"""The messy company as a test enters and assesses it."""

from datetime import datetime
from pathlib import Path

import pytest

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.assess import AssessRequest, AssessResult, assess
from sakimori.app.clock import utc_now
from sakimori.aws.door import Door
from sakimori.simulate.server import SimulatedAccount


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
