"""A long asking of the event history says how far it is."""

from datetime import timedelta

import pytest

from sakimori.analysis.incident.event_history import Asking
from sakimori.cli.asking_line import AskingLine


def test_a_line_now_and_then_says_what_is_asked_what_is_left_and_for_how_long(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [100.0]
    line = AskingLine(lambda: now[0])
    line(Asking(asked=1, left=3_999, left_for=timedelta(seconds=1_000)))
    now[0] += 3
    line(Asking(asked=7, left=3_993, left_for=timedelta(seconds=997)))
    now[0] += 8
    line(Asking(asked=23, left=3_977, left_for=timedelta(seconds=989)))
    told = capsys.readouterr()
    assert not told.out
    first, second = told.err.splitlines()
    assert ("1 questions asked" in first, "3999 to go" in first, "16:40" in first) == (True, True, True)
    assert "23 questions" in second


def test_what_is_over_in_a_moment_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    AskingLine(lambda: 100.0)(Asking(asked=1, left=4, left_for=timedelta(seconds=2)))
    assert not capsys.readouterr().err
