"""One call and all its tries: paced, repeated, and refused only once its time or its tries are used up."""

import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore import xform_name
from botocore.client import BaseClient
from botocore.model import OperationModel
from urllib3 import exceptions as raised

from sakimori.aws.classify import FAILURES, refusal_of
from sakimori.aws.clients import Clients
from sakimori.aws.limiter import Limiter, Limiters
from sakimori.aws.refusal import NOT_OFFERED, Refusal
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.aws.statistics import Ledger
from sakimori.model.words import GapKind

_FIRST_BACKOFF_SECONDS: Final = 0.5
_LONGEST_BACKOFF_SECONDS: Final = 20.0
_NO_SUCH_NAME: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
"""What a resolver answers when it knows that there is no such name; it says something else when it could not ask."""
_UNRESOLVED: Final[type[Exception] | tuple[()]] = getattr(raised, "NameResolutionError", ())
"""urllib3 1.26 does not tell it apart."""
Ask = Callable[[Mapping[str, object]], dict[str, Any]]
"""Makes one call by its parameters; lets out what FAILURES names."""

_REPEATED: Final = frozenset({GapKind.UNREACHABLE, GapKind.SERVICE_ERROR, GapKind.MALFORMED})


class Caller:
    """Makes the calls of one door. Thread-safe."""

    def __init__(self, clients: Clients, *, settings: DoorSettings, clock: Clock, ledger: Ledger) -> None:
        self._clients = clients
        self._settings = settings
        self._clock = clock
        self._ledger = ledger
        self._limiters = Limiters(clock)
        self._unreachable: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> dict[str, Any]:
        """The answer without botocore's metadata; Refusal once the call has failed for good."""
        service = operation.partition(":")[0]
        place = (service, self._clients.region_of(service, region))
        ask = self._asking(operation, place[1])
        limiter = self._limiters.of(*place)
        started = self._clock.monotonic()
        failures = 0
        while True:
            try:
                answer = self._request(operation, limiter, lambda: ask(parameters))
            except Refusal as refusal:
                if self._is_not_offered(refusal, place):
                    self._ledger.refused(operation)
                    raise Refusal(
                        call=operation, kind=refusal.kind, code=NOT_OFFERED, message=refusal.message
                    ) from refusal
                if refusal.kind is GapKind.THROTTLED:
                    if self._clock.monotonic() - started < self._settings.throttle_budget_seconds:
                        continue
                else:
                    failures += 1
                    if self._is_worth_repeating(refusal, place, failures):
                        self._back_off(operation, failures)
                        continue
                self._ledger.refused(operation)
                raise
            self._mark(place, reachable=True)
            return answer

    def model(self, operation: str) -> OperationModel | None:
        """As the installed botocore has it, None for one that is newer; Refusal for a service that it does not have."""
        service, _, name = operation.partition(":")
        try:
            model: Any = self._clients.model(service)  # botocore's lazy properties have no types
        except FAILURES as error:
            raise refusal_of(operation, error) from error
        return model.operation_model(name) if name in model.operation_names else None

    def _asking(self, operation: str, region: str) -> Ask:
        """What makes the call in that Region, a real one; Refusal where nothing can."""
        if direct := self._clients.direct(operation, region):
            return direct
        try:
            client = self._clients.of(operation.partition(":")[0], region)
        except FAILURES as error:
            raise refusal_of(operation, error) from error
        method = self._method(operation, client)

        def ask(parameters: Mapping[str, object]) -> dict[str, Any]:
            with self._clients.within(region):
                return method(**parameters)

        return ask

    def _request(self, operation: str, limiter: Limiter, send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """One try."""
        turn = limiter.take_turn()
        started = self._clock.monotonic()
        try:
            answer = send()
        except FAILURES as error:
            refusal = refusal_of(operation, error)
            if refusal.kind is GapKind.THROTTLED:
                limiter.throttled(turn)
                self._ledger.throttled(operation)
            else:
                limiter.succeeded()
            raise refusal from error
        finally:
            self._ledger.request(operation, self._clock.monotonic() - started)
        limiter.succeeded()
        metadata = answer.pop("ResponseMetadata", None) or {}
        self._ledger.told_time(str(metadata.get("HTTPHeaders", {}).get("date", "")))
        return answer

    def _is_not_offered(self, refusal: Refusal, place: tuple[str, str]) -> bool:
        """Whether the service is not in that Region: its name is nobody's there, and botocore knows it from elsewhere only."""
        unresolved = refusal.__cause__.__cause__ if refusal.__cause__ else None
        why = unresolved.__cause__ if isinstance(unresolved, _UNRESOLVED) else None
        if not isinstance(why, socket.gaierror) or why.errno not in _NO_SUCH_NAME:
            return False
        return self._clients.is_left_out(*place)

    def _is_worth_repeating(self, refusal: Refusal, place: tuple[str, str], failures: int) -> bool:
        """Whether to try again; an endpoint that never answered one call gets one try from each later one."""
        if refusal.kind not in _REPEATED or refusal.code == "SSLError":
            return False
        if failures >= self._settings.transient_tries:
            self._mark(place, reachable=refusal.kind is not GapKind.UNREACHABLE)
            return False
        return place not in self._unreachable

    def _back_off(self, operation: str, failures: int) -> None:
        self._ledger.repeated(operation)
        longest = min(_LONGEST_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2**failures)
        self._clock.sleep(longest * self._clock.chance())

    def _mark(self, place: tuple[str, str], *, reachable: bool) -> None:
        if reachable and place not in self._unreachable:
            return
        with self._lock:
            if reachable:
                self._unreachable.discard(place)
            else:
                self._unreachable.add(place)

    def _method(self, operation: str, client: BaseClient) -> Callable[..., dict[str, Any]]:
        name = operation.partition(":")[2]
        method = getattr(client, xform_name(name), None)
        if method is None or name not in client.meta.service_model.operation_names:
            # An operation that is newer than the installed boto3.
            raise Refusal(
                call=operation, kind=GapKind.UNSUPPORTED, code="UnknownOperation", message="not in this boto3"
            )
        return method
