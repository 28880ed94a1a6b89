"""A drill: an attack in the simulated account, and an attacker who goes on.

Nothing in it touches AWS. Who responds works with the same commands as in earnest, in a home of its own.
"""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sakimori.app.home import fresh_drill_home
from sakimori.model.errors import UsageError
from sakimori.model.extras import ensure_libraries

if TYPE_CHECKING:
    # moto is an extra, and its import takes a second.
    from sakimori.simulate.drill.record import Attempt
    from sakimori.simulate.scenarios.leaked.story import Story
    from sakimori.simulate.server import SimulatedAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One drill: the scenario that plays it, and what it asks for. `has_mail`: it begins with a mail of AWS's, which wants an answer."""

    scenario: str
    within: timedelta
    has_mail: bool = False


KINDS: Final[Mapping[str, Kind]] = {
    "leaked-key": Kind(scenario="leaked-key", within=timedelta(minutes=5), has_mail=True),
    "leaked-key-hard": Kind(scenario="leaked-key-hard", within=timedelta(minutes=5), has_mail=True),
    "password": Kind(scenario="stolen-password", within=timedelta(minutes=5)),
    # Several commands for several doors, where the others take one.
    "exposure": Kind(scenario="exposed-service", within=timedelta(minutes=30)),
}
"""The drills by name."""
_HOME: Final = "ap-northeast-1"
_OURS: Final = ("production", "development", "management")
_RETRIES_EVERY: Final = timedelta(minutes=3)
_MARK: Final = ".drill"
"""A file by which a home is known to be a drill's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRequest:
    """Which drill. `speed`: so many times as often the attacker tries again, every three minutes at 1; the time that scores stays the responder's."""

    name: str
    home: Path
    seed: int = 1
    speed: float = 1.0


@dataclass(slots=True, kw_only=True)
class Drill:
    """A running drill. `environment` makes any AWS client talk to it; `began_at` is by the story's clock.

    `closed_at` is when nothing stood open any more and the machine was cut off, in the story that is of such things.
    """

    request: DrillRequest
    simulated: "SimulatedAccount"
    story: "Story"
    endpoint_url: str
    environment: Mapping[str, str]
    began_at: datetime
    closed_at: datetime | None = None
    attempts: "list[Attempt]" = field(default_factory=list)
    _ends: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def kind(self) -> Kind:
        """Which drill it is."""
        return KINDS[self.request.name]

    @property
    def mail(self) -> Path:
        """The mail with which it begins, where there is one."""
        return self.request.home / "notice.eml"

    @property
    def account(self) -> str:
        """The number of the account in which it begins."""
        return self.story.accounts[_OURS[0]]

    @property
    def victim(self) -> str:
        """The ARN of the user or role with which it begins."""
        kind = "role" if self.story.machine else "user"
        return f"arn:aws:iam::{self.account}:{kind}/{self.story.victim}"

    @property
    def machine(self) -> str:
        """The ARN of the machine in the attacker's hands, "" where the story has none."""
        machine = self.story.machine
        return f"arn:aws:ec2:{_HOME}:{self.account}:instance/{machine}" if machine else ""

    def still_open(self) -> tuple[str, ...]:
        """What still stands open, by name, the machine that gets out among it."""
        from sakimori.simulate.drill.openings import is_open  # noqa: PLC0415 - moto is an extra
        from sakimori.simulate.machine import gets_out  # noqa: PLC0415

        state = self.simulated.state
        found = [each.name for each in self.story.openings if is_open(state, each)]
        machine = self.story.machine
        return (*found, *([f"machine {machine}"] if machine and gets_out(state, machine) else []))

    def shut(self) -> tuple[str, ...]:
        """What was meant to be open and is no more."""
        from sakimori.simulate.drill.openings import is_open  # noqa: PLC0415 - moto is an extra

        return tuple(each.name for each in self.story.meant if not is_open(self.simulated.state, each))

    def look(self) -> None:
        """Notice when the last door was closed; one that was opened again counts anew."""
        if not self.story.openings or self.still_open():
            self.closed_at = None
        elif self.closed_at is None:
            self.closed_at = self.simulated.clock()

    def keep_truth(self) -> Path:
        """Write down what had happened, when the drill is over: whoever responds must not find it before."""
        path = self.request.home / "truth.json"
        _write(path, json.dumps(self.story.told(), ensure_ascii=False, indent=1))
        return path

    def attacker_goes_on(self) -> None:
        """One more round of the attacker's; also for a drill that does not wait."""
        with self._lock:
            self.attempts += self.story.attacker.retry()

    def run_attacker(self) -> threading.Thread:
        """Rounds until the drill ends."""
        thread = threading.Thread(target=self._rounds, daemon=True)
        thread.start()
        return thread

    def end(self) -> None:
        """No further round begins, and the one that runs is over: the account is about to go."""
        self._ends.set()
        with self._lock:
            pass

    def _rounds(self) -> None:
        while not self._ends.wait(_RETRIES_EVERY.total_seconds() / max(self.request.speed, 1e-3)):
            with self._lock:
                if self._ends.is_set():
                    return
                self.attempts += self.story.attacker.retry()


def drill_home(told: Path | None) -> Path:
    """The home for a drill: the one that was told, or a new one. UsageError for one that holds something else than a drill.

    A drill writes its own settings and credentials, and its cases must never mix with real ones.
    """
    if told is None:
        return fresh_drill_home()
    if told.exists() and (not told.is_dir() or (any(told.iterdir()) and not (told / _MARK).exists())):
        raise UsageError("drill.home_in_use", path=told)
    return told


@contextmanager
def drill(request: DrillRequest) -> Iterator[Drill]:
    """Begin a drill; it ends with the context. UsageError where the extra `simulate` is not installed, or there is no such drill."""
    ensure_libraries("moto")
    if request.name not in KINDS:
        raise UsageError("drill.no_such_drill", name=request.name, known=sorted(KINDS))
    from sakimori.simulate.clock import StoryClock  # noqa: PLC0415 - moto is an extra
    from sakimori.simulate.server import SimulatedAccount  # noqa: PLC0415

    kind = KINDS[request.name]
    # The account goes by the responder's own clock, whatever the speed: a cutoff of one must be one of the other.
    with SimulatedAccount(kind.scenario, seed=request.seed, clock=StoryClock(speed=1.0)) as simulated:
        story: Any = simulated.story
        running = Drill(
            request=request, simulated=simulated, story=story, endpoint_url=simulated.endpoint_url,
            environment=_environment(simulated.environment(), request.home / "credentials"), began_at=simulated.clock(),
        )  # fmt: skip
        _furnish(running)
        try:
            yield running
        finally:
            running.end()


def _furnish(running: Drill) -> None:
    """The home of whoever responds."""
    from sakimori.simulate.drill.notice import notice  # noqa: PLC0415 - moto is an extra

    home, story = running.request.home, running.story
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = {name: running.simulated.credentials(account=number) for number, name in enumerate(_OURS)}
    profiles = (
        f"[{name}]\naws_access_key_id={key.access_key_id}\naws_secret_access_key={key.secret_access_key}\n"
        for name, key in keys.items()
    )
    _write(home / _MARK, "")
    _write(home / "credentials", "".join(profiles))
    _write(home / "config.toml", "".join(f'[[account]]\nname = "{name}"\nprofile = "{name}"\n' for name in _OURS))
    (home / "truth.json").unlink(missing_ok=True)
    if running.kind.has_mail:
        running.mail.write_bytes(notice(running.account, story.victim, story.leaked_key, story.ended_at))


def _environment(told: Mapping[str, str], credentials: Path) -> Mapping[str, str]:
    """What whoever responds sets: the owners' keys by profile, and never those of the environment."""
    names = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3_CONTROL", "AWS_DEFAULT_REGION", "AWS_EC2_METADATA_DISABLED")
    proxies = {name: value for name, value in told.items() if name.lower() in {"http_proxy", "https_proxy", "no_proxy"}}
    return {
        **{name: told[name] for name in names}, **proxies, "AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_PROFILE": _OURS[0],
    }  # fmt: skip


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
