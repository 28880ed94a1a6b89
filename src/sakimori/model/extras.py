"""What the optional parts of the program stand on: libraries by the name that is imported, and the extra that brings each."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sakimori.model.errors import UsageError

EXTRA_OF: Final = {
    "moto": "simulate", "flask": "simulate", "werkzeug": "simulate",
    "psycopg": "postgresql",
    "openpyxl": "xlsx",
    "sigma": "detect", "re2": "detect",
    "pyarrow": "lake", "numpy": "lake", "isal": "lake", "cryptography": "lake",
    "z3": "iam",
    "apprise": "notify", "keyring": "notify", "holidays": "notify",
    "hyperscan": "secrets",
}  # fmt: skip
"""As pyproject.toml declares them; of a library that two extras bring, the one that users come for first."""

LAKE: Final = ("pyarrow", "numpy", "isal")
"""What reading logs stands on."""
DETECT: Final = (*LAKE, "sigma", "re2")
"""What detections stand on."""


def has_libraries(*names: str) -> bool:
    """Whether all are installed; none is imported."""
    return all(find_spec(name) is not None for name in names)


def ensure_libraries(*names: str) -> None:
    """UsageError, which names the extras and the command, where one of them is not installed."""
    lacking = [name for name in names if not has_libraries(name)]
    if lacking:
        raise _missing(lacking)


def present_extras() -> tuple[str, ...]:
    """The extras whose libraries are all installed."""
    libraries = {extra: [name for name, of in EXTRA_OF.items() if of == extra] for extra in EXTRA_OF.values()}
    return tuple(extra for extra, names in libraries.items() if has_libraries(*names))


def missing_import(error: ModuleNotFoundError) -> UsageError | None:
    """What to raise instead of `error`; None where the module is of no extra, so that its lack is a defect."""
    library = str(error.name).partition(".")[0]
    return _missing([library]) if library in EXTRA_OF else None


def _missing(libraries: Sequence[str]) -> UsageError:
    extras = ",".join(sorted({EXTRA_OF[name] for name in libraries}))
    return UsageError("extras.missing", libraries=libraries, extras=extras, python=_python())


def _python() -> str:
    """The interpreter that runs, as a person beside the clone would type it: the `pip` of their path may be another's."""
    running, here = Path(sys.executable), Path.cwd()
    return str(running.relative_to(here) if running.is_relative_to(here) else running)
