"""Finds where something may be: all anchors and signals in one pass over the bytes.

With the `hyperscan` wheel one compiled database looks for all at once; without it Python's `re` looks for each whose
literals stand in the data. Both tell the same places: pairs of a pattern's number and the end of its match. A pattern
repeats nothing without bound, so a text has few ends.
"""

import contextlib
import hashlib
import os
import platform
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from sakimori.analysis.secrets.own_file import check_own_folder, read_own

_CACHE_FORM: Final = 1

Hit = tuple[int, int]
"""The number of a pattern, and the offset behind its match."""


@dataclass(frozen=True, slots=True)
class Sought:
    """One pattern of an engine. Each of its matches holds one of `literals`."""

    number: int
    pattern: bytes
    literals: tuple[bytes, ...]
    exact: bool = True


class Engine(Protocol):
    """What looks for all patterns at once."""

    def hits(self, data: bytes) -> list[Hit]:
        """The places in `data`, in the order of their ends. Four gigabytes are more than one of them counts."""
        ...


def open_engine(sought: Callable[[], Sequence[Sought]], cache_dir: Path | None = None, mark: str = "") -> Engine:
    """The fastest engine that is installed. The compiled database is kept in `cache_dir`, if one is given.

    `mark` is a word for all that `sought` comes from: with it a database is known without the patterns being written out.
    """
    try:
        import hyperscan  # noqa: PLC0415 - an extra
    except ImportError:
        return PlainEngine(sought())
    return HyperscanEngine(sought, hyperscan, cache_dir, mark)


class HyperscanEngine:
    """One database of all patterns."""

    def __init__(
        self, sought: Callable[[], Sequence[Sought]], hyperscan: Any, cache_dir: Path | None, mark: str
    ) -> None:
        self._library = hyperscan
        self.kept_at: Path | None = None
        """The file of the compiled database, where there is one."""
        self._database = self._kept(sought, cache_dir, mark)
        self._found: list[Hit] = []
        self._hit = _remembering(self._found)

    def hits(self, data: bytes) -> list[Hit]:
        """The places in `data`."""
        self._found.clear()
        self._database.scan(data, match_event_handler=self._hit)
        return self._found.copy()

    def _kept(self, sought: Callable[[], Sequence[Sought]], cache_dir: Path | None, mark: str) -> Any:
        if cache_dir is None:
            return self._compiled(sought())
        about = repr((_CACHE_FORM, self._library.__version__ if hasattr(self._library, "__version__") else "", platform.machine(), mark or sought()))  # fmt: skip
        path = cache_dir / f"secrets-{hashlib.sha256(about.encode()).hexdigest()[:32]}.hs"
        self.kept_at = path
        with contextlib.suppress(OSError, self._library.error):
            content = read_own(path)
            seal, _, body = content.partition(b"\n")
            if seal == hashlib.sha256(body).hexdigest().encode():
                database = self._library.loadb(body, self._library.HS_MODE_BLOCK)
                database.scratch = self._library.Scratch(database)
                return database
        database = self._compiled(sought())
        _keep(path, self._library.dumpb(database))
        return database

    def _compiled(self, sought: Sequence[Sought]) -> Any:
        library = self._library
        database = library.Database(mode=library.HS_MODE_BLOCK)
        database.compile(
            expressions=[each.pattern for each in sought],
            ids=[each.number for each in sought],
            elements=len(sought),
            flags=[library.HS_FLAG_DOTALL | (0 if each.exact else library.HS_FLAG_CASELESS) for each in sought],
        )
        return database


class PlainEngine:
    """Python's own expressions, each asked only where its literals are."""

    def __init__(self, sought: Sequence[Sought]) -> None:
        self._patterns = [
            (each, re.compile(each.pattern, re.DOTALL | (0 if each.exact else re.IGNORECASE)), _needles(each))
            for each in sought
        ]

    def hits(self, data: bytes) -> list[Hit]:
        """The places in `data`."""
        small = data.lower()
        found: set[Hit] = set()
        for each, pattern, needles in self._patterns:
            text = data if each.exact else small
            if not any(needle in text for needle in needles):
                continue
            match = pattern.search(data)
            while match:
                found.add((each.number, match.end()))
                match = pattern.search(data, match.start() + 1)
        return sorted(found, key=lambda hit: (hit[1], hit[0]))


def _needles(each: Sought) -> tuple[bytes, ...]:
    return each.literals if each.exact else tuple(literal.lower() for literal in each.literals)


def _remembering(found: list[Hit]) -> Callable[..., None]:
    append = found.append

    def hit(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
        append((number, end))

    return hit


def _keep(path: Path, body: bytes) -> None:
    """Write the database beside its seal; a cache that cannot be written costs a second, and no scan."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        check_own_folder(path.parent)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(file.name, path)  # noqa: PTH105 - the file's own name
