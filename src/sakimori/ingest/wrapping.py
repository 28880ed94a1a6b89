"""Unpacking: gz, zst, zip or plain, recognised by their first bytes; bounded in memory whatever a file claims to be.

Nothing here is larger in memory than a piece (`PIECE_BYTES`) and a record. What is whole of a damaged file is read, the
rest is told as refused.
"""

import hashlib
import io
import mmap
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias, cast

from sakimori.ingest.source import Reason, Refused

PIECE_BYTES: Final = 16 << 20
MAX_UNPACKED_BYTES: Final = 8 << 30
"""Of one file. AWS cuts its log files long before; only a bomb goes on."""
MAX_MEMBERS: Final = 100_000
"""Of one zip archive."""
_MAX_PACKED_MEMBER_BYTES: Final = 64 << 20
"""Of a member of an archive that is packed itself: it is held in memory. AWS cuts its log files long before."""
HEAD_BYTES: Final = 64 << 10
_MAPPED_FROM_BYTES: Final = 32 << 20
_READ_BYTES: Final = 1 << 20
_SALVAGE_BYTES: Final = 64
_GZIP, _ZSTD, _ZIP, PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PAR1"
_FOREIGN: Final = {
    b"\xfd7zXZ\0": "xz", b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "rar", b"\x04\x22\x4d\x18": "lz4",
    b"\x1f\x9d": "compress",
}  # fmt: skip
_BZ2: Final = re.compile(rb"BZh[1-9]1AY&SY")
_TAR_BYTES: Final = 512
_TAR_MARK_AT: Final = 257
_TAR: Final = re.compile(rb"ustar(?:\x0000|  \0)")
"""Of POSIX, and of GNU."""
MAX_PARQUET_BYTES: Final = 256 << 20
_ZIP_FAULTS: Final = (zipfile.BadZipFile, zlib.error, EOFError)

Buffer: TypeAlias = bytes | mmap.mmap
"""A file in memory, or mapped where it is large."""
Piece: TypeAlias = tuple[int, bytes] | Refused
"""The offset in the unpacked bytes, and the bytes."""


def open_file(path: Path) -> Buffer:
    """The bytes of a file; a large one is mapped, and costs no memory until it is read. OSError where it cannot be opened."""
    with path.open("rb", buffering=0) as file:
        if os.fstat(file.fileno()).st_size < _MAPPED_FROM_BYTES:
            return file.read()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def digest_of(packed: Buffer) -> str:
    """The SHA-256 of the bytes as they lie there."""
    found = hashlib.sha256()
    for start in range(0, len(packed), PIECE_BYTES):
        found.update(packed[start : start + PIECE_BYTES])
        _let_go(packed, start + PIECE_BYTES)
    return found.hexdigest()


def _let_go(packed: Buffer, upto: int) -> None:
    """Of a mapped file, the memory of what was read: it counts as the process's own until somebody else needs it."""
    if isinstance(packed, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        packed.madvise(mmap.MADV_DONTNEED, 0, min(upto, len(packed)))


def unpack(packed: Buffer) -> Iterator[Piece]:
    """The unpacked bytes of one file, in pieces of at most PIECE_BYTES, in order; what cannot be unpacked as Refused.

    Parquet comes whole, in one piece: it cannot be read from its beginning. A file that is packed twice, or otherwise
    than AWS packs, is refused with what it is: its bytes are no lines of a log.
    """
    if kind := foreign_packing(packed):
        yield Refused(offset=0, reason=Reason.FOREIGN_PACKING, detail=kind, size=len(packed))
        return
    is_packed = packed[:4].startswith(_GZIP) or packed[:4] == _ZSTD
    is_first = True
    for piece in _unpacked(packed):
        if is_first and is_packed and not isinstance(piece, Refused):
            is_first = False
            if kind := foreign_packing(piece[1]) or _packed_again(piece[1]):
                yield Refused(offset=0, reason=Reason.FOREIGN_PACKING, detail=kind, size=len(packed))
                return
        yield piece


def foreign_packing(data: Buffer) -> str:
    """What these bytes begin, where that is an archive or a compression that is not read here; "" for all else."""
    head = data[:_TAR_BYTES]
    if _TAR.fullmatch(head[_TAR_MARK_AT : _TAR_MARK_AT + 8]):
        return "tar"
    if _BZ2.match(head):
        return "bz2"
    return next((name for magic, name in _FOREIGN.items() if head.startswith(magic)), "")


def _packed_again(data: bytes) -> str:
    """What lies inside where that is packed itself; "" where it is a log."""
    return next(
        (f"{name} in it" for magic, name in ((_GZIP, "gz"), (_ZSTD, "zst"), (_ZIP, "zip")) if data.startswith(magic)),
        "",
    )


def _unpacked(packed: Buffer) -> Iterator[Piece]:
    magic = packed[:4]
    if magic.startswith(_GZIP):
        yield from _gunzip(packed)
    elif magic == _ZSTD:
        yield from _unzstd(packed)
    elif magic == _ZIP:
        yield from _unzip(packed)
    elif magic == PARQUET:
        yield (
            (0, bytes(packed))
            if len(packed) <= MAX_PARQUET_BYTES
            else Refused(offset=0, reason=Reason.TOO_LARGE, size=len(packed))
        )
    else:
        for start in range(0, len(packed), PIECE_BYTES):
            yield start, packed[start : start + PIECE_BYTES]
            _let_go(packed, start + PIECE_BYTES)


def _gunzip(packed: Buffer) -> Iterator[Piece]:
    """Every member of a gz file. The common case, one small member, is one call."""
    from isal import igzip_lib  # noqa: PLC0415 - only unpacking needs it

    offset, at = 0, 0
    while packed[at : at + 2] == _GZIP:
        member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        begins, begun_at, room = offset, at, _told_size(packed)
        while not member.eof and offset <= MAX_UNPACKED_BYTES:
            given = packed[at : at + PIECE_BYTES] if member.needs_input else b""
            at += len(given)
            _let_go(packed, at)
            try:
                piece = member.decompress(given, room)
            except igzip_lib.IsalError:  # pyright: ignore[reportGeneralTypeIssues] - a C extension without types
                yield from _salvage(packed, begun_at, begins, offset)
                return
            if not piece and not member.eof and member.needs_input and at >= len(packed):
                yield Refused(offset=offset, reason=Reason.TRUNCATED, detail="gz")
                return
            room = PIECE_BYTES
            if piece:
                yield offset, piece
                offset += len(piece)
        if offset > MAX_UNPACKED_BYTES:
            yield Refused(offset=offset, reason=Reason.TOO_LARGE, detail="gz")
            return
        at -= len(member.unused_data)
    # gzip itself passes over zeros at the end of a file that was padded to a block.
    if packed[at : at + PIECE_BYTES].strip(b"\0"):
        yield Refused(offset=offset, reason=Reason.TRUNCATED, detail="gz")


def _told_size(packed: Buffer) -> int:
    """Room for the first piece: what the end of the file says that its last member holds, which need not be true.

    Room for more grows by doubling, in pages that are new each time, and so costs as much as the unpacking.
    """
    told = int.from_bytes(packed[-4:], "little")
    return min(max(told + 1, HEAD_BYTES), PIECE_BYTES)


def _salvage(packed: Buffer, at: int, begins: int, told: int) -> Iterator[Piece]:
    """What comes out of a damaged member, which lies at `at`, beyond the offset `told`: in small steps towards the damage."""
    inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    offset = begins
    for start in range(at + _header_size(packed[at : at + PIECE_BYTES]), len(packed), _SALVAGE_BYTES):
        try:
            piece = inflater.decompress(packed[start : start + _SALVAGE_BYTES])
        except zlib.error:
            break
        end = offset + len(piece)
        if end > told:
            yield max(offset, told), piece[max(0, told - offset) :]
        offset = end
        if inflater.eof or offset > MAX_UNPACKED_BYTES:
            break
    yield Refused(offset=max(offset, told), reason=Reason.TRUNCATED, detail="gz")


_EXTRA, _NAME, _COMMENT, _CHECKED = 4, 8, 16, 2


def _header_size(member: bytes) -> int:
    """Bytes before the deflated ones (RFC 1952): what is checked at the end is not asked of a damaged member."""
    size = 10
    flags = member[3] if len(member) > size else 0
    if flags & _EXTRA:
        size += 2 + int.from_bytes(member[size : size + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            size = member.find(b"\0", size) + 1 or len(member)
    return size + (2 if flags & _CHECKED else 0)


def _unzstd(packed: Buffer) -> Iterator[Piece]:
    import pyarrow as pa  # noqa: PLC0415 - heavy, and rarely needed here

    with pa.CompressedInputStream(pa.BufferReader(pa.py_buffer(packed)), "zstd") as stream:
        yield from _read_all(stream.read, 0, "zst", (pa.ArrowException,))


def _unzip(packed: Buffer) -> Iterator[Piece]:
    """Every member of an archive, one after the other, as if they were one file with a line end after each.

    After MAX_UNPACKED_BYTES in all, nothing more is unpacked.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(packed))
        members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        yield Refused(offset=0, reason=Reason.UNREADABLE, detail="zip")
        return
    if len(members) > MAX_MEMBERS:
        yield Refused(offset=0, reason=Reason.TOO_LARGE, detail="zip")
        return
    offset = 0
    for member in members:
        try:
            stream = cast("zipfile.ZipExtFile", archive.open(member))
            magic = stream.peek(4)[:4]
        except (*_ZIP_FAULTS, RuntimeError, NotImplementedError, OSError):
            # RuntimeError: the member is encrypted.
            yield Refused(offset=offset, reason=Reason.UNREADABLE, detail="zip")
            continue
        with stream:
            if kind := foreign_packing(stream.peek(_TAR_BYTES)):
                yield Refused(offset=offset, reason=Reason.FOREIGN_PACKING, detail=kind, size=member.file_size)
                continue
            is_packed = magic.startswith(_GZIP) or magic == _ZSTD
            for piece in (_packed_member if is_packed else _plain_member)(stream, offset):
                if not isinstance(piece, Refused):
                    offset = piece[0] + len(piece[1])
                yield piece
        yield offset, b"\n"
        offset += 1


def _plain_member(stream: zipfile.ZipExtFile, offset: int) -> Iterator[Piece]:
    return _read_all(stream.read, offset, "zip", _ZIP_FAULTS)


def _packed_member(stream: zipfile.ZipExtFile, offset: int) -> Iterator[Piece]:
    """A member that is gz or zst: the files of a trail, as somebody put them together. An archive in an archive is not opened."""
    try:
        packed = stream.read(_MAX_PACKED_MEMBER_BYTES + 1)
    except (*_ZIP_FAULTS, OSError):
        yield Refused(offset=offset, reason=Reason.TRUNCATED, detail="zip")
        return
    if len(packed) > _MAX_PACKED_MEMBER_BYTES:
        yield Refused(offset=offset, reason=Reason.TOO_LARGE, size=len(packed), detail="zip")
        return
    for piece in unpack(packed):
        if isinstance(piece, Refused):
            yield replace(piece, offset=offset + piece.offset)
        elif offset + piece[0] > MAX_UNPACKED_BYTES:
            yield Refused(offset=offset + piece[0], reason=Reason.TOO_LARGE, detail="zip")
            return
        else:
            yield offset + piece[0], piece[1]


def _read_all(
    read: Callable[[int], bytes], offset: int, detail: str, faults: tuple[type[Exception], ...]
) -> Iterator[Piece]:
    while True:
        try:
            piece = read(_READ_BYTES)
        except (*faults, OSError):
            yield Refused(offset=offset, reason=Reason.TRUNCATED, detail=detail)
            return
        if not piece:
            return
        yield offset, piece
        offset += len(piece)
        if offset > MAX_UNPACKED_BYTES:
            yield Refused(offset=offset, reason=Reason.TOO_LARGE, detail=detail)
            return
