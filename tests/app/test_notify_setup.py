"""A route written into the configuration: checked first, in whole or not at all, with everything that was there kept."""

import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.app import notify_setup
from sakimori.app.notify_setup import _toml, add_route, example_of
from sakimori.app.settings import read_settings
from sakimori.model.errors import UsageError
from sakimori.outputs.notify.route_entries import KINDS
from sakimori.texts.language import LANGUAGES, Language
from sakimori.texts.sentences import say_error

HOOK = "webhook=env:SLACK_WEBHOOK_URL"
POST = ("host=smtp.example.com", "from=sakimori <a@example.com>", 'to=["b@example.com", "c@example.com"]')
LITERAL = "https://hooks.example.com/" + "FAKE" * 3


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "config.toml"


def refused(path: Path, kind: str, name: str, *given_: str) -> str:
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(UsageError) as caught:
        add_route(path, kind, name, given_)
    assert (path.read_bytes() if path.exists() else None) == before
    assert {each.name for each in path.parent.glob("*")} <= {"config.toml"}
    assert all(say_error(caught.value, language) for language in LANGUAGES)
    return say_error(caught.value, "en")


def test_first_route_makes_the_file_for_its_owner_alone(path: Path) -> None:
    route = add_route(path, "slack", "sec", [HOOK])
    assert (route.name, dict(route.settings)) == ("sec", {"webhook": "env:SLACK_WEBHOOK_URL"})
    assert read_settings(path).notify.route("sec").settings == route.settings
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_is_there_stays_byte_for_byte(path: Path) -> None:
    path.parent.mkdir()
    before = '# ours — 我々の設定\r\nlang = "ja"   # Japanese\n[[account]]\nname = "a"\nprofile = "p"'.encode()
    path.write_bytes(before)
    add_route(path, "slack", "slack", [HOOK])
    add_route(path, "mail", "mail", POST)
    assert path.read_bytes().startswith(before)
    settings = read_settings(path)
    assert [each.name for each in settings.notify.routes] == ["slack", "mail"]
    assert (settings.accounts[0].name, settings.notify.routes[0].language) == ("a", "ja")
    assert settings.notify.routes[1].settings["to"] == ["b@example.com", "c@example.com"]


def test_values_are_read_as_toml_where_they_are_some(path: Path) -> None:
    route = add_route(path, "mail", "mail", [*POST, "port=25", "heartbeat=false", 'when={low = "now"}', "digest_at=07:30", "security=plain"])  # fmt: skip
    assert (route.settings["port"], route.heartbeat, route.settings["security"]) == (25, False, "plain")
    assert (route.timing["low"], f"{route.digest_at:%H:%M}") == ("now", "07:30")


def test_route_may_name_those_that_are_there(path: Path) -> None:
    add_route(path, "mail", "mail", POST)
    route = add_route(path, "slack", "slack", [HOOK, "fallback=mail", 'escalate=[{after = "10m", to = "mail"}]'])
    assert (route.fallback, route.escalations[0].to) == ("mail", "mail")
    assert "nobody" in refused(path, "slack", "other", HOOK, "fallback=nobody")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("channel", "KEY=VALUE"),
        ("=x", "notify.route 1"),
        ("chanel=C1", "Did you mean 'channel'?"),
        ("name=other", "KEY=VALUE"),
        ("kind=mail", "KEY=VALUE"),
        (HOOK, "KEY=VALUE"),
        ("when={high = 'daily'}", "quiet hours"),
        ("lang=fr", "lang"),
        ("heartbeat=maybe", "heartbeat"),
    ],
)
def test_setting_that_would_not_hold_is_not_written(path: Path, setting: str, words: str) -> None:
    assert words in refused(path, "slack", "slack", HOOK, setting)
    assert not path.exists()


@pytest.mark.parametrize("key", ["webhook", "token", "password", "url", "secret"])
@pytest.mark.parametrize("value", [LITERAL, f'"{LITERAL}"', "x", "", "ENV:X", f"[{LITERAL!r}]"])
def test_secret_itself_is_refused_and_not_repeated(path: Path, key: str, value: str) -> None:
    assert "FAKE" not in refused(path, "slack", "slack", f"{key}={value}")


@pytest.mark.parametrize("given_", [LITERAL, f"={LITERAL}", f"chanel {LITERAL}"])
def test_word_that_is_no_setting_is_not_repeated(path: Path, given_: str) -> None:
    assert "FAKE" not in refused(path, "slack", "slack", HOOK, given_)


def test_second_route_of_one_name_is_refused(path: Path) -> None:
    add_route(path, "slack", "slack", [HOOK])
    assert refused(path, "slack", "slack", HOOK).startswith("There are two routes slack.")


def test_file_that_is_wrong_already_is_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("lang = ")
    refused(path, "slack", "slack", HOOK)


def test_routes_in_the_other_form_of_toml_are_not_broken(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('notify = {route = [{kind = "slack", webhook = "env:X"}]}\n')
    refused(path, "slack", "other", HOOK)


def test_kill_before_the_end_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_route(path, "slack", "slack", [HOOK])
    before = path.read_bytes()

    def killed(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(notify_setup.os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        add_route(path, "mail", "mail", POST)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["config.toml"]


def test_link_stays_a_link_and_the_file_behind_it_keeps_its_mode(tmp_path: Path) -> None:
    kept, home = tmp_path / "dotfiles", tmp_path / "home"
    kept.mkdir()
    home.mkdir()
    (kept / "sakimori.toml").write_text('lang = "en"\n')
    (kept / "sakimori.toml").chmod(0o640)
    (home / "config.toml").symlink_to(kept / "sakimori.toml")
    add_route(home / "config.toml", "slack", "slack", [HOOK])
    assert (home / "config.toml").is_symlink()
    assert stat.S_IMODE((kept / "sakimori.toml").stat().st_mode) == 0o640
    assert "env:SLACK_WEBHOOK_URL" in (kept / "sakimori.toml").read_text()
    assert [each.name for each in home.iterdir()] == ["config.toml"]


def test_file_that_somebody_laid_beside_it_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    (tmp_path / "victim").write_text("precious")
    for name in ("config.toml.new", ".config.toml.new"):
        (path.parent / name).symlink_to(tmp_path / "victim")
    add_route(path, "slack", "slack", [HOOK])
    assert (tmp_path / "victim").read_text() == "precious"


SCALARS = st.text() | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@pytest.mark.slow
@given(VALUES)
def test_what_is_written_as_toml_is_read_as_it_was(value: object) -> None:
    assert tomllib.loads(f"value = {_toml(value)}\n") == {"value": value}


@pytest.mark.slow
@given(st.text())
def test_no_value_writes_anything_beside_itself(value: str) -> None:
    home = Path(os.environ["SAKIMORI_CACHE"]) / "setup"
    home.mkdir(exist_ok=True)
    path = home / "config.toml"
    path.unlink(missing_ok=True)
    try:
        add_route(path, "mail", "mail", [*POST, f"user={value}"])
    except UsageError:
        assert not path.exists()
        return
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    assert written.keys() == {"notify"}
    assert set(written["notify"]["route"][0]) == {"name", "kind", "host", "from", "to", "user"}


@pytest.mark.parametrize("value", ["[" * 5000, "{a=" * 5000, '1\nlang = "ja"', '"x"\n[[notify.route]]', "\x00", "\U000e0001", "\udc80"])  # fmt: skip
def test_value_that_is_meant_badly_is_text_or_refused(path: Path, value: str) -> None:
    try:
        route = add_route(path, "mail", "mail", [*POST, f"user={value}"])
    except UsageError:
        assert not path.exists()
    else:
        assert route.settings["user"] == value.strip()
        assert tomllib.loads(path.read_text(encoding="utf-8")).keys() == {"notify"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_example_of_every_kind_is_accepted(tmp_path: Path, kind: str, language: Language) -> None:
    (tmp_path / "config.toml").write_text(example_of(kind, language), encoding="utf-8")
    (route,) = read_settings(tmp_path / "config.toml").notify.routes
    assert (route.name, route.kind) == (kind, kind)
