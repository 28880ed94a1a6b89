"""Delivery: what waits in the outbox is sent, until it has arrived or is given up.

Before each try the ledger says that it begins, after it how it ended. A kill between the two leaves a message that may
have arrived: a channel that can look for it does, another sends it again under the same key. One process at a time
delivers from a store; a second one waits for the first, which takes its messages along.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from sakimori.outputs.notify.channel import Attempt, Channel, DeliveryError, FailureKind
from sakimori.outputs.notify.message import Message
from sakimori.outputs.notify.outbox import (
    MOST_BACKOFF,
    Waiting,
    begin_try,
    due,
    give_up,
    has_arrived,
    message_key,
    put,
    rest,
    thread_of,
    try_later,
    waiting_and_grave,
)
from sakimori.outputs.notify.route import Route
from sakimori.state.store import Store
from sakimori.texts.sentences import say

TURN: Final = "deliver"
_FIRST_BACKOFF: Final = timedelta(seconds=5)
_TRIES_BEFORE_FALLBACK: Final = 3
"""After so many tries what is grave goes to the other route too, all that waits for this one; this one goes on trying."""
_MOST_AGE: Final = timedelta(hours=24)
"""So long a message is tried; later it is news no more."""
_TRIES_OF_A_DAY: Final = 100
"""So many there are at most within that time, given the pauses between them."""
_UNDER_WAY: Final = timedelta(seconds=30)
"""So long the request of a process that was killed may still be under way: who looks for its message at once finds none."""
_LOOK_SECONDS: Final = 1.0
"""So often it is looked what has come in meanwhile."""
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
    _free_at: dict[str, float] = field(default_factory=dict[str, float])
    """By route, when its place allows the next message."""

    def deliver(self, wait_seconds: float = _WAIT_SECONDS) -> Delivered:
        """Everything that is due now, each route on a thread of its own. What cannot be sent now stays for the next time.

        What comes in meanwhile is sent along, so that a route that is slow holds up itself alone.
        """
        done = Delivered()
        with self.store.turn(TURN, wait_seconds) as has_turn:
            if not has_turn:
                return Delivered(had_turn=False)
            with ThreadPoolExecutor(max(1, len(self.routes))) as pool:
                self._all_routes(pool, done)
        return done

    def _all_routes(self, pool: ThreadPoolExecutor, done: Delivered) -> None:
        running: dict[Future[bool], str] = {}
        channels: dict[str, Channel | None] = {}
        ended: set[str] = set()
        while True:
            due_now = self._due().keys() - ended - set(running.values())
            new = due_now - channels.keys()
            channels |= {name: self.channel_of(name) for name in new}
            given_on = [self._give_on(name) for name in new if channels[name] is None]
            if any(given_on):
                continue
            for name in due_now:
                channel = channels[name]
                if channel is not None:
                    running[pool.submit(self._route, name, channel, done)] = name
            if not running:
                return
            for each in wait(running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED).done:
                name = running.pop(each)
                if not each.result():
                    ended.add(name)

    def _give_on(self, name: str) -> bool:
        """What is grave and waits for a route that cannot be opened goes to the other one; whether there was any."""
        route, now = self.routes.get(name), self.clock()
        if route is None or not route.fallback:
            return False
        with self.store.begin() as connection:
            grave = waiting_and_grave(connection, name, now)
            given_on = [self._fall_back(connection, each, now) for each in grave]
        return any(given_on)

    def _due(self, route: str = "") -> Mapping[str, tuple[int, ...]]:
        with self.store.read() as connection:
            return due(connection, self.clock(), route)

    def _route(self, name: str, channel: Channel, done: Delivered) -> bool:
        """Whether the route takes more in this delivery; True where nothing is left for it now."""
        while numbers := self._due(name).get(name):
            until = self.monotonic() + _LOOK_SECONDS
            for place, number in enumerate(numbers):
                self._keep_the_rate(name)
                if place and self.monotonic() >= until:
                    break  # something graver may have come
                goes_on = self._send(channel, number, done)
                self._free_at[name] = self.monotonic() + channel.seconds_between
                if not goes_on:
                    return False
        return True

    def _keep_the_rate(self, route: str) -> None:
        pause = self._free_at.get(route, 0.0) - self.monotonic()
        if pause > 0:
            self.sleep(pause)

    def _send(self, channel: Channel, number: int, done: Delivered) -> bool:
        """Whether the route may go on with its next message."""
        now = self.clock()
        until = now + _UNDER_WAY if channel.is_keyed else now
        with self.store.begin() as connection:
            waiting = begin_try(connection, number, now, until)
            if waiting is None:
                return True
            thread = thread_of(connection, waiting.route, waiting.message.case)
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
        is_over = error.kind is FailureKind.NEVER or _is_too_old(waiting, now)
        with self.store.begin() as connection:
            to_other_route: Sequence[Waiting] = ()
            if is_over:
                give_up(connection, waiting.number, error.reason)
                to_other_route = (waiting,)
            else:
                try_later(connection, waiting.number, error.reason, now + _backoff(waiting.tries, error))
                if waiting.tries + 1 >= _TRIES_BEFORE_FALLBACK:
                    to_other_route = waiting_and_grave(connection, waiting.route, now)
                if error.retry_after_seconds > 0:
                    rest(connection, waiting.route, now + _asked(error))
            for each in to_other_route:
                self._fall_back(connection, each, now)
        with self._lock:
            done.failed += is_over
            done.later += not is_over
            done.reasons[waiting.route] = error.reason
        return is_over

    def _fall_back(self, connection: Connection, waiting: Waiting, now: datetime) -> bool:
        """Give it to the other route too. What came from another route already goes no further: two may point at each other."""
        route = self.routes.get(waiting.route)
        if route is None or route.fallback not in self.routes or waiting.instead_of:
            return False
        return put(connection, route.fallback, self._for_fallback(waiting, route), now, instead_of=waiting.message.key)

    def _for_fallback(self, waiting: Waiting, route: Route) -> Message:
        """The same message, with the word that its own route could not take it. A fallback has none of its own in turn."""
        message = waiting.message
        line = say("notify.instead_of", message.language, route=route.name)
        return replace(
            message, key=message_key(message.key, "fallback"), lines=(*message.lines, line), made_at=self.clock()
        )


def _is_too_old(waiting: Waiting, now: datetime) -> bool:
    """By the tries too: a clock that jumped, or a machine that slept, has not tried for a day."""
    return now - waiting.created_at > _MOST_AGE and waiting.tries + 1 >= _TRIES_OF_A_DAY


def _backoff(tries: int, error: DeliveryError) -> timedelta:
    return min(max(_FIRST_BACKOFF * 2 ** min(tries, 10), _asked(error)), MOST_BACKOFF)


def _asked(error: DeliveryError) -> timedelta:
    """How long the place asked to be left alone."""
    return min(timedelta(seconds=error.retry_after_seconds), MOST_BACKOFF)
