"""All measures: one module each, found by looking.

Under `actions/harden/` lie those of the baseline, under `actions/fix/` those that mend single resources, under
`actions/respond/` those of an incident: what contains it, and what takes away what a thief left.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType

from sakimori.actions import fix, harden
from sakimori.actions.respond import contain, erase, replace
from sakimori.actions.step import Guide, Step


@cache
def steps() -> Mapping[str, Step]:
    """The steps of the baseline by id, in the order in which they are made: the `STEP` of each module that has one."""
    return _ordered(_found(harden, "STEP"))


@cache
def guides() -> Mapping[str, Guide]:
    """What only a person can do, by id, in order: the `GUIDE` of each module that has one."""
    return _ordered(_found(harden, "GUIDE"))


@cache
def fixes() -> Mapping[str, Step]:
    """The steps that mend single resources, by id."""
    return _ordered(_found(fix, "STEP"))


@cache
def containments() -> Mapping[str, Step]:
    """The steps that stop a thief, by id, in the order in which they are made."""
    return _ordered(_found(contain, "STEP"))


@cache
def erasures() -> Mapping[str, Step]:
    """The steps that take away or put back what a thief made or changed, by id, in the order in which they are made."""
    return _ordered(_found(erase, "STEP"))


@cache
def replacements() -> Mapping[str, Step]:
    """The steps that put a new credential in the place of a leaked one, by id, in the order in which they are made."""
    return _ordered(_found(replace, "STEP"))


@cache
def every_step() -> Mapping[str, Step]:
    """All steps that change something, by id: what a journal may name."""
    return MappingProxyType({**steps(), **fixes(), **containments(), **erasures(), **replacements()})


def _found(package: ModuleType, name: str) -> list[object]:
    modules = (import_module(f"{package.__name__}.{each.name}") for each in iter_modules(package.__path__))
    return [getattr(each, name) for each in modules if hasattr(each, name)]


def _ordered(found: list) -> Mapping:  # type: ignore[type-arg]
    return MappingProxyType({each.id: each for each in sorted(found, key=lambda each: (each.order, each.id))})
