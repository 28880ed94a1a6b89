"""One share of a scan for secrets: files on disk, or objects of a repository, looked at by one process."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from sakimori.analysis.secrets.decoders.budget import Budget
from sakimori.analysis.secrets.decoders.containers import is_archive, leaves
from sakimori.analysis.secrets.extraction import ranked_at
from sakimori.analysis.secrets.found import Unread, within
from sakimori.analysis.secrets.kept_kinds import kept_kinds
from sakimori.analysis.secrets.kinds import Kind, load_kinds
from sakimori.analysis.secrets.places.folder import HELD_AT_ONCE, FileOnDisk, large_file, read_file
from sakimori.analysis.secrets.places.git_command import Repository
from sakimori.analysis.secrets.places.git_objects import GitObject, contents_of
from sakimori.analysis.secrets.places.git_origin import Origin, staged_blobs
from sakimori.analysis.secrets.places.lfs import is_kept, pointed_to
from sakimori.analysis.secrets.places.piece import Located, Provenance
from sakimori.analysis.secrets.scanner import Scanner
from sakimori.app.commit_gate import mark_of_kinds
from sakimori.app.home import cache_directory
from sakimori.model.errors import RuleError, UsageError

_SHARE: Final = 8 << 20
_OF_GIT: Final = 4
"""Shares of a repository are so much larger: each starts a git of its own, which unpacks the bases of its objects anew."""
_OVERHEAD: Final = 4096
"""What opening a file costs, in bytes that could have been looked at."""
_MESSAGES: Final = {"commit": "commit message", "tag": "tag message"}

Told = tuple[list[Located], list[Unread]]
Sized = TypeVar("Sized", FileOnDisk, GitObject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of the work: files, or objects of one repository."""

    size: int
    files: tuple[FileOnDisk, ...] = ()
    repository: Repository | None = None
    objects: tuple[GitObject, ...] = ()

    @property
    def name(self) -> str:
        """What a person would call it."""
        return self.repository.git_dir if self.repository else self.files[0].path


def shares_of(files: Iterable[FileOnDisk], listed: Mapping[str, Sequence[GitObject]]) -> Iterator[Share]:
    """The work in parts of like size."""
    for part in _parts(files, _SHARE):
        yield Share(size=sum(each.size for each in part), files=tuple(part))
    for git_dir, objects in listed.items():
        for part in _parts(objects, _OF_GIT * _SHARE):
            yield Share(size=sum(each.size for each in part), repository=Repository(git_dir), objects=tuple(part))


def _parts(items: Iterable[Sized], share: int) -> Iterator[list[Sized]]:
    part: list[Sized] = []
    size = 0
    for each in items:
        part.append(each)
        size += each.size + _OVERHEAD
        if size >= share:
            yield part
            part, size = [], 0
    if part:
        yield part


def known_kinds(kinds_dirs: tuple[Path, ...]) -> tuple[Kind, ...]:
    """The built-in kinds as they were checked once, for to read them anew takes longer than a small scan; or with a user's own."""
    if not kinds_dirs:
        return _kept(mark_of_kinds())
    try:
        return load_kinds(kinds_dirs)
    except RuleError as error:
        # A file that was named on the command line is the person's own.
        raise UsageError(error.text, **error.values) from error


@cache
def _kept(mark: str) -> tuple[Kind, ...]:
    return kept_kinds(cache_directory(), mark)


class Worker:
    """Looks at shares, in a process of its own or in this one."""

    def __init__(self, kinds_dirs: tuple[Path, ...]) -> None:
        mark = "" if kinds_dirs else mark_of_kinds()
        self.scanner = Scanner(known_kinds(kinds_dirs), cache_directory(), mark=mark)

    def look(self, share: Share) -> Told:
        """What the share holds, and what could not be read of it."""
        located: list[Located] = []
        unread: list[Unread] = []
        if share.repository:
            located.extend(self._look_at_objects(share.repository, share.objects, unread))
        else:
            located.extend(self._look_at_files(share.files, unread))
        for each in self.scanner.take_unread():
            # An object of a repository has no name of its own.
            is_nameless = not each.name or each.name.startswith("!")
            unread.append(replace(each, name=f"{share.name}{each.name}") if is_nameless else each)
        return located, unread

    def _look_at_files(self, files: Sequence[FileOnDisk], unread: list[Unread]) -> Iterator[Located]:
        small = [each for each in files if each.size <= HELD_AT_ONCE]
        for number, found in self.scanner.scan_many(_contents(small, unread)):
            yield Located(found=found, provenance=Provenance(source="file", file=small[number].path))
        for each in files:
            if each.size > HELD_AT_ONCE:
                yield from self._look_at_large(each.path, unread)

    def _look_at_large(self, path: str, unread: list[Unread]) -> Iterator[Located]:
        provenance = Provenance(source="file", file=path)
        try:
            with large_file(path) as (file, content):
                if not is_archive(content[:512]):
                    for each in self.scanner.scan(content, path):
                        yield Located(found=each, provenance=provenance)
                    return
                budget = Budget(path)
                for inner, data in leaves(file, "", budget):
                    for each in self.scanner.scan(data, f"{path}!{inner}"):
                        yield Located(found=within(each, inner), provenance=provenance)
                unread.extend(budget.take())
        except OSError as error:
            unread.append(Unread(name=path, reason="unreadable", detail=error.strerror or ""))

    def _look_at_objects(
        self, repository: Repository, objects: Sequence[GitObject], unread: list[Unread]
    ) -> Iterator[Located]:
        read: list[GitObject] = []

        def contents() -> Iterator[tuple[bytes, str]]:
            for each, content in contents_of(repository, objects, unread):
                read.append(each)
                if (oid := pointed_to(content)) and not is_kept(repository.git_dir, oid):
                    unread.append(Unread(name=repository.git_dir, reason="lfs_missing", detail=oid))
                yield content, ""

        for number, found in self.scanner.scan_many(contents()):
            each = read[number]
            is_blob = each.kind == "blob"
            provenance = Provenance(
                source="git", blob=each.oid if is_blob else "", commit="" if is_blob else each.oid,
                resource=repository.git_dir,
            )  # fmt: skip
            yield Located(found=within(found, _MESSAGES.get(each.kind, "")), provenance=provenance)


def placed(located: Located, origins: Mapping[str, Origin], git_dir: str) -> Located:
    """A hit in a blob with the commit and path that it came in with, ranked by that path."""
    where = located.provenance
    if where.resource != git_dir or where.blob not in origins:
        return located
    commit, path = origins[where.blob]
    return Located(found=ranked_at(located.found, path), provenance=replace(where, commit=commit, file=path))


def staged(repository: Repository, kinds_dirs: tuple[Path, ...]) -> tuple[Told, int, int]:
    """What the next commit would bring in: secrets of the new blobs that the old ones do not hold."""
    unread: list[Unread] = []
    changed = staged_blobs(repository, unread)
    worker = Worker(kinds_dirs)
    located: list[Located] = []
    size = 0
    # An object may come in parts or not at all, so each is known by its own name and not by its place.
    places = {blob: (path, old) for path, old, blob in reversed(changed)}
    new = [GitObject(blob, "blob", 0) for blob in places]
    for each, content in contents_of(repository, new, unread):
        blob = each.oid
        path, old = places[blob]
        size += len(content)
        found = worker.scanner.scan(content, path)
        before = _secrets_in(worker.scanner, repository, old) if found and old else set[str]()
        provenance = Provenance(source="staged", file=path, blob=blob)
        located.extend(Located(found=one, provenance=provenance) for one in found if one.secret not in before)
    unread.extend(worker.scanner.take_unread())
    return (located, unread), len(changed), size


def _secrets_in(scanner: Scanner, repository: Repository, blob: str) -> set[str]:
    """What an older version holds already; what cannot be read of it holds nothing."""
    found = {each.secret for _, content in contents_of(repository, [GitObject(blob, "blob", 0)], []) for each in scanner.scan(content)}  # fmt: skip
    scanner.take_unread()
    return found


def _contents(files: Sequence[FileOnDisk], unread: list[Unread]) -> Iterator[tuple[bytes, str]]:
    for each in files:
        content = read_file(each.path, each.size)
        if isinstance(content, Unread):
            unread.append(content)
            content = b""
        elif pointed_to(content):
            unread.append(Unread(name=each.path, reason="lfs_pointer"))
        yield content, each.path
