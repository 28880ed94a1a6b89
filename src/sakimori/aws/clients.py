"""botocore's clients: one for each service, made when first needed, whose calls go to the Region that is asked for.

botocore means a client to be of one Region. Of forty services in seventeen Regions that would be 700 of them,
2.4 CPU seconds and 190 MB (measured 2026-11 with botocore 1.44), so the Region is set for each call, by the
events that botocore has for it: before an endpoint is chosen, and before the request is signed.
"""

import re
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import EndpointProviderError
from botocore.model import OperationModel, ServiceModel

from sakimori.aws.answers import check_answer
from sakimori.aws.bodies import read_body
from sakimori.aws.direct.services import DirectServices
from sakimori.aws.open_session import OpenSession
from sakimori.aws.partitions import Partition, global_region_of, is_left_out
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.aws.statistics import Ledger
from sakimori.model.words import GLOBAL

_REGION: Final = "AWS::Region"
"""The name of the Region among what an endpoint is chosen by, as the rule sets of service models have it."""
_ADDED_TO_USER_AGENT: Final = "sakimori"
_OF_ONE_REGION: Final = frozenset({"s3", "s3control"})
"""Services whose clients follow redirections between Regions on their own account: they stay of one Region."""
_ACCOUNT_BEFORE_ADDRESS: Final = re.compile(r"[0-9]{12}\.(?=(?:[0-9.]+|localhost)(?::[0-9]+)?\Z)")


class Clients:
    """The clients of one door. Thread-safe: making one holds a lock, since botocore's sessions are not thread-safe."""

    _asked: Final = threading.local()
    """`region`: where the call of this thread goes."""

    def __init__(
        self, session: OpenSession, *, partition: Partition, settings: DoorSettings, clock: Clock, ledger: Ledger
    ) -> None:
        self._session = session
        self._partition = partition
        self._settings = settings
        self._clock = clock
        self._ledger = ledger
        self._config = _config(settings)
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._direct = DirectServices.of(session, self._config, endpoint_url=settings.endpoint_url)

    def region_of(self, service: str, region: str) -> str:
        """`region` itself, or the Region where `service` keeps what is `global`."""
        return global_region_of(service, self._partition) if region == GLOBAL else region

    def is_left_out(self, service: str, region: str) -> bool:
        """See `partitions.is_left_out`."""
        return is_left_out(service, region, self._partition)

    def model(self, service: str) -> ServiceModel:
        """What botocore knows of the service. Raises what botocore does for an unknown one."""
        if self._direct is not None:
            return self._direct.model(service)
        return self.of(service, self.region_of(service, GLOBAL)).meta.service_model

    def direct(self, operation: str, region: str) -> Callable[[Mapping[str, object]], dict[str, Any]] | None:
        """What makes the call without a client, in a real Region; None where a client has to make it."""
        found = self._direct.of_operation(operation) if self._direct is not None else None
        try:
            place = found.goes_to(region) if found is not None else None
        except EndpointProviderError:
            return None  # the client meets the same, and tells it as the call's own failure
        return None if found is None or place is None else partial(found.call, place)

    def of(self, service: str, region: str) -> BaseClient:
        """The client of `service`, to be called `within` the Region. Raises what botocore does for an unknown service."""
        key = (service, region if service in _OF_ONE_REGION else "")
        found = self._clients.get(key)
        if found is not None:
            return found
        with self._lock:
            found = self._clients.get(key)
            if found is None:
                found = self._clients[key] = self._make(service, region)
        return found

    @contextmanager
    def within(self, region: str) -> Generator[None]:
        """What this thread calls in here goes to `region`, a real one."""
        self._asked.region = region
        try:
            yield
        finally:
            self._asked.region = ""

    def _make(self, service: str, region: str) -> BaseClient:
        started = self._clock.monotonic()
        client = self._session.create_client(
            service,
            region_name=region,
            config=self._config,
            endpoint_url=self._settings.endpoint_url or None,
        )
        client.meta.events.register("after-call", check_answer)
        client.meta.events.register_last("after-call", self._read_body)
        client.meta.events.register("before-sign.s3-control", _keep_address)
        if service not in _OF_ONE_REGION:
            client.meta.events.register("before-endpoint-resolution", self._choose_endpoint)
            client.meta.events.register("before-call", self._choose_signature)
        self._ledger.client_made(self._clock.monotonic() - started)
        return client

    def _read_body(self, parsed: dict[str, Any], model: OperationModel, **_event: object) -> None:
        read_body(parsed, model, limit=self._settings.longest_body_bytes)

    def _choose_endpoint(self, builtins: dict[str, Any], **_event: object) -> None:
        region = getattr(self._asked, "region", "")
        if region and _REGION in builtins:
            builtins[_REGION] = region

    def _choose_signature(self, context: dict[str, Any], **_event: object) -> None:
        """The Region of the signature, unless the endpoint has one of its own (IAM's is us-east-1 everywhere)."""
        region = getattr(self._asked, "region", "")
        if region:
            context.setdefault("signing", {}).setdefault("region", region)


def _keep_address(request: AWSRequest, **_event: object) -> None:
    """Take the account's id away that s3control puts before the host, where that is an address and has no subdomains."""
    parts = urlsplit(str(request.url))
    request.url = parts._replace(netloc=_ACCOUNT_BEFORE_ADDRESS.sub("", parts.netloc)).geturl()


def _config(settings: DoorSettings) -> Config:
    return Config(
        connect_timeout=settings.connect_timeout_seconds,
        read_timeout=settings.read_timeout_seconds,
        max_pool_connections=settings.connections,
        retries={"mode": "standard", "total_max_attempts": 1},
        user_agent_extra=_ADDED_TO_USER_AGENT,
        parameter_validation=True,
        # One host for a Region's buckets instead of one for each bucket: connections are used
        # again, and names with dots or capitals meet no certificate that does not fit them.
        s3={"addressing_style": "path", "us_east_1_regional_endpoint": "regional"},
        # Of a service model's own prefixes; an address in endpoint_url has no subdomains.
        inject_host_prefix=not settings.endpoint_url,
    )
