"""Where the blobs of hits come from: the commit that brought each in, and its path there. Asked for hits alone."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from sakimori.analysis.secrets.found import Unread
from sakimori.analysis.secrets.places.git_command import Repository

_TOGETHER: Final = 500
_ESCAPE: Final = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b'"': b'"', b"\\": b"\\", b"a": b"\a", b"b": b"\b", b"v": b"\v", b"f": b"\f"}  # fmt: skip

Origin = tuple[str, str]
"""The commit, and the path."""


def origins_of(
    repository: Repository, blobs: Iterable[str], commits: Iterable[str], unread: list[Unread]
) -> Mapping[str, Origin]:
    """For each blob the oldest commit that brought it in, and its path; a blob that no commit knows is left out.

    `commits` are all that the repository holds: those that no reference reaches are walked too.
    """
    wanted = sorted(set(blobs))
    if not wanted:
        return {}
    reached = {line.decode() for line in repository.lines(["rev-list", "--all", "--reflog"], unread)}
    loose = "".join(f"{each}\n" for each in commits if each not in reached).encode()
    found: dict[str, Origin] = {}
    for start in range(0, len(wanted), _TOGETHER):
        part = wanted[start : start + _TOGETHER]
        arguments = [
            "log", "--all", "--reflog", "--stdin", "-m", "--raw", "--root", "--no-abbrev", "--no-renames", "--no-ext-diff",
            "--no-textconv", "--no-color", "--format=%H", *(f"--find-object={each}" for each in part),
        ]  # fmt: skip
        found.update(_introduced(repository.lines(arguments, unread, loose), set(part)))
    _from_index(repository, set(wanted) - found.keys(), found)
    return found


def _introduced(lines: Iterable[bytes], wanted: set[str]) -> Mapping[str, Origin]:
    """From newest to oldest: the last line that brings a blob in is its first commit."""
    found: dict[str, Origin] = {}
    commit = ""
    for line in lines:
        if line.startswith(b":"):
            about, _, path = line.partition(b"\t")
            blob = about.split(b" ")[3].decode()
            if blob in wanted:
                found[blob] = (commit, unquoted(path))
        elif line:
            commit = line.decode()
    return found


def _from_index(repository: Repository, wanted: set[str], found: dict[str, Origin]) -> None:
    """What is staged and not yet in a commit."""
    for line in repository.lines(["ls-files", "--stage"], []) if wanted else ():
        about, _, path = line.partition(b"\t")
        blob = about.split(b" ")[1].decode() if about else ""
        if blob in wanted:
            found[blob] = ("", unquoted(path))


def unquoted(path: bytes) -> str:
    r"""A path as git writes it, its escapes undone.

    >>> unquoted(rb'"a\tb\303\251"')
    'a\tbé'
    """
    if path.startswith(b'"') and path.endswith(b'"'):
        path = _ESCAPE.sub(lambda match: bytes([int(match[1], 8)]) if match[1].isdigit() else _LETTERS.get(match[1], match[1]), path[1:-1])  # fmt: skip
    return path.decode("utf-8", "surrogateescape")


def staged_blobs(repository: Repository, unread: list[Unread]) -> list[tuple[str, str, str]]:
    """What the next commit adds or changes: the path, the blob before ("" if there was none) and the new one."""
    arguments = ["diff", "--cached", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "--diff-filter=d", "--ignore-submodules"]  # fmt: skip
    found: list[tuple[str, str, str]] = []
    for line in repository.lines(arguments, unread):
        about, _, path = line.partition(b"\t")
        parts = about.decode("ascii", "replace").split(" ")
        if len(parts) == 5 and parts[1] != "160000":  # noqa: PLR2004 - modes, blobs, status
            found.append((unquoted(path), parts[2] if parts[2].strip("0") else "", parts[3]))
    return found
