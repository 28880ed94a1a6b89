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
                missed = _missed(facts, each, table, account.id)
                if table.name in made:
                    rows, gaps = made[table.name]
                    # What of the tables underneath was not read made some of the rows unknown: it is told, and unreads no more.
                    gaps = [*gaps, *(replace(gap, parent=gap.parent or gap.call or "?") for gap in missed)]
                else:
                    rows, gaps = (), [replace(gap, parent="") for gap in missed[:1]] or [_nothing(table, account.id)]
                unit = Unit(table=table.name, account=account.id, region=GLOBAL, as_of=facts.as_of, gaps=tuple(gaps))
                where = {"account_id": account.id, "partition": account.partition, "region": GLOBAL}
                yield table, unit, [{**where, **row} for row in rows]


def _missed(facts: Facts, derivation: Derivation, table: Table, account: str) -> Sequence[Gap]:
    """What was not read of the tables underneath, the policies themselves first, each refusal once."""
    gaps = [
        replace(gap, table=table.name, region=GLOBAL)
        for need in derivation.needs
        for (name, owner, _), unit in facts.units.items()
        if name == need and owner == account
        for gap in unit.gaps
    ]
    return list(dict.fromkeys(gaps))


def _nothing(table: Table, account: str) -> Gap:
    return Gap(table=table.name, account=account, region=GLOBAL, kind=GapKind.INTERRUPTED)
