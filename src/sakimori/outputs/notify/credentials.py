"""Secrets of routes: named by a reference in the configuration, read when a message is sent, never shown."""

import os
import re
import stat
from pathlib import Path
from typing import Final, NoReturn

from sakimori.model.errors import UsageError
from sakimori.model.extras import ensure_libraries

_LONGEST: Final = 4096
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}\Z")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


_QUOTABLE: Final = re.compile(r"[\w #.,+/-]{1,40}\Z")
_TOKEN: Final = re.compile(r"xox[a-z]-|whsec_|hooks|[A-Za-z0-9_-]{25,}", re.IGNORECASE)


def quotable(value: object) -> str:
    """A setting as a complaint may repeat it: whole where it is a few plain words, else `…`, for it may be a misplaced secret.

    >>> quotable("Asia/Tokio"), quotable("smtp://someone:word@mail.example.com")
    ('Asia/Tokio', '…')
    """
    text = str(value)
    return text if _QUOTABLE.match(text) and not _TOKEN.search(text) else "…"


class Secret:
    """A value that is told by `reveal` alone: not by repr, str, formatting, comparison or pickling."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


def read_secret(reference: str, base: Path) -> Secret:
    """The secret that `reference` names: `env:NAME`, `file:PATH` (a relative one from `base`), `keyring:SERVICE/USER`.

    UsageError where there is none, where others may read the file, or where `reference` may be a secret itself,
    which is then not repeated.
    """
    way, colon, name = reference.partition(":")
    if colon and way == "env" and _VARIABLE.match(name):
        return _checked(os.environ.get(name, ""), f"env:{name}")
    if colon and way == "file" and name.strip() and not _CONTROL.search(name):
        path = base / Path(name).expanduser()
        return _checked(_content_of(path), f"file:{path}")
    service, slash, user = name.rpartition("/")
    if colon and way == "keyring" and slash and service and user:
        return _checked(_from_keyring(service, user), f"keyring:{service}/{user}")
    raise UsageError("notify_channels.secret_literal")


def _checked(value: str, reference: str) -> Secret:
    if not value:
        raise UsageError("notify_channels.secret_empty", reference=reference)
    if len(value) > _LONGEST:
        raise UsageError("notify_channels.secret_long", reference=reference, limit=_LONGEST)
    if _CONTROL.search(value):
        raise UsageError("notify_channels.secret_lines", reference=reference)
    return Secret(value)


def _content_of(path: Path) -> str:
    try:
        # O_NONBLOCK: a named pipe must not hold the program up before it is seen to be one.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError("notify_channels.secret_unreadable", file=path, reason=reason or "") from error
    try:
        # What is open is what was checked: the path may be exchanged meanwhile.
        _check_file(path, os.fstat(descriptor))
        content = os.read(descriptor, _LONGEST * 4 + 3).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("notify_channels.secret_unreadable", file=path, reason=type(error).__name__) from None
    finally:
        os.close(descriptor)
    return content.removesuffix("\n").removesuffix("\r")


def _check_file(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UsageError("notify_channels.secret_no_file", file=path)
    if not hasattr(os, "geteuid"):
        return  # Windows: access is not in these bits
    if status.st_uid != os.geteuid():
        raise UsageError("notify_channels.secret_owner", file=path)
    if status.st_mode & 0o077:
        raise UsageError("notify_channels.secret_mode", file=path, mode=f"{stat.S_IMODE(status.st_mode):04o}")


def _from_keyring(service: str, user: str) -> str:
    ensure_libraries("keyring")
    import keyring  # noqa: PLC0415 - optional, and slow to load
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        return keyring.get_password(service, user) or ""
    except (KeyringError, OSError, RuntimeError) as error:
        raise UsageError(
            "notify_channels.keyring_refused", service=service, user=user, reason=type(error).__name__
        ) from None
