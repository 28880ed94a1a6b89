"""What a run of detections found, recorded; with the risk that adds up over all that the store knows of somebody."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from sakimori.findings.detection_rows import searched
from sakimori.findings.detections import Found, Recorded, Sought, find_detections, record_detections
from sakimori.findings.renames import carry_over
from sakimori.findings.tables import DETECTION
from sakimori.model.detection import Detection
from sakimori.rules.detections.hits import GAP
from sakimori.rules.detections.risk import NAME as RISK
from sakimori.rules.detections.risk import REMEMBERED, accumulated

_GAP: Final = timedelta(microseconds=GAP)
_SAME_AFFAIR: Final = timedelta(days=1)
_OWN: Final = ("sakimori",)


def record_found(
    connection: Connection, found: Sequence[Detection], at: datetime, renamed: Mapping[str, str] | None = None
) -> Recorded:
    """Record the detections of a run, and the risk that the store's detections of its principals add up to.

    A run may have looked at a part of the log alone (the last day, new files): of the risk, the store knows more. `renamed`
    are former names of the run's rules: what stands under them goes on under the present ones.
    """
    carry_over(connection, renamed or {}, at)
    plain = tuple(continued(connection, (each for each in found if each.rule != RISK)))
    recorded = record_detections(connection, plain, at)
    changed = (*recorded.new, *recorded.grown)
    told = sum(each.rule == RISK for each in found)
    if not changed:
        return replace(recorded, unchanged_count=recorded.unchanged_count + told)
    since = min(each.first_at for each in changed) - 2 * REMEMBERED
    principals = {each.principal for each in changed}
    known = find_detections(connection, Sought(since=since, producers=_OWN))
    signals = [each.detection for each in known if each.detection.principal in principals]
    fresh = (each for each in accumulated(signals) if each.first_at >= min(signal.first_at for signal in changed))
    risks = record_detections(connection, (_as_known(each, known) for each in fresh), at)
    return Recorded(
        new=(*recorded.new, *risks.new),
        grown=(*recorded.grown, *risks.grown),
        unchanged_count=recorded.unchanged_count + max(0, told - len(risks.new) - len(risks.grown)),
    )


def _as_known(risk: Detection, known: Iterable[Found]) -> Detection:
    """The risk as the store has it already, if it told of the same affair at another moment."""
    for each in known:
        told = each.detection
        if (
            told.rule == RISK
            and told.principal == risk.principal
            and abs(told.first_at - risk.first_at) <= _SAME_AFFAIR
        ):
            return replace(risk, first_at=told.first_at, account=told.account, region=told.region)
    return risk


def continued(connection: Connection, detections: Iterable[Detection]) -> Iterator[Detection]:
    """The detections; one that goes on from one that the store holds has that one's first moment, and so its identity.

    Whoever looks at a part of the log alone sees the middle of what began before.
    """
    column = DETECTION.c
    for each in detections:
        known = connection.execute(
            select(column.first_at)
            .where(
                column.rule == searched(each.rule),
                column.producer == each.producer,
                column.account == searched(each.account),
                column.region == searched(each.region),
                column.principal == searched(each.principal),
                column.subject == searched(each.subject),
                column.last_at >= each.first_at - _GAP,
                column.first_at <= each.last_at + _GAP,
            )
            .order_by(column.first_at)
            .limit(1)
        ).scalar()
        yield each if known is None else replace(each, first_at=known)
