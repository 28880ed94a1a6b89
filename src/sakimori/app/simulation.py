"""The simulated account as a process of its own: its moto never mixes with ours."""

import json
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sakimori.model.errors import SakimoriError
from sakimori.model.extras import ensure_libraries
from sakimori.simulate.scenarios.register import scenario_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedProcess:
    """A running simulated account. Its keys are made at its start and are worth nothing anywhere else."""

    endpoint_url: str
    account_id: str
    environment: Mapping[str, str]
    process: subprocess.Popen[str]

    def wait(self) -> None:
        """Return when it ends."""
        self.process.wait()


@contextmanager
def simulated_account(scenario: str, *, port: int = 0, seed: int = 1) -> Generator[SimulatedProcess]:
    """Start the account, seeded, and stop it at the end; UsageError where the extra `simulate` is not installed.

    `seed` varies a scenario that tells a story.
    """
    ensure_libraries("moto")
    scenario_of(scenario)  # UsageError for a name that there is not, before a process starts
    command = [
        sys.executable,
        "-m",
        "sakimori.simulate",
        "--scenario",
        scenario,
        "--port",
        str(port),
        "--seed",
        str(seed),
    ]
    # The child ends when its standard input does: it never outlives us, whatever kills us.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        try:
            yield _started(process)
        finally:
            process.terminate()
            process.communicate()


def _started(process: subprocess.Popen[str]) -> SimulatedProcess:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise SakimoriError("app.simulation_failed", reason=f"exit {process.wait()}")
    told = json.loads(line)
    return SimulatedProcess(
        endpoint_url=told["endpoint_url"],
        account_id=told["account_id"],
        process=process,
        environment={
            "AWS_ACCESS_KEY_ID": told["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": told["secret_access_key"],
            "AWS_ENDPOINT_URL": told["endpoint_url"],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
    )
