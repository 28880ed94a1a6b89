import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.model.verdict import Text
from sakimori.outputs.report.html_markup import joined, lines, markup, steps, value


@pytest.mark.slow
@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_escaped_in_both_languages(en: str, ja: str) -> None:
    for made in (markup(Text(en, ja)), steps(Text(en, ja)), joined([Text(en, ja)])):
        bare = made.replace('<span lang="en">', "").replace('<span lang="ja">', "").replace("</span>", "")
        bare = bare.replace("<code>", "").replace("</code>", "")
        assert not set(bare) & set("<>\"'")


def test_what_stands_between_backticks_in_steps_is_code() -> None:
    assert steps(Text("Run `a <b>`\n`c", "")) == (
        '<span lang="en">Run <code>a &lt;b&gt;</code>\n`c</span><span lang="ja"></span>'
    )


def test_what_is_the_same_in_both_languages_stands_once() -> None:
    assert markup(Text("aws", "aws")) == "aws"
    assert markup(Text("yes", "はい")) == '<span lang="en">yes</span><span lang="ja">はい</span>'


def test_lines_stay_apart_and_indented_and_lose_their_control_characters() -> None:
    assert lines("a {\n  b\x1b[2J\r\n}\n") == "a {\n  b\ufffd[2J\ufffd\n}"
    assert lines("x\n" * 1000).count("\n") < 200
    assert len(lines("x" * 100_000)) <= 4000


def test_a_value_is_written_as_each_language_does() -> None:
    assert value(None) == '<span lang="en">unknown</span><span lang="ja">不明</span>'
