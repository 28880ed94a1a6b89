import gzip
import io
import zipfile

import pyarrow as pa
import pytest

from sakimori.ingest import wrapping
from sakimori.ingest.source import Reason, Refused
from sakimori.ingest.wrapping import unpack


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
