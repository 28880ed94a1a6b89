"""Delivery: what waits in the outbox is sent, until it has arrived or is given up.

Before each try the ledger says that it begins, after it how it ended. A kill between the two leaves a message that may
have arrived: a channel that can look for it does, another sends it again under the same key. One process at a time
delivers from a store; a second one waits for the first, which takes its messages along.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sakimori.model.words import Severity
from sakimori.outputs.notify.channel import Attempt, Channel, DeliveryError, FailureKind
from sakimori.outputs.notify.message import Message
from sakimori.outputs.notify.outbox import (
    MOST_BACKOFF,
    Waiting,
    begin_try,
    give_up,
    has_arrived,
    message_key,
    next_due,
    put,
    routes_waiting,
    thread_of,
    try_later,
)
from sakimori.outputs.notify.route import Route
from sakimori.state.store import Store
from sakimori.texts.sentences import say

TURN: Final = "deliver"
_FIRST_BACKOFF: Final = timedelta(seconds=5)
_TRIES_BEFORE_FALLBACK: Final = 3
"""After so many tries something grave goes to the other route too; this one goes on trying."""
_MOST_AGE: Final = timedelta(hours=24)
"""So long a message is tried; later it is news no more."""
_WAIT_SECONDS: Final = 60.0


@dataclass(slots=True)
class Delivered:
    """What a delivery did."""

    sent: int = 0
    failed: int = 0
    later: int = 0
    had_turn: bool = True
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    """The last reason why something was not taken, by route."""


@dataclass(slots=True)
class Delivery:
    """Sends what is due on these routes through their channels."""

    store: Store
    routes: Mapping[str, Route]
    channel_of: Callable[[str], Channel | None]
    """Opens the channel of a route; None where it cannot be."""
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def deliver(self, wait_seconds: float = _WAIT_SECONDS) -> Delivered:
        """Everything that is due now, each route on a thread of its own. What cannot be sent now stays for the next time."""
        done = Delivered()
        channels: dict[str, Channel | None] = {}
        with self.store.turn(TURN, wait_seconds) as has_turn:
            if not has_turn:
                return Delivered(had_turn=False)
            while True:
                with self.store.read() as connection:
                    waiting = routes_waiting(connection, self.clock())
                for name in set(waiting) - set(channels):
                    channels[name] = self.channel_of(name)
                opened = [(name, channel) for name in waiting if (channel := channels[name]) is not None]
                before = done.sent + done.failed
                with ThreadPoolExecutor(max(1, len(opened))) as pool:
                    for finished in [pool.submit(self._route, name, channel, done) for name, channel in opened]:
                        finished.result()
                # A route that failed may have given its messages to one that was done already.
                if done.sent + done.failed == before or not done.failed:
                    return done

    def _route(self, name: str, channel: Channel, done: Delivered) -> None:
        free_at = 0.0
        while True:
            with self.store.read() as connection:
                waiting = next_due(connection, name, self.clock())
                thread = thread_of(connection, name, waiting.message.case) if waiting else ""
            if waiting is None:
                return
            pause = free_at - self.monotonic()
            if pause > 0:
                self.sleep(pause)
            if not self._send(channel, waiting, thread, done):
                return
            free_at = self.monotonic() + channel.seconds_between

    def _send(self, channel: Channel, waiting: Waiting, thread: str, done: Delivered) -> bool:
        """Whether the route may go on with its next message."""
        with self.store.begin() as connection:
            if not begin_try(connection, waiting.number, self.clock()):
                return True
        attempt = Attempt(message=waiting.message, thread=thread, may_have_arrived=waiting.tries > 0)
        try:
            reference = channel.send(attempt)
        except DeliveryError as error:
            return self._failed(waiting, error, done)
        with self.store.begin() as connection:
            has_arrived(connection, waiting.number, reference, self.clock())
        with self._lock:
            done.sent += 1
        return True

    def _failed(self, waiting: Waiting, error: DeliveryError, done: Delivered) -> bool:
        now = self.clock()
        is_over = error.kind is FailureKind.NEVER or now - waiting.created_at > _MOST_AGE
        with self.store.begin() as connection:
            if is_over:
                give_up(connection, waiting.number, error.reason)
            else:
                try_later(connection, waiting.number, error.reason, now + _backoff(waiting.tries, error))
            route = self.routes.get(waiting.route)
            is_grave = waiting.message.severity.rank >= Severity.HIGH.rank
            may_fall_back = route is not None and route.fallback in self.routes and not waiting.instead_of
            if route and may_fall_back and (is_over or (is_grave and waiting.tries + 1 >= _TRIES_BEFORE_FALLBACK)):
                message = self._for_fallback(waiting, route)
                put(connection, route.fallback, message, now, instead_of=waiting.message.key)
        with self._lock:
            done.failed += is_over
            done.later += not is_over
            done.reasons[waiting.route] = error.reason
        return is_over

    def _for_fallback(self, waiting: Waiting, route: Route) -> Message:
        """The same message, with the word that its own route could not take it. A fallback has none of its own in turn."""
        message = waiting.message
        line = say("notify.instead_of", message.language, route=route.name)
        return replace(
            message, key=message_key(message.key, "fallback"), lines=(*message.lines, line), made_at=self.clock()
        )


def _backoff(tries: int, error: DeliveryError) -> timedelta:
    doubled = _FIRST_BACKOFF * 2 ** min(tries, 10)
    asked = timedelta(seconds=error.retry_after_seconds)
    return min(max(doubled, asked), MOST_BACKOFF)
