"""A kill at any moment loses nothing that was acknowledged and leaves nothing half done."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.findings.world import FAIL, VOLUME, rule, run, unit, verdict

from sakimori.findings.life import record
from sakimori.findings.reading import open_findings
from sakimori.model.verdict import Verdict
from sakimori.state.store import open_store

COUNT = 12_000
SCOPE = run(1, [rule(VOLUME)], [unit(VOLUME)])

CHILD = """
import sys
from sakimori.findings.life import record
from sakimori.state.store import open_store
from tests.findings.test_kill import SCOPE, failures

def until_killed():
    for number, each in enumerate(failures()):
        if number == int(sys.argv[2]):
            say("stopped")
        yield each

def say(word):
    print(word, flush=True)
    sys.stdin.read()

record(open_store(sys.argv[1]), SCOPE, until_killed())
say("recorded")
"""


def failures() -> Iterator[Verdict]:
    return (verdict(FAIL, rule(VOLUME), f"vol-{number}") for number in range(COUNT))


def kill_when_it_says(word: str, place: str, stop_at: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, place, str(stop_at)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == word
        process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("stop_at", [1, COUNT - 1])
def test_a_run_that_was_killed_while_recorded_left_nothing_and_can_be_recorded(place: str, stop_at: int) -> None:
    kill_when_it_says("stopped", place, stop_at)
    with open_store(place) as store:
        assert list(open_findings(store)) == []
        assert len(record(store, SCOPE, failures()).new) == COUNT


@pytest.mark.slow
def test_a_run_that_was_acknowledged_survives_a_kill_and_is_not_doubled(place: str) -> None:
    kill_when_it_says("recorded", place, -1)
    with open_store(place) as store:
        assert sum(1 for _ in open_findings(store)) == COUNT
        assert len(record(store, SCOPE, failures()).new) == COUNT
        assert sum(1 for _ in open_findings(store)) == COUNT
