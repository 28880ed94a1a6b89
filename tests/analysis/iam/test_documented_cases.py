"""What AWS documents of the evaluation of policies, case by case; each names its page."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sakimori.analysis.iam.batch import answer_line

_FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES: list[dict[str, Any]] = [case for file in _FILES for case in yaml.safe_load(file.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_documented(case: dict[str, Any]) -> None:
    answer = answer_line(json.dumps(case["request"]).encode())
    assert answer.decision.value == case["decision"], case["source"]


def test_there_are_as_many_cases_as_we_say_and_each_cites_a_page_of_aws() -> None:
    assert len(CASES) >= 150
    assert all(case["source"].startswith("https://docs.aws.amazon.com/") for case in CASES)
    assert len({case["name"] for case in CASES}) == len(CASES)
