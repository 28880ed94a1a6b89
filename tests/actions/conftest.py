from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.actions.staging import Stage, staged


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What reads every table three times over is slow."""
    for item in items:
        if "stage" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as found:
        yield found
