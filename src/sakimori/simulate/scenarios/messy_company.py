"""A small company's account as its third administrator found it: three Regions in use, no one in charge.

Everything is planted: `messy/truth/` names each fault and its healthy neighbour.
"""

from importlib import import_module
from pathlib import Path
from typing import Final

from sakimori.simulate.scenarios.form import Seeding, Truth, read_truth

_PARTS: Final = (
    "identities",
    "access",
    "storage",
    "vault",
    "network",
    "workloads",
    "databases",
    "warehouses",
    "data_stores",
    "ec2_machines",
    "ec2_boundaries",
    "containers",
    "serverless",
    "monitoring",
    "trails",
    "watching",
    "records",
    "guards",
    "balancers",
    "edge",
    "messages",
    "services",
    "sharing",
    "history",
)
"""The modules under `messy/`, in the order in which they fill the account: later ones use the names of earlier ones."""
_TRUTH: Final = Path(__file__).with_name("messy") / "truth"


def seed(seeding: Seeding) -> Truth:
    """Fill the account; gives the truth with all names resolved."""
    seeding.names["account"] = seeding.state.account_id
    for part in _PARTS:
        import_module(f"sakimori.simulate.scenarios.messy.{part}").seed(seeding)
    return read_truth(_TRUTH, seeding.names)
