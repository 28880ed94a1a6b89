"""A coverage map tells every fault with its line, and counts what rules really find."""

from pathlib import Path

import pytest
import yaml

from sakimori.rules.detections.coverage import Standing, load_coverage_map
from sakimori.rules.detections.load import load_only
from sakimori.rules.detections.rule import Detections

HEAD = """\
id: mine
title: {en: Mine, ja: 一覧}
version: "1"
source: https://example.com/list
groups:
  first: {en: First, ja: 一}
  second: {en: Second, ja: 二}
reasons:
  agent: {en: It needs an agent., ja: エージェントが必要です。}
lists:
  addresses: {en: a list, ja: リスト}
"""


@pytest.fixture
def detections(tmp_path: Path) -> Detections:
    """A rule with a tag, and one that only correlations use."""
    paths = []
    for name, more in (("key-made", {}), ("part-of-it", {"alone": False})):
        path = tmp_path / f"{name}.yml"
        rule = {
            "title": name, "name": name, "tags": ["attack.persistence", "attack.t1098.001"],
            "logsource": {"product": "aws", "service": "cloudtrail"},
            "detection": {"selection": {"eventName": "CreateAccessKey"}, "condition": "selection"}, "sakimori": more,
        }  # fmt: skip
        path.write_text(yaml.safe_dump(rule), encoding="utf-8")
        paths.append(path)
    loaded = load_only(paths, is_own=False)
    assert loaded.faults == ()
    return loaded.detections


def _faults(tmp_path: Path, detections: Detections, text: str) -> list[tuple[int, str]]:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    _, faults = load_coverage_map(path, detections)
    return [(fault.line, fault.text) for fault in faults]


def test_an_entry_stands_as_its_answer_says(tmp_path: Path, detections: Detections) -> None:
    path = tmp_path / "mine.yaml"
    entries = """\
entries:
  a: {in: [first], rules: [key-made]}
  b: {in: [first, second], rules: [key-made], list: addresses}
  c: {in: [second], import: agent}
  d: {in: [second], not_covered: agent}
"""
    path.write_text(HEAD + entries, encoding="utf-8")
    found, faults = load_coverage_map(path, detections)
    assert faults == ()
    assert found is not None
    assert [each.standing for each in found.entries] == list(Standing)
    assert list(found.counts("second").values()) == [0, 1, 1, 1]
    assert sum(found.counts().values()) == 4


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("{in: [first]}", "coverage.one_answer"),
        ("{in: [first], rules: [key-made], import: agent}", "coverage.one_answer"),
        ("{in: [first], rules: [key-mde]}", "detect.no_such_rule"),
        ("{in: [third], import: agent}", "coverage.no_such_name"),
        ("{in: [first], import: agnt}", "coverage.no_such_name"),
        ("{in: [first], rules: [key-made], list: names}", "coverage.no_such_name"),
        ("{in: first, import: agent}", "rules.not_a_list"),
        ("{import: agent}", "rules.missing_key"),
        ("{in: [first], imports: agent}", "rules.unknown_key"),
        ("covered", "rules.missing_key"),
    ],
)
def test_a_wrong_entry_is_told_with_its_line(tmp_path: Path, detections: Detections, entry: str, fault: str) -> None:
    line = HEAD.count("\n") + 3
    told = _faults(tmp_path, detections, f"{HEAD}entries:\n  a: {{in: [first], import: agent}}\n  b: {entry}\n")
    assert told == [(line, fault)]


def test_an_entry_that_comes_twice_is_refused(tmp_path: Path, detections: Detections) -> None:
    entries = "entries:\n  a: {in: [first], import: agent}\n  a: {in: [second], import: agent}\n"
    assert [text for _, text in _faults(tmp_path, detections, HEAD + entries)] == ["yaml.duplicate_key"]


def test_a_technique_is_covered_by_the_tags_of_rules_and_those_of_its_sub_techniques(
    tmp_path: Path, detections: Detections
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"{HEAD}from_tags: true\nentries:\n  T1098: {{in: [first]}}\n  T1098.001: {{in: [first]}}\n", encoding="utf-8"
    )
    found, faults = load_coverage_map(path, detections)
    assert faults == ()
    assert found is not None
    assert [each.rules for each in found.entries] == [("key-made",), ("key-made",)]


def test_a_reason_beside_a_rule_and_neither_of_both_are_faults(tmp_path: Path, detections: Detections) -> None:
    entries = "from_tags: true\nentries:\n  T1098.001: {in: [first], not_covered: agent}\n  T1110: {in: [first]}\n"
    told = _faults(tmp_path, detections, HEAD + entries)
    assert [text for _, text in told] == ["coverage.stale_reason", "coverage.no_rule"]


@pytest.mark.parametrize("text", ["", "- a", "a: 1", HEAD, f"{HEAD}entries: 1\n", f"{HEAD}groups: 1\n", "\x00"])
def test_what_is_no_map_is_a_fault_and_no_crash(tmp_path: Path, detections: Detections, text: str) -> None:
    assert _faults(tmp_path, detections, text)
