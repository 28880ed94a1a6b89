"""What each table and column means, in Japanese; the English stands in the table's declaration."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

from sakimori.texts.bounded_yaml import parse_yaml

_DIRECTORY: Final = "tables_ja"
_COMMON: Final = "common.yaml"


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
    found = {
        file.name: _mapping(file.read_text(encoding="utf-8"), file.name)
        for file in (files("sakimori.texts") / "catalogue" / _DIRECTORY).iterdir()
        if file.name.endswith(".yaml")
    }
    common = found.pop(_COMMON)
    return {
        name: TableSentences(sentence=table["sentence"], columns={**common, **table["columns"]})
        for _, tables in sorted(found.items())
        for name, table in tables.items()
    }


def _mapping(text: str, name: str) -> Mapping[str, Any]:
    data = parse_yaml(text, name).data
    if not isinstance(data, dict):
        raise TypeError(name)
    return cast("dict[str, Any]", data)
