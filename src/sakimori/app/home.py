"""Where the program keeps its data: one directory, closed to others."""

import os
import shutil
from pathlib import Path

import platformdirs

from sakimori.analysis.secrets.own_file import check_own_folder
from sakimori.model.errors import UsageError


def default_home() -> Path:
    """The platform's data directory; SAKIMORI_HOME and --home come before it."""
    return Path(platformdirs.user_data_dir("sakimori", appauthor=False))


def ensure_outside(home: Path, output: Path) -> None:
    """UsageError for a file or folder to be written inside the home: there a report would take the place of the lake or of findings."""
    if output.expanduser().resolve().is_relative_to(home.expanduser().resolve()):
        raise UsageError("query.inside_the_home", path=output)


def cache_directory() -> Path:
    """Where what can be made again is kept; SAKIMORI_CACHE comes before the platform's directory."""
    return Path(os.environ.get("SAKIMORI_CACHE") or platformdirs.user_cache_dir("sakimori", appauthor=False))


def open_cache() -> Path | None:
    """The cache, where others may write to it: what is trusted as code is neither taken from it nor kept there."""
    folder = cache_directory()
    try:
        check_own_folder(folder)
    except PermissionError:
        return folder
    except OSError:
        pass  # there is none yet, or none that can be read: nothing of others is in it
    return None


def fresh_demo_home() -> Path:
    """A home of its own for the demo, empty each time: its account is a new one, and must never mix with real findings."""
    return _fresh("demo")


def fresh_drill_home() -> Path:
    """The same for a drill, which must not take the demo's away."""
    return _fresh("drill")


def _fresh(name: str) -> Path:
    home = cache_directory() / name
    shutil.rmtree(home, ignore_errors=True)
    return home
