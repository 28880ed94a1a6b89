"""Tells at once that a staged file holds nothing to look at: most commits pass here, and wait for nothing else to be imported.

The database that the scanner has compiled holds every anchor and every sign of something that can be opened. Where none of
them is in a file, the scanner would find nothing. The gate stands only as long as the kinds and the program are the same;
where it does not stand, the scanner looks, and leaves a new gate behind.
"""

from __future__ import annotations

import os
import sys
import zlib

from sakimori.analysis.secrets.decoders.beginnings import begins_container
from sakimori.analysis.secrets.own_file import read_own, write_own
from sakimori.model.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

_NAME: Final = "commit-gate"
_ROOT: Final = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - pathlib is slow to import
_OF_KINDS: Final = ("rulebook/secrets", "analysis/secrets", "analysis/secrets/decoders")


def open_gate(cache: str) -> Callable[[bytes], bool] | None:
    """A function that says whether bytes must be looked at; None where no gate stands."""
    try:
        mark, database, seal = read_own(f"{cache}/{_NAME}").decode().split("\n")
        if mark != mark_of_kinds():
            return None
        content = read_own(f"{cache}/{database}")
        return _scanning(content.partition(b"\n")[2]) if _seal_of(content) == seal else None
    except (OSError, ValueError, ImportError):
        return None


def leave_gate(cache: str, database: str) -> None:
    """Remember where the scanner keeps its database; a cache that cannot be written costs time, and no look."""
    fresh = f"{cache}/{_NAME}.{os.getpid()}"
    try:
        seal = _seal_of(read_own(f"{cache}/{database}"))
        write_own(fresh, f"{mark_of_kinds()}\n{database}\n{seal}".encode())
        os.replace(fresh, f"{cache}/{_NAME}")  # noqa: PTH105
    except OSError:
        return


def _seal_of(content: bytes) -> str:
    """Tells a file that was cut or mixed up; against whoever may write to the cache no seal would help."""
    return f"{len(content)} {zlib.crc32(content)}"


def _library() -> Any:
    """The search itself, without what its package defines around it in Python, which takes longer to import."""
    from importlib.machinery import PathFinder  # noqa: PLC0415

    name = "hyperscan._hs_ext"
    package = PathFinder.find_spec("hyperscan")
    spec = PathFinder.find_spec(name, package.submodule_search_locations) if package else None
    if name in sys.modules or spec is None or spec.loader is None:
        import hyperscan  # noqa: PLC0415 - an extra

        return hyperscan
    module = spec.loader.create_module(spec)
    if module is None:
        raise ImportError(name)
    # Whoever imports the package later gets the same one.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _scanning(body: bytes) -> Callable[[bytes], bool] | None:
    hyperscan = _library()
    try:
        database = hyperscan.loadb(body, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except hyperscan.error:
        return None
    hits: list[int] = []

    def hit(number: int, *_place: object) -> bool:
        hits.append(number)
        return True  # one is enough

    def opens(data: bytes) -> bool:
        if begins_container(data):
            return True
        hits.clear()
        try:
            database.scan(data, match_event_handler=hit)
        except hyperscan.ScanTerminated:
            return True
        return bool(hits)

    return opens


def mark_of_kinds() -> str:
    """What the gate stands on: the program's version, and each file of the kinds and of the scanner as it lies there."""
    about = [__version__]
    for folder in _OF_KINDS:
        with os.scandir(f"{_ROOT}/{folder}") as entries:
            files = sorted(entries, key=lambda each: each.name)
        for each in files:
            if each.name.endswith((".py", ".yaml", ".yml")):
                state = each.stat()
                about.append(f"{each.name} {state.st_size} {state.st_mtime_ns}")
    return ";".join(about)
