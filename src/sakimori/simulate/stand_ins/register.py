"""Which operations a stand-in answers: those of every module beside this one that has `STAND_INS`."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Final, NoReturn

import sakimori.simulate.stand_ins
from sakimori.simulate.refusals import not_implemented
from sakimori.simulate.stand_ins import support
from sakimori.simulate.stand_ins.form import Desk, StandIn

_WHOLE: Final = ("identitystore:", "sso-admin:")
"""Services of which moto remembers something else than is here: what no stand-in answers is lacking."""


@cache
def stand_ins() -> Mapping[str, StandIn]:
    """By `service:Operation`; everything else goes to moto. KeyError for an operation that two modules answer."""
    found: dict[str, StandIn] = {}
    package = sakimori.simulate.stand_ins
    for module in iter_modules(package.__path__):
        for name, answer in getattr(import_module(f"{package.__name__}.{module.name}"), "STAND_INS", {}).items():
            if name in found:
                raise KeyError(name)
            found[name] = answer
    return found


def stand_in_of(name: str) -> StandIn | None:
    """The stand-in of `service:Operation`; support answers as a whole (its plan decides)."""
    if name.startswith("support:"):
        return stand_ins().get(name, support.behind_the_plan)
    if name.startswith(_WHOLE):
        return stand_ins().get(name, _lacking)
    return stand_ins().get(name)


def _lacking(desk: Desk) -> NoReturn:
    raise not_implemented(desk.call)
