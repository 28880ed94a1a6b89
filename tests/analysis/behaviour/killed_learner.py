"""Learns the parts of a directory, says how far it is, and waits to be killed there."""

import pickle
import sys
import time
from pathlib import Path

from tests.analysis.behaviour.learnt import NOBODY, SERVICE

from sakimori.analysis.behaviour import habits as module
from sakimori.analysis.behaviour.habits import Habits

root = Path(sys.argv[1])
parts = pickle.loads((root / "parts.pickle").read_bytes())  # noqa: S301 - written by the test
module._PARTS_A_TRANSACTION = 2  # type: ignore[misc]
done = 0


def told(part: object) -> None:
    global done  # noqa: PLW0603
    done += 1
    if done == 6:
        print("there", flush=True)  # noqa: T201
        time.sleep(60)


Habits(root / "habits.db", NOBODY).learn(root, parts, [SERVICE], told)
