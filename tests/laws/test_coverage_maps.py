"""Laws over the coverage maps: nothing of the lists is left out, everything has an answer, and the answers are true."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from sakimori.rules.detections.coverage import CoverageMap, Entry, Standing, coverage_files, load_coverage
from sakimori.rules.detections.load import LoadedDetections, load_detections
from sakimori.rules.detections.risk import NAME as RISK

TYPES = (Path(__file__).parent / "guardduty_types.txt").read_text(encoding="utf-8").split()
TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
NAMES = ["attack", "guardduty"]
every_map = pytest.mark.parametrize("name", NAMES)


@cache
def loaded() -> LoadedDetections:
    return load_detections()


@cache
def maps() -> dict[str, CoverageMap]:
    found = load_coverage(loaded().detections)
    assert found.faults == ()
    return dict(found.maps)


def everything() -> list[tuple[CoverageMap, Entry]]:
    return [(each, entry) for each in maps().values() for entry in each.entries]


def test_all_maps_hold_and_there_are_two() -> None:
    assert list(maps()) == NAMES == [path.stem for path in coverage_files()]


@every_map
def test_every_entry_stands_once(name: str) -> None:
    """The reader of YAML refuses a key that comes twice; an entry may not be beyond the list and in it either."""
    assert [each for each, count in Counter(entry.id for entry in maps()[name].entries).items() if count > 1] == []


def test_every_finding_type_of_guardduty_is_answered_and_no_other() -> None:
    assert len(TYPES) == len(set(TYPES)) == 233
    assert [entry.id for entry in maps()["guardduty"].entries] == TYPES


def test_every_rule_that_is_named_exists_and_finds_something_by_itself() -> None:
    known = {**loaded().detections.rules, **loaded().detections.correlations}
    for _, entry in everything():
        for rule in entry.rules:
            assert rule == RISK or known[rule].head.is_alone, (entry.id, rule)


def test_what_no_rule_finds_says_why_in_both_languages() -> None:
    for _, entry in everything():
        assert bool(entry.rules) != bool(entry.reason), entry.id
        if entry.reason:
            assert JAPANESE.search(entry.reason.ja), entry.id
            assert not JAPANESE.search(entry.reason.en), entry.id


def test_a_list_that_a_rule_needs_is_named_and_explained() -> None:
    for found, entry in everything():
        assert (entry.standing is Standing.WITH_LIST) == bool(entry.listed), entry.id
        assert not entry.listed or entry.listed in found.lists, entry.id


def _needs_a_list(name: str) -> bool:
    rule = loaded().detections.rules.get(name)
    if rule is None:
        return False
    text = rule.head.path.read_text(encoding="utf-8")
    return "fact.source_listed" in text or bool(rule.first_seen and rule.first_seen.dimension in {"country", "asn"})


def test_rules_that_see_nothing_without_a_list_are_not_told_as_if_they_did() -> None:
    for entry in maps()["guardduty"].entries:
        if entry.rules and all(map(_needs_a_list, entry.rules)):
            assert entry.standing is Standing.WITH_LIST, entry.id


def test_every_technique_has_the_form_of_one_a_name_and_tactics() -> None:
    found = maps()["attack"]
    for entry in found.entries:
        assert TECHNIQUE.fullmatch(entry.id), entry.id
        assert entry.name, entry.id
        assert entry.groups, entry.id
        assert set(entry.groups) <= set(found.groups), entry.id
    assert "The MITRE Corporation" in (found.notice.en if found.notice else "")


def test_the_tags_of_a_rule_and_the_map_agree() -> None:
    by_id = {entry.id: entry for entry in maps()["attack"].entries}
    both = (*loaded().detections.rules.values(), *loaded().detections.correlations.values())
    alone = [each for each in both if each.head.is_alone and each.head.is_own]
    assert len(alone) >= 120
    for each in alone:
        if each.head.respond == "nothing-to-do":
            continue  # it tells of no attack
        assert each.head.techniques, f"{each.name} has no technique among its tags"
        assert set(each.head.tactics) <= set(maps()["attack"].groups), each.name
        for technique in each.head.techniques:
            assert each.name in by_id[technique].rules, (each.name, technique)


def test_a_technique_has_only_rules_with_its_tag_or_that_of_a_sub_technique() -> None:
    known = {**loaded().detections.rules, **loaded().detections.correlations}
    for entry in maps()["attack"].entries:
        for rule in entry.rules:
            techniques = known[rule].head.techniques
            assert any(each == entry.id or each.startswith(f"{entry.id}.") for each in techniques), (entry.id, rule)


def test_the_techniques_are_all_of_the_platform_in_order() -> None:
    """ATT&CK Enterprise 18.1 has 104 techniques and sub-techniques with the platform IaaS."""
    ids = [entry.id for entry in maps()["attack"].within()]
    assert ids == sorted(ids)
    assert len(ids) == 104


@every_map
def test_the_counts_of_the_groups_are_those_of_the_entries(name: str) -> None:
    found = maps()[name]
    assert sum(found.counts().values()) == len(found.within())
    for group in found.groups:
        assert sum(found.counts(group).values()) == sum(group in entry.groups for entry in found.within())
