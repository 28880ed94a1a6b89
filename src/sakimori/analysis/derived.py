"""All tables that are worked out of collected ones, and the working out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from sakimori.analysis.derivation import Derivation
from sakimori.analysis.iam.tables import EXTERNAL, IAM
from sakimori.lake.facts import Facts
from sakimori.lake.rows import Row
from sakimori.lake.table import Table
from sakimori.lake.unit import Unit
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, GapKind

_ALL: tuple[Derivation, ...] = (IAM, EXTERNAL)


@cache
def derived_tables() -> Mapping[str, Table]:
    """By name."""
    return {table.name: table for each in _ALL for table in each.tables}


def needs_of(names: Iterable[str]) -> frozenset[str]:
    """The collected tables that these stand on; a collected one stands on itself."""
    makers = {table.name: each for each in _ALL for table in each.tables}
    return frozenset(need for name in names for need in (makers[name].needs if name in makers else (name,)))


def derive(facts: Facts, names: Iterable[str]) -> Iterator[tuple[Table, Unit, Sequence[Row]]]:
    """The units of these tables, account by account."""
    wanted = set(names)
    for each in _ALL:
        tables = [table for table in each.tables if table.name in wanted]
        for account in facts.accounts if tables else ():
            made = each.make(facts, account.id)
            for table in tables:
                rows, gaps = made.get(table.name) or ((), _inherited(facts, each, table, account.id))
                unit = Unit(table=table.name, account=account.id, region=GLOBAL, as_of=facts.as_of, gaps=tuple(gaps))
                yield table, unit, [{"account_id": account.id, "partition": account.partition, "region": GLOBAL, **row} for row in rows]  # fmt: skip


def _inherited(facts: Facts, derivation: Derivation, table: Table, account: str) -> Sequence[Gap]:
    """What was not read of the tables underneath; something always is, where nothing was made."""
    gaps = [
        replace(gap, table=table.name, region=GLOBAL, parent="")
        for (name, owner, _), unit in facts.units.items()
        if name in derivation.needs and owner == account
        for gap in unit.gaps
    ]
    return gaps[:1] or [Gap(table=table.name, account=account, region=GLOBAL, kind=GapKind.INTERRUPTED)]
