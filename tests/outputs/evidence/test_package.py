"""A package is the same for the same case; one that was touched, or made to hurt, is told."""

import hashlib
import io
import shutil
import stat
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sakimori.model.errors import ActionError
from sakimori.outputs.evidence.package import package
from sakimori.outputs.evidence.store import EvidenceStore
from sakimori.outputs.evidence.verifying import verify_package

START = datetime(2026, 11, 23, 5, 40, tzinfo=UTC)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "SKM-20261123-R01"
    store = EvidenceStore(path, lambda: START)
    for name in ("users", "roles", "mail"):
        store.add(
            name,
            call="iam:ListUsers",
            region="us-east-1",
            account="111122223333",
            payload={"n": name},
            rows=1,
            coverage="whole",
        )
    (path / "case.jsonl").write_bytes(b'{"a":1}\n{"torn')
    (path / "report-ja.html").write_text("<!doctype html>報告")
    (path / "timeline.csv").write_text("a,b\r\n")
    (path / "private-notes.txt").write_text("not handed over")
    return path


def texts(path: Path, head: str = "") -> list[str]:
    return [fault.text.removeprefix("case_evidence.") for fault in verify_package(path, head).faults]


def test_the_same_case_gives_the_same_bytes_and_they_hold(case: Path, tmp_path: Path) -> None:
    one, two = package(case, tmp_path / "one.zip"), package(case, tmp_path / "two.zip")
    assert (one.sha256, one.head) == (two.sha256, two.head)
    assert one.sha256 == hashlib.sha256(one.path.read_bytes()).hexdigest()
    assert stat.S_IMODE(one.path.stat().st_mode) == 0o600
    found = verify_package(one.path, one.head)
    assert (found.is_whole, found.head, found.pieces, found.sha256) == (True, one.head, 3, one.sha256)
    assert one.files == ("case.jsonl", "report-ja.html", "timeline.csv", "evidence/001-users.json.zst", "evidence/002-roles.json.zst", "evidence/003-mail.json.zst", "evidence/manifest.jsonl", "SHA256SUMS")  # fmt: skip
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_it_is_checked_with_ordinary_tools_too(case: Path, tmp_path: Path) -> None:
    made = package(case, tmp_path / "one.zip")
    with zipfile.ZipFile(made.path) as archive:
        archive.extractall(tmp_path / "out")
        assert archive.read("case.jsonl") == b'{"a":1}\n'  # a torn last line was never acknowledged
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_what_was_changed_in_the_case_is_not_packed_over(case: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(case, copy)
    (copy / "evidence" / "002-roles.json.zst").write_bytes(b"other")
    with pytest.raises(ActionError) as caught:
        package(copy, tmp_path / "one.zip")
    assert caught.value.text == "case_evidence.changed"
    assert not (tmp_path / "one.zip").exists()


def test_a_link_beside_the_evidence_is_not_packed(case: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(case, copy)
    (copy / "reply-ja.txt").symlink_to("/etc/hostname")
    with pytest.raises(ActionError) as caught:
        package(copy, tmp_path / "one.zip")
    assert caught.value.text == "case_evidence.package_link"


def test_a_package_of_another_head_is_told(case: Path, tmp_path: Path) -> None:
    made = package(case, tmp_path / "one.zip")
    assert texts(made.path, "f" * 64) == ["other_head"]


def remade(path: Path, change: dict[str, bytes | None], target: Path, **more: object) -> Path:
    """The package with members replaced (None: left out) or added."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()} | change
    with zipfile.ZipFile(target, "w", **more) as archive:  # type: ignore[arg-type]
        for name, raw in members.items():
            if raw is not None:
                archive.writestr(name, raw)
    return target


def test_members_that_were_changed_removed_or_added_are_told(case: Path, tmp_path: Path) -> None:
    made = package(case, tmp_path / "one.zip").path
    other = tmp_path / "other.zip"
    assert texts(remade(made, {"case.jsonl": b"{}\n"}, other)) == ["file_changed"]
    assert texts(remade(made, {"case.jsonl": None}, other)) == ["file_absent"]
    assert texts(remade(made, {"reply-ja.txt": b"x"}, other)) == ["file_unlisted"]
    assert texts(remade(made, {"evidence/004-x.json.zst": b"x"}, other)) == ["file_unlisted"]
    assert texts(remade(made, {"SHA256SUMS": None}, other)) == ["not_package_sums"]
    assert texts(remade(made, {"SHA256SUMS": b"zz"}, other)) == ["not_package_sums"]


def test_hashes_that_were_made_anew_still_meet_the_chain(case: Path, tmp_path: Path) -> None:
    made = package(case, tmp_path / "one.zip").path
    with zipfile.ZipFile(made) as archive:
        sums, manifest = archive.read("SHA256SUMS"), archive.read("evidence/manifest.jsonl")
        piece = archive.read("evidence/001-users.json.zst")
    new = sums.replace(hashlib.sha256(piece).hexdigest().encode(), hashlib.sha256(b"forged").hexdigest().encode())
    forged = remade(made, {"evidence/001-users.json.zst": b"forged", "SHA256SUMS": new}, tmp_path / "a.zip")
    assert texts(forged) == ["changed"]
    cut = b"".join(manifest.splitlines(keepends=True)[:2])
    new = sums.replace(hashlib.sha256(manifest).hexdigest().encode(), hashlib.sha256(cut).hexdigest().encode())
    assert texts(remade(made, {"evidence/manifest.jsonl": cut, "SHA256SUMS": new}, tmp_path / "b.zip")) == ["loose"]
    bad = manifest.replace(b'"rows":1', b'"rows":7', 1)
    new = sums.replace(hashlib.sha256(manifest).hexdigest().encode(), hashlib.sha256(bad).hexdigest().encode())
    found = verify_package(remade(made, {"evidence/manifest.jsonl": bad, "SHA256SUMS": new}, tmp_path / "c.zip"))
    assert [(fault.text, fault.values) for fault in found.faults] == [("case_evidence.chain_broken", {"line": 1})]


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "evidence/../../x",
        "evidence/001-A.json.zst",
        "a\\b",
        "evidence/",
        "report.html/x",
        "x" * 300,
    ],
)
def test_a_hostile_name_is_refused_before_anything_is_read(case: Path, tmp_path: Path, name: str) -> None:
    made = package(case, tmp_path / "one.zip").path
    assert texts(remade(made, {name: b""}, tmp_path / "other.zip")) == ["not_package_name"]


@pytest.mark.slow
def test_a_bomb_is_refused_unopened(case: Path, tmp_path: Path) -> None:
    made = package(case, tmp_path / "one.zip").path
    bomb = remade(made, {"case.jsonl": b"0" * 50_000_000}, tmp_path / "bomb.zip", compression=zipfile.ZIP_DEFLATED)
    assert texts(bomb) == ["not_package_packed"]
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(20_100):
            archive.writestr(f"evidence/{number:06}-x.json.zst", b"")
    (tmp_path / "many.zip").write_bytes(many.getvalue())
    assert texts(tmp_path / "many.zip") == ["not_package_many"]


def test_files_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """Overlapping members: each small, together more than the archive."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("case.jsonl", b"0" * 10_000)
        entry = archive.getinfo("case.jsonl")
        for number in range(5):
            other = zipfile.ZipInfo(f"reply-{number}.txt")
            other.header_offset, other.file_size, other.compress_size, other.CRC = (
                entry.header_offset,
                10_000,
                10_000,
                entry.CRC,
            )
            archive.filelist.append(other)
    (tmp_path / "overlap.zip").write_bytes(raw.getvalue())
    assert texts(tmp_path / "overlap.zip") == ["not_package_size"]


def test_a_file_twice_or_a_tail_is_refused(case: Path, tmp_path: Path) -> None:
    made = package(case, tmp_path / "one.zip").path
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(made, "a") as archive:
        archive.writestr("case.jsonl", b"")
    assert texts(made) == ["not_package_twice"]
    made = package(case, tmp_path / "one.zip").path
    made.write_bytes(made.read_bytes() + b"tail")
    assert texts(made) == ["not_package_form"]
    with pytest.raises(ActionError):
        verify_package(tmp_path / "nowhere.zip")


@pytest.fixture(scope="module")
def packed(case: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    path = tmp_path_factory.mktemp("packed") / "one.zip"
    package(case, path)
    return path, path.read_bytes()


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_package_never_breaks_the_check_nor_passes_with_other_content(
    packed: tuple[Path, bytes], at: float, byte: int, cut: bool
) -> None:
    path, raw = packed
    place = int(at * len(raw))
    changed = raw[:place] if cut else raw[:place] + bytes([byte]) + raw[place + 1 :]
    target = path.with_name("damaged.zip")
    target.write_bytes(changed)
    found = verify_package(target)
    if found.is_whole:  # only bytes that zip keeps for nobody (a date, a version) may differ
        with zipfile.ZipFile(target) as other, zipfile.ZipFile(path) as own:
            assert {name: other.read(name) for name in other.namelist()} == {
                name: own.read(name) for name in own.namelist()
            }
    assert (found.sha256 == hashlib.sha256(raw).hexdigest()) == (changed == raw)
