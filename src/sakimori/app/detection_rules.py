"""The detections as the verbs on rules open them; without the extra `detect` there are none."""

from pathlib import Path
from typing import TYPE_CHECKING

from sakimori.model.errors import UsageError
from sakimori.model.extras import DETECT, ensure_libraries, has_libraries
from sakimori.texts.nearest import nearest

if TYPE_CHECKING:
    from sakimori.rules.detections.load import LoadedDetections
    from sakimori.rules.detections.rule import Correlation, DetectionRule


def can_open_detections() -> bool:
    """Whether the libraries of the extras `detect` and `lake` are installed."""
    return has_libraries(*DETECT)


def open_detections(rules_dir: Path | None = None) -> "LoadedDetections":
    """The built-in detections and a user's own; UsageError where the libraries are not installed."""
    ensure_libraries(*DETECT)
    from sakimori.rules.detections.load import load_detections  # noqa: PLC0415 - stands on those libraries

    return load_detections(rules_dir)


def find_detection(loaded: "LoadedDetections", name: str) -> "DetectionRule | Correlation":
    """One rule or correlation; UsageError with the nearest one if there is none of that name."""
    known = {**loaded.detections.rules, **loaded.detections.correlations}
    if name not in known:
        raise UsageError("detect.no_such_rule", name=name, near=nearest(name, known))
    return known[name]
