"""Archives opened without unpacking them to disk: gzip, bzip2, xz, zip (jar, whl, docx, xlsx) and tar, within each other.

Members are streamed; one that is longer than what is held at once comes in parts that overlap.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final, cast

from sakimori.analysis.secrets.decoders.budget import FREE, MAX_MEMBER, MAX_RATIO, Budget

OVERLAP: Final = 1 << 16
_HEAD: Final = 512
_ENCRYPTED: Final = 1
_FAULTS: Final = (
    OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, NotImplementedError,
    ValueError, RuntimeError, IndexError, KeyError, OverflowError,
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
    except _FAULTS as error:
        budget.refuse("damaged", name, f"{type(error).__name__}: {error}")


def is_archive(head: bytes) -> bool:
    """Whether the first bytes (262 at least) are those of an archive."""
    return _opener(head) is not None


def _opener(head: bytes) -> Callable[[Any, str, Budget], Iterator[Leaf]] | None:
    for magic, open_as in _OPENERS:
        if head.startswith(magic):
            return open_as
    return _tar if head[257:262] == b"ustar" else None


def _peekable(file: BinaryIO) -> Any:
    return (
        cast("io.BufferedReader", file)
        if isinstance(file, io.BufferedReader)
        else io.BufferedReader(_Raw(file), 1 << 16)
    )


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
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


class _Metered(io.RawIOBase):
    """What comes out of a decompressor, until there is too much of it for what went in."""

    def __init__(self, packed: Any, source: Any, name: str, budget: Budget) -> None:
        self._packed, self._source, self._name, self._budget = packed, source, name, budget
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._packed.read(min(len(buffer), 1 << 20))
        self._size += len(content)
        if self._size > FREE and self._size > MAX_RATIO * max(1, self._source.tell()):
            self._budget.refuse("bomb", self._name)
            return 0
        buffer[: len(content)] = content
        return len(content)


def _parts(reader: BinaryIO, name: str, budget: Budget) -> Iterator[Leaf]:
    """The bytes themselves, in one part or in parts that overlap."""
    kept = b""
    while content := _read(reader, MAX_MEMBER - len(kept)):
        if not budget.may_take(len(content), name):
            return
        part = kept + content
        yield name, part
        if len(part) < MAX_MEMBER:
            return
        kept = part[-OVERLAP:]


def _read(reader: BinaryIO, size: int) -> bytes:
    """As many bytes as there are, up to `size`: a stream may give less at a time."""
    pieces: list[bytes] = []
    while size > 0 and (content := reader.read(min(size, 1 << 20))):
        pieces.append(content)
        size -= len(content)
    return b"".join(pieces)


def _unpacking(open_packed: Callable[[Any], Any]) -> Callable[[Any, str, Budget], Iterator[Leaf]]:
    def unpacked(reader: Any, name: str, budget: Budget) -> Iterator[Leaf]:
        metered = _Metered(open_packed(reader), reader, name, budget)
        yield from leaves(io.BufferedReader(metered, 1 << 18), name, budget.deeper())

    return unpacked


def _gzip(reader: Any) -> Any:
    try:
        from isal import igzip, isal_zlib  # noqa: PLC0415 - an extra: three times as fast
    except ImportError:
        return gzip.GzipFile(fileobj=reader)
    return _Isal(igzip.IGzipFile(fileobj=reader), cast("type[Exception]", isal_zlib.error))


class _Isal:
    """Its file, whose faults are those of any other."""

    def __init__(self, file: Any, fault: type[Exception]) -> None:
        self._file, self._fault = file, fault

    def read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except self._fault as error:
            raise OSError(str(error)) from error


def _zip(reader: Any, name: str, budget: Budget) -> Iterator[Leaf]:
    # A member of a streamed tar says that it could go back, and cannot.
    if isinstance(reader, tarfile.ExFileObject) or not reader.seekable():
        content = _read(reader, 2 * MAX_MEMBER + 1)
        if len(content) > 2 * MAX_MEMBER:
            budget.refuse("too_large", name)
            return
        reader = io.BytesIO(content)
    with zipfile.ZipFile(reader) as archive:
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


def _member_of_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, inner: str, budget: Budget) -> Iterator[Leaf]:
    try:
        with archive.open(info) as member:
            yield from leaves(cast("BinaryIO", member), inner, budget.deeper())
    except _FAULTS as error:
        budget.refuse("damaged", inner, f"{type(error).__name__}: {error}")


class _Header(tarfile.TarInfo):
    """A header whose damage is told: tarfile ends there as if it were the archive's end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Header":
        if buf and len(buf) < _HEAD:
            raise OSError("a header is cut")
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if bytes(buf).strip(b"\0"):
                raise OSError("a header is damaged") from error
            raise


def _tar(reader: Any, name: str, budget: Budget) -> Iterator[Leaf]:
    # Archives that were put one behind another have zeros between them.
    with tarfile.open(fileobj=reader, mode="r|", errorlevel=1, ignore_zeros=True, tarinfo=_Header) as archive:
        for member in archive:
            if not member.isreg():
                continue
            if not budget.may_list(name):
                return
            file = archive.extractfile(member)
            if file is not None:
                inner = f"{name}!{member.name}" if name else member.name
                yield from leaves(cast("BinaryIO", file), inner, budget.deeper())


def _closed(reason: str) -> Callable[[Any, str, Budget], Iterator[Leaf]]:
    def untouched(_reader: Any, name: str, budget: Budget) -> Iterator[Leaf]:
        budget.refuse(reason, name)
        return iter(())

    return untouched


_OPENERS: Final = (
    (b"\x1f\x8b\x08", _unpacking(_gzip)),
    (b"BZh", _unpacking(bz2.BZ2File)),
    (b"\xfd7zXZ\x00", _unpacking(lzma.LZMAFile)),
    (b"PK\x03\x04", _zip),
    (b"PK\x05\x06", _zip),
    (b"\x28\xb5\x2f\xfd", _closed("unsupported")),
    (b"7z\xbc\xaf", _closed("unsupported")),
    (b"Rar!", _closed("unsupported")),
)
