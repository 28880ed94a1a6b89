"""Kills a program that tells, again and again, and counts by what the sinks received what was lost and what was doubled."""

import email
import email.policy
import multiprocessing
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any, Final

from sqlalchemy import select

from sakimori.findings.detections import find_detections
from sakimori.findings.inbox_tables import CASE, DIGEST_LINE, MESSAGE
from sakimori.model.words import Severity
from sakimori.state.store import open_store

from . import teller
from .sinks import Answer, HttpSink, SmtpSink
from .teller import POINTS, ROUTES, Life

_MARK: Final = re.compile(r"mark:(\w+):(\w+)")
_FOLLOWS: Final = "/api/chat.postMessage", "/api/conversations.", "/hook", "/services/"
_SPAWN: Final = multiprocessing.get_context("forkserver")
_SPAWN.set_forkserver_preload([teller.__name__])


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that a place took: its key as the place sees it ("" where it sees none), its whole text, and what it tells of."""

    key: str
    text: str
    marks: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, key: str, text: str) -> "Shown":
        return cls(key, text, tuple(_MARK.findall(text)))


@dataclass(slots=True, kw_only=True)
class Toll:
    """What came of it, by route."""

    kills: int = 0
    kills_at: Counter[str] = field(default_factory=Counter)
    recorded: int = 0
    """Acknowledged."""
    shown: dict[str, int] = field(default_factory=dict)
    lost: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    doubled: dict[str, int] = field(default_factory=dict)
    """Shown once more than once, under the same key."""
    doubled_otherwise: dict[str, int] = field(default_factory=dict)
    """Shown more than once under different keys."""
    invented: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Told, and never recorded."""


class Torment:
    """One store, its sinks, and the lives that work on it, `at_once` so many."""

    def __init__(self, place: str, seed: int, at_once: int = 1) -> None:
        self.place, self.at_once = place, at_once
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        self.http, self.smtp = HttpSink(), SmtpSink()
        self.recorded: list[tuple[str, str]] = []
        self.toll = Toll()
        self._began_at = time.time()
        self._lives = 0

    def run(self, kills: int, faults: bool = True) -> Toll:
        """So many kills, then one life to the end; what came of it."""
        with self.http, self.smtp:
            while self.toll.kills < kills:
                if faults:
                    self._disturb()
                self._kill_all([self._begin() for _ in range(self.at_once)])
            self._calm()
            for ahead in (timedelta(), timedelta(days=4)):
                self._to_the_end(ahead)
        self._count()
        return self.toll

    def run_whole(self, seconds: float) -> Toll:
        """So many lives at once, each of two rounds at least and none killed within what it does; what came of it."""
        with self.http, self.smtp:
            lives = [self._begin(dies_at=("", 0), seconds=seconds, rounds=2) for _ in range(self.at_once)]
            for process, pipe, _ in lives:
                self._hear(pipe, time.monotonic() + 120)
                process.join()
                assert process.exitcode == 0
                pipe.close()
            for ahead in (timedelta(), timedelta(days=4)):
                self._to_the_end(ahead)
        self._count()
        return self.toll

    def _begin(self, **changes: Any) -> tuple[Any, Connection, tuple[str, int]]:
        self._lives += 1
        dies_at = (self.chance.choice(POINTS), self.chance.randint(1, 4)) if self.chance.random() < 0.6 else ("", 0)
        known = tuple(dict.fromkeys(name for name, _ in self.recorded[-40:]))
        told: dict[str, Any] = {
            "place": self.place, "http_url": self.http.url, "smtp_port": self.smtp.port, "number": self._lives,
            "began_at": self._began_at, "dies_at": dies_at, "known": known,
        }  # fmt: skip
        ours, theirs = _SPAWN.Pipe(duplex=False)
        life = Life(**(told | changes))
        process = _SPAWN.Process(target=teller.live, args=(life, theirs), daemon=True)
        process.start()
        theirs.close()
        return process, ours, life.dies_at

    def _kill_all(self, lives: Sequence[tuple[Any, Connection, tuple[str, int]]]) -> None:
        """Each at its point, or at a moment after its first word; what it has acknowledged until then counts."""
        for process, pipe, dies_at in lives:
            moment = 5.0 if dies_at[0] else self.chance.uniform(0.0, 0.6)
            pipe.poll(120)  # its first word: where the machine is busy, a start alone takes longer than the moment
            self._hear(pipe, time.monotonic() + moment)
            process.kill()
            process.join()
            self._hear(pipe, time.monotonic())
            pipe.close()
            self.toll.kills += 1
            self.toll.kills_at[dies_at[0] if process.exitcode == -9 and dies_at[0] else "any moment"] += 1
            process.close()

    def _hear(self, pipe: Connection, until: float) -> None:
        try:
            while pipe.poll(max(0.0, until - time.monotonic())):
                word, name, severity = pipe.recv()
                if word == "recorded":
                    self.recorded.append((name, severity))
        except EOFError:
            return

    def _to_the_end(self, ahead: timedelta) -> None:
        process, pipe, _ = self._begin(records=False, dies_at=("", 0), ahead=ahead)
        word = ""
        while word != "idle":
            assert pipe.poll(120), f"the program hangs, or cannot tell of all: {self._left()}"
            word = pipe.recv()[0]
        process.join()
        pipe.close()

    def _left(self) -> Sequence[Any]:
        columns = (MESSAGE.c.route, MESSAGE.c.tries, MESSAGE.c.not_before, MESSAGE.c.reason)
        with open_store(self.place) as store, store.read() as connection:
            waiting = connection.execute(select(*columns).where(MESSAGE.c.state == "waiting")).all()
            lines = connection.execute(select(DIGEST_LINE.c.route, DIGEST_LINE.c.list, DIGEST_LINE.c.at)).all()
            pending = connection.execute(select(CASE.c.id).where(CASE.c.is_pending == 1)).all()
        return (*waiting[:5], *lines[:5], *pending[:5])

    def _disturb(self) -> None:
        """Some of the next answers are refusals, lost, or late."""
        for path in _FOLLOWS:
            if self.chance.random() < 0.25:
                self.http.answer_next(path, self.chance.choice(FAULTS))
        if self.chance.random() < 0.5:
            self.smtp.answer_next(*self.chance.choice(MAIL_FAULTS))

    def _calm(self) -> None:
        self.http._scripts.clear()
        self.smtp._scripts.clear()

    # -- counting ------------------------------------------------------------------------

    def _count(self) -> None:
        with open_store(self.place) as store:
            stored = {_MARK.findall(each.detection.title.en)[0] for each in find_detections(store)}
        self.toll.recorded = len(set(self.recorded))
        for route in ROUTES:
            shown = list(self._shown(route))
            self.toll.shown[route] = len(shown)
            told: dict[str, int] = {}
            for name, severity in (mark for each in shown for mark in each.marks):
                told[name] = max(told.get(name, -1), Severity(severity).rank)
            self.toll.lost[route] = [
                (name, severity)
                for name, severity in set(self.recorded)
                if told.get(name, -1) < Severity(severity).rank
            ]
            self.toll.invented[route] = sorted({mark for each in shown for mark in each.marks} - stored)
            self.toll.doubled[route] = len(shown) - len({each.key or each.text for each in shown})
            keys_of = {(each.text, each.key) for each in shown}
            self.toll.doubled_otherwise[route] = len(keys_of) - len({text for text, _ in keys_of})

    def _shown(self, route: str) -> Iterator[Shown]:
        """What a place took, in its order."""
        if route == "bot":
            # What stands there now is not what was posted: the first message of a case is kept up to date.
            for each in self.http.slack.messages:
                yield Shown.of(
                    each["metadata"]["event_payload"]["key"], f"{each['ts']} {each['text']} {each['attachments']}"
                )
            return
        if route == "mail":
            for mail in self.smtp.mails:
                parsed = email.message_from_bytes(mail.content, policy=email.policy.default)
                body = parsed.get_body(("plain",))
                assert body is not None
                yield Shown.of(parsed["Message-ID"], f"{parsed['Date']} {parsed['Subject']} {body.get_content()}")
            return
        beginning = "/hook" if route == "hook" else "/services/"
        for taken in self.http.taken:
            if taken.path.startswith(beginning):
                text = f"{taken.json.get('timestamp', '')} {taken.json['text']} {taken.json.get('attachments', '')}"
                yield Shown.of(taken.headers.get("webhook-id", ""), text)


FAULTS: Final = (
    Answer(status=500),
    Answer(status=500, takes=True),
    Answer(status=429, headers={"Retry-After": "2"}),
    Answer(hangs_up=True),
    Answer(hangs_up=True, takes=True),
    Answer(waits_seconds=0.3, takes=True, hangs_up=True),
)
MAIL_FAULTS: Final = (
    ("DATA", "451 later"),
    (".", "cut"),
    (".", "451 later"),
    ("RCPT", "450 later"),
    ("EHLO", "cut"),
)
