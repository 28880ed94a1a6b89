"""Suppressions as files: they come back as they were, whatever their values hold."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.suppression.test_criteria import ENTRIES
from tests.findings.suppression.world import NOW, suppression, until

from sakimori.findings.suppression.criteria import Criteria, Criterion, Operator, equals, parse_criteria
from sakimori.findings.suppression.files import SOURCES, Maker, as_yaml, parse_suppression, plain, read_file
from sakimori.findings.suppression.suppression import Action, Suppression
from sakimori.model.errors import RuleError, UsageError
from sakimori.texts.bounded_yaml import parse_yaml

MAKER = Maker("tanaka", NOW)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60).map(str.strip)
MADE = st.builds(
    suppression,
    source=st.sampled_from(SOURCES),
    action=st.sampled_from(list(Action)),
    criteria=ENTRIES.map(lambda data: parse_criteria(data, "here")),
    accounts=st.lists(st.from_regex(r"[0-9]{12}", fullmatch=True), max_size=3, unique=True).map(tuple),
    reason=WORDS, ticket=WORDS, evidence=WORDS, expires_on=st.integers(1, 400).map(until),
)  # fmt: skip


@pytest.mark.slow
@given(MADE)
def test_what_a_list_shows_a_file_takes(made: Suppression) -> None:
    (read,) = parse_yaml(as_yaml([made]), "x").data  # type: ignore[misc]
    assert parse_suppression(read, MAKER, "x") == made


def test_hostile_values_stay_values(tmp_path: Path) -> None:
    values = (
        "a\nid: other",
        "<!channel> & 'x' \"y\"",
        "- x: !!python/object:os.system",
        "\u202egpj.exe",
        "*a &b",
        "1e3",
        "yes",
    )
    made = suppression(criteria=Criteria.of((equals("rule", "r"), Criterion("resource", Operator.EQUALS, values))))
    file = tmp_path / "s.yaml"
    file.write_text(as_yaml([made, suppression(id="two", criteria=made.criteria)]), encoding="utf-8")
    assert [each.criteria for each in read_file(file, MAKER)] == [made.criteria, made.criteria]


def test_a_short_entry_gets_an_id_an_end_and_its_maker() -> None:
    made = parse_suppression({"criteria": {"rule": "r"}}, MAKER, "x")
    assert (made.source, made.action, made.created_by, made.created_at) == ("sakimori", Action.ARCHIVE, "tanaka", NOW)
    assert made.expires_on == until(90)
    assert made.id.startswith("quiet-")


def test_a_file_cannot_say_when_it_was_made() -> None:
    told = {**plain(suppression()), "created_at": "2020-01-01T00:00:00+00:00", "ended_at": "2020-01-02T00:00:00+00:00"}
    made = parse_suppression(told, MAKER, "x")
    assert (made.created_at, made.ended_at) == (NOW, None)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"reson": "x"}, "file_key"), ({"reason": 7}, "file_not_text"), ({"reason": "x" * 2001}, "file_too_long"),
        ({"owner": "a\nb"}, "file_odd_name"), ({"accounts": [111122223333]}, "file_list"), ({"accounts": ["1"]}, "file_account"),
        ({"source": "guard"}, "file_choice"), ({"action": "delete"}, "file_choice"), ({"id": "a b"}, "file_id"),
        ({"expires_on": "soon"}, "file_date"), ({"expires_on": NOW}, "file_date"), ({"criteria": {}}, "criteria_missing"),
        ({"regions": ["x"] * 201}, "file_list"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place(more: dict[str, Any], fault: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_suppression({"criteria": {"rule": "r"}, **more}, MAKER, "s.yaml [3]")
    assert (told.value.text, told.value.values["place"]) == (f"suppress.{fault}", "s.yaml [3]")


def test_a_file_that_is_no_list_is_refused(tmp_path: Path) -> None:
    for text, error in (("x", UsageError), ("a: [", RuleError), ("- 1", UsageError), ("", UsageError)):
        (tmp_path / "s.yaml").write_text(text)
        with pytest.raises(error):
            read_file(tmp_path / "s.yaml", MAKER)
    (tmp_path / "s.yaml").write_text("suppressions:\n- criteria: {rule: r}\n")
    assert len(read_file(tmp_path / "s.yaml", MAKER)) == 1
