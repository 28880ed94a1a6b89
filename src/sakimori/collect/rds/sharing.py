"""Who may restore a manual snapshot: the one attribute of snapshots that RDS has."""

from collections.abc import Sequence

from sakimori.collect.declaration import Context, Record

ATTRIBUTES = "Attributes"
"""The name of the detail that reads a snapshot's attributes."""

# Source: RDS API reference, ModifyDBSnapshotAttribute: `restore` lists account ids, or `all`.
_RESTORE = "restore"
_EVERYONE = "all"


def restorers(record: Record) -> Sequence[str] | None:
    """Whom the snapshot is shared with; None where AWS does not speak of restoring at all."""
    found = {each["AttributeName"]: each.get("AttributeValues") or [] for each in record.get(ATTRIBUTES) or ()}
    return tuple(map(str, found[_RESTORE])) if _RESTORE in found else None


def is_public(record: Record, _context: Context) -> bool | None:
    """Whether every AWS account may restore the snapshot."""
    found = restorers(record)
    return None if found is None else _EVERYONE in found


def accounts(record: Record, _context: Context) -> list[str] | None:
    """The accounts that are named, in order."""
    found = restorers(record)
    return None if found is None else sorted(member for member in found if member != _EVERYONE)
