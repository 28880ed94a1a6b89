"""What is kept of the rules says the same as the files themselves, and is never trusted beyond that."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.rules.house import CATALOGUE, write_rule

from sakimori.lake.table import Catalogue
from sakimori.rules.kept import KeptRules
from sakimori.rules.rulebook import Rulebook, load_rulebook

LOCKED = "select h.account_id, h.region, h.arn as resource, h.name, h.locked as compliant from aws_house as h"


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sakimori.rules.rulebook.built_in_files", lambda: ())
    directory = tmp_path / "rules"
    directory.mkdir()
    write_rule(directory, LOCKED, more="parameters: {days: {seed: 90, fsbp: 45, cis-5.0: 45}, ports: [22, 80]}\n")
    return directory


def _load(cache: Path, rules: Path, catalogue: Catalogue = CATALOGUE) -> tuple[Rulebook, KeptRules]:
    kept = KeptRules(cache, catalogue)
    book = load_rulebook(catalogue, rules, kept)
    kept.save()
    return book, kept


def test_a_second_run_reads_the_same_rules_without_their_examples(tmp_path: Path, rules: Path) -> None:
    fresh = load_rulebook(CATALOGUE, rules)
    _load(tmp_path / "cache", rules)
    kept, _ = _load(tmp_path / "cache", rules)
    assert kept.rules == {name: replace(rule, examples=()) for name, rule in fresh.rules.items()}
    assert kept.queries == fresh.queries


def test_a_second_run_does_not_read_the_rule_again(
    tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _load(tmp_path / "cache", rules)
    monkeypatch.setattr("sakimori.rules.load.load_rule", lambda *_, **__: pytest.fail("it was read again"))
    assert list(_load(tmp_path / "cache", rules)[0].rules) == ["my.a-rule"]


def test_a_changed_file_is_read_anew(tmp_path: Path, rules: Path) -> None:
    _load(tmp_path / "cache", rules)
    path = rules / "a_rule.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Thieves.", "Bears."), encoding="utf-8")
    assert _load(tmp_path / "cache", rules)[0].rules["my.a-rule"].why.en == "Bears."


def test_a_changed_table_makes_everything_be_read_anew(tmp_path: Path, rules: Path) -> None:
    _load(tmp_path / "cache", rules)
    other = Catalogue.of(*(replace(table, key="arn") for table in CATALOGUE.values() if table.name == "aws_house"))
    assert KeptRules(tmp_path / "cache", other).find(rules / "a_rule.yaml", b"", is_own=False) is None
    assert len(list((tmp_path / "cache").glob("rules-*.json"))) == 1
    _load(tmp_path / "cache", rules, other)
    assert len(list((tmp_path / "cache").glob("rules-*.json"))) == 2


def test_a_rule_with_a_fault_is_told_each_time(tmp_path: Path, rules: Path) -> None:
    (rules / "b_rule.yaml").write_text("id: nothing", encoding="utf-8")
    assert _load(tmp_path / "cache", rules)[0].faults == _load(tmp_path / "cache", rules)[0].faults != ()


@pytest.mark.parametrize("damage", [b"", b"{", b'{"rules": {"x": 1}}', b"\xff\xfe", b'{"compiled": []}'])
def test_a_damaged_file_is_an_empty_one(tmp_path: Path, rules: Path, damage: bytes) -> None:
    _load(tmp_path / "cache", rules)
    (file,) = (tmp_path / "cache").glob("rules-*.json")
    file.write_bytes(damage)
    book, _ = _load(tmp_path / "cache", rules)
    assert list(book.rules) == ["my.a-rule"]


def test_a_place_that_cannot_be_written_keeps_nothing_and_says_nothing(tmp_path: Path, rules: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert list(_load(blocked / "cache", rules)[0].rules) == ["my.a-rule"]


def test_the_file_and_its_directory_are_closed_to_others(tmp_path: Path, rules: Path) -> None:
    _load(tmp_path / "cache", rules)
    (file,) = (tmp_path / "cache").glob("rules-*.json")
    assert ((tmp_path / "cache").stat().st_mode & 0o077, file.stat().st_mode & 0o077) == (0, 0)
