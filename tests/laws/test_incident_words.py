"""One thing has one word, in every Japanese text that a person reads."""

from pathlib import Path

import pytest

from sakimori import texts

ROOT = Path(texts.__file__).parents[3]
READ = [*ROOT.glob("src/sakimori/texts/catalogue/*.yaml"), *ROOT.glob("docs/**/*.ja.md")]


@pytest.mark.parametrize(
    ("other", "word"), [("漏洩", "漏えい"), ("一覧 A", "リスト A"), ("一覧A", "リスト A"), ("リストA", "リスト A")]
)
def test_a_thing_is_called_by_one_word(other: str, word: str) -> None:
    assert READ
    found = [f"{path.name}: {word}" for path in READ if other in path.read_text(encoding="utf-8")]
    assert found == []
