"""Setting a route up: an example to fill in, or a route written into the configuration after it was checked."""

import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sakimori.app.settings import read_settings
from sakimori.model.errors import UsageError
from sakimori.outputs.notify.route import Route
from sakimori.outputs.notify.route_entries import KINDS, SECRETS, NotifySettings, parse_notify
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

_PRIVATE_FILE: Final = 0o600
_OF_OTHERS: Final = frozenset({"fallback", "escalate"})
"""Settings that name other routes of the file."""
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+\Z")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"'}
_EXAMPLES: Final[Mapping[str, str]] = {
    "slack": 'webhook = "env:SLACK_WEBHOOK_URL"\n# token = "env:SLACK_BOT_TOKEN"\n# channel = "C0123456789"',
    "mail": 'host = "smtp.example.com"\nport = 587\nsecurity = "starttls"\nuser = "sakimori@example.com"\npassword = "env:SMTP_PASSWORD"\nfrom = "sakimori <sakimori@example.com>"\nto = ["security@example.com"]',
    "webhook": 'url = "env:SAKIMORI_WEBHOOK_URL"\nsecret = "env:SAKIMORI_WEBHOOK_SECRET"',
    "sns": 'topic = "arn:aws:sns:ap-northeast-1:111122223333:security"',
    "apprise": 'url = "env:APPRISE_URL"',
}  # fmt: skip


def example_of(kind: str, language: Language) -> str:
    """A route of this kind as it stands in config.toml, to be filled in."""
    head = f'[[notify.route]]\nname = "{kind}"\nkind = "{kind}"'
    return f"# {say(f'notify.example_{kind}', language)}\n{head}\n{_EXAMPLES[kind]}\n"


def add_route(path: Path, kind: str, name: str, given: Sequence[str]) -> Route:
    """Write a route into the file; UsageError, and nothing written, where it would not hold.

    `given` are `key=value`; a value is read as TOML where it is some, else it is text.
    """
    read_settings(path)
    entry: dict[str, Any] = {"name": name, "kind": kind}
    for each in given:
        key, equals, value = each.partition("=")
        if not equals or key.strip() in entry:
            raise UsageError("notify.bad_setting", key=key.strip()[:60] if key.strip() in _known(kind) else "--set")
        entry[key.strip()] = _value(key.strip(), value.strip())
    # The route alone first: whoever wrote it reads of a fault in it as of the first one.
    alone = {key: value for key, value in entry.items() if key not in _OF_OTHERS}
    parse_notify({"route": [alone]})
    text = "".join(f"{_toml_key(key)} = {_toml(value)}\n" for key, value in entry.items())
    return _append(path, f"\n[[notify.route]]\n{text}").route(name)


def _known(kind: str) -> frozenset[str]:
    needed, optional = KINDS[kind]
    return needed | optional


def _value(key: str, text: str) -> Any:
    try:
        found = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        found = {"value": text}
    value = found["value"] if len(found) == 1 else text
    if key in SECRETS and str(value).partition(":")[0] not in {"env", "file", "keyring"}:
        raise UsageError("notify_channels.secret_literal")
    return value


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_key(key)} = {_toml(each)}" for key, each in value.items()) + "}"  # pyright: ignore[reportUnknownVariableType]
    return '"' + "".join(map(_escaped, str(value))) + '"'


def _toml_key(key: str) -> str:
    return key if _BARE.match(key) else _toml(key)


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _append(path: Path, text: str) -> NotifySettings:
    """In whole or not at all: the new file replaces the old one once it was read as the program will read it.

    A file that is linked to stays where it is, and who may read it stays as it was.
    """
    place = path.resolve()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = place.read_bytes() if place.exists() else b""
    mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else _PRIVATE_FILE
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(before + text.encode())
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        settings = read_settings(beside).notify
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return settings
