"""All steps: one module each under `actions/harden/`, found by looking, in the order in which they are made."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from sakimori.actions import harden
from sakimori.actions.step import Step


@cache
def steps() -> Mapping[str, Step]:
    """By id; every module of the package has one as `STEP`."""
    found: list[Step] = [import_module(f"{harden.__name__}.{each.name}").STEP for each in iter_modules(harden.__path__)]
    return MappingProxyType({each.id: each for each in sorted(found, key=lambda each: (each.order, each.id))})
