"""What every test stands on: the loopback guard, and a home of its own."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests.held_company import close_company
from tests.stores import ENGINES, new_place

from sakimori.state.store import Store, open_store

# No timed test: how long an example takes says more of the machine than of the program.
settings.register_profile("searching", deadline=None)
# A change is judged by the same examples each time: what chance finds elsewhere is not the change's fault.
settings.register_profile("landing", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "searching"))

_LOOPBACK = ("127.", "::1", "localhost")
_connect = socket.socket.connect


class OutsideLoopbackError(AssertionError):
    """A test tried to reach another machine."""


def _guarded(self: socket.socket, address: Any) -> None:
    if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
        raise OutsideLoopbackError(address)
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    socket.socket.connect = _guarded
    yield
    socket.socket.connect = _connect


def pytest_sessionfinish() -> None:
    close_company()


@pytest.fixture(scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for a whole session: reading the rules once is enough."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _no_credentials_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, _cache: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("SAKIMORI_LANG", "en")
    monkeypatch.setenv("SAKIMORI_CACHE", str(_cache))


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty store of each engine."""
    with new_place(request.param, tmp_path) as new:
        yield new


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    with open_store(place) as opened:
        yield opened
