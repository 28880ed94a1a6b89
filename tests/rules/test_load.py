"""Rule files: every fault is found, with its line."""

from pathlib import Path

import pytest
from tests.rules.house import CATALOGUE, write_rule

from sakimori.model.errors import RuleError, UsageError
from sakimori.rules.check_file import check_file
from sakimori.rules.examples import ExampleRunner
from sakimori.rules.load import load_rule
from sakimori.rules.rulebook import load_rulebook

QUERY = "select h.account_id, h.region, h.arn as resource, h.locked as compliant from aws_house as h"


def faults(path: Path, runner: ExampleRunner) -> list[tuple[int, str]]:
    _, found = check_file(path, CATALOGUE, runner)
    return [(fault.line, fault.text) for fault in found]


def test_a_right_file_has_no_fault(tmp_path: Path, runner: ExampleRunner) -> None:
    assert faults(write_rule(tmp_path, QUERY), runner) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("severity: high", "severity: dreadful", (2, "rules.unknown_word")),
        ("severity: high", "severty: high", (2, "rules.unknown_key")),
        ("id: my.a-rule", "id: my.another-rule", (1, "rules.id_differs")),
        ("id: my.a-rule", "id: A Rule", (1, "rules.bad_id")),
        (", ja: 泥棒が入ります。", "", (4, "rules.missing_language")),
        ("judges: aws_house", "judges: aws_hose", (5, "rules.unknown_table")),
        ("h.locked as compliant", "h.lokced as compliant", (7, "rules.name_unknown")),
        ("h.locked as compliant", "h.name as compliant", (7, "rules.column_type")),
        ("h.locked as compliant", "h.locked as fine", (7, "rules.column_missing")),
        ("h.locked as compliant", "h.locked as compliant, h.name as a, h.arn as a", (7, "rules.column_twice")),
        ("{resource} is open", "{resource.__class__} is open", (8, "rules.bad_template")),
        ("{resource} is open", "{0} is open", (8, "rules.bad_template")),
        ("{resource} is open", "{nobody} is open", (8, "rules.template_column")),
        ("locked: false", "locked: true", (12, "rules.example_fails")),
        ("expect: {h: unknown}", "expect: {h: pass}", (10, "rules.examples_lack")),
        ("locked: true", "locjed: true", (11, "rules.unknown_column")),
        ("name: a,", "nome: a,", (11, "rules.example_form")),
    ],
)
def test_each_fault_has_its_line(
    tmp_path: Path, runner: ExampleRunner, old: str, new: str, expected: tuple[int, str]
) -> None:
    path = write_rule(tmp_path, QUERY)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert expected in faults(path, runner)


def test_all_faults_of_a_file_are_named_at_once(tmp_path: Path, runner: ExampleRunner) -> None:
    path = write_rule(tmp_path, QUERY.replace("aws_house as h", "aws_hose as h"))
    path.write_text(
        path.read_text().replace("severity: high", "severity: dreadful").replace("ja: 鍵をかけます。", "ja: ''")
    )
    assert {text for _, text in faults(path, runner)} == {
        "rules.unknown_word", "rules.missing_language", "rules.unknown_table",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(b"b%d: &b%d [%s]\n" % (n, n, b",".join([b"*b%d" % (n - 1) if n else b"*a"] * 10)) for n in range(9)), "yaml.too_deep"),
        (b"id: !!python/object/apply:os.system ['true']\n", "yaml.syntax"),
        (b"a: 1\na: 2\n", "yaml.duplicate_key"),
        (b"a: [1\n", "yaml.syntax"),
        (b"\xff\xfe\x00", "yaml.not_utf8"),
        (b"x" * 1_000_001, "yaml.too_large"),
        (b"[" * 5_000, "yaml.syntax"),
        (b"- just\n- a list\n", "rules.not_a_mapping"),
        (b"", "rules.not_a_mapping"),
        (b"? [a]\n: b\n", "yaml.syntax"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_a_fault_and_nothing_else(
    tmp_path: Path, runner: ExampleRunner, content: bytes, text: str
) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_bytes(content)
    assert [found for _, found in faults(path, runner)] == [text]


@pytest.mark.slow
def test_one_faulty_file_loses_no_other_rule(tmp_path: Path) -> None:
    write_rule(tmp_path, QUERY, stem="good_rule")
    (tmp_path / "bad_rule.yaml").write_text("id: 3\n")
    book = load_rulebook(CATALOGUE, tmp_path)
    assert "my.good-rule" in book.rules
    assert any(fault.file.endswith("bad_rule.yaml") for fault in book.faults)


@pytest.mark.slow
def test_the_same_id_in_two_files_is_a_fault_of_the_second(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_rule(tmp_path / name, QUERY)
    book = load_rulebook(CATALOGUE, tmp_path)
    assert [fault.text for fault in book.faults if "a_rule" in fault.file] == ["rules.id_twice"]


@pytest.mark.slow
def test_choosing_names_the_nearest_rule(tmp_path: Path) -> None:
    write_rule(tmp_path, QUERY)
    book = load_rulebook(CATALOGUE, tmp_path)
    assert [rule.id for rule in book.choose(["my.*"])] == ["my.a-rule"]
    with pytest.raises(UsageError) as caught:
        book.choose(["my.a-rul"])
    assert caught.value.values["near"] == "my.a-rule"


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    loaded = load_rule(tmp_path / "none.yaml", CATALOGUE, is_own=False)
    assert [fault.text for fault in loaded.faults] == ["yaml.unreadable"]
    with pytest.raises(RuleError):
        raise RuleError(loaded.faults[0].text, **loaded.faults[0].values)


def test_examples_written_with_unread_units_are_run(tmp_path: Path, runner: ExampleRunner) -> None:
    query = "select h.account_id, h.region, h.arn as resource, (select every(not d.is_open) from aws_door as d where d.house_arn = h.arn) as compliant from aws_house as h"
    examples = """\
  - {name: a, given: {aws_house: [{arn: h}], aws_door: []}, expect: {h: pass}}
  - {name: b, given: {aws_house: [{arn: h}], aws_door: [{id: d, house_arn: h, is_open: true}]}, expect: {h: fail}}
  - {name: c, given: {aws_house: [{arn: h}], aws_door: []}, unread: [{table: aws_door, parent: h}], expect: {h: unknown}}
"""
    assert faults(write_rule(tmp_path, query, examples=examples), runner) == []
