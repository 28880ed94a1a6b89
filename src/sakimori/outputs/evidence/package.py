"""The package that leaves the house: one zip, the same bytes for the same case, checked with `sha256sum` as well as with sakimori.

Nothing in it is compressed again (the evidence is already), so that whoever checks it unpacks nothing.
"""

import hashlib
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sakimori.model.errors import ActionError
from sakimori.outputs.evidence.checking import digest_of, faults_of
from sakimori.outputs.evidence.form import DIRECTORY, MANIFEST
from sakimori.outputs.evidence.manifest import head_of, manifest_path, read_manifest
from sakimori.state.durable import sync
from sakimori.state.hash_chain import unwritable

SUMS: Final = "SHA256SUMS"
MOST_PACKAGE: Final = 4_000_000_000
"""Bytes: below where zip needs its larger form."""
MOST_FILES: Final = 20_000
BESIDE: Final = re.compile(
    r"(?:case\.jsonl|(?:report|reply|billing|timeline|list-[ab])(?:-[a-z0-9]{1,20}){0,2}\.(?:html|pdf|txt|md|csv|json))\Z"
)
"""What of the case's own directory goes along: its log, the report, the timeline, the drafts of replies."""
_DAY: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o600
_REGULAR: Final = 0o100000
_UNIX: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package: `sha256` of its file, `head` of the manifest's chain, and the names in it."""

    path: Path
    sha256: str
    head: str
    files: tuple[str, ...]


def package(case_dir: Path, output: Path) -> Package:
    """Write the package, all or nothing. ActionError where the evidence was changed: a package must not hide that."""
    for fault in faults_of(case_dir):
        raise ActionError(fault.text, **fault.values)
    members = tuple(_members(case_dir))
    if sum(path.stat().st_size for _, path in members) > MOST_PACKAGE or len(members) >= MOST_FILES:
        raise ActionError("case_evidence.package_large", bytes=MOST_PACKAGE)
    try:
        descriptor, name = tempfile.mkstemp(prefix=".package-", dir=output.parent)
    except OSError as error:
        raise unwritable(output, error) from error
    being_made = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
                sums = [(_written(archive, name, path), name) for name, path in members]
                listed = "".join(f"{digest}  {name}\n" for digest, name in sums)
                archive.writestr(_entry(SUMS), listed.encode("ascii"))
            stream.flush()
            os.fsync(stream.fileno())
        with being_made.open("rb") as stream:
            sha256, _ = digest_of(stream)
        being_made.replace(output)
        sync(output.parent)
    except OSError as error:
        raise unwritable(output, error) from error
    finally:
        being_made.unlink(missing_ok=True)
    names = (*(name for name, _ in members), SUMS)
    return Package(path=output, sha256=sha256, head=head_of(read_manifest(case_dir)), files=names)


def _members(case_dir: Path) -> Iterator[tuple[str, Path]]:
    """Names and files, in the order of the archive."""
    for path in sorted(case_dir.iterdir()):
        if BESIDE.match(path.name):
            if path.is_symlink() or not path.is_file():
                raise ActionError("case_evidence.package_link", file=path.name)
            yield path.name, path
    yield from ((f"{DIRECTORY}/{piece.path.name}", piece.path) for piece in read_manifest(case_dir))
    if manifest_path(case_dir).exists():
        yield f"{DIRECTORY}/{MANIFEST}", manifest_path(case_dir)


def _written(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    """Copy a file in; its hash as copied. Of a file of lines what was acknowledged: a torn last line stays out."""
    found = hashlib.sha256()
    left = _whole_lines(path) if name.endswith(".jsonl") else path.stat().st_size
    with path.open("rb") as source, archive.open(_entry(name), "w") as target:
        while left and (chunk := source.read(min(left, 1 << 20))):
            target.write(chunk)
            found.update(chunk)
            left -= len(chunk)
    return found.hexdigest()


def _whole_lines(path: Path) -> int:
    return path.read_bytes().rfind(b"\n") + 1


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.create_system = _UNIX
    entry.external_attr = (_REGULAR | _MODE) << 16
    entry.compress_type = zipfile.ZIP_STORED
    return entry
