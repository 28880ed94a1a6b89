"""`python -m sakimori.simulate`: a simulated account as a process of its own.

Once it is seeded it prints one line of JSON: endpoint_url, account_id, access_key_id,
secret_access_key. It lives until SIGTERM or SIGINT; where its standard input is a pipe,
also until that ends: who holds the other end takes the account along when dying. Of several accounts `accounts` lists
the owners' keys, in order. `--truth FILE` writes the truth of a story,
which `--seed` varies.
"""

import argparse
import json
import os
import select
import signal
import stat
import sys
from pathlib import Path

from sakimori.simulate.faults import faults_from_json
from sakimori.simulate.identities import OWNER
from sakimori.simulate.scenarios.leaked.story import Story
from sakimori.simulate.server import SimulatedAccount


def main() -> None:
    """Run until told to stop."""
    arguments = _arguments()
    stop, told = os.pipe()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os.write(told, b"."))
    with SimulatedAccount(
        arguments.scenario or None, enforce_iam=not arguments.no_iam, port=arguments.port, seed=arguments.seed
    ) as simulated:
        key = simulated.credentials(OWNER)
        line: dict[str, object] = {
            "endpoint_url": simulated.endpoint_url,
            "account_id": simulated.account_id,
            "access_key_id": key.access_key_id,
            "secret_access_key": key.secret_access_key,
        }
        if arguments.truth and isinstance(simulated.story, Story):
            Path(arguments.truth).write_text(json.dumps(simulated.story.told(), indent=1) + "\n", encoding="utf-8")
        if len(simulated.states) > 1:
            line["accounts"] = [_key_of(simulated, number) for number in range(len(simulated.states))]
        simulated.faults.add(*faults_from_json(arguments.faults))
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        _wait(stop)


def _key_of(simulated: SimulatedAccount, account: int) -> dict[str, str]:
    """The owner's, of one of several accounts."""
    key = simulated.credentials(OWNER, account=account)
    return {
        "account_id": simulated.states[account].account_id,
        "access_key_id": key.access_key_id,
        "secret_access_key": key.secret_access_key,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sakimori.simulate")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--scenario", default="")
    parser.add_argument("--no-iam", action="store_true")
    parser.add_argument("--faults", default="[]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--truth", default="")
    return parser.parse_args()


def _wait(stop: int) -> None:
    """Return once `stop` can be read or standard input has ended."""
    given = sys.stdin.fileno()
    listened = [stop, given] if stat.S_ISFIFO(os.fstat(given).st_mode) else [stop]
    while True:
        ready, _, _ = select.select(listened, [], [])
        if stop in ready or not os.read(given, 4096):
            return


if __name__ == "__main__":
    main()
