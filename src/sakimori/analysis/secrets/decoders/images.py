"""Whether an image of containers holds all the parts that it names: a layer that is not there is not looked at.

Of an archive by its members, of a layout on disk by its files. Sources: OCI image layout and image manifest
specifications (`index.json`, `blobs/<algorithm>/<hex>`); Docker's image specification 1.2 (`manifest.json`).
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

_LARGEST: Final = 4 << 20
"""Bytes of a manifest; the specification of its distribution allows for no more."""
_LISTS: Final = frozenset(("index.json", "manifest.json"))
_BLOBS: Final = "blobs/"
_ENDINGS: Final = (".json", ".tar")
_LONGEST_NAME: Final = 200
_MOST: Final = 10_000
"""Parts that an image may name."""


class ImageParts:
    """What an image holds, and what its lists and manifests name."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._named: dict[str, None] = {}

    def hold(self, name: str) -> None:
        """There is a member of this name."""
        name = name.removeprefix("./")
        if len(name) <= _LONGEST_NAME and (name.startswith(_BLOBS) or name.endswith(_ENDINGS)):
            self._held.add(name)

    def read(self, name: str, content: bytes) -> None:
        """Take what a member names, if it is a list or a manifest of an image."""
        name = name.removeprefix("./")
        if (name in _LISTS or name.startswith(_BLOBS)) and content[:1] in {b"{", b"["} and len(content) <= _LARGEST:
            for part in parts_named_by(content):
                if len(self._named) < _MOST:
                    self._named[part] = None

    def missing(self) -> list[str]:
        """The parts that are named and not there."""
        return [part for part in self._named if part not in self._held]


def parts_named_by(content: bytes) -> list[str]:
    """The paths of the parts that a list or manifest names; none if it is something else.

    >>> parts_named_by(b'[{"Config": "a.json", "Layers": ["b/layer.tar"]}]')
    ['a.json', 'b/layer.tar']
    >>> parts_named_by(b'{"schemaVersion": 2, "manifests": [{"digest": "sha256:ab"}]}')
    ['blobs/sha256/ab']
    """
    try:
        document: Any = json.loads(content)
    except (ValueError, RecursionError):
        return []
    if isinstance(document, list):
        images = [cast("dict[str, Any]", each) for each in _listed(cast("object", document)) if isinstance(each, dict)]
        named: list[Any] = []
        for each in images:
            named.extend((each.get("Config"), *_listed(each.get("Layers"))) if "Layers" in each else ())
        return [part for part in named if isinstance(part, str)]
    if not isinstance(document, dict) or "schemaVersion" not in document:
        return []
    whole = cast("dict[str, Any]", document)
    parts = [whole.get("config"), *_listed(whole.get("layers")), *_listed(whole.get("manifests"))]
    digests = [cast("dict[str, Any]", each).get("digest") for each in parts if isinstance(each, dict)]
    return [f"{_BLOBS}{each.replace(':', '/')}" for each in digests if isinstance(each, str) and ":" in each]


def _listed(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def missing_of_layout(folder: str) -> list[str]:
    """The parts that an image layout on disk names and has not."""
    missing: list[str] = []
    seen: set[str] = set()
    waiting = ["index.json"]
    while waiting and len(seen) < _MOST:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = Path(folder, name)
        if ".." in Path(name).parts or not path.is_file():
            missing.append(name)
        elif path.stat().st_size <= _LARGEST:
            waiting.extend(_named_in(path))
    return sorted(missing)


def _named_in(path: Path) -> Iterator[str]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:  # noqa: PTH123
            content = file.read(_LARGEST)
    except OSError:
        return  # whoever reads the file itself tells of it
    if content[:1] in {b"{", b"["}:
        yield from parts_named_by(content)
