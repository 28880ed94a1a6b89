"""Files among a repository's objects that git itself never reads: packs without their index, and what a cut fetch or push left.

They hold objects as well as others do. Source: gitrepository-layout(5), gitformat-pack(5); `tmp_objdir` of git's sources.
"""

import os
import re
from collections.abc import Iterator
from typing import Final

_LOOSE_FOLDER: Final = re.compile(r"[0-9a-f]{2}")
_LOOSE: Final = re.compile(r"[0-9a-f]{38}|[0-9a-f]{62}")
_BESIDE: Final = re.compile(r"(?:pack|loose)-[0-9a-f]+\.(?:idx|rev|bitmap|keep|mtimes|promisor)|multi-pack-index.*")
"""Lists and marks of a pack hold no object."""
_INFO: Final = "info"
_PACKS: Final = "pack"


def strays_in(objects: str) -> Iterator["os.DirEntry[str]"]:
    """The regular files of a folder of objects that git does not read. OSError where a folder cannot be listed."""
    waiting = [(objects, "")]
    while waiting:
        folder, within = waiting.pop()
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
        names = {entry.name for entry in listed}
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                if within or entry.name != _INFO:
                    waiting.append((entry.path, f"{within}/{entry.name}"))
            elif entry.is_file(follow_symlinks=False) and not _is_read(entry.name, within, names):
                yield entry


def _is_read(name: str, within: str, names: set[str]) -> bool:
    """Whether git reads such a file in such a folder, or it holds no object."""
    if within == f"/{_PACKS}":
        is_pack = name.endswith(".pack") and f"{name.removesuffix('.pack')}.idx" in names
        return is_pack or _BESIDE.fullmatch(name) is not None
    return _LOOSE_FOLDER.fullmatch(within[1:]) is not None and _LOOSE.fullmatch(name) is not None
