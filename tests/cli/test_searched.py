"""What was looked through is told in lines that fit a terminal, and whole to whoever reads on."""

import pytest

from sakimori.app.searched import Searched
from sakimori.cli.searched import print_searched
from sakimori.texts.language import Language

WORDS = " ".join(["Searched", *(f"word{number}" for number in range(30))])


class Told(Searched):
    """One long sentence."""

    def said(self, language: Language) -> tuple[str, ...]:  # noqa: ARG002 - as it is called
        return (WORDS,)


@pytest.mark.parametrize(("variable", "fits"), [("FORCE_COLOR", True), ("NO_COLOR", False)])
def test_lines_are_wrapped_between_words_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, fits: bool
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv(variable, "1")
    print_searched(Told(logs=()), "en")
    lines = capsys.readouterr().out.splitlines()
    assert (max(map(len, lines)) <= 40) is fits
    assert " ".join(line.strip() for line in lines) == WORDS
