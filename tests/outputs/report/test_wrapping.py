import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sakimori.outputs.report.wrapping import wrap


def test_japanese_lines_do_not_begin_with_a_closing_mark() -> None:
    assert wrap("これは、長い文です。", 7) == ["これ", "は、長", "い文で", "す。"]


def test_an_opening_bracket_moves_to_the_next_line() -> None:
    assert wrap("あいう（え）", 8) == ["あいう", "（え）"]


def test_english_breaks_at_spaces_and_cuts_what_is_too_long() -> None:
    assert wrap("one two threefourfive", 8) == ["one two", "threefou", "rfive"]


def test_empty_text_is_one_empty_line() -> None:
    assert wrap("", 10) == [""]


@pytest.mark.slow
@given(st.text(st.sampled_from("ab  、。（）「漢字ー…xyz"), max_size=60), st.integers(8, 30))
def test_nothing_is_lost_and_nothing_is_wider(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)
