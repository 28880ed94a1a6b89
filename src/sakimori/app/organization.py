"""The organization as the newest snapshot has it that was taken in its management account, or by a delegated administrator."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sakimori.analysis.iam.organization_tree import Organization, organizations
from sakimori.analysis.iam.read_tables import ORGANIZATION_TABLES
from sakimori.lake.snapshot import Lake
from sakimori.lake.table_rows import TableRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Organizations of one snapshot, and when that was taken."""

    organizations: tuple[Organization, ...]
    as_of: datetime

    def holding(self, account: str) -> Organization | None:
        """The one that the account is in."""
        return next((each for each in self.organizations if account in each.accounts), None)


def collected_organizations(home: Path) -> Collected | None:
    """None where no snapshot holds the tree of any."""
    if not (home / "lake" / "manifest.db").exists():
        return None
    with closing(Lake(home)) as lake:
        found = lake.find_with_rows(ORGANIZATION_TABLES)
        if not found:
            return None
        facts = lake.open(found)
    with closing(TableRows(facts)) as rows:
        return Collected(organizations=organizations(facts, rows), as_of=facts.as_of)
