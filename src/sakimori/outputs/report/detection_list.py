"""Detections for machines, as plain JSON values."""

from sakimori.model.detection import Detection
from sakimori.outputs.report.plain_values import plain, utc


def plain_detection(detection: Detection) -> dict[str, object]:
    """One detection as JSON has it: `tactic`, `technique` and `source_ip` are the first of their lists, null where there is none."""
    return {
        "id": detection.id,
        "rule": detection.rule,
        "producer": detection.producer,
        "native_id": detection.native_id or None,
        "severity": detection.severity.value,
        "confidence": detection.confidence.value,
        "tactic": _first(detection.tactics),
        "tactics": list(detection.tactics),
        "technique": _first(detection.techniques),
        "techniques": list(detection.techniques),
        "time_first": utc(detection.first_at),
        "time_last": utc(detection.last_at),
        "count": detection.count,
        "principal": detection.principal or None,
        "source_ip": _first(detection.origins),
        "origins": list(detection.origins),
        "partition": detection.partition,
        "account": detection.account,
        "region": detection.region,
        "resources": list(detection.resources),
        "event_ids": list(detection.event_ids),
        "title": {"en": detection.title.en, "ja": detection.title.ja},
        "message": {"en": detection.message.en, "ja": detection.message.ja},
        "evidence": plain(detection.evidence),
        "source": detection.source or None,
        "is_closed": detection.is_closed,
    }


def _first(values: tuple[str, ...]) -> str | None:
    return values[0] if values else None
