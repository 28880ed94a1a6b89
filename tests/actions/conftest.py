from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.actions.staging import REGIONS, Stage
from tests.app.company import use_credentials

from sakimori.app.access import AccessRequest, open_doors
from sakimori.simulate.server import SimulatedAccount


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What reads every table three times over is slow."""
    for item in items:
        if "stage" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A bare account in two Regions, its home the first."""
    with SimulatedAccount(account_id="606060606060") as simulated, pytest.MonkeyPatch.context() as patch:
        use_credentials(simulated, "owner", patch)
        (door,) = open_doors(AccessRequest(endpoint_url=simulated.endpoint_url, regions=REGIONS))
        yield Stage(simulated, door, tmp_path)
