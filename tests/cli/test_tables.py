import json
import sys
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from sakimori.analysis.catalogue import catalogue
from sakimori.cli.main import command
from sakimori.texts.language import LANGUAGES
from sakimori.texts.table_sentences import japanese_of

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The output of `sakimori tables …` on a terminal of `width` cells."""

    def output(*arguments: str, width: int = 200) -> str:
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setattr(sys, "argv", ["sakimori", "tables", *arguments])
        result = CliRunner().invoke(command, ["tables", *arguments], catch_exceptions=False)
        assert result.exit_code == 0
        return result.output

    return output


def test_the_list_shows_every_table_with_its_sentence_in_the_language_asked_for(run: Run) -> None:
    english, japanese = run("--lang", "en"), run("--lang", "ja")
    assert len(catalogue()) > 30
    for name, table in catalogue().items():
        assert name in english
        assert table.sentence in english
        assert japanese_of(name).sentence in japanese


def test_one_table_shows_every_column_in_japanese(run: Run) -> None:
    shown = run("aws_lambda_policy_statement", "--lang", "ja")
    for column, sentence in japanese_of("aws_lambda_policy_statement").columns.items():
        assert column in shown
        assert sentence in shown, "square brackets and braces are shown, not obeyed"
    assert "キー: id" in shown
    assert "lambda:GetPolicy" in shown
    assert "有効なリージョンごとに 1 回" in shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [60, 80])
def test_a_narrow_terminal_breaks_sentences_and_loses_nothing(run: Run, language: str, width: int) -> None:
    wide = run("aws_s3_bucket", "--lang", language, width=400)
    narrow = run("aws_s3_bucket", "--lang", language, width=width)
    assert "".join(wide.split()) == "".join(narrow.split())
    assert "…" not in narrow
    assert max(cell_len(line) for line in narrow.splitlines()) <= width


@pytest.mark.slow
def test_no_line_of_a_narrow_terminal_begins_with_a_closing_mark(run: Run) -> None:
    for name in catalogue():
        for line in run(name, "--lang", "ja", width=72).splitlines():
            assert line.strip()[:1] not in {*"。、）」"}, (name, line)


def test_json_is_the_same_in_every_language_and_holds_both(run: Run) -> None:
    answers = [run("aws_s3_bucket", "--format", "json", "--lang", language) for language in LANGUAGES]
    assert answers[0] == answers[1]
    [table] = json.loads(answers[0])["tables"]
    assert table["sentence"] == {
        "en": catalogue()["aws_s3_bucket"].sentence,
        "ja": japanese_of("aws_s3_bucket").sentence,
    }
    assert all(set(column["sentence"]) == {"en", "ja"} for column in table["columns"])
