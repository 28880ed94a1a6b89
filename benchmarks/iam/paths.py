"""Paths over a generated account: seconds and peak memory for 300, 1,500 and 7,500 identities; and the peer, where it runs.

    python benchmarks/iam/paths.py [--identities N …] [--peer PYTHON]

Each size runs in a process of its own, so that its peak memory is its own. `--peer` is a Python that has principalmapper.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from path_account import records

_SIZES = (300, 1_500, 7_500)


def measure(identities: int) -> dict[str, object]:
    from sakimori.analysis.iam.account import iam_account  # noqa: PLC0415 - the peer's run needs none of it
    from sakimori.analysis.iam.paths.finder import find_paths  # noqa: PLC0415
    from sakimori.analysis.iam.paths.goals import Goal  # noqa: PLC0415

    told = records(identities)
    began = time.perf_counter()
    account = iam_account(told)
    read = time.perf_counter()
    found = find_paths(account, None, Goal())
    ended = time.perf_counter()
    one = find_paths(account, account.users[1], Goal())
    after = time.perf_counter()
    return {
        "identities": identities,
        "read_s": round(read - began, 2),
        "paths_s": round(ended - read, 2),
        "one_start_s": round(after - ended, 2),
        "one_start_paths": len(one.paths),
        "admins": len(found.at_goal),
        "starts_with_paths": len({path.source for path in found.paths}),
        "paths": len(found.paths),
        "proven": sum(path.certainty == "proven" for path in found.paths),
        "cut_short": len(found.cut_short),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def peer(python: str, identities: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "account.json"
        file.write_text(json.dumps(records(identities)), encoding="utf-8")
        run = subprocess.run(
            [python, str(Path(__file__).with_name("paths_peer.py")), str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
    return json.loads(run.stdout) if run.returncode == 0 else {"failed": run.stderr[-500:]}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--identities", type=int, nargs="*", default=_SIZES)
    parser.add_argument("--peer")
    parser.add_argument("--one", type=int)
    told = parser.parse_args()
    if told.one:
        print(json.dumps(measure(told.one)))
        return
    for size in told.identities:
        subprocess.run([sys.executable, __file__, "--one", str(size)], check=True)
        if told.peer:
            print(json.dumps({"peer": "principalmapper", **peer(told.peer, size)}))


if __name__ == "__main__":
    main()
