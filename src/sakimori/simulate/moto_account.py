"""moto's server as the memory of one account: its state, its errors, its settings."""

import itertools
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO
from types import TracebackType
from typing import Any, ClassVar, Final, Self

from flask import Flask, Response, request
from moto.backends import list_of_moto_modules
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.organizations.models import organizations_backends
from moto.s3.models import FakeKey, FakeMultipart, s3_backends
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


class MotoAccount(AbstractContextManager["MotoAccount"]):
    """One account whose state lives in moto's globals of this process while the context lasts.

    Several may live at once under different numbers: without one, `account_id` is the
    first free from moto's own 123456789012 on. UsageError if a number is taken.
    """

    def __init__(self, account_id: str = "") -> None:
        self._application = _Dispatcher()
        self.account_id = account_id

    def __enter__(self) -> Self:
        with _Shared.lock:
            if not _Shared.accounts:
                _Shared.settings = {name: os.environ.get(name) for name in _SETTINGS}
                os.environ.update(_SETTINGS)
                _forget_all()
            self.account_id = self.account_id or _first_free()
            if self.account_id in _Shared.accounts:
                raise UsageError("simulate.account_in_use", account=self.account_id)
            _Shared.accounts.add(self.account_id)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with _Shared.lock:
            _Shared.accounts.discard(self.account_id)
            if _Shared.accounts:
                _forget(self.account_id)
                return
            _forget_all()
            for name, value in _Shared.settings.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

    def answer(self, call: Call) -> Answer:
        """Moto's answer. ServiceError where moto does not know the operation or fails."""
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
            "HTTP_X_MOTO_ACCOUNT_ID": self.account_id,
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


class _Dispatcher(DomainDispatcherApplication):
    """moto's dispatcher with a memory: its own lists a directory for each request, and prints what it lacks."""

    def __init__(self) -> None:
        super().__init__(_backend_application)
        self._modules = frozenset(list_of_moto_modules()) | {"moto_api"}
        self._known: dict[str, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host is None or host in self._modules:
            return host
        if host not in self._known:
            url = f"http://{host}"
            patterns = self.backend_url_patterns
            self._known[host] = next((backend for backend, pattern in patterns if pattern.match(url)), None)
        return self._known[host]


class _Shared:
    """What the accounts of one process have in common: moto's globals."""

    lock: ClassVar[threading.Lock] = threading.Lock()
    accounts: ClassVar[set[str]] = set()
    settings: ClassVar[dict[str, str | None]] = {}


def _first_free() -> str:
    numbers = (str(number) for number in itertools.count(int(DEFAULT_ACCOUNT_ID)))
    return next(number for number in numbers if number not in _Shared.accounts)


def _forget(account_id: str) -> None:
    """Drop one account; moto's own `reset` would empty the objects of every other account's buckets."""
    for partition in tuple(s3_backends[account_id].values()):
        for bucket in partition.buckets:
            s3_backends.bucket_accounts.pop(bucket, None)
    for model in (FakeKey, FakeMultipart):
        # Each holds an open file, and moto holds each.
        tracked: list[Any] = model.instances_tracked  # pyright: ignore[reportAttributeAccessIssue] - made by a metaclass
        for each in (one for one in tuple(tracked) if one.account_id == account_id):
            each.dispose()
        tracked[:] = [one for one in tracked if one.account_id != account_id]
    backends: Any = BackendDict
    organizations_backends.master_accounts.pop(account_id, None)
    for backend in tuple(backends._instances):  # noqa: SLF001 - moto offers no way to drop one account
        backend.pop(account_id, None)


def _forget_all() -> None:
    BackendDict.reset()
    organizations_backends.master_accounts.clear()
    reset_model_data()


def _backend_application(service: Any) -> Flask:
    """Moto's application for one service, made to tell its gaps and failures apart from AWS's errors."""
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
