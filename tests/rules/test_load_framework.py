"""Frameworks: every fault has its line, and nothing goes unanswered in silence."""

from datetime import date
from pathlib import Path

import pytest
from tests.rules.house import CATALOGUE, write_rule

from sakimori.model.errors import UsageError
from sakimori.model.framework import Served
from sakimori.rules.framework import Framework
from sakimori.rules.frameworks import Frameworks
from sakimori.rules.load import load_rule
from sakimori.rules.load_framework import Ground, load_framework, load_questions
from sakimori.rules.rule import Fault, Rule

LOCKED = "select h.account_id, h.region, h.arn as resource, h.locked as compliant from aws_house as h"
HEAD = """\
id: f
title: {en: A framework, ja: フレームワーク}
version: "1"
published_on: 2026-01-01
source: https://example.com/f
"""


@pytest.fixture
def rule(tmp_path: Path) -> Rule:
    path = write_rule(tmp_path, LOCKED, more="parameters: {days: {seed: 90, fsbp: 60, cis-5.0: 45}}\n")
    found = load_rule(path, CATALOGUE, is_own=False).rule
    assert found
    return found


def _load(tmp_path: Path, rule: Rule, body: str, head: str = HEAD) -> tuple[Framework | None, tuple[Fault, ...]]:
    path = tmp_path / "f.yaml"
    path.write_text(head + body, encoding="utf-8")
    return load_framework(path, Ground(rules={rule.id: rule}, questions=frozenset({"safe"})))


def _told(found: tuple[Framework | None, tuple[Fault, ...]]) -> list[tuple[int, str]]:
    framework, faults = found
    assert framework is None
    return [(fault.line, fault.text.removeprefix("rules.")) for fault in faults]


def test_a_requirement_pins_what_it_names_and_takes_the_rest_from_the_profile(tmp_path: Path, rule: Rule) -> None:
    body = "thresholds: cis-5.0\nrequirements:\n  - {id: a, rules: [my.a-rule]}\n  - {id: b, rules: [{rule: my.a-rule, with: {days: 7}}]}\n"
    framework, faults = _load(tmp_path, rule, body)
    assert faults == ()
    assert framework
    assert [use.parameters for use in framework.uses()] == [{"days": 45}, {"days": 7}]
    assert framework.published_on == date(2026, 1, 1)


def test_a_requirement_without_words_takes_those_of_its_one_rule(tmp_path: Path, rule: Rule) -> None:
    framework, _ = _load(tmp_path, rule, "requirements:\n  - {id: a, rules: [my.a-rule]}\n  - {id: b, attest: safe}\n")
    assert framework
    assert [requirement.title.en for requirement in framework.requirements] == ["The house is locked", "b"]


def test_what_answers_a_requirement_is_counted(tmp_path: Path, rule: Rule) -> None:
    body = """\
requirements:
  - {id: a, rules: [my.a-rule]}
  - {id: b, rules: [my.a-rule], attest: safe}
  - {id: c, attest: safe}
  - {id: d, not_assessable: {en: No API., ja: API がありません。}}
not_covered: {reason: {en: No rule yet., ja: まだルールがありません。}, ids: [e, f]}
"""
    framework, faults = _load(tmp_path, rule, body)
    assert not faults
    assert framework
    assert {served: framework.count(served) for served in Served} == {
        Served.RULES: 1, Served.RULES_AND_ATTESTATION: 1, Served.ATTESTATION: 1, Served.NOTHING: 3,
    }  # fmt: skip
    assert framework.coverage == 0.5


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("requirements:\n  - {id: a}\n", [(7, "requirement_unanswered")]),
        ("requirements:\n  - {id: a, rules: [my.rule]}\n", [(7, "no_such_rule"), (7, "requirement_unanswered")]),
        ("requirements:\n  - {id: a, attest: unsafe}\n", [(7, "no_such_question")]),
        ("requirements:\n  - {id: a, attest: safe}\n  - {id: a, attest: safe}\n", [(8, "requirement_twice")]),
        ("requirements:\n  - {id: a, rules: [{rule: my.a-rule, with: {hours: 1}}]}\n", [(7, "unknown_parameter")]),
        ("requirements:\n  - {id: a, attest: safe, section: x}\n", [(7, "no_such_section")]),
        ("requirements:\n  - {id: a, attest: safe, levle: 1}\n", [(7, "unknown_key")]),
        ("requirements:\n  - {id: a, not_assessable: {en: No.}}\n", [(7, "missing_language")]),
        ("requirements: []\n", [(6, "not_a_list")]),
        ("requirements: {a: 1}\n", [(6, "not_a_list")]),
        ("requirements:\n  - {id: a, attest: safe}\nconditions:\n  - {title: {en: x, ja: x}, at_least: 2, of: [a]}\n",
         [(9, "bad_at_least")]),
        ("requirements:\n  - {id: a, attest: safe}\nconditions:\n  - {title: {en: x, ja: x}, at_least: 1, of: [b]}\n",
         [(9, "no_such_requirement")]),
        ("requirements:\n  - {id: a, attest: safe}\nthresholds: none\n", [(8, "unknown_word")]),
        ("requirements:\n  - {id: a, attest: safe}\nsections: [x]\n", [(8, "not_a_table")]),
        ("requirements:\n  - {id: a, attest: safe}\nconditions: {a: 1}\n", [(8, "not_a_list")]),
        ("requirements:\n  - {id: a, attest: safe, level: high}\n", [(7, "bad_level")]),
        ('requirements:\n  - {id: "a\\e[31m", attest: safe}\n', [(7, "bad_name")]),
        ("requirements:\n  - {id: {b: c}, attest: safe}\n", [(7, "bad_name")]),
        ("requirements:\n  - {id: a, attest: safe}\nnot_covered: {reason: {en: x, ja: x}, ids: 5}\n", [(8, "not_a_list")]),
        ("requirements:\n  - {id: a, attest: safe}\nconditions:\n  - {title: {en: x, ja: x}, at_least: 2, of: [a, a]}\n",
         [(9, "requirement_twice")]),
        *(
            (f"requirements:\n  - {{id: a, rules: [{{rule: my.a-rule, with: {{days: {value}}}}}]}}\n", [(7, "pinned_value")])
            for value in ("2026-01-01", "null", ".nan", ".inf", "{a: 1}", "[1]", "text", "true", "1" + "0" * 30)
        ),
        ("requirements:\n  - {id: a, rules: [{rule: my.a-rule, with: [7]}]}\n", [(7, "not_a_table")]),
    ],
)  # fmt: skip
def test_every_fault_names_its_line(tmp_path: Path, rule: Rule, body: str, told: list[tuple[int, str]]) -> None:
    assert _told(_load(tmp_path, rule, body)) == told


def test_the_head_is_checked_too(tmp_path: Path, rule: Rule) -> None:
    head = HEAD.replace("id: f", "id: g").replace("2026-01-01", "spring").replace("https://", "http://")
    head = head.replace('"1"', r'"\e[2J"')
    told = [text for _, text in _told(_load(tmp_path, rule, "requirements:\n  - {id: a, attest: safe}\n", head))]
    assert told == ["framework_id", "bad_name", "bad_date", "reference_not_https"]


def test_a_time_is_no_day(tmp_path: Path, rule: Rule) -> None:
    head = HEAD.replace("2026-01-01", "2026-01-01T10:00:00Z")
    told = [text for _, text in _told(_load(tmp_path, rule, "requirements:\n  - {id: a, attest: safe}\n", head))]
    assert told == ["bad_date"]


@pytest.mark.parametrize("body", ["- a\n", "{", "&a [*a]", "a: !!python/object:os.system x"])
def test_a_file_of_another_form_is_a_fault_and_no_crash(tmp_path: Path, rule: Rule, body: str) -> None:
    framework, faults = _load(tmp_path, rule, body, head="")
    assert framework is None
    assert faults


def test_questions_know_for_how_long_an_answer_holds(tmp_path: Path, rule: Rule) -> None:
    path = tmp_path / "q.yaml"
    texts = "text: {en: Safe?, ja: 安全ですか？}, how: {en: Look., ja: 見ます。}"
    path.write_text(
        f"good: {{{texts}, valid_days: 90, verified_by: [my.a-rule]}}\n"
        f"bad: {{{texts}, valid_days: 0}}\nworse: {{{texts}, valid_days: 9, verified_by: [nope]}}\n",
        encoding="utf-8",
    )
    questions, faults = load_questions(path, {rule.id: rule})
    assert (questions["good"].valid_days, questions["good"].verified_by) == (90, ("my.a-rule",))
    assert [fault.text for fault in faults] == ["rules.bad_days", "rules.no_such_rule"]


def test_an_unknown_name_is_told_with_the_nearest_one(tmp_path: Path, rule: Rule) -> None:
    framework, _ = _load(tmp_path, rule, "requirements:\n  - {id: a, attest: safe}\n")
    assert framework
    known = Frameworks(by_id={"cis-5.0": framework}, questions={})
    with pytest.raises(UsageError) as caught:
        known.find("cis-5")
    assert caught.value.values["near"] == "cis-5.0"
