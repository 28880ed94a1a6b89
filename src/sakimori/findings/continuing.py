"""Detections that go on: a later look at the same events, or at those that followed them, is no other detection."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, select

from sakimori.findings.detection_rows import name_of, searched
from sakimori.findings.tables import DETECTION
from sakimori.model.detection import Detection

GAP: Final = timedelta(hours=1)
"""Without an event for so long, what follows is another detection (as the engine has it)."""


def continued(connection: Connection, detections: Iterable[Detection]) -> Iterator[Detection]:
    """The detections; one that goes on from one that the store holds has that one's first moment, and so its identity.

    Whoever looks at a part of the log alone (the last day, new files) sees the middle of what began before.
    """
    column = DETECTION.c
    for each in detections:
        known = connection.execute(
            select(column.first_at)
            .where(
                column.rule == name_of(each.rule),
                column.producer == each.producer,
                column.account == searched(each.account),
                column.region == searched(each.region),
                column.principal == searched(each.principal),
                column.subject == searched(each.subject),
                column.last_at >= each.first_at - GAP,
                column.first_at <= each.last_at + GAP,
            )
            .order_by(column.first_at)
            .limit(1)
        ).scalar()
        yield each if known is None else replace(each, first_at=known)
