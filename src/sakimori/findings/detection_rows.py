"""A detection as a row of the store, and back; and what two sights of one detection make together."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from sakimori.findings.rows import bounded, revive, tagged, whole
from sakimori.findings.tables import CLOSED, OPEN
from sakimori.model.detection import MAX_EVENT_IDS, MAX_ORIGINS, MAX_RESOURCES, Detection
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity

_COLUMN_LIMIT: Final = 600
"""Characters of a searched text; PostgreSQL's indexes take no entry beyond 2,704 bytes."""
_COUNT_LIMIT: Final = 2**63 - 1
_WORDS: Final = ("rule", "producer", "native_id", "partition", "account", "region", "principal", "source", "subject")
_LISTS: Final = {"origins": MAX_ORIGINS, "resources": MAX_RESOURCES, "event_ids": MAX_EVENT_IDS}
_LABELS: Final = ("tactics", "techniques")
_TIMES: Final = ("first_at", "last_at", "updated_at")


def kept(detection: Detection) -> Detection:
    """The detection as the store gives it back: lists, texts and evidence bounded, times in UTC.

    What makes its identity stays whole.
    """
    lists: dict[str, Any] = {
        name: tuple(str(bounded(each)) for each in getattr(detection, name)[:most]) for name, most in _LISTS.items()
    }
    return replace(
        detection,
        **lists,
        **{name: _utc(getattr(detection, name)) for name in _TIMES},
        title=_bounded_text(detection.title),
        message=_bounded_text(detection.message),
        count=min(detection.count, _COUNT_LIMIT),
        evidence=_DECODER.decode(_ENCODER.encode(bounded(detection.evidence))),
    )


def row_of(detection: Detection, identifier: str, at: datetime) -> dict[str, object]:
    """The row of a detection (as `kept` gives it) that was first recorded and last changed `at`."""
    row: dict[str, object] = {name: searched(getattr(detection, name)) for name in _WORDS}
    return row | {
        "id": identifier,
        "state": CLOSED if detection.is_closed else OPEN,
        "severity": detection.severity.value,
        "confidence": detection.confidence.value,
        "first_at": detection.first_at,
        "last_at": detection.last_at,
        "count": detection.count,
        "body": _body(detection),
        "first_seen": at,
        "last_seen": at,
    }


def detection_of(row: RowMapping) -> Detection:
    """The detection as it was last seen."""
    return _from_body(row["body"])


def searched(text: str) -> str:
    """`text` as it stands in a column that is searched: what a store cannot keep replaced, and cut."""
    return whole(text[:_COLUMN_LIMIT])


def merged(known: Detection, told: Detection) -> Detection:
    """One detection of two sights of it, `told` the one that came later; the later word counts, and no event twice.

    A sight repeats what an earlier one had: the higher count is the count. A word that is older than the known one
    adds its times, count and lists, but changes no text.
    """
    newer, older = (known, told) if _moment(told) < _moment(known) else (told, known)
    lists: dict[str, Any] = {
        name: tuple(dict.fromkeys((*getattr(known, name), *getattr(told, name))))[:most]
        for name, most in _LISTS.items()
    }
    return replace(
        newer,
        **lists,
        first_at=min(known.first_at, told.first_at),
        last_at=max(known.last_at, told.last_at),
        count=max(known.count, told.count),
        principal=newer.principal or older.principal,
    )


def is_grown(known: Detection, now: Detection) -> bool:
    """Whether it is more than it was: more events, a longer time, further resources, a graver word; not a mere wording."""
    return any(getattr(known, name) != getattr(now, name) for name in _GROWING)


_GROWING: Final = ("first_at", "last_at", "count", "severity", "is_closed", *_LISTS)


def _moment(detection: Detection) -> tuple[datetime, int]:
    return detection.updated_at or detection.last_at, detection.count


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at is not None else None


def _bounded_text(text: Text) -> Text:
    return Text(en=str(bounded(text.en)), ja=str(bounded(text.ja)))


def _body(detection: Detection) -> str:
    body = {name: getattr(detection, name) for name in (*_WORDS, *_LISTS, *_LABELS, *_TIMES, "count", "is_closed")}
    body |= {
        "severity": detection.severity.value,
        "confidence": detection.confidence.value,
        "title": [detection.title.en, detection.title.ja],
        "message": [detection.message.en, detection.message.ja],
        "evidence": detection.evidence,
    }
    return _ENCODER.encode(body)


def _from_body(text: str) -> Detection:
    body: dict[str, Any] = _DECODER.decode(text)
    for name in (*_LISTS, *_LABELS):
        body[name] = tuple(body[name])
    for name in ("title", "message"):
        body[name] = Text(*body[name])
    body["severity"], body["confidence"] = Severity(body["severity"]), Confidence(body["confidence"])
    return Detection(**body)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=True, default=tagged)
_DECODER: Final = json.JSONDecoder(object_hook=revive)
