from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.model.assessment import Assessment
from sakimori.model.remedy import Remedy
from sakimori.outputs.report.html_guide import anchors, guide_of


@pytest.mark.slow
@given(st.lists(st.text(max_size=200), max_size=8, unique=True))
def test_every_rule_has_a_place_of_its_own_in_the_page(rules: list[str]) -> None:
    found = anchors(rules)
    assert len(set(found.values())) == len(rules)
    assert all(name.isascii() and name.startswith("rule-") and " " not in name for name in found.values())


def test_the_place_of_a_rule_is_named_after_it() -> None:
    assert anchors(["aws.s3.x", "a b", "a-b"]) == {"aws.s3.x": "rule-aws.s3.x", "a b": "rule-a-b", "a-b": "rule-a-b-2"}


def test_a_rule_that_tells_nothing_has_no_guide(framed: Assessment) -> None:
    rule = replace(framed.rules[0], remedy=Remedy(), story=None, frameworks=(), references=("javascript:alert(1)",))
    assert guide_of(rule) is None
    assert guide_of(framed.rules[0]) is not None


def test_code_is_bounded(framed: Assessment) -> None:
    guide = guide_of(replace(framed.rules[0], remedy=Remedy(cli="x" * 100_000, terraform="y\n" * 100_000)))
    assert guide is not None
    assert len(guide.cli) <= 4000
    assert guide.terraform.count("\n") < 200
