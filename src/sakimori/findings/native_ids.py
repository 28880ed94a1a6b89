"""Imported findings by the id that their own service gave them: what a person copies out of a console or a mail."""

from typing import Final

from sqlalchemy import or_, select

from sakimori.findings.detection_rows import detection_of
from sakimori.findings.tables import DETECTION
from sakimori.model.detection import Detection
from sakimori.state.store import Store

_SHOWN: Final = 5


def detections_by_native_id(store: Store, producer: str, identifier: str) -> tuple[Detection, ...]:
    """The findings of a service whose id, or the end of whose ARN, is this; at most a handful, by id."""
    native = DETECTION.c.native_id
    is_it = or_(native == identifier, native.endswith(f"/{identifier}", autoescape=True))
    query = select(DETECTION).where(DETECTION.c.producer == producer, is_it).order_by(DETECTION.c.id).limit(_SHOWN)
    with store.read() as connection:
        return tuple(detection_of(row) for row in connection.execute(query).mappings())
