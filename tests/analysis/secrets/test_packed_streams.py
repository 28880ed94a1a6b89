"""What is packed and damaged gives what can be read of it, and says that there was more."""

import bz2
import gzip
import io
import lzma
import random
import sys
import tarfile
import zlib
from collections.abc import Callable
from functools import cache

import pytest
from backports import zstd

from sakimori.analysis.secrets.decoders.beginnings import NOT_OPENED
from sakimori.analysis.secrets.kinds import load_kinds
from sakimori.analysis.secrets.recipe import key_id
from sakimori.analysis.secrets.scanner import Scanner

KEY = key_id("123456789012")
OTHER = key_id("210987654321")
FIRST = f"key = {KEY}\n".encode()
NOISE = random.Random(3).randbytes(300_000)  # noqa: S311 - noise
WAYS: tuple[Callable[[bytes], bytes], ...] = (gzip.compress, bz2.compress, lzma.compress, zstd.compress)


@cache
def scanner() -> Scanner:
    return Scanner(load_kinds())


def told(data: bytes) -> tuple[set[str], set[str]]:
    found = {each.secret for each in scanner().scan(data)}
    return found, {each.reason for each in scanner().take_unread()}


@pytest.mark.slow
@pytest.mark.parametrize("pack", WAYS)
def test_a_stream_that_is_cut_short_keeps_what_comes_before(pack: Callable[[bytes], bytes]) -> None:
    # bzip2 gives whole blocks of 900,000 bytes alone.
    packed = pack(FIRST + NOISE * 5)
    assert told(packed[: len(packed) // 4 * 3]) == ({KEY}, {"damaged"})


@pytest.mark.parametrize("pack", WAYS)
def test_streams_one_behind_another_are_all_read(pack: Callable[[bytes], bytes]) -> None:
    assert told(pack(FIRST) + pack(f"x = {OTHER}\n".encode())) == ({KEY, OTHER}, set())


@pytest.mark.slow
@pytest.mark.parametrize("pack", WAYS)
def test_a_tar_within_a_stream_that_is_cut_keeps_the_member_at_the_cut(pack: Callable[[bytes], bytes]) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, data in (("a", FIRST), ("b", f"x = {OTHER}\n".encode() + NOISE * 5)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    packed = pack(content.getvalue())
    assert told(packed[: len(packed) // 4 * 3]) == ({KEY, OTHER}, {"damaged"})


def test_a_dictionary_that_asks_for_gigabytes_is_told() -> None:
    small = [{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 20}]
    packed = bytearray(lzma.compress(FIRST, lzma.FORMAT_XZ, filters=small))
    # The size of the dictionary, and behind it the checksum of the header that holds it.
    place = packed.index(b"\x21\x01", 12) + 2
    packed[place] = 40
    end = 12 + 4 * (packed[12] + 1) - 4
    packed[end : end + 4] = zlib.crc32(bytes(packed[12:end])).to_bytes(4, "little")
    assert "memory" in told(bytes(packed))[1]


def test_a_window_that_asks_for_gigabytes_is_told() -> None:
    options = {zstd.CompressionParameter.window_log: 30, zstd.CompressionParameter.content_size_flag: 0}
    packer = zstd.ZstdCompressor(options=options)
    assert "memory" in told(packer.compress(FIRST) + packer.flush())[1]


def test_a_reader_without_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(_data: bytes, _name: str = "") -> None:
        raise MemoryError

    monkeypatch.setattr("sakimori.analysis.secrets.decoders.opened.notebook_text", none_left)
    assert told(b'{"nbformat": 4}\n' + FIRST)[1] == {"memory"}


def test_zstd_without_its_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, zstd.__name__, None)
    assert told(zstd.compress(FIRST))[1] == {"unsupported"}


@pytest.mark.parametrize("magic", NOT_OPENED)
def test_a_form_that_is_not_opened_is_told(magic: bytes) -> None:
    assert told(magic + NOISE) == (set(), {"unsupported"})
