"""Tars whose headers ask for more than they may: what stands before them is found, the rest is told, and memory stays as it is."""

import io
import tarfile
import tracemalloc
from collections.abc import Iterator

import pytest

from sakimori.analysis.secrets.decoders.budget import Budget
from sakimori.analysis.secrets.decoders.containers import leaves

_MIB = 1 << 20


class _Endless(io.RawIOBase):
    """Some bytes, and then the same ones again and again."""

    def __init__(self, first: bytes, again: bytes) -> None:
        self._first, self._again = first, again
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override] - a buffer like any other
        content = self._first[: len(buffer)] or (self._again * (len(buffer) // len(self._again) + 1))[: len(buffer)]
        self._first = self._first[len(content) :]
        buffer[: len(content)] = content
        self.given += len(content)
        return len(content)


def header(kind: bytes, size: int = 0, name: bytes = b"x", more: bytes = b"") -> bytes:
    """A block with the right sum."""
    written = b"\x80" + size.to_bytes(11, "big")
    block = bytearray(
        name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + written + b"0" * 11 + b"\0" + b" " * 8 + kind
    )
    block = bytearray(bytes(block).ljust(257, b"\0") + b"ustar  \0" + more).ljust(512, b"\0")
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def file(name: bytes, content: bytes) -> bytes:
    return header(b"0", len(content), name) + content.ljust(-(-len(content) // 512) * 512, b"\0")


def told(stream: io.RawIOBase) -> tuple[dict[str, bytes], set[str]]:
    budget = Budget("layer", 1_000)
    found = dict(leaves(io.BufferedReader(stream), "", budget))
    return found, {each.reason for each in budget.take()}


@pytest.fixture
def lean() -> Iterator[None]:
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * _MIB


@pytest.mark.parametrize(
    ("kind", "again", "more"),
    [(b"L", b"a" * 64, b""), (b"K", b"a" * 64, b""), (b"x", b"11 k0000=v\n", b""), (b"g", b"11 k0000=v\n", b""),
     pytest.param(b"S", (b"00000000001\0" * 42).ljust(504, b"\0") + b"\1" * 8, b"\0" * 121 + b"00000000001\0" * 8 + b"\1",
                  marks=pytest.mark.slow)],
    ids=["a long name", "a long link", "records", "records of all", "a map of a sparse file"],
)  # fmt: skip
def test_a_header_without_end_is_told_and_not_taken_into_memory(kind: bytes, again: bytes, more: bytes) -> None:
    """Slow is the map: a hundred thousand pieces are read before it is given up."""
    stream = _Endless(file(b"first", b"seen") + header(kind, 1 << 40, more=more), again)
    found, reasons = told(stream)
    assert found == {"first": b"seen"}
    assert reasons == {"damaged"}
    assert stream.given < 8 * _MIB


def test_many_headers_that_are_long_come_to_an_end(lean: None) -> None:
    record = b"%d comment=%s\n"
    text = b"c" * (3 * _MIB)
    body = record % (len(text) + 17, text)
    long = header(b"x", len(body)) + body.ljust(-(-len(body) // 512) * 512, b"\0") + file(b"again", b"seen")
    stream = _Endless(b"", long)
    _, reasons = told(stream)
    assert reasons == {"damaged"}
    assert stream.given < 100 * _MIB


def test_headers_of_an_ordinary_length_are_read(lean: None) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for number in range(50):
            member = tarfile.TarInfo(f"{'d' * 200}/{number}")
            member.size, member.pax_headers = 4, {"SCHILY.xattr.com.apple.x": "v" * 60_000}
            archive.addfile(member, io.BytesIO(b"seen"))
    found, reasons = told(io.BytesIO(stream.getvalue()))  # type: ignore[arg-type] - raw enough
    assert len(found) == 50
    assert not reasons
