"""Archives opened without unpacking them to disk: gzip, bzip2, xz, zstd, zip (jar, whl, docx, xlsx), tar and ar (deb), within each other.

Members are streamed; one that is longer than what is held at once comes in parts that overlap.
"""

import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final, cast

from sakimori.analysis.secrets.decoders.beginnings import NOT_OPENED, is_loose_object, is_old_tar, is_orc
from sakimori.analysis.secrets.decoders.budget import FREE, MAX_MEMBER, MAX_RATIO, Budget
from sakimori.analysis.secrets.decoders.images import ImageParts
from sakimori.analysis.secrets.decoders.streams import (
    asks_for_memory,
    open_bzip2,
    open_gzip,
    open_xz,
    open_zlib,
    open_zstd,
)
from sakimori.analysis.secrets.decoders.tape import Tape
from sakimori.analysis.secrets.decoders.zips_within import ends_of, unlisted, zips_in

OVERLAP: Final = 1 << 16
_HEAD: Final = 512
_ENCRYPTED: Final = 1
FAULTS: Final = (
    OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, NotImplementedError,
    ValueError, RuntimeError, IndexError, KeyError, OverflowError, MemoryError,
)  # fmt: skip
"""What the readers of archives raise where the bytes are not as they should be."""

Leaf = tuple[str, bytes]


def leaves(file: BinaryIO, name: str, budget: Budget) -> Iterator[Leaf]:
    """The members of a container, and of the containers within it: their names and bytes."""
    reader = _peekable(file)
    open_as = _opener(reader.peek(_HEAD)[:_HEAD])
    if open_as is None:
        yield from _parts(reader, name, budget)
        return
    if not budget.may_go_in(name):
        return
    try:
        yield from open_as(reader, name, budget)
    except FAULTS as error:
        refuse_fault(budget, name, error)


def is_archive(head: bytes) -> bool:
    """Whether the first bytes (262 at least) are those of an archive."""
    return _opener(head) is not None


def _opener(head: bytes) -> Callable[[Any, str, Budget], Iterator[Leaf]] | None:
    for magic, open_as in _OPENERS:
        if head.startswith(magic):
            return open_as
    if is_loose_object(head):
        return _unpacking(open_zlib)
    if is_orc(head):
        return _closed("unsupported")
    return _tar if head[257:262] == b"ustar" or is_old_tar(head) else None


def _peekable(file: BinaryIO) -> Any:
    if isinstance(file, io.BufferedReader):
        return cast("Any", file)
    return io.BufferedReader(file if isinstance(file, io.RawIOBase) else _Raw(file), 1 << 16)


class _Raw(io.RawIOBase):
    """Any file as the raw side of a buffered one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return hasattr(self._file, "seekable") and self._file.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        # What is read at once is lost where a fault comes behind it.
        content: bytes = getattr(self._file, "read1", self._file.read)(len(buffer))
        buffer[: len(content)] = content
        return len(content)


class _Metered(io.RawIOBase):
    """What comes out of a decompressor, until it is damaged, or there is too much of it for what went in."""

    def __init__(self, packed: Any, source: Any, name: str, budget: Budget) -> None:
        self._packed, self._source, self._name, self._budget = packed, source, name, budget
        self._size = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def readinto(self, buffer: Any) -> int:
        try:
            content = self._packed.read1(min(len(buffer), 1 << 20))
        except FAULTS as error:
            refuse_fault(self._budget, self._name, error)
            return 0
        self._size += len(content)
        if self._size > FREE and self._size > MAX_RATIO * max(1, self._source.tell()):
            self._budget.refuse("bomb", self._name)
            return 0
        buffer[: len(content)] = content
        return len(content)


def refuse_fault(budget: Budget, name: str, error: BaseException) -> None:
    """Tell what a reader has raised: more memory than is lent, a way of packing that it does not know, or damage."""
    reason = "memory" if asks_for_memory(error) else "unsupported" if type(error) is NotImplementedError else "damaged"
    budget.refuse(reason, name, f"{type(error).__name__}: {error}")


def _parts(reader: BinaryIO, name: str, budget: Budget) -> Iterator[Leaf]:
    """The bytes themselves, in one part or in parts that overlap."""
    kept = b""
    while content := _read(reader, MAX_MEMBER - len(kept), name, budget):
        if not budget.may_take(len(content), name):
            return
        part = kept + content
        yield name, part
        if len(part) < MAX_MEMBER:
            return
        kept = part[-OVERLAP:]


def _read(reader: Any, size: int, name: str, budget: Budget) -> bytes:
    """As many bytes as there are, up to `size`; what comes before a damaged place is kept, and the damage told."""
    pieces: list[bytes] = []
    try:
        while size > 0 and (content := reader.read1(min(size, 1 << 20))):
            pieces.append(content)
            size -= len(content)
    except FAULTS as error:
        refuse_fault(budget, name, error)
    return b"".join(pieces)


def _unpacking(open_packed: Callable[[Any], Any | None]) -> Callable[[Any, str, Budget], Iterator[Leaf]]:
    def unpacked(reader: Any, name: str, budget: Budget) -> Iterator[Leaf]:
        packed = open_packed(reader)
        if packed is None:
            budget.refuse("unsupported", name)
            return
        metered = _Metered(packed, reader, name, budget)
        yield from leaves(io.BufferedReader(metered, 1 << 18), name, budget.deeper())

    return unpacked


def _zip(reader: Any, name: str, budget: Budget, *, from_start: bool = True) -> Iterator[Leaf]:
    # A member of a streamed tar says that it could go back, and cannot.
    if isinstance(reader, tarfile.ExFileObject) or not reader.seekable():
        content = _read(reader, 2 * MAX_MEMBER + 1, name, budget)
        if len(content) > 2 * MAX_MEMBER:
            budget.refuse("too_large", name)
            return
        reader = io.BytesIO(content)
    with zipfile.ZipFile(reader) as archive:
        if not archive.filelist:
            _tell_hidden(reader, name, budget)
        for hidden in unlisted(reader, archive, from_start=from_start):
            yield from _unlisted(hidden, name, budget)
        for info in archive.infolist():
            inner = f"{name}!{info.filename}" if name else info.filename
            if info.is_dir():
                continue
            if not budget.may_list(name):
                return
            if info.flag_bits & _ENCRYPTED:
                budget.refuse("encrypted", inner)
                continue
            if info.file_size > FREE and info.file_size > MAX_RATIO * max(1, info.compress_size):
                budget.refuse("bomb", inner)
                continue
            yield from _member_of_zip(archive, info, inner, budget)


def _tell_hidden(reader: Any, name: str, budget: Budget) -> None:
    """A zip that begins with a member and lists none: what lies in it is not in its list."""
    reader.seek(0)
    if reader.read(4) == b"PK\x03\x04":
        budget.refuse("damaged", name, "a list without members")


def _unlisted(content: bytes, name: str, budget: Budget) -> Iterator[Leaf]:
    """What stands between the members of a zip and before them: another zip is opened, members that nobody lists are told."""
    inner = list(zips_in(content, ends_of(content)))
    if not inner:
        budget.refuse("damaged", name, "members that its list does not name")
    for each in inner:
        if budget.may_list(name) and budget.may_go_in(name):
            yield from zip_within(each, name, budget.deeper())


def zip_within(file: Any, name: str, budget: Budget) -> Iterator[Leaf]:
    """The members of a zip with something around it: a program that unpacks itself, a Python application, an extension."""
    try:
        yield from _zip(file, name, budget, from_start=False)
    except FAULTS as error:
        refuse_fault(budget, name, error)


def _member_of_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, inner: str, budget: Budget) -> Iterator[Leaf]:
    try:
        with archive.open(info) as member:
            yield from leaves(cast("BinaryIO", member), inner, budget.deeper())
    except FAULTS as error:
        refuse_fault(budget, inner, error)


def _tar(reader: Any, name: str, budget: Budget) -> Iterator[Leaf]:
    tape, image = Tape(reader), ImageParts()
    for member in tape.members():
        image.hold(member.name)
        # What tarfile does not know it takes for a file.
        if not member.isreg() and member.type in tarfile.SUPPORTED_TYPES:
            continue
        if not budget.may_list(name):
            return
        inner = f"{name}!{member.name}" if name else member.name
        file = _Member(tape.take, _stored_bytes(member))
        for leaf in leaves(cast("BinaryIO", file), inner, budget.deeper()):
            image.read(member.name, leaf[1])
            yield leaf
    if missing := image.missing():
        budget.refuse("image_incomplete", name, f"{len(missing)}: {missing[0]}")


def _ar(reader: Any, name: str, budget: Budget) -> Iterator[Leaf]:
    """The members of a Debian package or a static library, one behind the other with a header of sixty bytes each."""
    reader.read(len(_AR))
    while len(header := reader.read(60)) == 60:  # noqa: PLR2004 - ar(5)
        size = int(header[48:58]) if header[58:] == b"`\n" else -1
        if size < 0:
            raise OSError("a header is damaged")
        if not budget.may_list(name):
            return
        member = header[:16].decode("utf-8", "replace").strip().rstrip("/")
        file = _Member(reader.read, size)
        yield from leaves(cast("BinaryIO", file), f"{name}!{member}" if name else member, budget.deeper())
        while file.read(1 << 20):
            pass
        reader.read(size % 2)
    if header.strip():
        raise OSError("a header is cut")


def _stored_bytes(member: tarfile.TarInfo) -> int:
    """The bytes of a member that the archive holds: the holes of a sparse file are nothing to look at, and may be a petabyte."""
    parts: list[tuple[int, int]] | None = getattr(member, "sparse", None)
    return member.size if parts is None else sum(size for _, size in parts)


class _Member(io.RawIOBase):
    """A member as it stands in the stream. Where the archive is cut short it gives what there is; tarfile's own gives nothing then."""

    def __init__(self, take: Callable[[int], bytes], size: int) -> None:
        self._take, self._size, self._left = take, size, size

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size - self._left

    def readinto(self, buffer: Any) -> int:
        content = self._take(min(len(buffer), self._left))
        self._left -= len(content)
        buffer[: len(content)] = content
        return len(content)


def _closed(reason: str) -> Callable[[Any, str, Budget], Iterator[Leaf]]:
    def untouched(_reader: Any, name: str, budget: Budget) -> Iterator[Leaf]:
        budget.refuse(reason, name)
        return iter(())

    return untouched


_AR: Final = b"!<arch>\n"
_OPENERS: Final = (
    (b"\x1f\x8b\x08", _unpacking(open_gzip)),
    (b"BZh", _unpacking(open_bzip2)),
    (b"\xfd7zXZ\x00", _unpacking(open_xz)),
    (b"PK\x03\x04", _zip),
    (b"PK\x05\x06", _zip),
    (b"\x28\xb5\x2f\xfd", _unpacking(open_zstd)),
    (_AR, _ar),
    *((magic, _closed("unsupported")) for magic in NOT_OPENED),
)
