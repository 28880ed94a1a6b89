"""Git LFS: a pointer stands in the place of a file, and what it points to lies in the repository as a file of its own, or nowhere.

Source: Git LFS specification (the form of a pointer; `lfs/objects/OID[0:2]/OID[2:4]/OID` under the git directory).
"""

import os
import re
from typing import Final

_POINTER: Final = b"version https://git-lfs.github.com/spec/v1\n"
_OID: Final = re.compile(rb"(?m)^oid sha256:([0-9a-f]{64})$")
_LONGEST: Final = 1024


def pointed_to(content: bytes) -> str:
    r"""The name of what a pointer points to; "" if it is none.

    >>> pointed_to(b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"ab" * 32 + b"\nsize 9\n")[:6]
    'ababab'
    >>> pointed_to(b"version 1\n")
    ''
    """
    if not content.startswith(_POINTER) or len(content) >= _LONGEST:
        return ""
    found = _OID.search(content)
    return found[1].decode() if found else ""


def is_kept(git_dir: str, oid: str) -> bool:
    """Whether the repository holds what a pointer points to: it is looked at as a file then."""
    return os.path.isfile(f"{git_dir}/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}")  # noqa: PTH113
