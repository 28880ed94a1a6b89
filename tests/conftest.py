"""What every test stands on: the loopback guard, and a home of its own."""

import os
import socket
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests.held_company import close_company
from tests.quick_upgrade import quick_upgrade
from tests.stores import ENGINES, new_place

from sakimori.aws import transport
from sakimori.state.store import Store, open_store

# No timed test: how long an example takes says more of the machine than of the program.
settings.register_profile("searching", deadline=None)
# A change is judged by the same examples each time: what chance finds elsewhere is not the change's fault.
settings.register_profile("landing", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "searching"))

_HERE = Path(__file__).parent
_LONG = [
    _HERE / name
    for name in (
        "outputs/notify/test_kills.py", "actions/test_kills.py", "actions/test_whole_baseline.py",
        "simulate/test_leaked_key.py", "lake/test_repair.py", "lake/test_compaction.py", "ingest/test_exactly_once.py",
        "app/test_resume.py", "app/respond/test_acceptance.py", "laws/test_tree.py",
    )
]  # fmt: skip
"""Files whose few slow tests take minutes."""
_ALONE = [
    _HERE / name
    for name in ("simulate", "app/test_python.py", "aws/test_account.py", "aws/test_moto_server.py", "outputs/notify/test_sns.py")
]  # fmt: skip
"""What stops or wipes the held company."""
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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In which order workers take the files: long ones first, then large ones, and last those that bear no company.

    A long file at the end leaves all workers but one idle. Seeding the company takes six seconds of CPU, and would be
    done again each time that one of its files follows one of those that wipe it. Without workers, chance orders.
    """
    if hasattr(config, "workerinput"):
        sizes = Counter(item.path for item in items)
        items.sort(key=lambda item: (_rank(item.path), -sizes[item.path]))


def _rank(file: Path) -> int:
    return 0 if file in _LONG else 2 if any(file.is_relative_to(each) for each in _ALONE) else 1


def pytest_sessionfinish() -> None:
    close_company()


@pytest.fixture(scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for a whole session, its workers together: reading the rules once is enough."""
    mine = tmp_path_factory.getbasetemp()
    place = (mine.parent if os.environ.get("PYTEST_XDIST_WORKER") else mine) / "cache"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


@pytest.fixture(autouse=True, scope="session")
def _what_nearly_every_test_makes_is_made_once() -> Iterator[None]:
    """The built-in authorities of TLS, which every door reads, and the form of an empty store: tens of milliseconds each."""
    whole, built_in = transport.tls_context, cache(transport.tls_context)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "tls_context", lambda bundle: whole(bundle) if bundle else built_in(bundle))
        patch.setattr("sakimori.state.store.upgrade", quick_upgrade)
        yield


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
