"""The scenarios by name."""

from importlib import import_module
from typing import Final

from sakimori.model.errors import UsageError
from sakimori.simulate.scenarios.form import Scenario

_PLAYED: Final = ("leaked-key", "leaked-key-hard", "stolen-password", "exposed-service")
"""Stories of an attack; each plays in four accounts."""
NAMES: Final = ("messy-company", *_PLAYED)


def accounts_of(name: str) -> int:
    """How many accounts the scenario plays in."""
    return 4 if name in _PLAYED else 1


def scenario_of(name: str) -> Scenario:
    """The scenario `name`; UsageError if there is none."""
    if name not in NAMES:
        raise UsageError("simulate.no_such_scenario", name=name, known=", ".join(NAMES))
    module = import_module(f"sakimori.simulate.scenarios.{name.replace('-', '_')}")
    return module.seed
