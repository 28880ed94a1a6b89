"""What is known of addresses: lists that a person keeps, and tables of country and operator."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from sakimori.analysis.facts.address_lists import AddressList
from sakimori.analysis.facts.address_table import AddressTable

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """`lists` are asked in their order; of `tables` the first that knows the address answers."""

    lists: tuple[AddressList, ...] = ()
    tables: tuple[AddressTable, ...] = ()
    mark: str = ""
    """Tells these tables from other ones: what was learnt with them is learnt anew with others."""

    def list_with(self, address: str) -> str:
        """The name of the first list that holds the address; "" where none does."""
        return next((each.name for each in self.lists if each.holds(address)), "")

    def list_with_domain(self, domain: str) -> str:
        """The name of the first list that holds the domain or one that it is part of; "" where none does."""
        return next((each.name for each in self.lists if each.holds_domain(domain)), "")

    def country_of(self, address: str) -> str | None:
        """Two letters, as the table has them; None where no table knows the address."""
        return _first(table.country_of(address) for table in self.tables)

    def asn_of(self, address: str) -> int | None:
        """The number of the autonomous system; None where no table knows the address."""
        return _first(table.asn_of(address) for table in self.tables)


def _first(answers: Iterable[_Answer | None]) -> _Answer | None:
    return next((answer for answer in answers if answer is not None), None)
