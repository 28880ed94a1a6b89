"""Sentences on a terminal, and into a pipe."""

import sys

import pytest
from rich.cells import cell_len

from sakimori.cli.prose import tell

LONG = "  遮断策: role/webhook-anyone の信頼ポリシー（ステートメント 1）から sts:AssumeRole を削除します。"


def test_on_a_terminal_no_line_is_wider_and_each_keeps_its_indentation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    tell(LONG)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert all(cell_len(each) <= 60 and each.startswith("  ") for each in lines)
    assert "".join(each.strip() for each in lines).replace(" ", "") == LONG.replace(" ", "")


def test_into_a_pipe_a_sentence_goes_whole(capsys: pytest.CaptureFixture[str]) -> None:
    tell(LONG)
    assert capsys.readouterr().out == LONG + "\n"
