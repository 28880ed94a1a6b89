"""`sakimori drill` at the command line."""

from typing import Any

import pytest
from tests.cli.running import Sakimori


def test_the_help_names_every_drill_and_says_what_it_is(sakimori: Sakimori) -> None:
    done = sakimori("drill", "--help")
    assert done.code == 0
    for name in ("leaked-key", "leaked-key-hard", "password", "exposure"):
        assert f"{name} (" in " ".join(done.out.split())


def test_a_home_with_real_cases_is_refused_before_anything_is_played(sakimori: Sakimori) -> None:
    sakimori.configure('lang = "en"\n')
    done = sakimori("drill", "password", "--auto")
    assert done.code == 2
    assert "something else than a drill" in done.err
    assert sorted(each.name for each in sakimori.home.iterdir()) == ["config.toml"]


def test_no_such_drill_is_a_sentence(sakimori: Sakimori) -> None:
    done = sakimori("drill", "flood", lang="ja")
    assert done.code == 2
    assert "leaked-key" in done.err


@pytest.mark.parametrize(("lang", "words"), [("en", "begin a new one"), ("ja", "新しい訓練")])
def test_an_interrupted_drill_does_not_promise_to_go_on(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    def interrupted(*_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("sakimori.cli.drill._play", interrupted)
    done = sakimori("drill", "password", "--auto", lang=lang)
    assert done.code == 130
    assert words in done.err
    assert "same command" not in done.err
