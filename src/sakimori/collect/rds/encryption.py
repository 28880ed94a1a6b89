"""Whether RDS encrypts what it stores: two members say it, and one of them alone would mislead."""

from collections.abc import Callable

from sakimori.collect.declaration import Context, Record
from sakimori.collect.kleene import some

# Source: RDS API reference, DBCluster: with a key that AWS owns StorageEncrypted is false, and the type is sse-rds.
_ENCRYPTED_TYPES = ("sse-kms", "sse-rds")


def is_encrypted(member: str) -> Callable[[Record, Context], bool | None]:
    """Derives the claim from the boolean `member` and the type of encryption beside it."""

    def derive(record: Record, _context: Context) -> bool | None:
        said = record.get(member)
        by_type = record.get("StorageEncryptionType")
        claims = [said if isinstance(said, bool) else None]
        return some([*claims, *([by_type in _ENCRYPTED_TYPES] if by_type else [])])

    return derive
