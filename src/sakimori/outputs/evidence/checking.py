"""Whether the evidence that lies in a case is what its manifest says."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from sakimori.outputs.evidence.form import DIRECTORY, FILE_NAME
from sakimori.outputs.evidence.manifest import read_manifest
from sakimori.texts.language import clean

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFault:
    """One thing that is not as it should be: an id of the catalogue, and its values."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


def faults_of(case_dir: Path) -> tuple[EvidenceFault, ...]:
    """Every file that was changed, is missing, or lies there unasked. ActionError where the manifest itself is broken."""
    return tuple(_faults(case_dir))


def digest_of(stream: BinaryIO) -> tuple[str, int]:
    """The SHA-256 of what is left of a stream, and how many bytes that was."""
    found, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        found.update(chunk)
        size += len(chunk)
    return found.hexdigest(), size


def _faults(case_dir: Path) -> Iterator[EvidenceFault]:
    pieces = read_manifest(case_dir)
    for piece in pieces:
        told = {"id": piece.id, "file": piece.path.name}
        try:
            if piece.path.is_symlink() or not piece.path.is_file():
                yield EvidenceFault(text="case_evidence.absent", values=told)
                continue
            with piece.path.open("rb") as stream:
                if digest_of(stream)[0] != piece.sha256:
                    yield EvidenceFault(text="case_evidence.changed", values=told)
        except OSError:
            yield EvidenceFault(text="case_evidence.unreadable", values=told)
    told_of = {piece.path.name for piece in pieces}
    directory = case_dir / DIRECTORY
    for each in sorted(directory.iterdir()) if directory.is_dir() else ():
        name = FILE_NAME.match(each.name)
        # The piece that a kill cut off is of the next number: it was never acknowledged.
        is_cut_off = name is not None and int(name[1]) == len(pieces) + 1
        if name is not None and each.name not in told_of and not is_cut_off:
            yield EvidenceFault(text="case_evidence.loose", values={"file": clean(each.name)})
