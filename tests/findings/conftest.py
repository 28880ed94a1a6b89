from collections.abc import Iterator

import pytest
from tests.stores import ENGINES, new_place

from sakimori.state.store import Store, open_store


@pytest.fixture(scope="module", params=ENGINES)
def lasting_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples of a property, each of which begins with `emptied`."""
    with new_place(request.param, tmp_path_factory.mktemp("lasting")) as new, open_store(new) as opened:
        yield opened
