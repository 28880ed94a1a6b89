"""Passes that are asked for by place, so that a million of them need not be read."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.findings.world import (
    BUCKET,
    FAIL,
    OSAKA,
    PASS,
    REGIONS,
    TOKYO,
    UNKNOWN,
    VOLUME,
    rule,
    run,
    unit,
    verdict,
    with_gap,
)

from sakimori.findings.life import Place, record
from sakimori.findings.reading import open_findings
from sakimori.findings.rows import storable
from sakimori.lake.unit import Unit
from sakimori.model.verdict import Verdict
from sakimori.model.words import GLOBAL
from sakimori.state.store import Store, open_store

VOLUMES = rule(VOLUME, days=90)
BUCKETS = rule(BUCKET)


class Passes:
    """Gives the passes at the places that it is asked for, and remembers these."""

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        self.all = [each for each in verdicts if each.status is PASS]
        self.asked: list[Place] = []

    def __call__(self, places: Sequence[Place]) -> Iterable[Verdict]:
        self.asked.extend(places)
        return [
            each for each in self.all if (each.rule, each.account, each.region, storable(each.resource)) in set(places)
        ]


def test_a_first_run_asks_for_no_pass(store: Store) -> None:
    passes = Passes([verdict(PASS, VOLUMES, "other")])
    changes = record(store, run(1, [VOLUMES], [unit(VOLUME)]), [verdict(FAIL, VOLUMES)], passes)
    assert len(changes.new) == 1
    assert passes.asked == []


def test_only_open_findings_of_which_nothing_else_was_said_are_asked_for(store: Store) -> None:
    before = [verdict(FAIL, VOLUMES, name) for name in ("passes", "fails", "unknown")]
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), before)
    passes = Passes([verdict(PASS, VOLUMES, "passes"), verdict(PASS, VOLUMES, "never failed")])
    said = [verdict(FAIL, VOLUMES, "fails"), verdict(UNKNOWN, VOLUMES, "unknown")]
    changes = record(store, run(2, [VOLUMES], [with_gap(unit(VOLUME))]), said, passes)
    assert [place[-1] for place in passes.asked] == ["passes"]
    assert [each.resource for each in changes.fixed] == ["passes"]
    assert {each.resource for each in open_findings(store)} == {"fails", "unknown"}


def test_a_name_with_a_nul_is_asked_for_as_the_store_holds_it(store: Store) -> None:
    bad = verdict(FAIL, VOLUMES, "a\x00b")
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    passes = Passes([replace(bad, status=PASS)])
    assert len(record(store, run(2, [VOLUMES], [with_gap(unit(VOLUME))]), [], passes).fixed) == 1
    assert passes.asked[0][-1] == "a\ufffdb"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_passes_asked_for_change_as_much_as_passes_told(store: Store, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
    fixed = 0
    with open_store(tmp_path / "told.db") as told:
        for number in range(8):
            verdicts, units = a_day(chance)
            # Now and then a run comes in late, over an older reading.
            scope = run(number - 1.5 * (chance.random() < 0.2), [VOLUMES, BUCKETS], units, name=f"run-{number}")
            others = [each for each in verdicts if each.status is not PASS]
            expected = record(told, scope, verdicts)
            assert record(store, scope, others, Passes(verdicts)) == expected
            assert list(open_findings(store)) == list(open_findings(told))
            fixed += len(expected.fixed)
    assert fixed > 0


def a_day(chance: random.Random) -> tuple[list[Verdict], list[Unit]]:
    verdicts = [
        verdict(chance.choice((FAIL, PASS, PASS, UNKNOWN)), of, f"r{number}", region)
        for of in (VOLUMES, BUCKETS)
        for region in REGIONS
        for number in range(6)
        if chance.random() < 0.8
    ]
    units = [unit(VOLUME, TOKYO), unit(VOLUME, OSAKA), unit(BUCKET, GLOBAL)]
    return verdicts, [with_gap(each) if chance.random() < 0.3 else each for each in units]
