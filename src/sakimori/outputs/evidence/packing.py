"""Evidence as it lies on the disk: zstd, which any tool unpacks, read back within bounds."""

import hashlib
import os
import zlib
from pathlib import Path
from typing import Any, Final

from sakimori.model.errors import ActionError, UsageError
from sakimori.model.zstd import zstd
from sakimori.outputs.evidence.form import JSON_ENDING, MOST_PAYLOAD, RAW_ENDING, Evidence
from sakimori.outputs.evidence.plain import json_bytes, json_in, plain
from sakimori.outputs.evidence.redaction import Redactor
from sakimori.state.hash_chain import unwritable

_PRIVATE: Final = 0o600
_LEVEL: Final = 9
_WINDOW: Final = 27
"""As a power of two: what zstd's own program opens unasked."""
_GZIP: Final = b"\x1f\x8b"
_PACKED: Final = (b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"\x04\x22\x4d\x18", b"7z\xbc\xaf")
"""Forms whose inside nobody looked at: zip, zstd, bzip2, xz, lz4, 7z."""


def packed(payload: Any) -> tuple[bytes, str, int, str]:
    """The bytes that are kept, the ending of their file, how many secrets were left out, and the hash of what came as bytes.

    What came as gz is unpacked first; UsageError for any other packing, for too much, and for what is nested too deeply.
    """
    redactor = Redactor()
    source = ""
    if isinstance(payload, bytes | bytearray):
        raw = bytes(payload)
        source = hashlib.sha256(raw).hexdigest()
        raw = _unpacked(raw)
        payload = json_in(raw)
        if payload is None:
            text = redactor.text(raw.decode("utf-8", "surrogateescape"))
            return _compressed(text.encode("utf-8", "surrogateescape")), RAW_ENDING, redactor.count, source
    try:
        found = json_bytes(redactor.walk(plain(payload)))
    except RecursionError as error:
        raise UsageError("case_evidence.too_deep", depth=100) from error
    return _compressed(found), JSON_ENDING, redactor.count, source


def write_private(path: Path, raw: bytes) -> None:
    """A new private file, on the disk when this returns; ActionError where one lies there already, or the disk refuses."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, _PRIVATE)
        try:
            left = memoryview(raw)
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unwritable(path, error) from error


def payload_of(piece: Evidence) -> bytes:
    """What was kept, unpacked; ActionError where its file is not what the manifest says, or unpacks to too much."""
    library = zstd()
    unpacking = library.ZstdDecompressor(options={library.DecompressionParameter.window_log_max: _WINDOW})
    try:
        raw = piece.path.read_bytes()
        if hashlib.sha256(raw).hexdigest() != piece.sha256:
            raise ActionError("case_evidence.changed", id=piece.id, file=piece.path.name)
        found = unpacking.decompress(raw, max_length=MOST_PAYLOAD + 1)
    except (OSError, library.ZstdError) as error:
        raise ActionError("case_evidence.unreadable", id=piece.id, file=piece.path.name) from error
    if len(found) > MOST_PAYLOAD or not unpacking.eof:
        raise ActionError("case_evidence.unreadable", id=piece.id, file=piece.path.name)
    return found


def _compressed(raw: bytes) -> bytes:
    if len(raw) > MOST_PAYLOAD:
        raise UsageError("case_evidence.too_large", bytes=MOST_PAYLOAD)
    return zstd().compress(raw, level=_LEVEL)


def _unpacked(raw: bytes) -> bytes:
    if raw.startswith(_PACKED):
        raise UsageError("case_evidence.packed")
    if not raw.startswith(_GZIP):
        return raw
    found, left = bytearray(), raw
    try:
        while left.startswith(_GZIP):  # several members are one file to gzip
            unpacking = zlib.decompressobj(wbits=31)
            found += unpacking.decompress(left, MOST_PAYLOAD + 1 - len(found))
            if len(found) > MOST_PAYLOAD or not unpacking.eof:
                raise UsageError("case_evidence.too_large", bytes=MOST_PAYLOAD)
            left = unpacking.unused_data
    except zlib.error as error:
        raise UsageError("case_evidence.packed") from error
    return _unpacked(bytes(found)) if found.startswith((_GZIP, *_PACKED)) else bytes(found)
