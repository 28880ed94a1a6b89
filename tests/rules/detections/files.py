"""Rule files for the tests of loading, written from mappings or from their text."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from sakimori.rules.detections.load import LoadedDetections, load_only
from sakimori.rules.detections.rule import DetectionRule


def rule(detection: Mapping[str, Any], **more: object) -> dict[str, Any]:
    """A small rule over CloudTrail."""
    return {
        "title": "A rule",
        "logsource": {"product": "aws", "service": "cloudtrail"},
        "detection": dict(detection),
        **more,
    }


def correlation(**more: object) -> dict[str, Any]:
    """A document of a correlation; `more` are the keys of its inner mapping."""
    words = {"type": "event_count", "rules": ["one"], "timespan": "1h", "condition": {"gte": 1}, **more}
    return {
        "title": "A correlation",
        "name": "together",
        "correlation": {k: v for k, v in words.items() if v is not None},
    }


def load(directory: Path, *documents: Mapping[str, Any]) -> LoadedDetections:
    """These documents as one file, loaded."""
    path = directory / "rules_of_a_test.yml"
    path.write_text(yaml.safe_dump_all(documents, allow_unicode=True, sort_keys=False))
    return load_only([path])


def load_text(directory: Path, text: str | bytes, name: str = "rule.yml") -> LoadedDetections:
    """A file of this text, loaded."""
    path = directory / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return load_only([path])


def only(loaded: LoadedDetections) -> DetectionRule:
    """The one rule, which has no fault."""
    assert loaded.faults == ()
    (found,) = loaded.detections.rules.values()
    return found


def words_of(loaded: LoadedDetections) -> list[str]:
    """What is wrong, each in one word."""
    return [fault.text for fault in loaded.faults]


def lines_of(loaded: LoadedDetections) -> Iterable[int]:
    """Where it is wrong."""
    return [fault.line for fault in loaded.faults]
