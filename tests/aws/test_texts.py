import re
from pathlib import Path

import pytest

import sakimori.aws
from sakimori.texts.sentences import say, text
from sakimori.texts.template import placeholders

SOURCES = [path.read_text(encoding="utf-8") for path in Path(next(iter(sakimori.aws.__path__))).glob("*.py")]
IDS = sorted({found for source in SOURCES for found in re.findall(r'"(aws\.[a-z_]+)"', source)})


def test_sources_were_found() -> None:
    assert len(IDS) > 15


@pytest.mark.parametrize("identifier", IDS)
def test_every_error_is_said_in_both_languages_and_names_a_command(identifier: str) -> None:
    both = text(identifier)
    assert placeholders(both.en) == placeholders(both.ja)
    for language in ("en", "ja"):
        assert re.search(r"`(aws|timedatectl|openssl) [^`]+`", say(identifier, language))
    assert re.search(r"[ぁ-ん]", both.ja)
