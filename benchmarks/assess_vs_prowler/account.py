"""The simulated account and the counting proxy before it, each a process of its own."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from counting_proxy import COUNTS_PATH
from measured import RunError, cpu_seconds_of

PROXY: Final = Path(__file__).with_name("counting_proxy.py")
SEEDING: Final = (sys.executable, "-m", "sakimori.simulate", "--port", "0", "--scenario", "messy-company")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A running account as a tool under measurement meets it: through the proxy."""

    url: str
    access_key_id: str
    secret_access_key: str
    server_pid: int

    def environment(self) -> Mapping[str, str]:
        """Return what makes any AWS client, and nothing else of this machine, use this account."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "HTTP_PROXY": self.url,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def server_cpu_seconds(self) -> float:
        """Return what the account's own process has used so far."""
        return cpu_seconds_of(self.server_pid)

    def counts(self) -> dict[str, object]:
        """Return what passed the proxy since the last time this was asked."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}{COUNTS_PATH}?reset", timeout=30) as answer:
            return json.load(answer)


@contextmanager
def simulated_account(command: Sequence[str], *, latency_ms: float, log: Path) -> Iterator[Account]:
    """Start an account by `command`, which prints endpoint_url and a key as one line of JSON once it is seeded."""
    with log.open("ab") as errors, _started(command, errors) as (server, line):
        told = json.loads(line)
        proxy_command = (sys.executable, str(PROXY), told["endpoint_url"], "--latency-ms", str(latency_ms))
        with _started(proxy_command, errors) as (_, url):
            yield Account(
                url=url.strip(),
                access_key_id=told["access_key_id"],
                secret_access_key=told["secret_access_key"],
                server_pid=server.pid,
            )


@contextmanager
def _started(command: Sequence[str], errors: IO[bytes]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield the process and the first line it printed; it is ended with the context."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RunError(f"{' '.join(command)} did not start; its output: {errors.name}")
        yield process, line
    finally:
        process.terminate()
        process.communicate()
