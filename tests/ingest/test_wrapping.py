import gzip
import hashlib
import io
import mmap
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from sakimori.ingest import wrapping
from sakimori.ingest.source import Reason, Refused
from sakimori.ingest.wrapping import digest_of, open_file, unpack


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def content(packed: bytes) -> bytes:
    return b"".join(piece[1] for piece in unpack(packed) if not isinstance(piece, Refused))


def refusals(packed: bytes) -> list[tuple[int, Reason]]:
    return [(piece.offset, piece.reason) for piece in unpack(packed) if isinstance(piece, Refused)]


def test_packed_files_that_somebody_put_into_an_archive_are_unpacked() -> None:
    zst = pa.compress(b"two", codec="zstd", asbytes=True)
    packed = archive(a=gzip.compress(b"one"), b=zst, c=b"three")
    assert (content(packed), refusals(packed)) == (b"one\ntwo\nthree\n", [])


def test_a_damaged_file_in_an_archive_costs_no_other() -> None:
    damaged = gzip.compress(b"lost")[:10]
    packed = archive(a=gzip.compress(b"one"), b=damaged, c=gzip.compress(b"three"))
    assert content(packed).split(b"\n") == [b"one", b"", b"three", b""]
    assert refusals(packed) == [(4, Reason.TRUNCATED)]


def test_packed_files_in_an_archive_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = archive(a=gzip.compress(b"x" * 100_000), b=b"two")
    monkeypatch.setattr(wrapping, "_MAX_PACKED_MEMBER_BYTES", 100)
    assert (content(packed), refusals(packed)) == (b"\ntwo\n", [(0, Reason.TOO_LARGE)])
    nested = archive(a=archive(b=gzip.compress(b"deeper")))
    assert content(nested).startswith(b"PK")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux tells how much of a mapped file is in memory")
def test_a_mapped_file_leaves_the_memory_as_it_is_read(tmp_path: Path) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE

    path = tmp_path / "large"
    path.write_bytes(b"[" + b" " * (96 << 20))
    packed = open_file(path)
    assert isinstance(packed, mmap.mmap)
    before = resident()
    found = digest_of(packed)
    assert resident() - before < 48 << 20
    assert sum(len(piece[1]) for piece in unpack(packed) if not isinstance(piece, Refused)) == path.stat().st_size
    assert resident() - before < 48 << 20
    assert found == hashlib.sha256(path.read_bytes()).hexdigest()
