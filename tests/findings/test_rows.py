import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.world import FAIL, VOLUME, at, rule, run, unit, verdict

from sakimori.findings.life import record
from sakimori.findings.reading import open_findings
from sakimori.findings.rows import row_of
from sakimori.model.verdict import Verdict
from sakimori.state.store import Store

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    TEXTS,
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(st.integers(), max_size=3),
)
VOLUMES = rule(VOLUME, days=90, names=["a"])


def test_a_finding_comes_back_as_it_was_recorded(store: Store) -> None:
    evidence = {
        "at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        "on": date(2026, 1, 2),
        "ports": [22, 3389],
        "is_public": None,
        "name": "防人 \x1b[31m <script> 🎏",
    }
    bad = replace(verdict(FAIL, VOLUMES, "arn:aws:ec2:::防人"), evidence=evidence)
    record(store, run(1, [VOLUMES], [unit(VOLUME)]), [bad])
    (found,) = open_findings(store)
    assert found == replace(bad, first_seen=at(1), last_seen=at(1))
    assert found.id == bad.id


@pytest.mark.slow
@given(st.dictionaries(TEXTS, ATOMS, max_size=5))
def test_equal_evidence_has_equal_content_and_other_evidence_another(evidence: dict[str, object]) -> None:
    bad = verdict(FAIL, VOLUMES)
    assert content({**evidence}, bad) == content(evidence, bad)
    assert content({**evidence, "more": "words"}, bad) != content({**evidence, "more": "other words"}, bad)


def content(evidence: dict[str, object], of: Verdict) -> object:
    return row_of(replace(of, evidence=evidence), of.id, at(1))["content"]


def test_evidence_of_an_outsider_is_bounded() -> None:
    huge = {"text": "x" * 1_000_000, "list": ["y" * 10_000] * 10_000, "object": {"z": ["w" * 10_000]}}
    row = row_of(replace(verdict(FAIL, VOLUMES), evidence=huge), "id", at(1))
    assert len(str(row["evidence"])) < 500_000
    assert json.loads(str(row["evidence"]))["text"].endswith("x…")


def test_a_value_of_another_type_is_kept_as_text() -> None:
    row = row_of(replace(verdict(FAIL, VOLUMES), evidence={"strange": {1, 2}, "odd": 1j}), "id", at(1))
    assert json.loads(str(row["evidence"])) == {"strange": [1, 2], "odd": "1j"}
