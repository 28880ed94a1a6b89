"""Chains of lines on a disk that has no room left."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sakimori.model.errors import ActionError
from sakimori.state.hash_chain import open_chain, read_chain

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


def test_what_is_written_after_a_full_disk_follows_the_last_whole_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, _ = open_chain(tmp_path / "case" / "case.jsonl")
    chain.write("opened", NOW, {})
    whole = os.write

    def half(descriptor: int, raw: bytes) -> int:
        whole(descriptor, raw[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(ActionError, match=r"chain\.unwritable"):
        chain.write("note", NOW, {"text": "there is no room"})
    monkeypatch.setattr(os, "write", whole)
    chain.write("note", NOW, {"text": "there is room again"})
    chain.close()
    assert [(each.number, each.kind) for each in read_chain(chain.path)] == [(1, "opened"), (2, "note")]
