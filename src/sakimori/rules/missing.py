"""What a snapshot does not know: unread units of each table, as the judge and the outputs need them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sakimori.lake.facts import Facts
from sakimori.lake.table import Table
from sakimori.model.account import Account
from sakimori.model.words import GLOBAL, GapKind, Scope

REGION_TABLE: Final = "aws_region"
"""Its `global` unit holds what was refused while the account was opened."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One unread unit (parent ""), or the unread rows of one parent in a child table."""

    table: str
    account: str
    region: str
    parent: str
    kind: GapKind


def unit_regions(table: Table, account: Account) -> tuple[str, ...]:
    """The Regions of the units that a whole reading of this account has."""
    return account.regions if table.scope is Scope.REGION else (GLOBAL,)


def missing_of(table: Table, facts: Facts) -> Iterator[Missing]:
    """Everything of `table` that was not read, whether it was refused, not selected or never tried."""
    for account in facts.accounts:
        for region in unit_regions(table, account):
            unit = facts.units.get((table.name, account.id, region))
            if unit is None:
                yield Missing(table.name, account.id, region, "", _why_untried(table, account, region))
                continue
            for gap in unit.gaps:
                if not gap.parent or table.parent:
                    yield Missing(table.name, account.id, region, gap.parent, gap.kind)
        if table.scope is Scope.REGION and not account.regions_are_known:
            # There may be enabled Regions that nobody looked into.
            opening = facts.units.get((REGION_TABLE, account.id, GLOBAL))
            kind = opening.gaps[0].kind if opening and opening.gaps else GapKind.INTERRUPTED
            yield Missing(table.name, account.id, "", "", kind)


def _why_untried(table: Table, account: Account, region: str) -> GapKind:
    if table.scope is Scope.REGION and region not in account.selected:
        return GapKind.NOT_SELECTED
    return GapKind.INTERRUPTED


def all_missing(tables: Iterable[Table], facts: Facts) -> dict[str, tuple[Missing, ...]]:
    """By table; tables that were read whole are left out."""
    found = {table.name: tuple(missing_of(table, facts)) for table in tables}
    return {name: missing for name, missing in found.items() if missing}
