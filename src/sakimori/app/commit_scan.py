"""What a commit is about to bring into a repository: staged files, its message, and the commits that a merge brings.

A hook waits here on each commit, so this imports little: git tells which objects are new, and only those are read.
Sources: githooks(5), git-diff-index(1) (raw output), git-cat-file(1) (--batch), git-rev-list(1) (--objects).
"""

from __future__ import annotations

import os

from sakimori.analysis.secrets.own_file import check_own_folder
from sakimori.app.commit_gate import leave_gate, mark_of_kinds, open_gate
from sakimori.app.commit_git import Conversation, GitError, answer, why_not

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import IO, Final

    from sakimori.analysis.secrets.found import Found
    from sakimori.analysis.secrets.scanner import Scanner
    from sakimori.model.verdict import Text

LARGEST: Final = 256 << 20
"""Bytes of one object that are held in memory to be looked at."""
_SCISSORS: Final = b"------------------------ >8 ------------------------\n"
_SUBMODULE: Final = b"160000"
_CLOSED: Final = frozenset(("unsupported", "encrypted", "disk_image"))
"""Why something is closed to every look, whoever looks: the people of a repository with Parquet files would end all looks of theirs."""
_KEY_IDS: Final = frozenset(("AKIA", "ASIA"))
_KEY_ID_LENGTH: Final = 20


# Written out: what makes such classes by itself takes longer to import than a commit is looked at.
class Staged:
    """One piece of what a commit brings; `data` is None where it is larger than LARGEST, or could not be read.

    `why` says then which of them: `too_large` or `missing`.
    """

    __slots__ = ("data", "name", "why")

    def __init__(self, name: str, data: bytes | None, why: str = "") -> None:
        self.name, self.data, self.why = name, data, why


class Seen:
    """A secret, the file that holds it, and what its kind is called."""

    __slots__ = ("file", "found", "title")

    def __init__(self, file: str, found: Found, title: Text) -> None:
        self.file, self.found, self.title = file, found, title

    @property
    def key_id(self) -> str:
        """The id of the AWS key that it is, or belongs to; "" where there is none."""
        for half in (self.found, self.found.pair):
            if half is not None and half.secret[:4] in _KEY_IDS and len(half.secret) == _KEY_ID_LENGTH:
                return half.secret
        return ""


class Looked:
    """What was found; `doubtful` are those that are probably none, and stop nothing.

    `unread` are name, reason and detail of what could not be looked at; of these `closed` are in forms that are never opened,
    and stop nothing either. `open_cache` is the cache, where others may
    write to it: nothing that is kept there is used, and every commit waits.
    """

    __slots__ = ("closed", "doubtful", "open_cache", "stopping", "unread")

    def __init__(
        self,
        stopping: Sequence[Seen],
        doubtful: Sequence[Seen],
        unread: Sequence[tuple[str, str, str]],
        open_cache: str = "",
    ) -> None:
        self.stopping, self.doubtful, self.open_cache = stopping, doubtful, open_cache
        self.unread = [each for each in unread if each[1] not in _CLOSED]
        self.closed = [each for each in unread if each[1] in _CLOSED]


def look(hook: str, arguments: Sequence[str]) -> Looked:
    """Look at what `hook` is about; GitError where git does not answer."""
    stopping: list[Seen] = []
    doubtful: list[Seen] = []
    unread: list[tuple[str, str, str]] = []
    scanner = None
    gate = open_gate(_cache())
    for piece in pieces(hook, arguments):
        if piece.data is None:
            unread.append((piece.name, piece.why, ""))
            continue
        if gate is not None and not gate(piece.data):
            continue
        if scanner is None:
            scanner = _scanner()
        for found in scanner.scan(piece.data, piece.name):
            if not found.allowed:
                seen = Seen(piece.name, found, scanner.kinds[found.kind].title)
                (doubtful if found.confidence == "low" else stopping).append(seen)
        unread.extend((each.name, each.reason, each.detail) for each in scanner.take_unread())
    return Looked(stopping, doubtful, unread, _open_cache() if gate is None else "")


def pieces(hook: str, arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Iterator[Staged]:
    """What `hook`, called by git with these arguments, has to look at; GitError where git does not say."""
    if hook == "pre-commit":
        yield from _read(_staged())
    elif hook == "commit-msg":
        yield _message(arguments[0])
    elif hook == "prepare-commit-msg" and list(arguments[1:2]) == ["merge"] and len(arguments) == 2:  # noqa: PLR2004 - file and source
        yield from _read(_merged(environment))
    elif hook == "merge" and environment.get("PRE_COMMIT_COMMIT_MSG_SOURCE") == "merge":
        # So pre-commit (https://pre-commit.com) tells what git told it.
        yield from _read(_merged(environment))


def _staged() -> Iterator[tuple[bytes, str]]:
    """Objects and paths that the index holds and HEAD does not."""
    form = ("diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--diff-filter=ACMTU")
    told = answer(*form, "HEAD", "--")
    if told is None:
        # Before the first commit there is no HEAD: everything is compared with the empty tree.
        empty = (answer("hash-object", "-t", "tree", os.devnull) or b"").decode().strip()
        told = answer(*form, empty, "--")
        if told is None:
            raise GitError(why_not(*form, empty, "--"))
    fields = told.split(b"\0")
    for about, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, blob, _ = about.split(b" ")
        if mode != _SUBMODULE and blob.strip(b"0"):
            yield blob, path.decode("utf-8", "surrogateescape")


def _merged(environment: Mapping[str, str]) -> Iterator[tuple[bytes, str]]:
    """The commits that a merge brings in, and the files that are new in them."""
    heads = sorted(name.removeprefix("GITHEAD_") for name in environment if name.startswith("GITHEAD_"))
    if not heads:
        path = (answer("rev-parse", "--git-path", "MERGE_HEAD") or b"").decode("utf-8", "surrogateescape").strip()
        try:
            with open(path, encoding="ascii") as file:  # noqa: PTH123 - pathlib is slow to import
                heads = file.read().split()
        except OSError:
            return
    asked = ("rev-list", "--objects", *heads, "--not", "HEAD", "--")
    told = answer(*asked)
    if told is None:
        raise GitError(why_not(*asked))
    for line in told.splitlines():
        thing, _, path = line.partition(b" ")
        yield thing, path.decode("utf-8", "surrogateescape") or f"commit {thing[:12].decode()}"


def _read(objects: Iterable[tuple[bytes, str]]) -> Iterator[Staged]:
    """The objects, each read once; trees hold names alone."""
    names: dict[bytes, str] = {}
    for thing, name in objects:
        names.setdefault(thing, name)
    if not names:
        return
    with Conversation("cat-file", "--batch") as git:
        for thing, name in names.items():
            git.asked.write(thing + b"\n")
            git.asked.flush()
            head = git.answers.readline().split()
            if len(head) != 3:  # noqa: PLR2004 - object, type and size
                yield Staged(name, None, "missing")
                continue
            size = int(head[2])
            if size > LARGEST:
                _pass_over(git.answers, size + 1)
                yield Staged(name, None, "too_large")
                continue
            data = git.answers.read(size)
            git.answers.read(1)
            if head[1] != b"tree":
                yield Staged(name, data)


def _pass_over(stream: IO[bytes], size: int) -> None:
    while size > 0:
        size -= len(stream.read(min(size, 1 << 20))) or size


def _message(path: str) -> Staged:
    """The message, without the difference that `git commit --verbose` shows below it and throws away."""
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
        text = file.read(LARGEST)
    above, scissors, _ = text.partition(_SCISSORS)
    return Staged("COMMIT_EDITMSG", above if scissors and above[-2:-1] in b"#;@!$%^&|:" else text)


def _cache() -> str:
    """The program's cache. The hook names it, for to ask the platform takes longer than all the rest."""
    named = os.environ.get("SAKIMORI_CACHE")
    if named:
        return named
    from sakimori.app.home import cache_directory  # noqa: PLC0415

    return str(cache_directory())


def _open_cache() -> str:
    try:
        check_own_folder(_cache())
    except PermissionError:
        return _cache()
    except OSError:
        pass  # there is none yet
    return ""


def _scanner() -> Scanner:
    """All kinds, ready to look; and the gate for the commits to come."""
    from pathlib import Path  # noqa: PLC0415 - most commits pass the gate, and need none of these

    from sakimori.analysis.secrets.kept_kinds import kept_kinds  # noqa: PLC0415
    from sakimori.analysis.secrets.scanner import Scanner  # noqa: PLC0415

    cache, mark = Path(_cache()), mark_of_kinds()
    scanner = Scanner(kept_kinds(cache, mark), cache, mark=mark)
    if scanner.kept_at is not None:
        leave_gate(str(cache), scanner.kept_at.name)
    return scanner
