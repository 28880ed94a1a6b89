"""A small company's account as its third administrator found it: three Regions in use, no one in charge.

Everything is planted: `messy/truth/` names each fault and its healthy neighbour.
"""

from pathlib import Path

from sakimori.simulate.scenarios.form import Seeding, Truth, read_truth
from sakimori.simulate.scenarios.messy import (
    identities,
    monitoring,
    network,
    records,
    storage,
    trails,
    watching,
    workloads,
)

_TRUTH = Path(__file__).with_name("messy") / "truth"


def seed(seeding: Seeding) -> Truth:
    """Fill the account; gives the truth with all names resolved."""
    seeding.names["account"] = seeding.state.account_id
    identities.seed(seeding)
    storage.seed(seeding)
    network.seed(seeding)
    workloads.seed(seeding)
    monitoring.seed(seeding)
    trails.seed(seeding)
    watching.seed(seeding)
    records.seed(seeding)
    return read_truth(_TRUTH, seeding.names)
