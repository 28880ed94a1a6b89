"""All tables that are worked out of collected ones, and the working out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from sakimori.analysis.derivation import Derivation
from sakimori.analysis.iam.tables import IAM
from sakimori.lake.facts import Facts
from sakimori.lake.rows import Row
from sakimori.lake.table import Table
from sakimori.lake.unit import Unit
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, GapKind

_ALL: tuple[Derivation, ...] = (IAM,)


@cache
def derived_tables() -> Mapping[str, Table]:
    """By name."""
    return {table.name: table for each in _ALL for table in each.needs}


def needs_of(names: Iterable[str]) -> frozenset[str]:
    """The collected tables that these stand on; a collected one stands on itself."""
    known = {table.name: needs for each in _ALL for table, needs in each.needs.items()}
    return frozenset(need for name in names for need in known.get(name, (name,)))


def derive(facts: Facts, names: Iterable[str]) -> Iterator[tuple[Table, Unit, Sequence[Row]]]:
    """The units of these tables, account by account."""
    wanted = set(names)
    for each in _ALL:
        tables = [table for table in each.needs if table.name in wanted]
        for account in facts.accounts if tables else ():
            made = each.make(facts, account.id, [table.name for table in tables])
            where = {"account_id": account.id, "partition": account.partition, "region": GLOBAL}
            for table in tables:
                missed = _missed(facts, each.needs[table], table, account.id)
                gaps = _told(missed) if table.name in made else _unmade(missed, table, account.id)
                unit = Unit(table=table.name, account=account.id, region=GLOBAL, as_of=facts.as_of, gaps=gaps)
                yield table, unit, [{**where, **row} for row in made.get(table.name, ())]


def _missed(facts: Facts, needs: Sequence[str], table: Table, account: str) -> Sequence[Gap]:
    """What was not read of the tables underneath, the policies themselves first, each refusal once."""
    gaps = [
        replace(gap, table=table.name, region=GLOBAL)
        for need in needs
        for (name, owner, _), unit in facts.units.items()
        if name == need and owner == account
        for gap in unit.gaps
    ]
    return list(dict.fromkeys(gaps))


def _told(missed: Sequence[Gap]) -> tuple[Gap, ...]:
    """What was not read has made single values unknown; it is told, and leaves no row unread."""
    return tuple(replace(gap, parent=gap.parent or gap.call or "?") for gap in missed)


def _unmade(missed: Sequence[Gap], table: Table, account: str) -> tuple[Gap, ...]:
    """The first refusal leaves the whole table unread."""
    if not missed:
        return (Gap(table=table.name, account=account, region=GLOBAL, kind=GapKind.INTERRUPTED),)
    return (replace(missed[0], parent=""),)
