"""What was acknowledged is there and is what it was; any byte that changed is told."""

import gzip
import json
import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sakimori.model.errors import ActionError, UsageError
from sakimori.outputs.evidence.checking import faults_of
from sakimori.outputs.evidence.manifest import manifest_path, read_manifest
from sakimori.outputs.evidence.store import ASIDE, EvidenceStore

START = datetime(2026, 11, 23, 5, 40, tzinfo=UTC)


def kept(store: EvidenceStore, name: str = "users", payload: Any = None, **more: Any) -> Any:
    told: dict[str, Any] = {
        "call": "iam:ListUsers",
        "region": "us-east-1",
        "account": "111122223333",
        "rows": 2,
        "coverage": "whole",
    }
    return store.add(name, payload=payload if payload is not None else {"Users": [1, 2]}, **(told | more))


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    ticks = iter(range(10_000))
    return EvidenceStore(tmp_path / "SKM-20261123-R01", lambda: START + timedelta(seconds=next(ticks)))


def test_a_piece_lies_under_its_number_private_and_readable_by_any_tool(store: EvidenceStore) -> None:
    piece = kept(store)
    assert (piece.id, piece.seq, piece.path.name, piece.prev_sha256) == ("E-001", 1, "001-users.json.zst", "0" * 64)
    assert stat.S_IMODE(piece.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(piece.path.parent.stat().st_mode) == 0o700
    assert json.loads(pa.input_stream(piece.path, compression="zstd").read()) == {"Users": [1, 2]}
    assert store.read("E-001") == b'{"Users":[1,2]}'
    assert piece.jst.isoformat() == "2026-11-23T14:40:00+09:00"


def test_the_manifest_tells_each_piece_as_it_was_taken(store: EvidenceStore) -> None:
    pieces = [kept(store, name) for name in ("users", "roles", "costs")]
    assert read_manifest(store.case_dir) == tuple(pieces) == store.pieces()
    assert [piece.prev_sha256 for piece in pieces[1:]] == [piece.line_sha256 for piece in pieces[:-1]]
    assert store.head == pieces[-1].line_sha256
    line = json.loads(manifest_path(store.case_dir).read_text().splitlines()[1])["line"]["body"]
    wanted = {"id", "utc", "jst", "version", "call", "region", "account", "rows", "coverage", "sha256", "prev_sha256"}
    assert wanted <= set(line)
    assert faults_of(store.case_dir) == ()


def test_secrets_are_left_out_before_anything_is_written(store: EvidenceStore) -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY"
    piece = kept(
        store, payload={"AccessKey": {"SecretAccessKey": secret}}, coverage=f"secret_key={secret}", call=secret
    )
    assert piece.redacted == 1
    assert secret.encode() not in store.read("E-001")
    everything = b"".join(each.read_bytes() for each in store.case_dir.rglob("*") if each.is_file())
    assert secret.encode() not in everything


def test_bytes_are_kept_with_the_hash_they_came_with_and_gz_is_looked_into(store: EvidenceStore) -> None:
    mail = kept(store, "mail", b"Subject: \xff\xfe hello\r\n")
    trail = kept(store, "trail-file", gzip.compress(b'{"Records":[{"password":"geheim"}]}'))
    assert (mail.path.name, store.read("E-001")) == ("001-mail.raw.zst", b"Subject: \xff\xfe hello\r\n")
    assert b"geheim" not in store.read("E-002")
    assert trail.source_sha256 != trail.sha256
    for packed in (b"PK\x03\x04...", b"\x28\xb5\x2f\xfd...", gzip.compress(b"PK\x03\x04..."), b"\x1f\x8b broken"):
        with pytest.raises(UsageError):
            kept(store, "packed", packed)
    assert len(store.pieces()) == 2


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", "a.b", "x" * 90, "-a", "a\n"])
def test_a_name_that_no_file_should_have_is_refused(store: EvidenceStore, name: str) -> None:
    with pytest.raises(UsageError):
        kept(store, name)


def test_what_is_nested_beyond_reason_is_refused_and_not_half_kept(store: EvidenceStore) -> None:
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    with pytest.raises(UsageError):
        kept(store, payload=deep)
    assert store.pieces() == ()


def test_threads_and_stores_take_turns(store: EvidenceStore) -> None:
    other = EvidenceStore(store.case_dir, lambda: START)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: kept(other if number % 2 else store, f"n{number}"), range(24)))
    assert sorted(piece.seq for piece in read_manifest(store.case_dir)) == list(range(1, 25))
    assert faults_of(store.case_dir) == ()


def test_a_torn_last_line_was_never_acknowledged_and_is_cut_by_the_next_piece(store: EvidenceStore) -> None:
    first = kept(store)
    manifest = manifest_path(store.case_dir)
    second = kept(store, "roles")
    raw = manifest.read_bytes()
    manifest.write_bytes(raw[:-7])
    assert read_manifest(store.case_dir) == (first,)
    assert faults_of(store.case_dir) == ()
    third = kept(store, "costs")
    assert (third.seq, read_manifest(store.case_dir)) == (2, (first, third))
    assert [each.name for each in (store.case_dir / "evidence" / ASIDE).iterdir()] == [f"0000-{second.path.name}"]


def test_a_file_that_was_changed_removed_or_slipped_in_is_told(store: EvidenceStore) -> None:
    one, two = kept(store), kept(store, "roles")
    one.path.write_bytes(one.path.read_bytes() + b"x")
    two.path.unlink()
    (two.path.parent / "001-more.json.zst").write_bytes(b"")
    texts = [fault.text for fault in faults_of(store.case_dir)]
    assert texts == ["case_evidence.changed", "case_evidence.absent", "case_evidence.loose"]
    with pytest.raises(ActionError):
        store.read("E-001")
    with pytest.raises(ActionError):
        store.read("E-009")


def test_a_link_in_the_place_of_a_piece_is_not_followed(store: EvidenceStore, tmp_path: Path) -> None:
    piece = kept(store)
    elsewhere = tmp_path / "elsewhere"
    piece.path.rename(elsewhere)
    piece.path.symlink_to(elsewhere)
    assert [fault.text for fault in faults_of(store.case_dir)] == ["case_evidence.absent"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    case = tmp_path_factory.mktemp("chain") / "case"
    store = EvidenceStore(case, lambda: START)
    for name in ("users", "漏えい".encode().hex()[:8], "costs"):
        kept(store, name, coverage="全リージョン é", payload={"a": "é"})
    return case, manifest_path(case).read_bytes()


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), kind=st.sampled_from(["set", "delete", "insert"])
)
def test_any_byte_that_changes_breaks_the_chain_and_the_line_is_named(
    written: tuple[Path, bytes], at: float, byte: int, kind: str
) -> None:
    case, raw = written
    place = int(at * len(raw))
    changed = raw[:place] + (b"" if kind == "delete" else bytes([byte])) + raw[place + (kind != "insert") :]
    manifest = manifest_path(case)
    if changed == raw:
        return
    manifest.write_bytes(changed)
    try:
        if place >= raw.rindex(b"\n") and not changed.endswith(b"\n"):
            assert len(read_manifest(case)) == 2  # the last line's own end is gone: torn
            return
        if changed.startswith(raw):
            assert len(read_manifest(case)) == 3  # what was added behind the last line is a torn line, as of a kill
            return
        with pytest.raises(ActionError) as caught:
            read_manifest(case)
        assert (caught.value.text, caught.value.values["line"]) == ("chain.broken", raw[:place].count(b"\n") + 1)
    finally:
        manifest.write_bytes(raw)


def test_any_byte_of_a_piece_that_changes_is_told(store: EvidenceStore) -> None:
    piece = kept(store)
    raw = piece.path.read_bytes()
    for place in range(len(raw)):
        piece.path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        assert [fault.text for fault in faults_of(store.case_dir)] == ["case_evidence.changed"]


def test_two_lines_that_changed_places_are_told(store: EvidenceStore) -> None:
    kept(store)
    kept(store, "roles")
    lines = manifest_path(store.case_dir).read_bytes().splitlines(keepends=True)
    manifest_path(store.case_dir).write_bytes(b"".join(reversed(lines)))
    with pytest.raises(ActionError) as caught:
        kept(store, "costs")
    assert caught.value.values["line"] == 1


_TAKER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from sakimori.outputs.evidence.store import EvidenceStore
store = EvidenceStore(Path(sys.argv[1]), lambda: datetime.now(UTC))
for number in range(10_000):
    piece = store.add(f"n{number}", call="iam:ListUsers", region="us-east-1", account="111122223333",
                      payload={"n": number, "fill": "x" * 5000}, rows=1, coverage="whole")
    sys.stdout.write(f"{piece.id} {piece.sha256} {piece.line_sha256}\\n")
    sys.stdout.flush()
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    case = tmp_path / "case"
    told: list[str] = []
    for round_ in range(6):
        taker = subprocess.Popen([sys.executable, "-c", _TAKER, str(case)], stdout=subprocess.PIPE, text=True)
        assert taker.stdout is not None
        told.append(taker.stdout.readline().strip())
        time.sleep(0.017 * round_)
        os.kill(taker.pid, signal.SIGKILL)
        rest = taker.stdout.read()
        taker.stdout.close()
        taker.wait()
        told += [line for line in rest.split("\n")[:-1] if line]
    pieces = {f"{piece.id} {piece.sha256} {piece.line_sha256}" for piece in read_manifest(case)}
    assert len(told) > 6
    assert set(told) <= pieces
    assert faults_of(case) == ()


def test_evidence_is_packed_and_read_back_with_nothing_but_what_is_always_installed(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from datetime import UTC, datetime; from pathlib import Path\n"
        "from sakimori.outputs.evidence.packing import payload_of\n"
        "from sakimori.outputs.evidence.store import EvidenceStore\n"
        f"store = EvidenceStore(Path({str(tmp_path)!r}), lambda: datetime(2026, 11, 23, tzinfo=UTC))\n"
        "told = dict(call='iam:ListUsers', region='global', account='111122223333', rows=1, coverage='whole')\n"
        "print(payload_of(store.add('users', payload={'Users': [1]}, **told)).decode())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, "Users" in done.stdout) == (0, True), done.stderr[-2000:]


def test_evidence_of_a_case_whose_directory_leads_elsewhere_is_not_written_there(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "case" / "evidence").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ActionError, match=r"case_evidence\.led_away"):
        kept(EvidenceStore(tmp_path / "case", lambda: START))
    assert not list((tmp_path / "elsewhere").iterdir())
