"""What people vouch for, because no API shows it: who signed, when, until when, and a hash of the evidence.

Nothing is ever overwritten: a new signature stands beside the old ones, and the newest that was
not withdrawn counts. An attestation is a person's word; it is never counted as passed.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, select, update

from sakimori.findings.tables import ATTESTATION
from sakimori.model.errors import UsageError
from sakimori.model.framework import Attested
from sakimori.rules.framework import Question
from sakimori.state.store import Store

MAX_TEXT: Final = 2_000
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What is to be signed, for one account."""

    account: str
    question: Question
    signer: str
    valid_days: int | None = None
    note: str = ""
    evidence: Path | None = None


def sign(store: Store, signature: Signature, now: datetime) -> Attested:
    """Keep the signature and a hash of the evidence, whose file stays where it is; UsageError for one that cannot be."""
    _check(signature)
    name = signature.evidence.name if signature.evidence else ""
    days = signature.question.valid_days if signature.valid_days is None else signature.valid_days
    attested = Attested(
        question=signature.question.id,
        signer=_whole(signature.signer.strip()),
        signed_at=now,
        valid_until=now.date() + timedelta(days=days),
        note=_whole(signature.note.strip()),
        evidence_name=_whole(name),
        evidence_sha256=_digest(signature.evidence) if signature.evidence else "",
    )
    with store.begin() as connection:
        row = {name: getattr(attested, name) for name in _COLUMNS}
        connection.execute(insert(ATTESTATION).values(account=signature.account, **row))
    return attested


_COLUMNS: Final = ("question", "signer", "signed_at", "valid_until", "note", "evidence_name", "evidence_sha256")


def withdraw(store: Store, account: str, question: str, now: datetime) -> int:
    """Withdraw every signature under a question for one account; how many there were."""
    table = ATTESTATION.c
    those = (table.account == account, table.question == question, table.withdrawn_at.is_(None))
    with store.begin() as connection:
        return connection.execute(update(ATTESTATION).where(*those).values(withdrawn_at=now)).rowcount


def attestations(store: Store, day: date | None = None) -> Mapping[tuple[str, str], Attested]:
    """By question and account: the newest signature that was not withdrawn, be it still valid or not.

    With a `day`, as it stood at the end of that day (UTC): what was signed or withdrawn later had not been yet.
    """
    with store.read() as connection:
        rows = connection.execute(select(ATTESTATION).order_by(ATTESTATION.c.number)).mappings().all()
    return {(row["question"], row["account"]): _attested(row) for row in rows if _stood(row, day)}


def _stood(row: Mapping[Any, Any], day: date | None) -> bool:
    withdrawn: datetime | None = row["withdrawn_at"]
    if day is None:
        return withdrawn is None
    return row["signed_at"].date() <= day and (withdrawn is None or withdrawn.date() > day)


def history(store: Store, account: str, question: str) -> Iterator[tuple[Attested, datetime | None]]:
    """Every signature under a question for one account, the newest first, with the time of its withdrawal."""
    table = ATTESTATION.c
    query = select(ATTESTATION).where(table.account == account, table.question == question)
    with store.read() as connection:
        for row in connection.execute(query.order_by(table.number.desc())).mappings().all():
            yield _attested(row), row["withdrawn_at"]


def _attested(row: Mapping[Any, Any]) -> Attested:
    return Attested(**{name: row[name] for name in _COLUMNS})


def is_due(attested: Attested | None, on: date, within: timedelta = timedelta()) -> bool:
    """Whether nobody vouches for it on that day, or no longer will so soon after (in whole days)."""
    return attested is None or (attested.valid_until - on).days < within.days


def _check(signature: Signature) -> None:
    if not signature.signer.strip():
        raise UsageError("findings.attest_no_signer")
    for text in (signature.signer, signature.note):
        if len(text) > MAX_TEXT:
            raise UsageError("findings.attest_too_long", most=MAX_TEXT)
    if signature.valid_days is not None and not 1 <= signature.valid_days <= signature.question.valid_days:
        raise UsageError("findings.attest_days", most=signature.question.valid_days)


def _whole(text: str) -> str:
    """Text that every store takes: a byte that is no UTF-8, and NUL, stand as U+FFFD."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "\ufffd")


def _digest(path: Path) -> str:
    """Of a plain file: a device never ends, and a pipe gives what is nowhere kept."""
    digest = hashlib.sha256()
    try:
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError("findings.attest_evidence", path=path, reason="not a file")
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError("findings.attest_evidence", path=path, reason=reason) from error
    return digest.hexdigest()
