"""These tests are about how a store comes to its form: nothing is abridged."""

import pytest

from sakimori.state.upgrade import upgrade


@pytest.fixture(autouse=True)
def _whole_upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sakimori.state.store.upgrade", upgrade)
