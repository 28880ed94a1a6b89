"""Former names of rules: they are read, and none of them is another rule's name too."""

from pathlib import Path

import pytest
from tests.rules.detections.files import correlation, load, rule, words_of
from tests.rules.house import CATALOGUE, write_rule
from tests.rules.test_load import QUERY

from sakimori.app.detect import chosen_rules
from sakimori.rules.rulebook import load_rulebook

SELECTION = {"selection": {"eventName": "StopLogging"}, "condition": "selection"}


def detection(name: str, *aliases: object) -> dict[str, object]:
    return rule(SELECTION, name=name, sakimori={"aliases": list(aliases)} if aliases else {"confidence": "high"})


def test_former_names_of_a_detection_are_read_and_may_be_asked_for(tmp_path: Path) -> None:
    loaded = load(tmp_path, detection("new-name", "old-name", "older-name"), detection("other"))
    assert loaded.faults == ()
    assert loaded.detections.renamed == {"old-name": "new-name", "older-name": "new-name"}
    for pattern in ("old-name", "older*", "new-name"):
        assert list(chosen_rules(loaded, [pattern], ()).rules) == ["new-name"]


@pytest.mark.parametrize("alias", ["Not A Name", "", "x" * 101, "../x", "<script>", "a\u202eb"])
def test_a_former_name_has_the_form_of_a_name(tmp_path: Path, alias: str) -> None:
    loaded = load(tmp_path, detection("new-name", alias))
    assert words_of(loaded) == ["detect.bad_name"]
    assert loaded.detections.rules == {}


@pytest.mark.parametrize("aliases", ["old-name", {"a": "b"}, [1], [["old-name"]]])
def test_former_names_are_a_list_of_texts(tmp_path: Path, aliases: object) -> None:
    loaded = load(tmp_path, rule(SELECTION, name="new-name", sakimori={"aliases": aliases}))
    assert words_of(loaded) == ["rules.not_a_list"]


@pytest.mark.parametrize(
    ("others", "kept"),
    [([detection("other")], {"other"}), ([detection("third", "old-name")], {"new-name"})],
)
def test_a_name_of_two_detections_leaves_out_whoever_says_it_was_theirs(
    tmp_path: Path, others: list[dict[str, object]], kept: set[str]
) -> None:
    first = detection("new-name", "other") if kept == {"other"} else detection("new-name", "old-name")
    loaded = load(tmp_path, first, *others)
    assert words_of(loaded) == ["rules.id_twice"]
    assert set(loaded.detections.rules) == kept


@pytest.mark.slow
def test_a_former_id_of_posture_that_is_another_rules_is_a_fault(tmp_path: Path) -> None:
    write_rule(tmp_path, QUERY)
    write_rule(tmp_path, QUERY, stem="b_rule", more="aliases: [my.a-rule]\n")
    write_rule(tmp_path, QUERY, stem="c_rule", more="aliases: [my.old-rule]\n")
    book = load_rulebook(CATALOGUE, tmp_path)
    assert [(fault.text, fault.values["id"]) for fault in book.faults if "id" in fault.values] == [
        ("rules.id_twice", "my.a-rule")
    ]
    own = [each for each in book.rules.values() if not each.is_own]
    assert [each.id for each in own] == ["my.a-rule", "my.c-rule"]
    assert book.find("my.old-rule").id == "my.c-rule"


def test_a_correlation_of_a_rule_that_was_left_out_is_a_fault_and_no_more(tmp_path: Path) -> None:
    counted = correlation(rules=["new-name"], **{"group-by": ["principal"]})
    loaded = load(tmp_path, detection("new-name", "other"), detection("other"), counted)
    assert "rules.id_twice" in words_of(loaded)
    assert (set(loaded.detections.rules), dict(loaded.detections.correlations)) == ({"other"}, {})
