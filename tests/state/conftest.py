from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stores import ENGINES, new_place


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with new_place(request.param, tmp_path) as new:
        yield new
