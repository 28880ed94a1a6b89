"""Checks a package that came from somebody: every hash, and the chain. Nothing in it is trusted, unpacked to disk, or decompressed."""

import re
import stat
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sakimori.model.errors import ActionError, UsageError
from sakimori.outputs.evidence.checking import EvidenceFault, digest_of
from sakimori.outputs.evidence.form import DIRECTORY, FILE_NAME, MANIFEST, Evidence
from sakimori.outputs.evidence.manifest import head_of, read_manifest
from sakimori.outputs.evidence.package import BESIDE, MOST_FILES, MOST_PACKAGE, SUMS
from sakimori.texts.language import clean

_END: Final = struct.Struct("<4s4H2LH")
_END_SIGN: Final = b"PK\x05\x06"
_MOST_DIRECTORY: Final = MOST_FILES * 400
_MOST_LINES: Final = 64_000_000
_SUM: Final = re.compile(r"([0-9a-f]{64})  ([a-z0-9][a-zA-Z0-9./-]{0,120})\Z")
_MANIFEST: Final = f"{DIRECTORY}/{MANIFEST}"
_IS_ENCRYPTED: Final = 0x1
_HEADER: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of it. `sha256` is of the file that was checked; `head` of its chain, "" where the chain could not be read."""

    sha256: str
    head: str
    files: int
    pieces: int
    faults: tuple[EvidenceFault, ...]

    @property
    def is_whole(self) -> bool:
        """Every hash agrees, and the chain is unbroken."""
        return not self.faults


def verify_package(path: Path, head: str = "") -> Verification:
    """Check a package, and that its chain ends in `head` where one was noted. ActionError where the file cannot be read.

    A package whose every hash was made anew is told from the true one only by that head, or by the hash of the whole file.
    """
    try:
        with path.open("rb") as stream:
            sha256, size = digest_of(stream)
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        reason = _end_of(path, size)
        if reason:
            return _refused(path, sha256, reason)
        with zipfile.ZipFile(path) as archive:
            reason = _form_of(archive, size)
            return _refused(path, sha256, reason) if reason else _checked(archive, sha256, head)
    except OSError as error:
        raise _unreadable(path, error) from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, RuntimeError, EOFError, struct.error):
        # zipfile raises each of these for archives that are none
        return _refused(path, sha256, "form")


def _end_of(path: Path, size: int) -> str:
    """Whether the end of the file is that of a small archive, before anything trusts it; the reason where not."""
    if not _END.size <= size <= MOST_PACKAGE + _MOST_DIRECTORY:
        return "form"
    with path.open("rb") as stream:
        stream.seek(size - _END.size)
        sign, disk, first, here, entries, length, start, comment = _END.unpack(stream.read(_END.size))
    if sign != _END_SIGN or disk or first or here != entries or comment or start + length + _END.size != size:
        return "form"
    return "many" if entries > MOST_FILES or length > _MOST_DIRECTORY else ""


def _form_of(archive: zipfile.ZipFile, size: int) -> str:
    entries = archive.infolist()
    names = [each.filename for each in entries]
    if len(set(names)) != len(names):
        return "twice"
    if not all(map(_is_name, names)):
        return "name"
    for each in entries:
        is_link = stat.S_ISLNK(each.external_attr >> 16)
        if each.compress_type != zipfile.ZIP_STORED or each.flag_bits & _IS_ENCRYPTED or is_link:
            return "packed"
    # Files that share bytes would add up to more than the archive: the other way to make much from little.
    is_sum = all(each.file_size == each.compress_size for each in entries)
    total = sum(each.compress_size + len(each.filename) + _HEADER for each in entries)
    return "" if is_sum and total <= size else "size"


def _is_name(name: str) -> bool:
    directory, slash, file = name.rpartition("/")
    if slash:
        return directory == DIRECTORY and (file == MANIFEST or FILE_NAME.match(file) is not None)
    return file == SUMS or BESIDE.match(file) is not None


def _checked(archive: zipfile.ZipFile, sha256: str, head: str) -> Verification:
    sums = _sums(archive)
    if sums is None:
        return _refused(Path(str(archive.filename)), sha256, "sums")
    faults = list(_differing(archive, sums))
    pieces, broken = _chain(archive)
    faults += broken
    if not broken:
        faults += _pieces_differing(pieces, sums)
    found = "" if broken else head_of(pieces)
    if head and found and found != head.strip().lower():
        faults.append(EvidenceFault(text="case_evidence.other_head", values={"head": found, "wanted": clean(head)}))
    return Verification(
        sha256=sha256, head=found, files=len(archive.namelist()), pieces=len(pieces), faults=tuple(faults)
    )


def _sums(archive: zipfile.ZipFile) -> dict[str, str] | None:
    if SUMS not in archive.namelist() or archive.getinfo(SUMS).file_size > _MOST_DIRECTORY:
        return None
    lines = archive.read(SUMS).decode("ascii", "replace").split("\n")
    found = [_SUM.match(line) for line in lines[:-1]]
    if lines[-1] or not all(found):
        return None
    return {each[2]: each[1] for each in found if each is not None}


def _differing(archive: zipfile.ZipFile, sums: dict[str, str]) -> Iterator[EvidenceFault]:
    names = set(archive.namelist()) - {SUMS}
    for name in sorted(names | set(sums)):
        told = {"file": clean(name)}
        if name not in names:
            yield EvidenceFault(text="case_evidence.file_absent", values=told)
        elif name not in sums:
            yield EvidenceFault(text="case_evidence.file_unlisted", values=told)
        elif _digest(archive, name) != sums[name]:
            yield EvidenceFault(text="case_evidence.file_changed", values=told)


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    try:
        with archive.open(name) as stream:
            return digest_of(stream)[0]  # type: ignore[arg-type] - a stream for reading
    except (zipfile.BadZipFile, EOFError):
        return ""


def _chain(archive: zipfile.ZipFile) -> tuple[tuple[Evidence, ...], list[EvidenceFault]]:
    """The pieces of the manifest, read as one on the disk is; or the fault."""
    if _MANIFEST not in archive.namelist():
        return (), []
    if archive.getinfo(_MANIFEST).file_size > _MOST_LINES:
        return (), [EvidenceFault(text="case_evidence.chain_broken", values={"line": 1})]
    with tempfile.TemporaryDirectory(prefix="sakimori-package-") as scratch:
        case = Path(scratch)
        (case / DIRECTORY).mkdir()
        try:
            raw = archive.read(_MANIFEST)
            (case / _MANIFEST).write_bytes(raw)
            pieces = read_manifest(case)
        except (ActionError, UsageError, zipfile.BadZipFile, EOFError) as error:
            line = error.values.get("line", 1) if isinstance(error, ActionError) else 1
            return (), [EvidenceFault(text="case_evidence.chain_broken", values={"line": line})]
    if raw and not raw.endswith(b"\n"):
        # On a disk a torn line is a kill's; a package holds whole lines only.
        return (), [EvidenceFault(text="case_evidence.chain_broken", values={"line": len(pieces) + 1})]
    return pieces, []


def _pieces_differing(pieces: tuple[Evidence, ...], sums: dict[str, str]) -> Iterator[EvidenceFault]:
    told_of = {f"{DIRECTORY}/{piece.path.name}": piece for piece in pieces}
    for name, piece in told_of.items():
        told = {"id": piece.id, "file": piece.path.name}
        if name not in sums:
            yield EvidenceFault(text="case_evidence.absent", values=told)
        elif sums[name] != piece.sha256:
            yield EvidenceFault(text="case_evidence.changed", values=told)
    for name in sorted(sums):
        if name.startswith(f"{DIRECTORY}/") and name != _MANIFEST and name not in told_of:
            yield EvidenceFault(text="case_evidence.loose", values={"file": clean(name)})


def _refused(path: Path, sha256: str, reason: str) -> Verification:
    fault = EvidenceFault(text=f"case_evidence.not_package_{reason}", values={"file": clean(path.name)})
    return Verification(sha256=sha256, head="", files=0, pieces=0, faults=(fault,))


def _unreadable(path: Path, error: OSError) -> ActionError:
    return ActionError("case_evidence.package_unreadable", path=path, reason=error.strerror or type(error).__name__)
