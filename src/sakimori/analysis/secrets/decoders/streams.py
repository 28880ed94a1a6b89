"""Packed streams, opened to be read a little at a time: gzip, bzip2, xz and zstd.

Each gives what could be unpacked before it says that the rest is damaged or cut short: `read1` never loses what it has.
Source: the xz file format, section 5.3.1 (the size of a dictionary, up to 4 GiB).
"""

import bz2
import contextlib
import lzma
import zlib
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, Final

from sakimori.model.zstd import zstd

_STEP: Final = 1 << 16
_GZIP: Final = 31
"""zlib's word for the widest window, and gzip's header."""
_MEMORY: Final = 256 << 20
"""Bytes that a header may ask for to unpack what follows; `xz -9` asks for 65 MiB, `zstd --ultra -22` for 128."""
_WINDOW: Final = 27
"""The same of zstd, as a power of two: what its own program opens unasked."""
_TOO_MUCH: Final = ("Memory usage limit", "too much memory")


def open_gzip(source: Any) -> Any:
    """Gzip's members, one behind the other."""
    library: Any = zlib
    with contextlib.suppress(ImportError):
        library = import_module("isal.isal_zlib")  # an extra: three times as fast
    begin = partial(library.decompressobj, wbits=_GZIP)
    return _Translated(_Streams(source, lambda: _Deflated(begin())), library.error)


def open_zlib(source: Any) -> Any:
    """A stream with zlib's own header, as git writes an object."""
    return _Translated(_Streams(source, lambda: _Deflated(zlib.decompressobj())), zlib.error)


def open_bzip2(source: Any) -> Any:
    """Bzip2's streams, one behind the other."""
    return _Streams(source, bz2.BZ2Decompressor)


def open_xz(source: Any) -> Any:
    """Xz's streams, one behind the other."""
    return _Streams(source, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY))


def open_zstd(source: Any) -> Any | None:
    """Zstd's frames, one behind the other; None where nothing that is installed knows them."""
    try:
        library = zstd()
    except ImportError:
        return None
    options = {library.DecompressionParameter.window_log_max: _WINDOW}
    return _Translated(_Streams(source, lambda: library.ZstdDecompressor(options=options)), library.ZstdError)


def asks_for_memory(error: BaseException) -> bool:
    """Whether it was given up because a header asks for more memory than is lent."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in _TOO_MUCH)


class _Streams:
    """Streams one behind another, each with a decompressor of its own."""

    def __init__(self, source: Any, begin: Callable[[], Any]) -> None:
        self._source, self._begin = source, begin
        self._current: Any = None

    def read1(self, size: int) -> bytes:
        """Some bytes, as they come; b"" at the end. EOFError where a stream is cut short."""
        while True:
            if self._current is None or self._current.eof:
                given = self._next()
                if not given:
                    return b""
                self._current = self._begin()
            else:
                given = self._source.read(_STEP) if self._current.needs_input else b""
            was_hungry = self._current.needs_input
            content: bytes = self._current.decompress(given, size)
            if content:
                return content
            if was_hungry and not given and not self._current.eof:
                raise EOFError("the stream is cut short")

    def _next(self) -> bytes:
        """What follows the stream before, without the zeros that may fill it up."""
        rest = self._current.unused_data if self._current else b""
        while not (found := rest.lstrip(b"\0")) and (rest := self._source.read(_STEP)):
            pass
        return found


class _Deflated:
    """zlib's decompressor, as the others are."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, given: bytes, size: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + given, size)


class _Translated:
    """A stream of a library, whose own faults are those of any other."""

    def __init__(self, stream: Any, fault: type[Exception]) -> None:
        self._stream, self._fault = stream, fault

    def read1(self, size: int) -> bytes:
        """Some bytes, as they come."""
        try:
            return self._stream.read1(size)
        except self._fault as error:
            raise OSError(str(error)) from error
