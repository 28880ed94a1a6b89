"""Which kind of rule a file holds: a directory of a user's own rules may hold both."""

import re
from pathlib import Path
from typing import Final

from sakimori.texts.bounded_yaml import MAX_BYTES

_SIGMA_KEY: Final = re.compile(rb"^(detection|correlation|filter):", re.MULTILINE)


def is_detection(path: Path) -> bool:
    """Whether a file holds Sigma documents: by its suffix `.yml`, or by what stands at the left of its lines."""
    if path.suffix == ".yml":
        return True
    try:
        with path.open("rb") as file:
            return _SIGMA_KEY.search(file.read(MAX_BYTES)) is not None
    except OSError:
        return False
