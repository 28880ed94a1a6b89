"""What each table and column means, in Japanese; the English stands in the table's declaration."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from sakimori.texts.bounded_yaml import parse_yaml

_FILE: Final = "tables_ja.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSentences:
    """The sentence of a table and of each of its columns by name, the common ones first."""

    sentence: str
    columns: Mapping[str, str]


def japanese_of(table_name: str) -> TableSentences:
    """The Japanese of a collected table; KeyError if the texts have no such table."""
    return all_japanese()[table_name]


@cache
def all_japanese() -> Mapping[str, TableSentences]:
    """The Japanese of every table by the table's name."""
    text = (files("sakimori.texts") / "catalogue" / _FILE).read_text(encoding="utf-8")
    data = parse_yaml(text, _FILE).data
    if not isinstance(data, dict):
        raise TypeError(_FILE)
    common = data["common_columns"]
    return {
        name: TableSentences(sentence=table["sentence"], columns={**common, **table["columns"]})
        for name, table in data["tables"].items()
    }
