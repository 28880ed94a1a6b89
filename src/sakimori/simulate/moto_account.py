"""moto's server as the memory of one account: its state, its errors, its settings."""

import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO
from types import TracebackType
from typing import Any, Final, Self

from flask import Flask, Response, request
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException, InternalServerError

from sakimori.model.errors import UsageError
from sakimori.simulate.call import Answer, Call
from sakimori.simulate.refusals import internal_failure, not_implemented

_FAILURE: Final = "X-Simulated-Failure"
_NOT_IMPLEMENTED: Final = "not-implemented"
_INTERNAL: Final = "internal"
_NOT_FOUND: Final = 404
# Loading AMIs that no rule reads takes 2.5 s a Region, and adds foreign snapshots to each.
_SETTINGS: Final = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
_ONE_AT_A_TIME: Final = threading.Lock()


class MotoAccount(AbstractContextManager["MotoAccount"]):
    """The one account whose state lives in moto's globals of this process, while the context lasts."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._application = DomainDispatcherApplication(_backend_application)
        self._settings: dict[str, str | None] = {}

    def __enter__(self) -> Self:
        if not _ONE_AT_A_TIME.acquire(blocking=False):
            raise UsageError("simulate.one_account_at_a_time")
        for name, value in _SETTINGS.items():
            self._settings[name] = os.environ.get(name)
            os.environ[name] = value
        _forget()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _forget()
        for name, value in self._settings.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _ONE_AT_A_TIME.release()

    def answer(self, call: Call) -> Answer:
        """moto's answer. ServiceError where moto does not know the operation or fails."""
        status, headers, body = self._run(call)
        failure = dict(headers).get(_FAILURE, "")
        if failure == _INTERNAL:
            raise internal_failure(call)
        nothing_found = status == _NOT_FOUND and not body and call.method != "HEAD" and call.service != "s3"
        if failure == _NOT_IMPLEMENTED or nothing_found:
            raise not_implemented(call)
        return Answer(status=status, headers=tuple(headers), body=body)

    def _run(self, call: Call) -> tuple[int, list[tuple[str, str]], bytes]:
        environ: dict[str, Any] = {
            **call.environ,
            "wsgi.input": BytesIO(call.body),
            "CONTENT_LENGTH": str(len(call.body)),
            "HTTP_X_MOTO_ACCOUNT_ID": self._account_id,
        }
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[..., None]:
            started.append((status, headers))
            return _no_write

        answer = self._application.get_application(environ)(environ, start_response)
        try:
            body = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        status, headers = started[-1]
        return int(status.partition(" ")[0]), headers, body



def _forget() -> None:
    BackendDict.reset()
    reset_model_data()


def _backend_application(service: Any) -> Flask:
    """moto's application for one service, made to tell its gaps and failures apart from AWS's errors."""
    if service is None:
        application = Flask("moto")
        application.register_error_handler(HTTPException, lambda _: _failed(_NOT_IMPLEMENTED, 501))
        return application
    application = create_backend_app(service)
    application.debug = False
    application.config["PROPAGATE_EXCEPTIONS"] = False
    application.register_error_handler(NotImplementedError, lambda _: _failed(_NOT_IMPLEMENTED, 501))
    application.register_error_handler(InternalServerError, lambda _: _failed(_INTERNAL, 500))
    application.register_error_handler(HTTPException, _http_error)
    return application


def _http_error(error: HTTPException) -> Any:
    # No route is a gap of moto's; any other HTTP error is how its services answer (NoSuchBucket).
    return _failed(_NOT_IMPLEMENTED, 501) if request.routing_exception is error else error


def _failed(kind: str, status: int) -> Response:
    return Response(status=status, headers={_FAILURE: kind})


def _no_write(_data: bytes) -> None:
    """PEP 3333's old write callable; Flask does not use it."""
