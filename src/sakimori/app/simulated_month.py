"""A simulated month written to a directory: to try detections on, with the truth beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sakimori.model.errors import UsageError
from sakimori.model.extras import ensure_libraries

ATTACKS: Final = ("exposed-service", "leaked-key", "stolen-password")
"""What `sakimori.simulate.month.attacks.register` has; written out so that help needs none of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOrder:
    """Which month is wanted."""

    start: date
    days: int
    events: int
    seed: int
    attacks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMonth:
    """What stands in the directory now."""

    events: int
    files: int
    bytes: int
    attack_events: int


def write_month(order: MonthOrder, directory: Path, progress: Callable[[int], None] = lambda _: None) -> WrittenMonth:
    """Write it; `progress` is told the events of each day.

    UsageError where the directory holds something already, or the extra `simulate` is not installed.
    """
    ensure_libraries("moto")
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError("simulate_month.not_empty", path=directory)
    from sakimori.simulate.month.month import Order, generate  # noqa: PLC0415 - heavy, and help needs none of it

    wanted = Order(
        start=order.start,
        days=order.days,
        events=order.events,
        seed=order.seed,
        attacks=tuple(sorted(set(order.attacks))),
    )
    made = generate(wanted, directory, progress)
    return WrittenMonth(events=made.events, files=made.files, bytes=made.bytes, attack_events=made.attack_events)
