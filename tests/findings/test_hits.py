"""Hits and cursors: a stream that begins anew doubles nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sakimori.findings.hits import Hit, forget_hits, hits_since, read_cursor, record_hits, write_cursor
from sakimori.state.store import Store

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def hit(key: str, minutes: int = 0, rule: str = "a") -> Hit:
    return Hit(
        rule=rule,
        event_key=key,
        at=NOON + timedelta(minutes=minutes),
        principal="arn:aws:iam::111122223333:user/alice",
        account="111122223333",
        region="us-east-1",
        body={"name": "main", "at": NOON},
    )


def test_a_hit_is_new_once(store: Store) -> None:
    assert record_hits(store, [hit("1"), hit("2"), hit("1", 9), hit("1", rule="b")]) == (
        hit("1"),
        hit("2"),
        hit("1", rule="b"),
    )
    assert record_hits(store, [hit("3"), hit("2")]) == (hit("3"),)


def test_hits_are_given_back_by_time_and_rule(store: Store) -> None:
    record_hits(store, [hit("2", 2), hit("1", 1), hit("0"), hit("4", 4, rule="b"), hit("5", 5, rule="c")])
    assert hits_since(store, ["a", "b"], NOON + timedelta(minutes=1)) == (
        hit("1", 1),
        hit("2", 2),
        hit("4", 4, rule="b"),
    )


def test_a_forgotten_hit_is_new_again(store: Store) -> None:
    record_hits(store, [hit("1"), hit("2", 2)])
    assert forget_hits(store, NOON + timedelta(minutes=1)) == 1
    assert record_hits(store, [hit("1"), hit("2", 2)]) == (hit("1"),)


@pytest.mark.parametrize("key", ["k" * 100_000, "\x00", "\ud800", "日本"])
def test_a_hostile_key_is_a_key(store: Store, key: str) -> None:
    told = replace(hit(key), rule=key, principal=key, body={"x": key})
    assert record_hits(store, [told, hit("1")]) == (told, hit("1"))
    assert record_hits(store, [told, hit("1")]) == ()
    assert len(hits_since(store, [key], NOON)) == 1


def test_a_cursor_keeps_the_last_word(store: Store) -> None:
    assert read_cursor(store, "watch") is None
    for value in ("1", "2"):
        write_cursor(store, "watch", value)
    write_cursor(store, "other", "3")
    assert (read_cursor(store, "watch"), read_cursor(store, "other")) == ("2", "3")


def test_hits_and_cursor_of_one_transaction_stand_or_fall_together(store: Store) -> None:
    def killed() -> Iterator[Hit]:
        yield hit("2")
        raise RuntimeError

    def record() -> None:
        with store.begin() as connection:
            record_hits(connection, [hit("1")])
            write_cursor(connection, "watch", "1")
            record_hits(connection, killed())

    with pytest.raises(RuntimeError):
        record()
    assert read_cursor(store, "watch") is None
    assert record_hits(store, [hit("1")]) == (hit("1"),)
