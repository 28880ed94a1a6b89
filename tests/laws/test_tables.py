"""Laws over all tables: each speaks both languages, can be permitted, and stands where its name says.

What its calls and its English must be stands in `tests/collect/test_every_declaration.py`.
"""

import re
from importlib import import_module
from pkgutil import iter_modules, walk_packages

import pytest

import sakimori.collect
from sakimori.analysis.catalogue import catalogue
from sakimori.app.known_tables import kinds_of
from sakimori.aws.actions import action_of
from sakimori.collect.catalogue import declarations
from sakimori.collect.declaration import Declaration
from sakimori.ingest.catalogue import log_tables
from sakimori.lake.table import Table, Type
from sakimori.texts.table_sentences import all_japanese, japanese_of

DECLARATIONS = tuple(declarations().values())
LOGS = tuple(log_tables().values())
every_collected = pytest.mark.parametrize("declaration", DECLARATIONS, ids=lambda each: each.table.name)
every_log = pytest.mark.parametrize("table", LOGS, ids=lambda each: each.name)
every_table = pytest.mark.parametrize("table", [*catalogue().values(), *LOGS], ids=lambda each: each.name)

# Rows that speak of the account itself, or of resources of any service, have no service in their names.
_OF_NO_SERVICE = {"account", "tagging"}

_KANA_OR_KANJI = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_WORD_OF_CODE = re.compile(r"[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+", re.ASCII)
_NARROW_PUNCTUATION = re.compile(
    r"[\u3040-\u30ff\u4e00-\u9fff][,.;:!?()](\s|\Z)|[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]"
)


def modules() -> dict[str, Declaration]:
    """The declared table of each file under `collect/<service>/`, by `<service>.<file>`."""
    prefix = f"{sakimori.collect.__name__}."
    names = [found.name for found in walk_packages(sakimori.collect.__path__, prefix) if not found.ispkg]
    loaded = {name.removeprefix(prefix): import_module(name) for name in names}
    return {name: module.TABLE for name, module in loaded.items() if hasattr(module, "TABLE")}


def test_every_table_has_japanese_and_no_japanese_is_left_over() -> None:
    assert len(DECLARATIONS) >= 38
    assert set(all_japanese()) == set(catalogue()) | set(log_tables())


@every_table
def test_every_column_has_japanese_in_the_order_of_the_table(table: Table) -> None:
    assert list(japanese_of(table.name).columns) == [column.name for column in table.columns]


@every_log
def test_a_log_has_a_key_a_time_and_identities_among_its_columns(table: Table) -> None:
    columns = {column.name: column for column in table.columns}
    assert {table.key, table.time, *table.identity, *table.distinct} <= set(columns)
    assert columns[table.time].type is Type.TIMESTAMP
    assert len(columns) == len(table.columns)
    assert table.producer == "ingest"


@every_log
def test_the_english_of_a_log_is_a_short_sentence(table: Table) -> None:
    for sentence in (table.sentence, *(column.sentence for column in table.own_columns)):
        assert sentence.endswith("."), sentence
        assert len(sentence) <= 160, sentence
        assert not _KANA_OR_KANJI.search(sentence), sentence


def test_every_log_is_filled_by_a_source() -> None:
    assert all(kinds_of(name) for name in log_tables())
    assert not set(log_tables()) & set(declarations())


@every_table
def test_the_japanese_is_a_short_japanese_sentence(table: Table) -> None:
    japanese = japanese_of(table.name)
    for name, sentence in {"": japanese.sentence, **japanese.columns}.items():
        assert isinstance(sentence, str), name
        assert sentence.endswith("。"), (name, sentence)
        assert _KANA_OR_KANJI.search(sentence), (name, sentence)
        assert not _NARROW_PUNCTUATION.search(sentence), (name, sentence)
        assert len(sentence) <= 100, (name, sentence)


@every_table
def test_both_languages_tell_the_same_values(table: Table) -> None:
    japanese = japanese_of(table.name).columns
    for column in table.own_columns:
        if column.type is Type.BOOLEAN:
            assert "かどうか" in japanese[column.name], column.name
        for value in ("NULL", "''", "JSON"):
            assert (value in column.sentence) == (value in japanese[column.name]), (column.name, value)
        assert set(_WORD_OF_CODE.findall(column.sentence)) <= set(_WORD_OF_CODE.findall(japanese[column.name]))


@every_collected
def test_every_table_can_be_permitted(declaration: Declaration) -> None:
    actions = {action_of(operation) for operation in declaration.operations}
    assert actions
    assert all(re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9]+", action) for action in actions), actions


def test_every_table_stands_in_the_file_of_its_name() -> None:
    found = modules()
    for place, declaration in found.items():
        service, _, thing = place.partition(".")
        prefix = "aws" if service in _OF_NO_SERVICE and f"aws_{thing}" == declaration.table.name else f"aws_{service}"
        expected = f"{prefix.rstrip('_')}_{thing}"
        assert declaration.table.name == expected, place


def test_one_file_declares_one_table_and_no_two_files_the_same() -> None:
    found = modules()
    assert len({declaration.table.name for declaration in found.values()}) == len(found) == len(DECLARATIONS)
    for place in found:
        module = import_module(f"{sakimori.collect.__name__}.{place}")
        declared = {name for name, value in vars(module).items() if isinstance(value, Declaration)}
        assert declared == {"TABLE"}, place


def test_every_package_of_declarations_holds_one() -> None:
    services = {place.partition(".")[0] for place in modules()}
    packages = {found.name for found in iter_modules(sakimori.collect.__path__) if found.ispkg}
    # Places where secrets lie are declared beside tables, and read only when they are searched.
    assert services == packages - {"secret_places"}
