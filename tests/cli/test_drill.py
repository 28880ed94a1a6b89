"""`sakimori drill` at the command line."""

from datetime import timedelta
from typing import Any

import pytest
from tests.cli.running import Sakimori

from sakimori.app.drill_score import Score
from sakimori.cli.drill import print_score


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


def test_a_score_says_of_which_answer_to_aws_one_is_to_ask_why(capsys: pytest.CaptureFixture[str]) -> None:
    found = Score(
        case="SKM-20261123-R01", within=timedelta(minutes=5), contained_after=timedelta(minutes=4), planted=1, found=1, missing=(),
        decoys=1, touched=(), harmful=(), replies={"en": 3_000},
    )  # fmt: skip
    print_score(found)
    said = capsys.readouterr().out
    assert "sakimori respond reply --case SKM-20261123-R01 --lang ja" in said
    assert "--lang en" not in said


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
