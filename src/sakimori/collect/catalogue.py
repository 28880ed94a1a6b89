"""All collected tables: every module under `collect/<service>/` that holds a `TABLE`."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import sakimori.collect
from sakimori.collect.declaration import Declaration
from sakimori.lake.table import Catalogue


@cache
def declarations() -> Mapping[str, Declaration]:
    """Declarations by table name, in alphabetical order."""
    found: dict[str, Declaration] = {}
    for service in iter_modules(sakimori.collect.__path__):
        if not service.ispkg:
            continue
        package = import_module(f"sakimori.collect.{service.name}")
        for module in iter_modules(package.__path__):
            declared = getattr(import_module(f"{package.__name__}.{module.name}"), "TABLE", None)
            if isinstance(declared, Declaration):
                found[declared.table.name] = declared
    return dict(sorted(found.items()))


@cache
def collected() -> Catalogue:
    """The tables alone, without those that are worked out of them (`sakimori.analysis.catalogue`)."""
    return Catalogue.of(*(declaration.table for declaration in declarations().values()))
