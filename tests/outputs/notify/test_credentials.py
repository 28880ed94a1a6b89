import os
import pickle
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sakimori.model.errors import UsageError
from sakimori.outputs.notify.credentials import Secret, read_secret
from sakimori.texts.sentences import say_error

VALUE = "xoxb" + "-fake-" + "value"


def kept(place: Path, content: bytes, mode: int = 0o600) -> str:
    file = place / "token"
    file.write_bytes(content)
    file.chmod(mode)
    return f"file:{file}"


def refusal(reference: str, place: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_secret(reference, place)
    for language in ("en", "ja"):
        assert VALUE not in say_error(caught.value, language)
    assert VALUE not in repr(caught.value)
    return caught.value


def test_secret_is_told_by_reveal_alone() -> None:
    secret = Secret(VALUE)
    assert secret.reveal() == VALUE
    assert VALUE not in f"{secret!r} {secret} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLACK_TOKEN", VALUE)
    assert read_secret("env:SLACK_TOKEN", tmp_path).reveal() == VALUE
    monkeypatch.setenv("SLACK_TOKEN", "")
    assert refusal("env:SLACK_TOKEN", tmp_path).text == "notify_channels.secret_empty"


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_secret_comes_from_a_file_that_is_ours_alone(tmp_path: Path, ending: bytes) -> None:
    reference = kept(tmp_path, VALUE.encode() + ending)
    assert read_secret(reference, tmp_path).reveal() == VALUE
    assert read_secret("file:token", tmp_path).reveal() == VALUE


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o601])
def test_file_that_others_may_use_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    error = refusal(kept(tmp_path, VALUE.encode(), mode), tmp_path)
    assert "chmod 600" in say_error(error, "en")
    assert "chmod 600" in say_error(error, "ja")


def test_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = kept(tmp_path, VALUE.encode())
    there = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: there + 1)
    assert refusal(reference, tmp_path).text == "notify_channels.secret_owner"


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"a\nb\n", b"a\x00b", b"a\x1bb", b"\xff\xfe", b"x" * 5000, b"x" * 50_000]
)
def test_file_that_holds_no_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    refusal(kept(tmp_path, content), tmp_path)


def test_what_is_no_file_is_refused_and_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert refusal("file:pipe", tmp_path).text == "notify_channels.secret_no_file"
    assert refusal(f"file:{tmp_path}", tmp_path).text == "notify_channels.secret_no_file"
    assert refusal("file:absent", tmp_path).text == "notify_channels.secret_unreadable"
    refusal("file:a\x00b", tmp_path)


@pytest.mark.parametrize(
    "reference",
    [
        VALUE,
        "https://hooks.example.com/" + VALUE,
        f"env:{VALUE}",
        "env:",
        "file:",
        "keyring:",
        f"keyring:{VALUE}",
        "",
        f"xoxb:{VALUE}",
    ],
)
def test_literal_secret_is_refused_without_being_repeated(reference: str, tmp_path: Path) -> None:
    error = refusal(reference, tmp_path)
    assert error.text == "notify_channels.secret_literal"
    for way in ("env:", "file:", "keyring:"):
        assert way in say_error(error, "en")
        assert way in say_error(error, "ja")


class FakeKeyringError(Exception):
    pass


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    held: dict[Any, Any] = {("slack", "bot"): VALUE}

    def get_password(service: str, user: str) -> str | None:
        if service == "locked":
            raise FakeKeyringError(VALUE)
        return held.get((service, user))

    fake, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    fake.__spec__ = ModuleSpec("keyring", None)
    fake.get_password = get_password  # type: ignore[attr-defined]
    errors.KeyringError = FakeKeyringError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return held


def test_secret_comes_from_the_keyring(keyring: dict[Any, Any], tmp_path: Path) -> None:
    assert read_secret("keyring:slack/bot", tmp_path).reveal() == VALUE
    assert refusal("keyring:slack/other", tmp_path).text == "notify_channels.secret_empty"
    assert refusal("keyring:locked/bot", tmp_path).text == "notify_channels.keyring_refused"


def test_keyring_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert refusal("keyring:slack/bot", tmp_path).text == "extras.missing"
