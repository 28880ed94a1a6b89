"""botocore's models of the services, each read once however many threads ask at once."""

import threading
from typing import Final

from botocore.exceptions import UnknownServiceError
from moto.core.model import ServiceModel
from moto.core.routing import ServiceOperationRouter, get_service_router
from moto.core.utils import get_service_model

# moto keeps what it has read, but threads that ask for the same model at once each read
# it: sixteen first calls of EC2 took 5 s instead of 0.3 s.
_READING: Final = threading.Lock()


def model_of(service: str) -> ServiceModel | None:
    """The model of boto3's `service`; None if there is no such service."""
    with _READING:
        try:
            return get_service_model(service)
        except UnknownServiceError:
            return None


def router_of(service: str) -> ServiceOperationRouter | None:
    """What finds the operation of a request to `service`; None if there is no such service."""
    with _READING:
        try:
            return get_service_router(service)
        except UnknownServiceError:
            return None
