"""Files that are packed otherwise than AWS packs: told as what they are, and never as a log of garbage."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.ingest.trail import document, event

from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.ingest.source import Reason, Refused
from sakimori.ingest.wrapping import PIECE_BYTES, unpack

LOG = document([event(1)])


def tar(data: bytes = LOG, mode: str = "w") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # pyright: ignore[reportCallIssue, reportArgumentType] - a mode
        entry = tarfile.TarInfo("log.json")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return held.getvalue()


def zipped(data: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("inner", data)
        archive.writestr("log.json", LOG)
    return held.getvalue()


FOREIGN = {
    "tar": tar(),
    "tar.gz": tar(mode="w:gz"),
    "tar.bz2": tar(mode="w:bz2"),
    "xz": lzma.compress(LOG),
    "bz2": bz2.compress(LOG),
    "gz.gz": gzip.compress(gzip.compress(LOG)),
    "zip.gz": gzip.compress(zipped(b"x")),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_it_is_refused_as_what_it_is(name: str) -> None:
    [found] = unpack(FOREIGN[name])
    assert isinstance(found, Refused)
    assert found.reason is Reason.FOREIGN_PACKING
    assert found.detail.partition(" ")[0] in name


@pytest.mark.parametrize("kind", ["cloudtrail", "auto", "vpc-flow", "rds-audit"])
@pytest.mark.parametrize("name", FOREIGN)
def test_no_kind_of_log_takes_a_row_of_it_and_the_ingest_tells(kind: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / f"log.{name}"
    path.write_bytes(FOREIGN[name])
    request = IngestRequest(home=tmp_path / "home", kind=kind, workers=1)
    tally = ingest(request, local_objects(str(path)), clock=lambda: datetime(2026, 11, 1, tzinfo=UTC))
    assert tally.rows == 0
    assert (tally.foreign_packed or [*tally.refused]) == ([str(path)] if kind == "auto" else ["foreign_packing"])


@pytest.mark.parametrize("inner", ["xz", "tar", "tar.gz", "gz.gz"])
def test_inside_a_zip_the_other_members_are_read(inner: str) -> None:
    found = list(unpack(zipped(FOREIGN[inner])))
    assert [each.reason for each in found if isinstance(each, Refused)] == [Reason.FOREIGN_PACKING]
    assert LOG in b"".join(each[1] for each in found if not isinstance(each, Refused))


def test_a_bomb_in_a_bomb_is_not_opened_twice() -> None:
    inner = gzip.compress(bytes(64 << 20))
    [found] = unpack(gzip.compress(inner))
    assert isinstance(found, Refused)
    assert len(inner) < PIECE_BYTES


def test_a_log_that_speaks_of_such_files_is_read() -> None:
    for text in (b"BZh is no bz2\n", b"x" * 257 + b"ustar in a line\n", LOG):
        assert b"".join(each[1] for each in unpack(text) if not isinstance(each, Refused)) == text
