"""What is proven complete: of one log in one account and Region, the times of which everything that there was is in the lake.

A proof is recorded after the commit of what it speaks of, never before: a kill between the two costs a question, not a
hole that nobody sees.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sakimori.lake.manifest import Manifest

Span = tuple[int, int]
"""First and last microsecond since 1970 (UTC), both held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One proven stretch of time.

    `kind` says how it was proven (`lookup`, `digest`, `logs:GROUP`, …) and holds whatever tells one way from another;
    `detail` is a word for people, of the latest proof where several were joined.
    """

    table: str
    account: str
    region: str
    kind: str
    first_at: int
    last_at: int
    detail: str = ""

    @property
    def span(self) -> Span:
        """From when to when."""
        return self.first_at, self.last_at


def record(manifest: Manifest, proof: Proof) -> Proof:
    """The proof as it stands in the manifest afterwards: joined with those of its kind that it overlaps or touches."""
    if proof.first_at > proof.last_at:
        return proof
    with manifest.begin() as connection:
        joined = _joined(connection, proof)
        connection.execute(
            "delete from log_proof where table_name = ? and account = ? and region = ? and kind = ? "
            "and first_at between ? and ?",
            (*_key(proof), joined.first_at, joined.last_at),
        )
        connection.execute(
            "insert into log_proof values (?, ?, ?, ?, ?, ?, ?)",
            (*_key(proof), joined.first_at, joined.last_at, joined.detail),
        )
    return joined


def proofs(manifest: Manifest, table: str, *, account: str = "", region: str = "", kind: str = "") -> tuple[Proof, ...]:
    """What is proven of a table, by account, Region, kind and time; "" stands for every one."""
    return tuple(
        Proof(table=table, account=of, region=where, kind=how, first_at=first, last_at=last, detail=detail)
        for of, where, how, first, last, detail in manifest.query(
            "select account, region, kind, first_at, last_at, detail from log_proof where table_name = ? "
            "and (? = '' or account = ?) and (? = '' or region = ?) and (? = '' or kind = ?) "
            "order by account, region, kind, first_at",
            *(table, account, account, region, region, kind, kind),
        )
    )


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same times without overlaps, in their order; stretches that touch are one.

    >>> union([(5, 9), (1, 4), (20, 30), (7, 12)])
    ((1, 12), (20, 30))
    """
    found: list[Span] = []
    for first, last in sorted(span for span in spans if span[0] <= span[1]):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def missing(proven: Iterable[Span], wanted: Span) -> tuple[Span, ...]:
    """The parts of a stretch of time that no proof covers, in their order.

    >>> missing([(10, 19), (40, 50)], (5, 45))
    ((5, 9), (20, 39))
    """
    found: list[Span] = []
    at, end = wanted
    for first, last in union(proven):
        if last < at or first > end:
            continue
        if first > at:
            found.append((at, first - 1))
        at = last + 1
    if at <= end:
        found.append((at, end))
    return tuple(found)


def cut_out(connection: sqlite3.Connection, table: str, account: str, region: str, span: Span) -> None:
    """Forget what is proven of these times, whichever way it was proven, inside a transaction."""
    place = (table, account, region)
    found = connection.execute(
        "select kind, first_at, last_at, detail from log_proof where table_name = ? and account = ? and region = ? "
        "and first_at <= ? and last_at >= ?",
        (*place, span[1], span[0]),
    ).fetchall()
    for kind, first, last, detail in found:
        connection.execute(
            "delete from log_proof where table_name = ? and account = ? and region = ? and kind = ? and first_at = ?",
            (*place, kind, first),
        )
        connection.executemany(
            "insert into log_proof values (?, ?, ?, ?, ?, ?, ?)",
            [(*place, kind, *left, detail) for left in missing([span], (first, last))],
        )


def _joined(connection: sqlite3.Connection, proof: Proof) -> Proof:
    """The proof with all that it overlaps or touches: these touch no further one, as they were joined when they came."""
    first, last = connection.execute(
        "select min(first_at), max(last_at) from log_proof where table_name = ? and account = ? and region = ? "
        "and kind = ? and first_at <= ? and last_at >= ?",
        (*_key(proof), proof.last_at + 1, proof.first_at - 1),
    ).fetchone()
    if first is None:
        return proof
    return replace(proof, first_at=min(first, proof.first_at), last_at=max(last, proof.last_at))


def _key(proof: Proof) -> tuple[str, str, str, str]:
    return proof.table, proof.account, proof.region, proof.kind
