"""Every object of a repository that may hold a text: all that lies in its packs and loose files, reachable or not.

Blobs, commits and tags are read through `git cat-file --batch`, each once, in the order of the packs. An object that
cannot be read is told, and the reading goes on behind it.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Final

from sakimori.analysis.secrets.found import Unread
from sakimori.analysis.secrets.places.git_command import Repository

_KINDS: Final = (b"blob ", b"commit ", b"tag ")
_FORM: Final = "--batch-check=%(objecttype) %(objectname) %(objectsize)"
_PART: Final = 256 << 20
_OVERLAP: Final = 1 << 16
_BROKEN_IN_A_ROW: Final = 200
"""Objects that fail one after another before a share is given up."""


@dataclass(frozen=True, slots=True)
class GitObject:
    """The name, type and size of an object."""

    oid: str
    kind: str
    size: int


def objects_of(repository: Repository, unread: list[Unread]) -> list[GitObject]:
    """All objects with texts, in the order in which they are read fastest; what is missing is told."""
    listed: list[GitObject] = []
    for line in repository.lines(["cat-file", "--batch-all-objects", "--unordered", _FORM], unread):
        if line.startswith(_KINDS):
            kind, oid, size = line.decode().split(" ")
            listed.append(GitObject(oid, kind, int(size)))
    _tell_missing(repository, unread)
    return listed


def _tell_missing(repository: Repository, unread: list[Unread]) -> None:
    """Objects that history names and the repository has not: of a partial, shallow or damaged clone."""
    arguments = ["rev-list", "--objects", "--all", "--reflog", "--missing=print", "--no-object-names"]
    missing = [line[1:].decode() for line in repository.lines(arguments, unread) if line.startswith(b"?")]
    if missing:
        unread.append(Unread(name=repository.git_dir, reason="objects_missing", detail=f"{len(missing)}: {missing[0]}"))
    if repository.text(["rev-parse", "--is-shallow-repository"]) == "true":
        unread.append(Unread(name=repository.git_dir, reason="shallow"))


def contents_of(
    repository: Repository, objects: Sequence[GitObject], unread: list[Unread]
) -> Iterator[tuple[GitObject, bytes]]:
    """The bytes of the objects; those of a very large one come in parts that overlap."""
    place, failed = 0, 0
    while place < len(objects):
        before = place
        with tempfile.TemporaryFile() as names:
            names.write("".join(f"{each.oid}\n" for each in objects[place:]).encode())
            names.seek(0)
            with repository.stream(["cat-file", "--batch", "--buffer"], names) as running:
                for each in objects[place:]:
                    parts = _read(running.stdout, each) if running.stdout else ()
                    if not parts:
                        break
                    for part in parts:
                        yield each, part
                    place += 1
        if place < len(objects):
            failed = failed + 1 if place == before else 1
            unread.append(Unread(name=repository.git_dir, reason="object_damaged", detail=objects[place].oid))
            place += 1
            if failed > _BROKEN_IN_A_ROW:
                unread.append(
                    Unread(name=repository.git_dir, reason="objects_missing", detail=f"{len(objects) - place}")
                )
                return


def _read(stream: IO[bytes], each: GitObject) -> Sequence[bytes]:
    """The parts of one object; none where the stream ends before it does or speaks of another."""
    head = stream.readline(200).split()
    if len(head) != 3 or head[0].decode("ascii", "replace") != each.oid:  # noqa: PLR2004 - name, type, size
        return ()
    left, kept = int(head[2]), b""
    parts: list[bytes] = []
    while left > _PART:
        part = stream.read(_PART)
        if len(part) < _PART:
            return ()
        left -= _PART
        parts.append(kept + part)
        kept = part[-_OVERLAP:]
    # The last part, and most often the only one: with the end of the line behind it.
    part = stream.read(left + 1)
    return (*parts, kept + part[:-1]) if len(part) == left + 1 and part.endswith(b"\n") else ()
