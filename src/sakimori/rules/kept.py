"""Rules as an earlier run has read, checked and compiled them: parsing SQL takes longer than judging by it.

The file is made again whenever a rule, a table's form or the rule engine itself is another;
nothing is lost without it.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec

from sakimori.lake.table import Catalogue
from sakimori.rules.checked import CheckedQuery, Compiled
from sakimori.rules.frameworks import Frameworks, framework_files, load_frameworks
from sakimori.rules.rule import Rule
from sakimori.rules.rulebook import Rulebook, content

_OLD_FILES: Final = 4
"""Files of other engines (an older version, a branch) that are left beside the current one."""


class _KeptRule(msgspec.Struct, frozen=True):
    rule: Rule
    query: CheckedQuery


class _File(msgspec.Struct):
    rules: dict[str, _KeptRule] = {}
    """By the digest of the rule's file."""
    compiled: dict[str, Compiled] = {}
    frameworks: dict[str, Frameworks] = {}


class KeptRules:
    """What one file keeps. Not thread-safe; of two processes that save, the last one wins."""

    def __init__(self, directory: Path, catalogue: Catalogue) -> None:
        """A file that is missing, damaged, not readable or perhaps another's is an empty one."""
        self._path = directory / f"rules-{_engine_digest(catalogue)}.json"
        try:
            self._file = msgspec.json.decode(_own_content(self._path), type=_File, dec_hook=_to_path)
        except (OSError, msgspec.DecodeError, RecursionError):
            self._file = _File()
        self._read = self._size()

    def _size(self) -> tuple[int, ...]:
        return len(self._file.rules), len(self._file.compiled), len(self._file.frameworks)

    @property
    def compiled(self) -> dict[str, Compiled]:
        """Compiled queries, to be read and added to."""
        return self._file.compiled

    def find(self, path: Path, content: bytes, *, is_own: bool) -> tuple[Rule, CheckedQuery] | None:
        """The rule of a file with this content, without its examples."""
        kept = self._file.rules.get(_digest(path, content, is_own=is_own))
        return (kept.rule, kept.query) if kept else None

    def keep(self, path: Path, content: bytes, rule: Rule, query: CheckedQuery) -> None:
        """Remember a rule that has no fault."""
        bare = msgspec.structs.replace(_KeptRule(rule, query), rule=_without_examples(rule))
        self._file.rules[_digest(path, content, is_own=rule.is_own)] = bare

    def frameworks(self, book: Rulebook, own_directory: Path | None) -> Frameworks:
        """All frameworks over the rules of the book; kept where they have no fault."""
        forms = (f"{rule.id} {rule.title} {dict(rule.parameters)}" for rule in book.rules.values())
        files = [
            piece for path in framework_files(own_directory) for piece in (os.fsencode(path), content(path) or b"")
        ]
        digest = _hash((*(form.encode() for form in forms), *files))
        found = self._file.frameworks.get(digest)
        if found is None:
            found = load_frameworks(book, own_directory)
            if not found.faults:
                self._file.frameworks = {digest: found}
                self._read = (-1,)
        return found

    def save(self) -> None:
        """Write what is new, if anything is; a place that cannot be written, or a name that has no UTF-8, keeps nothing."""
        if self._size() == self._read:
            return
        try:
            written = msgspec.json.encode(self._file, enc_hook=str)
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._path, written)
            _forget(sorted(self._path.parent.glob("rules-*.json"), key=lambda path: path.stat().st_mtime))
        except (OSError, UnicodeEncodeError):
            return
        self._read = self._size()


def _write(path: Path, written: bytes) -> None:
    """Put the whole file in place at once; a disk that is full keeps no half of it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".rules-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(written)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _own_content(path: Path) -> bytes:
    """What stands in a plain file that nobody else can have written; it holds SQL that will run. OSError for any other."""
    # Nobody waits for the other end of a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        found = os.fstat(file.fileno())
        is_own = not hasattr(os, "geteuid") or found.st_uid in {0, os.geteuid()}
        if not stat.S_ISREG(found.st_mode) or not is_own or (os.name == "posix" and found.st_mode & 0o022):
            raise PermissionError(path)
        return file.read()


def _forget(by_age: list[Path]) -> None:
    for path in by_age[: -_OLD_FILES - 1]:
        path.unlink(missing_ok=True)


def _without_examples(rule: Rule) -> Rule:
    from dataclasses import replace  # noqa: PLC0415 - beside msgspec's own `replace`

    return replace(rule, examples=())


def _to_path(kind: type, value: Any) -> Any:
    return kind(value) if issubclass(kind, Path) else value


def _digest(path: Path, content: bytes, *, is_own: bool) -> str:
    return _hash((os.fsencode(path), b"own" if is_own else b"theirs", content))


def _engine_digest(catalogue: Catalogue) -> str:
    """Of everything besides the rule's own file that decides what it means: the tables' forms and the code."""
    tables = (f"{table.name} {table.scope} {table.key} {table.parent} {table.columns}" for table in catalogue.values())
    code = (
        file.read_bytes()
        for room in ("rules", "texts", "model")
        for file in sorted((files("sakimori") / room).iterdir(), key=lambda file: file.name)
        if file.name.endswith(".py")
    )
    return _hash((version("sqlglot").encode(), *(table.encode() for table in tables), *code))


def _hash(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()[:32]
