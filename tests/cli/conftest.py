"""A home to run commands against, and a company to run them on."""

from pathlib import Path

import pytest
from tests.cli.running import Sakimori
from tests.held_company import held_company

from sakimori.simulate.server import SimulatedAccount


@pytest.fixture
def sakimori(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sakimori:
    return Sakimori(tmp_path / "home", monkeypatch, capsys)


@pytest.fixture(scope="module")
def company() -> SimulatedAccount:
    return held_company()


@pytest.fixture
def as_owner(company: SimulatedAccount, monkeypatch: pytest.MonkeyPatch) -> SimulatedAccount:
    """The owner's credentials and the company's address in the environment."""
    company.faults.clear()
    company.forget_calls()
    for name, value in company.environment("owner").items():
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.setenv(name, value)
    return company
