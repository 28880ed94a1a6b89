"""The small catalogue, and a runner over it."""

from collections.abc import Iterator

import pytest
from tests.rules.house import CATALOGUE

from sakimori.lake.table import Catalogue
from sakimori.rules.examples import ExampleRunner


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return CATALOGUE


@pytest.fixture(scope="module")
def runner() -> Iterator[ExampleRunner]:
    with ExampleRunner(CATALOGUE) as runner:
        yield runner
