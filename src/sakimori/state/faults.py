"""What a database says when it fails, as a sentence for a person."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from sakimori.model.errors import LakeError
from sakimori.texts.language import clean

_REASON_LIMIT: Final = 200

_SENTENCES: Final[Mapping[str, str]] = {
    "SQLITE_BUSY": "findings.store_locked",
    "SQLITE_LOCKED": "findings.store_locked",
    "SQLITE_FULL": "findings.store_full",
    "SQLITE_NOTADB": "findings.store_damaged",
    "SQLITE_CORRUPT": "findings.store_damaged",
    "55P03": "findings.store_locked",
    "53100": "findings.store_full",
}
"""By SQLite's error name (sqlite.org/rescode.html) without its extension, and by SQLSTATE (PostgreSQL, appendix A)."""


@contextmanager
def explained(store: str) -> Iterator[None]:
    """LakeError, naming `store`, for a database that is locked, full, damaged or out of reach.

    A broken statement or constraint is a fault of the program and passes unchanged.
    """
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except DBAPIError as error:
        raise LakeError(_sentence(error), store=store, reason=_reason(error)) from error


def _sentence(error: DBAPIError) -> str:
    name = str(getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or "")
    plain = "_".join(name.split("_")[:2]) if name.startswith("SQLITE_") else name
    return _SENTENCES.get(plain, "findings.store_failed")


def _reason(error: DBAPIError) -> str:
    first_line = str(error.orig).strip().partition("\n")[0]
    return clean(first_line, _REASON_LIMIT)
