"""Detections for machines: as plain JSON values, and as rows for spreadsheets."""

import csv
from collections.abc import Iterable
from typing import Final, TextIO

from sakimori.model.detection import Detection
from sakimori.outputs.report.csv_table import cell
from sakimori.outputs.report.plain_values import plain, utc
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

COLUMNS: Final = (
    "severity", "confidence", "title", "message", "time_first", "time_last", "count", "principal", "source_ip", "account",
    "region", "resources", "rule", "producer", "tactics", "techniques", "id",
)  # fmt: skip
"""In order; the heading of each is the text `found.column_<name>`."""


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


def write_detections_csv(detections: Iterable[Detection], stream: TextIO, language: Language) -> None:
    """Write a byte order mark, the headings and a row for each; `stream` must not translate line ends (`newline=""`)."""
    stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([say(f"found.column_{name}", language) for name in COLUMNS])
    for each in detections:
        writer.writerow([cell(value) for value in _row(each, language)])


def _row(detection: Detection, language: Language) -> tuple[str, ...]:
    return (
        say(f"report.severity_{detection.severity}", language),
        say(f"found.confidence_{detection.confidence}", language),
        detection.title.in_(language),
        detection.message.in_(language),
        utc(detection.first_at) or "",
        utc(detection.last_at) or "",
        str(detection.count),
        detection.principal,
        " ".join(detection.origins),
        detection.account,
        detection.region,
        " ".join(detection.resources),
        detection.rule,
        detection.producer,
        " ".join(detection.tactics),
        " ".join(detection.techniques),
        detection.id,
    )


def _first(values: tuple[str, ...]) -> str | None:
    return values[0] if values else None
