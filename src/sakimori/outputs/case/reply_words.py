"""What people add to a reply though nobody asked (`rulebook/incident/reply_words.yaml`)."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Final, cast

from sakimori.model.verdict import Text
from sakimori.texts.bounded_yaml import read_yaml
from sakimori.texts.language import Language

MOST_SENTENCE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Volunteered:
    """One kind, and how it is told in each language."""

    id: str
    title: Text
    en: re.Pattern[str]
    ja: re.Pattern[str]

    def found_in(self, sentence: str, language: Language) -> str:
        """The words that tell it, "" where none do."""
        found = (self.ja if language == "ja" else self.en).search(sentence[:MOST_SENTENCE])
        return found[0] if found else ""


@cache
def volunteered_words() -> tuple[Volunteered, ...]:
    """Every kind, in the order of the file."""
    with as_file(files("sakimori") / "rulebook" / "incident" / "reply_words.yaml") as path:
        entries = cast("list[dict[str, Any]]", read_yaml(path).data)
    return tuple(
        Volunteered(
            id=each["id"], title=Text(en=each["title"]["en"], ja=each["title"]["ja"]),
            en=re.compile(each["en"], re.IGNORECASE), ja=re.compile(each["ja"], re.IGNORECASE),
        )
        for each in entries
    )  # fmt: skip
