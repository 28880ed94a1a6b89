"""One run recorded into a store, in a process of its own: `record.py PLACE COUNT DAY`. Prints its figures as JSON."""

import json
import resource
import sys
import time

from estate import scope, verdicts

from sakimori.findings.life import record
from sakimori.state.store import open_store


def main() -> None:
    """Open the store, make the verdicts, and record them by the clock."""
    place, count, day = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    told, of_day = list(verdicts(count, day)), scope(day)
    with open_store(place) as store:
        before_bytes = _peak_bytes()
        wall, cpu = time.perf_counter(), time.process_time()
        changes = record(store, of_day, told)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    figures = {
        "wall_seconds": wall,
        "cpu_seconds": cpu,
        "peak_bytes": _peak_bytes(),
        "verdicts_bytes": before_bytes,
        "new": len(changes.new),
        "still_open": len(changes.still_open),
        "fixed": len(changes.fixed),
    }
    print(json.dumps(figures))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # KiB on Linux


if __name__ == "__main__":
    main()
