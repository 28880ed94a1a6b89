"""A drill: an attack in the simulated account, an attacker who goes on, and a score of what the responder made of it.

Nothing in it touches AWS. Who responds works with the same commands as in earnest, in a home of its own.
"""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sakimori.app.respond.case import Case
from sakimori.app.respond.case_files import every_case, find_case
from sakimori.app.respond.facts import facts_of
from sakimori.app.respond.removal import list_a
from sakimori.model.errors import UsageError
from sakimori.outputs.case.reply import write_reply
from sakimori.outputs.case.reply_form import LIMIT, length_of
from sakimori.texts.language import LANGUAGES

if TYPE_CHECKING:
    # moto is an extra, and its import takes a second.
    from sakimori.simulate.drill.record import Attempt
    from sakimori.simulate.scenarios.leaked.story import Story
    from sakimori.simulate.server import SimulatedAccount

SCENARIOS: Final[Mapping[str, str]] = {"leaked-key": "leaked-key", "leaked-key-hard": "leaked-key-hard"}
"""By the name of a drill: the scenario that plays it."""
_OURS: Final = ("production", "development", "management")
_RETRIES_EVERY: Final = timedelta(minutes=3)
CONTAIN_WITHIN: Final = timedelta(minutes=5)
"""What the drill asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRequest:
    """Which drill. `speed`: so many seconds of the story pass in one; the attacker tries again every three minutes of it."""

    name: str
    home: Path
    seed: int = 1
    speed: float = 1.0


@dataclass(slots=True, kw_only=True)
class Drill:
    """A running drill. `environment` makes any AWS client talk to it, `mail` is the file with which it begins."""

    request: DrillRequest
    simulated: "SimulatedAccount"
    story: "Story"
    endpoint_url: str
    environment: Mapping[str, str]
    mail: Path
    attempts: "list[Attempt]" = field(default_factory=list)
    _ends: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

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
        """No further round begins."""
        self._ends.set()

    def _rounds(self) -> None:
        while not self._ends.wait(_RETRIES_EVERY.total_seconds() / max(self.request.speed, 1e-3)):
            self.attacker_goes_on()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of a drill. `contained_after` is in the story's time; `harmful` are calls of the attacker's that worked after that."""

    case: str
    contained_after: timedelta | None
    planted: int
    found: int
    missing: tuple[str, ...]
    decoys: int
    touched: tuple[str, ...]
    harmful: tuple[str, ...]
    replies: Mapping[str, int]
    """By language the length of the answer to AWS that can be sent; a language of which it cannot is missing."""

    @property
    def is_passed(self) -> bool:
        """Contained in time, everything found, nothing legitimate listed, nothing worked afterwards, and an answer is there."""
        is_in_time = self.contained_after is not None and self.contained_after <= CONTAIN_WITHIN
        is_answered = set(self.replies) == set(LANGUAGES) and all(each <= LIMIT for each in self.replies.values())
        return is_in_time and self.found == self.planted and not self.touched and not self.harmful and is_answered


@contextmanager
def drill(request: DrillRequest) -> Iterator[Drill]:
    """Begin a drill; it ends with the context. UsageError where the extra `simulate` is not installed, or there is no such drill."""
    if not find_spec("moto"):
        raise UsageError("app.not_installed", extra="simulate")
    if request.name not in SCENARIOS:
        raise UsageError("drill.no_such_drill", name=request.name, known=sorted(SCENARIOS))
    from sakimori.simulate.clock import StoryClock  # noqa: PLC0415 - moto is an extra
    from sakimori.simulate.drill.notice import notice  # noqa: PLC0415
    from sakimori.simulate.server import SimulatedAccount  # noqa: PLC0415

    with SimulatedAccount(
        SCENARIOS[request.name], seed=request.seed, clock=StoryClock(speed=request.speed)
    ) as simulated:
        story: Any = simulated.story
        request.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = {name: simulated.credentials(account=number) for number, name in enumerate(_OURS)}
        credentials = request.home / "credentials"
        _write(credentials, "".join(f"[{name}]\naws_access_key_id={key.access_key_id}\naws_secret_access_key={key.secret_access_key}\n" for name, key in keys.items()))  # fmt: skip
        _write(
            request.home / "config.toml",
            "".join(f'[[account]]\nname = "{name}"\nprofile = "{name}"\n' for name in _OURS),
        )
        mail = request.home / "notice.eml"
        mail.write_bytes(notice(story.accounts["production"], story.victim, story.leaked_key, story.ended_at))
        running = Drill(
            request=request, simulated=simulated, story=story, endpoint_url=simulated.endpoint_url, mail=mail,
            environment=_environment(simulated.environment(), credentials),
        )  # fmt: skip
        try:
            yield running
        finally:
            running.end()


def score(running: Drill, since: datetime) -> Score:
    """How the responder did with the newest case that was opened since then; UsageError where none was."""
    home = running.request.home
    cases = [case for _, case in every_case(home) if case is not None and case.opened_at >= since]
    if not cases:
        raise UsageError("drill.no_case")
    case = cases[-1]
    story, found = running.story, list_a(case)
    listed = {(each.kind, each.id, each.account, each.region) for each in found.made}
    planted = {(each.kind, each.id, each.account, each.region) for each in story.planted}
    decoys = {(each.kind, each.id, each.account, each.region) for each in story.decoys}
    return Score(
        case=case.id,
        contained_after=_contained_after(case, running.request.speed),
        planted=len(planted),
        found=len(planted & listed),
        missing=_names(planted - listed),
        decoys=len(decoys),
        touched=_names(decoys & listed),
        harmful=_harmful(running.attempts, case, story, running.request.speed),
        replies=_replies(home, case),
    )


def _contained_after(case: Case, speed: float) -> timedelta | None:
    return (case.contained_at - case.opened_at) * speed if case.contained_at else None


def _harmful(attempts: "Sequence[Attempt]", case: Case, story: "Story", speed: float) -> tuple[str, ...]:
    """What worked after the case was contained; before that, it is the attack going on."""
    if case.contained_at is None:
        return ()
    contained = story.ended_at + (case.contained_at - case.opened_at) * speed
    return tuple(sorted({f"{each.call} {each.target}" for each in attempts if each.is_harmful and each.at > contained}))


def _replies(home: Path, case: Case) -> Mapping[str, int]:
    facts = facts_of(find_case(home, case.id), case)
    replies = {language: write_reply(facts, language) for language in LANGUAGES}
    return {language: length_of(each.text) for language, each in replies.items() if each.is_ready}


def _names(things: set[tuple[str, str, str, str]]) -> tuple[str, ...]:
    return tuple(sorted(f"{kind} {identifier} {account} {region}" for kind, identifier, account, region in things))


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
