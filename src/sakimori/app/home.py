"""Where the program keeps its data: one directory, closed to others."""

from pathlib import Path

import platformdirs


def default_home() -> Path:
    """The platform's data directory; SAKIMORI_HOME and --home come before it."""
    return Path(platformdirs.user_data_dir("sakimori", appauthor=False))


def default_demo_home() -> Path:
    """A home of its own for the demo: a simulated account must never mix with real findings."""
    return Path(platformdirs.user_cache_dir("sakimori", appauthor=False)) / "demo"
