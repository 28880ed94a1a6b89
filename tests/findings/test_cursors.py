"""Cursors: the last word counts, and it stands or falls with what was written beside it."""

from datetime import UTC, datetime

import pytest
from tests.findings.test_recording import signal

from sakimori.findings.cursors import read_cursor, write_cursor
from sakimori.findings.detections import find_detections, record_detections
from sakimori.state.store import Store

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def test_a_cursor_keeps_the_last_word(store: Store) -> None:
    assert read_cursor(store, "watch") is None
    for value in ("1", "2"):
        write_cursor(store, "watch", value)
    write_cursor(store, "other", "3")
    assert (read_cursor(store, "watch"), read_cursor(store, "other")) == ("2", "3")


def test_what_is_recorded_and_the_cursor_of_one_transaction_stand_or_fall_together(store: Store) -> None:
    def record() -> None:
        with store.begin() as connection:
            record_detections(connection, [signal(1, NOON)], NOON)
            write_cursor(connection, "watch", "1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        record()
    assert read_cursor(store, "watch") is None
    assert find_detections(store) == ()
