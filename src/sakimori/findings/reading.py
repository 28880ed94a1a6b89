"""Findings as the store holds them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import select

from sakimori.findings.rows import verdict_of
from sakimori.findings.tables import FINDING, OPEN
from sakimori.model.verdict import Verdict
from sakimori.model.words import Status
from sakimori.state.batches import batches
from sakimori.state.store import Store

_SHOWN: Final = 5


def open_findings(store: Store, account: str = "") -> Iterator[Verdict]:
    """All open findings, or those of one account, as they were last seen; by rule, account, Region and resource."""
    query = select(FINDING).where(FINDING.c.state == OPEN)
    if account:
        query = query.where(FINDING.c.account == account)
    order = (FINDING.c.rule, FINDING.c.account, FINDING.c.region, FINDING.c.resource, FINDING.c.id)
    with store.read() as connection:
        for row in connection.execute(query.order_by(*order)).mappings():
            yield verdict_of(row)


def find_findings(store: Store, beginning: str) -> tuple[Verdict, ...]:
    """The findings, open or resolved, whose id begins so; at most a handful, by id."""
    query = select(FINDING).where(FINDING.c.id.startswith(beginning, autoescape=True)).order_by(FINDING.c.id)
    with store.read() as connection:
        return tuple(verdict_of(row) for row in connection.execute(query.limit(_SHOWN)).mappings())


def _dates(store: Store, identifiers: list[str]) -> dict[str, tuple[datetime, datetime]]:
    if not identifiers:
        return {}
    query = select(FINDING.c.id, FINDING.c.first_seen, FINDING.c.last_seen).where(FINDING.c.id.in_(identifiers))
    with store.read() as connection:
        return {identifier: (first, last) for identifier, first, last in connection.execute(query)}


def dates_of(store: Store, verdicts: Iterable[Verdict]) -> dict[str, tuple[datetime, datetime]]:
    """First and last seen of the failing verdicts among these, by finding id."""
    failing = (verdict.id for verdict in verdicts if verdict.status is Status.FAIL)
    found: dict[str, tuple[datetime, datetime]] = {}
    for batch in batches(failing):
        found.update(_dates(store, batch))
    return found
