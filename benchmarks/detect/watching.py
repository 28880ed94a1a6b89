"""`sakimori watch` as a process that may be killed and begun again: what it tells, and when."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """One line of its standard output, and when it was read (seconds since 1970)."""

    at: float
    detection: Mapping[str, Any]


@dataclass(slots=True)
class Watching:
    """One watch after another over the same home. `cpu_seconds` are those of all that have ended."""

    command: Sequence[str]
    environment: Mapping[str, str]
    told: list[Told] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0
    largest_bytes: int = 0
    kills: int = 0
    _process: Any = None
    _readers: list[threading.Thread] = field(default_factory=list)
    _beaten: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """Start one."""
        self._beaten = threading.Event()
        self._process = subprocess.Popen(
            self.command, env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self._readers = [
            threading.Thread(target=self._hear, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._hear_beats, args=(self._process.stderr, self._beaten), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def wait_for_beat(self, seconds: float) -> bool:
        """Whether its first cycle was done in time."""
        return self._beaten.wait(seconds)

    def kill(self) -> None:
        """SIGKILL to it and to all that it started."""
        self.kills += 1
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, as a service manager does."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        os.killpg(self._process.pid, number)
        _, _, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = 0
        self.cpu_seconds += usage.ru_utime + usage.ru_stime
        self.largest_bytes = max(self.largest_bytes, usage.ru_maxrss * 1024)
        for reader in self._readers:
            reader.join(5)

    def _hear(self, stream: Any) -> None:
        for line in stream:
            at = time.time()
            # A line that a kill cut off was not told.
            if line.endswith(b"\n"):
                self.told.append(Told(at, json.loads(line)))

    def _hear_beats(self, stream: Any, beaten: threading.Event) -> None:
        for line in stream:
            self.errors.append(line.decode(errors="replace").rstrip())
            beaten.set()
