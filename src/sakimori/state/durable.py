"""What is on the disk is there after a power cut too."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Bring a file to the disk, or a directory: the names in it. OSError where that fails."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
