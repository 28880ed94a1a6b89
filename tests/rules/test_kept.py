"""What is kept of the rules says the same as the files themselves, and is never trusted beyond that."""

import os
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


@pytest.mark.parametrize(
    "damage", [b"", b"{", b'{"rules": {"x": 1}}', b"\xff\xfe", b'{"compiled": []}', b'{"x": ' + b"[" * 200_000]
)
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


def _poison(cache: Path) -> Path:
    """Make the kept rule another one than stands in its file."""
    (file,) = cache.glob("rules-*.json")
    file.write_bytes(file.read_bytes().replace(b"Thieves.", b"Poison!!"))
    return file


def test_what_others_may_have_written_is_not_believed(tmp_path: Path, rules: Path) -> None:
    _load(tmp_path / "cache", rules)
    file = _poison(tmp_path / "cache")
    assert _load(tmp_path / "cache", rules)[0].rules["my.a-rule"].why.en == "Poison!!"
    for mode in (0o620, 0o602, 0o666):
        file.chmod(mode)
        assert KeptRules(tmp_path / "cache", CATALOGUE).compiled == {}
        assert (
            load_rulebook(CATALOGUE, rules, KeptRules(tmp_path / "cache", CATALOGUE)).rules["my.a-rule"].why.en
            == "Thieves."
        )


def test_what_another_user_has_put_there_is_not_believed(
    tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _load(tmp_path / "cache", rules)
    file = _poison(tmp_path / "cache")
    owner = file.stat().st_uid or 1
    if owner == 1:
        os.chown(file, 1, -1)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert (
        load_rulebook(CATALOGUE, rules, KeptRules(tmp_path / "cache", CATALOGUE)).rules["my.a-rule"].why.en
        == "Thieves."
    )


def test_nobody_waits_for_a_pipe_in_the_place_of_the_file(tmp_path: Path, rules: Path) -> None:
    _load(tmp_path / "cache", rules)
    (file,) = (tmp_path / "cache").glob("rules-*.json")
    file.unlink()
    os.mkfifo(file)
    assert list(_load(tmp_path / "cache", rules)[0].rules) == ["my.a-rule"]


def test_a_directory_whose_name_has_no_utf_8_is_read_and_not_kept(tmp_path: Path, rules: Path) -> None:
    other = tmp_path / os.fsdecode(b"rules\xff")
    rules.rename(other)
    assert list(_load(tmp_path / "cache", other)[0].rules) == ["my.a-rule"]
    assert list(tmp_path.glob("cache/.*")) == []


FRAMEWORK = """\
id: f
title: {en: A framework, ja: フレームワーク}
version: "1"
published_on: 2026-01-01
source: https://example.com/f
requirements: [{id: a, rules: [my.a-rule]}]
"""


@pytest.fixture
def framework(rules: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The one framework, beside questions that ask nothing."""
    (rules / "frameworks").mkdir()
    path = rules / "frameworks" / "f.yaml"
    path.write_text(FRAMEWORK, encoding="utf-8")
    (tmp_path / "attestations.yaml").write_text("{}", encoding="utf-8")

    def found(own_directory: Path | None) -> tuple[Path, ...]:
        return tmp_path / "attestations.yaml", *sorted((own_directory or rules).glob("frameworks/*.yaml"))

    monkeypatch.setattr("sakimori.rules.kept.framework_files", found)
    monkeypatch.setattr("sakimori.rules.frameworks.framework_files", found)
    return path


def test_a_kept_framework_is_no_longer_one_once_its_file_has_another_name(
    tmp_path: Path, rules: Path, framework: Path
) -> None:
    book, kept = _load(tmp_path / "cache", rules)
    assert kept.frameworks(book, rules).faults == ()
    kept.save()
    framework.rename(framework.with_name("g.yaml"))
    book, kept = _load(tmp_path / "cache", rules)
    assert [fault.text for fault in kept.frameworks(book, rules).faults] == ["rules.framework_id"]


def test_a_requirement_takes_the_new_words_of_its_rule(tmp_path: Path, rules: Path, framework: Path) -> None:
    book, kept = _load(tmp_path / "cache", rules)
    before = kept.frameworks(book, rules).by_id["f"].requirements[0].title.en
    kept.save()
    path = rules / "a_rule.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(before, "New words"), encoding="utf-8")
    book, kept = _load(tmp_path / "cache", rules)
    assert kept.frameworks(book, rules).by_id["f"].requirements[0].title.en == "New words"
    assert framework.exists()


def test_a_disk_that_is_full_is_not_filled_with_halves(
    tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert list(_load(tmp_path / "cache", rules)[0].rules) == ["my.a-rule"]
    assert list((tmp_path / "cache").iterdir()) == []
