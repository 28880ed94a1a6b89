"""List prices of what hardening turns on: data with the day they were read and where. Estimates, never a bill."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from threading import Lock
from typing import Any, Final

import msgspec

from sakimori.model.action import Cost, CostPart, Quantity
from sakimori.model.words import GLOBAL
from sakimori.texts.bounded_yaml import read_yaml

_OF_GLOBAL = "us-east-1"
"""Where services without Regions have their price."""


_OTHER_LISTS = ("cn-", "us-gov-", "us-iso")
"""Partitions with price lists of their own."""


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One price. `usd` is for `per` of the unit, by Region; `*` stands for every Region of the partition `aws` that is not named."""

    en: str
    ja: str
    per: int
    usd: dict[str, float]
    as_of: date
    source: str

    def of_one(self, region: str) -> float | None:
        """For one unit in US dollars; None where the price of the Region is not known."""
        asked = _OF_GLOBAL if region == GLOBAL else region
        everywhere = None if asked.startswith(_OTHER_LISTS) else self.usd.get("*")
        found = self.usd.get(asked, everywhere)
        return None if found is None else found / self.per


class _Yen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rate: float
    as_of: date
    source: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    yen: _Yen
    prices: dict[str, Price]


@dataclass(frozen=True, slots=True)
class Prices:
    """All prices, by name, and the yen that a dollar is counted as."""

    by_name: Mapping[str, Price]
    yen: float
    yen_as_of: date

    def cost(self, quantities: Iterable[Quantity], region: str) -> Cost:
        """What these cost in a month in this Region; KeyError for a price that the file does not have."""
        return Cost(tuple(self._part(each, region) for each in quantities))

    def as_of(self, names: Iterable[str]) -> date | None:
        """The oldest day on which one of these was read; None without names."""
        return min((self.by_name[each].as_of for each in names), default=None)

    def _part(self, quantity: Quantity, region: str) -> CostPart:
        one = self.by_name[quantity.price].of_one(region)
        if quantity.count == 0:
            return CostPart(quantity.price, 0, 0.0)
        is_known = one is not None and quantity.count is not None
        return CostPart(quantity.price, quantity.count, one * quantity.count if is_known else None)  # type: ignore[operator]


_READING: Final = Lock()


def prices() -> Prices:
    """The prices of this version. Thread-safe.

    Plans are made by several threads. msgspec builds what it knows of a type at the first use: of two threads that use one at
    the same time for the first time, one meets it half built, and the whole process dies (seen with msgspec 0.22).
    """
    with _READING:
        return _read()


@cache
def _read() -> Prices:
    with as_file(files("sakimori") / "rulebook" / "prices.yaml") as path:
        told: Any = read_yaml(path).data
    found = msgspec.convert(told, _File)
    return Prices(found.prices, found.yen.rate, found.yen.as_of)
