"""A stranger's repository and a stranger's bytes: nothing of them runs, and none of them holds a scan up."""

import gzip
import io
import os
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from tests.effort import is_done_within

from sakimori.analysis.secrets.decoders.documents import office_text
from sakimori.analysis.secrets.found import Unread
from sakimori.analysis.secrets.kinds import load_kinds
from sakimori.analysis.secrets.own_file import read_own
from sakimori.analysis.secrets.places.folder import files_under, large_file, read_file
from sakimori.analysis.secrets.places.git_command import Repository
from sakimori.analysis.secrets.recipe import key_id
from sakimori.analysis.secrets.scanner import Scanner


def test_a_promised_object_starts_no_transport_of_the_repository(tmp_path: Path) -> None:
    told = tmp_path / "ran"
    folder = tmp_path / "repository"
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(("git", "init", "-q", str(folder)), env=environment, check=True)
    with (folder / ".git" / "config").open("a") as file:
        file.write(
            '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\tpromisor = true\n'
            f'\turl = ext::touch {told}\n[protocol "ext"]\n\tallow = always\n'
        )
    repository = Repository(str(folder / ".git"))
    # A git before 2.45 does not know the word that forbids it to fetch.
    asked = {**repository.environment(), "GIT_NO_LAZY_FETCH": "0"}
    command = repository.command(["cat-file", "--batch"])
    subprocess.run(command, env=asked, input=b"%040d\n" % 1, capture_output=True, check=False)
    assert not told.exists()


@pytest.mark.slow
@pytest.mark.parametrize("crowd", [b"password=", b"AKIA"])
def test_a_crowd_of_anchors_is_looked_at_in_the_time_of_its_bytes(crowd: bytes) -> None:
    scanner = Scanner(load_kinds())
    assert is_done_within(
        1.5, lambda: scanner.scan(crowd * (150_000 // len(crowd)))
    )  # each anchor by itself took seven seconds, and two


@pytest.mark.parametrize("how", ["folder", "file", "link", "pipe"])
def test_what_others_could_have_put_into_the_cache_is_not_trusted(tmp_path: Path, how: str) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"x")
    kept.chmod(0o600)
    tmp_path.chmod(0o700)
    assert read_own(kept) == b"x"
    if how == "folder":
        tmp_path.chmod(0o777)
    elif how == "file":
        kept.chmod(0o622)
    else:
        kept.rename(tmp_path / "other")
        kept.symlink_to("other") if how == "link" else os.mkfifo(kept, 0o600)
    with pytest.raises(OSError, match=r"^$|symbolic|ELOOP|Errno"):
        read_own(kept)


def test_a_pipe_or_a_device_is_told_and_never_taken_for_an_empty_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path / "pipe"), "/dev/zero"):
        assert [type(each) for each in files_under(path)] == [Unread]


def test_a_part_of_an_office_file_without_an_end_takes_the_time_of_its_bytes() -> None:
    assert is_done_within(0.5, lambda: office_text(b"<" * 300_000))  # each bracket looked through four thousand bytes


@pytest.mark.slow
def test_a_large_file_that_becomes_shorter_is_told_and_keeps_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "large.log"
    key = key_id("123456789012").encode()
    path.write_bytes(b"key = " + key + b"\n" + b"x" * 200_000)
    scanner = Scanner(load_kinds())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sakimori.analysis.secrets.parts.PART", 20_000)
        patch.setattr("sakimori.analysis.secrets.scanner.PART", 20_000)
        with large_file(str(path)) as (_, content):
            os.truncate(path, 90_000)
            found = scanner.scan(content, "large.log")
    assert [each.secret for each in found] == [key.decode()]
    assert [each.reason for each in scanner.take_unread()] == ["unreadable"]


def test_a_file_that_grows_while_it_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sakimori.analysis.secrets.places.folder.HELD_AT_ONCE", 1_000)
    (tmp_path / "log").write_bytes(b"x" * 3_000_000)
    grown = read_file(str(tmp_path / "log"), 10)
    assert isinstance(grown, Unread)
    assert grown.reason == "grew"


def _tar(name: str, content: bytes) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        about = tarfile.TarInfo(name)
        about.size = len(content)
        archive.addfile(about, io.BytesIO(content))
    return whole.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["behind", "damaged", "cut"])
def test_what_lies_behind_the_end_of_a_tar_is_looked_at_or_told(how: str) -> None:
    key = key_id("123456789012").encode()
    second = _tar("b", b"key = " + key + b"\n")
    whole = _tar("a", b"x") + second if how == "behind" else _tar("a", b"x")[:1024] + second
    if how == "damaged":
        whole = whole[:1029] + b"\xff" + whole[1030:]
    scanner = Scanner(load_kinds())
    found = scanner.scan(gzip.compress(whole[:1300] if how == "cut" else whole))
    assert found or [each.reason for each in scanner.take_unread()] == ["damaged"]


@pytest.mark.slow
def test_a_computed_column_of_a_database_takes_no_memory() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE a (x, y AS (zeroblob(900000000)))")
        connection.execute("INSERT INTO a (x) VALUES (1)")
        connection.commit()
        content = connection.serialize()
    scanner = Scanner(load_kinds())
    scanner.scan(content)
    assert [each.reason for each in scanner.take_unread()] == ["damaged"]


@pytest.mark.slow
def test_a_member_of_a_tar_that_claims_an_exabyte_is_told_at_once() -> None:
    about = tarfile.TarInfo("huge")
    about.size = 1 << 60
    key = key_id("123456789012")
    scanner = Scanner(load_kinds())
    found = scanner.scan(about.tobuf(tarfile.PAX_FORMAT) + f"k={key}\n".encode() * 50)
    assert {each.secret for each in found} == {key}
    assert [each.reason for each in scanner.take_unread()] == ["damaged"]


@pytest.mark.slow
def test_the_holes_of_a_sparse_member_are_not_looked_at() -> None:
    key = key_id("123456789012")
    stored = f"2\n0\n512\n{1 << 50}\n0\n".encode().ljust(512, b"\0") + f"k={key}\n".encode().ljust(512)
    about = tarfile.TarInfo("sparse")
    about.size = len(stored)
    about.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "s", "GNU.sparse.realsize": str(1 << 50)}  # fmt: skip
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(about, io.BytesIO(stored))
    scanner = Scanner(load_kinds())
    assert {each.secret for each in scanner.scan(gzip.compress(whole.getvalue()))} == {key}


@pytest.mark.slow
def test_beginnings_of_streams_in_a_pdf_take_the_time_of_its_bytes() -> None:
    scanner = Scanner(load_kinds())
    assert is_done_within(
        4, lambda: scanner.scan(b"%PDF-1.4\n" + b"stream\nx" * 200_000)
    )  # each copied all that follows


def test_a_link_that_is_named_is_followed_and_one_that_is_met_is_not(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.env").write_text("x")
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "a.env")
    assert [each.path for each in files_under(str(tmp_path / "folder" / "link"))] == [str(tmp_path / "a.env")]  # type: ignore[union-attr]
    assert list(files_under(str(tmp_path / "folder"))) == []
