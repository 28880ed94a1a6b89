"""All plain operations of one session.

A client of botocore's costs some ten milliseconds of CPU time to make, and a call through it two; a plain operation is
called in half of that. Which is plain is decided by botocore's own data, so that a service which needs
more than its model says, today or in a later botocore, is called through botocore.
"""

import os
import threading
from collections.abc import Mapping
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, UnknownServiceError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.session import Session

from sakimori.aws.direct.endpoints import Endpoints
from sakimori.aws.direct.service import DirectOperation, Way, is_plain
from sakimori.aws.open_session import OpenSession

_UNUSUAL: Final = (
    "use_fips_endpoint", "use_dualstack_endpoint", "auth_scheme_preference", "ignore_configured_endpoint_urls",
    "sigv4a_signing_region_set", "api_versions",
)  # fmt: skip
"""Settings of a session that change what is called, or how it is signed."""
_ENDPOINT: Final = "AWS_ENDPOINT_URL"
_READING: Final = ("Get", "List", "Describe", "BatchGet", "Lookup", "Search")
"""Runs make thousands of these; the few that change something go by botocore's clients."""


class DirectServices:
    """The plain operations of one session. Thread-safe."""

    def __init__(self, session: Session, way: Way, *, endpoint_url: str) -> None:
        self._loader: Loader = session.get_component("data_loader")
        self._way = way
        self._endpoint_url = endpoint_url
        self._lock = threading.Lock()
        self._operations: dict[str, DirectOperation | None] = {}
        self._services: dict[str, tuple[ServiceModel, Endpoints | None]] = {}

    @classmethod
    def of(cls, opened: OpenSession, config: Config, *, endpoint_url: str) -> "DirectServices | None":
        """None for a session of the caller's own, or one that is set up in a way that only botocore's clients know."""
        session = opened.botocore
        if session is None or opened.transport is None:
            return None
        try:
            if _is_unusual(session, os.environ):
                return None
            configured = os.environ.get(_ENDPOINT) or session.get_scoped_config().get("endpoint_url") or ""
        except BotoCoreError:
            return None  # a profile that is not there, say: whoever makes a client meets the same, and tells it
        agent = session.get_component("user_agent_creator")
        way = Way(
            transport=opened.transport,
            credentials=opened.credentials,
            emit=session.get_component("event_emitter").emit,
            user_agent=agent.with_client_config(config).to_string(),
            injects_host_prefix=bool(config.inject_host_prefix),
        )
        return cls(session, way, endpoint_url=endpoint_url or configured)

    def model(self, service: str) -> ServiceModel:
        """Raises UnknownServiceError for a service that the installed botocore does not have."""
        return self._service(service)[0]

    def of_operation(self, operation: str) -> DirectOperation | None:
        """The operation (`service:Operation`); None where botocore has to call it, or says why it cannot."""
        if operation not in self._operations:
            with self._lock:
                if operation not in self._operations:
                    self._operations[operation] = self._made(operation)
        return self._operations[operation]

    def _made(self, operation: str) -> DirectOperation | None:
        service, _, name = operation.partition(":")
        try:
            model: Any  # botocore's lazy properties have no types
            model, endpoints = self._service(service)
        except UnknownServiceError:
            return None
        if endpoints is None or name not in model.operation_names or not name.startswith(_READING):
            return None
        shape = model.operation_model(name)
        return DirectOperation(shape, endpoints, self._way) if is_plain(shape) else None

    def _service(self, service: str) -> tuple[ServiceModel, Endpoints | None]:
        if service not in self._services:
            model = ServiceModel(self._loader.load_service_model(service, "service-2"), service)
            self._services[service] = model, Endpoints.of(self._loader, service, endpoint_url=self._endpoint_url)
        return self._services[service]


def _is_unusual(session: Session, environment: Mapping[str, str]) -> bool:
    return (
        any(session.get_config_variable(name) for name in _UNUSUAL)
        or "services" in session.get_scoped_config()
        or any(name.startswith(f"{_ENDPOINT}_") for name in environment)
    )
