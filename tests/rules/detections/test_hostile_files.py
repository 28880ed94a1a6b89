"""Rule files of an enemy, or of somebody tired: each tells its fault with its line, and the others go on."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.detections.files import correlation, load, load_text, only, rule, words_of

from sakimori.rules.detections.check import check_detections
from sakimori.rules.detections.examples import check_examples
from sakimori.rules.detections.load import load_only
from sakimori.texts.bounded_yaml import MAX_BYTES

GOOD = rule({"s": {"eventName": "A"}, "condition": "s"}, name="good")
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        "x" * (MAX_BYTES + 1),
        BOMB,
        "[" * 5000,
        "{a: " * 500,
        b"\xff\xfe\x00",
        "a: 1\na: 2\n",
        "a: !!python/object/apply:os.system [id]\n",
        "detection: \x00",
        "- a\n- b\n",
        "just a text",
        "a: 1\n---\nb: [\n",
        "---\n" * 500 + "a: 1\n---\n" * 300,
        "title: x\ndetection: 5\nlogsource: {product: aws, service: cloudtrail}\n",
        "title: x\ndetection: {s: {eventName: a}, condition: 5}\nlogsource: 7\n",
        "title: [a]\ndetection: {1: {2: 3}, condition: 1}\nlogsource: {product: aws, service: cloudtrail}\n",
        "title: x\ncorrelation: [a]\n",
        "title: x\nfilter: {rules: 5, s: {}, condition: s}\nlogsource: {product: aws}\n",
        "{[1]: 2}: 3\n",
        "detection: " + "9" * 5000 + "\n",
        "title: x\ndetection: {s: {eventName: .nan}, condition: s}\nlogsource: {product: aws, service: cloudtrail}\nid: [1]\n",
        "title: x\ndate: 2026-99-99\ndetection: {s: {eventName: a}, condition: s}\nlogsource: {product: aws, service: cloudtrail}\n",
    ],
    ids=lambda text: repr(text[:24]),
)
def test_a_bad_file_tells_its_fault_and_the_others_go_on(tmp_path: Path, text: str | bytes) -> None:
    good = tmp_path / "good.yml"
    good.write_text(yaml.safe_dump(GOOD))
    bad = tmp_path / "bad.yml"
    bad.write_bytes(text if isinstance(text, bytes) else text.encode())
    loaded = load_only([bad, good])
    assert list(loaded.detections.rules) == ["good"]
    assert {(fault.file, fault.line >= 1) for fault in loaded.faults} == {(str(bad), True)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "condition",
    [
        "not " * 3000 + "s",
        "(" * 2000 + "s" + ")" * 2000,
        " and ".join(["s"] * 5000),
        " or ".join(["s"] * 5000),
        "(((((",
    ],
    ids=["not", "parentheses", "and", "or", "open"],
)
def test_a_condition_beyond_all_bounds_loads_or_is_refused(tmp_path: Path, condition: str) -> None:
    """A fault, or a rule that can be run."""
    loaded = load(tmp_path, rule({"s": {"eventName": "A"}, "condition": condition}))
    assert words_of(loaded) == ["detect.sigma_refused"] or (loaded.faults == () and _runs(loaded.detections.rules))


def _runs(rules: Any) -> bool:
    from tests.rules.detections.worlds import by_columns, one_by_one, trail  # noqa: PLC0415

    ((form, condition),) = next(iter(rules.values())).conditions
    events = trail([{"eventName": "A"}, {"eventName": "B"}], 1)
    found = one_by_one(form, events, [condition])
    return found == by_columns(form, events, [condition]) and len(found) == 1


@pytest.mark.slow
@pytest.mark.parametrize("key", ["eventName", "eventName|contains"])
def test_a_list_of_ten_thousand_values_is_judged(tmp_path: Path, key: str) -> None:
    found = only(
        load(tmp_path, rule({"s": {key: [f"v{number}x" for number in range(9_999)] + ["A"]}, "condition": "s"}))
    )
    assert _runs({"rule": found})


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("title", "a\x1b[2J", "rules.text_has_control"),
        ("title", "a\u202eb", "rules.text_has_control"),
        ("title", "", "rules.missing_key"),
        ("name", "../../x", "detect.bad_name"),
        ("name", "{x}", "detect.bad_name"),
        ("name", "n" * 200, "detect.bad_name"),
        ("level", "terrible", "detect.sigma_refused"),
        ("sakimori", {"messag": {}}, "rules.unknown_key"),
        ("sakimori", {"message": {"en": "{eventName.__class__", "ja": "x"}}, "rules.bad_template"),
        ("sakimori", {"message": {"en": "{eventNam}", "ja": "{eventName}"}}, "detect.no_such_field"),
        ("sakimori", {"message": {"en": "x"}}, "rules.missing_language"),
        ("sakimori", {"confidence": "sure"}, "rules.unknown_word"),
        ("sakimori", {"confidence": ["high"]}, "rules.unknown_word"),
        ("sakimori", {"examples": {"a": 1}}, "rules.not_a_list"),
        ("sakimori", {"examples": [{"name": "x", "match": True}]}, "detect.bad_example"),
        ("sakimori", {"first_seen": {"dimension": "moon", "of": "principal"}}, "detect.bad_first_seen"),
        ("sakimori", {"first_seen": {"dimension": ["x"], "of": {"a": 1}}}, "detect.bad_first_seen"),
        ("sakimori", {"first_seen": {"dimension": "region", "of": "account", "days": 10**30}}, "detect.bad_days"),
        ("sakimori", {"shape": {"per": "principal", "within": "1h", "at_least": {"moons": 3}}}, "detect.bad_measure"),
        ("sakimori", {"shape": {"per": ["x"], "within": [], "at_least": 5}}, "detect.bad_shape"),
        ("sakimori", {"shape": {"per": "principal", "within": "1h", "at_least": {"events": 10**400}}}, "detect.bad_measure"),
        ("sakimori", {"subject": ["eventNam"]}, "detect.no_such_field"),
        ("sakimori", {"resources": "eventName"}, "rules.not_a_list"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_bad_value_is_a_fault_of_its_rule(tmp_path: Path, key: str, value: object, word: str) -> None:
    loaded = load(tmp_path, {**GOOD, key: value})
    assert set(words_of(loaded)) == {word}
    assert loaded.detections.rules == {}


def test_braces_in_a_title_are_words(tmp_path: Path) -> None:
    head = only(load(tmp_path, {**GOOD, "title": "A {principal.x} {{ and }"})).head
    assert "{{principal.x}}" in head.message.en


def test_a_name_is_had_by_one_rule_alone(tmp_path: Path) -> None:
    loaded = load(tmp_path, GOOD, {**GOOD, "title": "Another"})
    assert words_of(loaded) == ["rules.id_twice"]
    assert loaded.detections.rules["good"].head.title.en == "A rule"


@pytest.mark.parametrize(
    ("source", "event"),
    [
        ("cloudtrail", {"eventName": "A", "eventTime": "never"}),
        ("cloudtrail", {"eventName": "A", "requestParameters": {"x": float("nan")}}),
        ("vpcflow", {"dstport": "https"}),
        ("vpcflow", {"dstport": 2**70}),
        ("vpcflow", {"start_time": "yesterday"}),
    ],
)
def test_an_example_that_no_log_could_hold_is_a_fault(tmp_path: Path, source: str, event: dict[str, Any]) -> None:
    key = "eventName" if source == "cloudtrail" else "action"
    made = {
        **rule({"s": {key: "A"}, "condition": "s"}),
        "logsource": {"product": "aws", "service": source},
        "sakimori": {"examples": [{"name": "x", "match": True, "event": event}]},
    }
    loaded = load(tmp_path, made)
    assert [fault.text for fault in check_examples(only(loaded), loaded.detections)] == ["detect.example_no_event"]


@pytest.mark.slow
def test_an_example_may_write_numbers_where_the_log_has_texts(tmp_path: Path) -> None:
    made = {
        **rule({"s": {"dstport": 443, "action": "ACCEPT"}, "condition": "s"}),
        "logsource": {"product": "aws", "service": "vpcflow"},
        "sakimori": {
            "examples": [{"name": "x", "match": True, "event": {"dstport": "443", "action": "ACCEPT", "vpc_id": 5}}]
        },
    }
    (tmp_path / "made.yml").write_text(yaml.safe_dump(made))
    assert check_detections([tmp_path / "made.yml"]).faults == ()


ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(), st.dates(), st.text("a*?\\{}%| \x00\ud800", max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text("abc|*", max_size=8), inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip
MODIFIED = st.sampled_from([
    "eventName", "eventName|re", "eventName|cidr", "eventName|contains|all", "eventName|base64", "eventName|lt",
    "eventName|exists", "eventName|fieldref", "eventName|windash", "eventTime|hour", "eventName|re|i", "|all", "eventName|utf16|base64offset",
    "eventName|expand", "requestParameters.x", "eventName|neq|gt", "eventName|cased|startswith", "eventName|wide",
])  # fmt: skip


@pytest.mark.slow
@settings(max_examples=100)
@given(data=st.data())
def test_no_mapping_of_values_brings_the_loader_down(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("odd")
    selection = data.draw(st.one_of(ODD, st.dictionaries(MODIFIED, ODD, min_size=1, max_size=2)))
    made: dict[str, Any] = rule({"s": selection, "condition": "s"})
    made |= data.draw(st.dictionaries(st.sampled_from([*made, "level", "status", "tags", "fields", "falsepositives", "sakimori", "id", "name", "date", "references", "author", "related"]), ODD, max_size=2))  # fmt: skip
    other = correlation(**data.draw(st.dictionaries(st.sampled_from(["type", "rules", "timespan", "condition", "group-by", "aliases", "generate"]), ODD, max_size=2)))  # fmt: skip
    try:
        text = yaml.safe_dump_all([made, other], allow_unicode=True)
    except ValueError:
        return
    loaded = load_text(directory, text)
    assert all(fault.line >= 1 for fault in loaded.faults)
    assert not loaded.faults or all(fault.file for fault in loaded.faults)
    for each in loaded.detections.rules.values():
        list(check_examples(each, loaded.detections))
        _runs_at_all(each)


def _runs_at_all(found: Any) -> None:
    from tests.rules.detections.worlds import by_columns, one_by_one, trail  # noqa: PLC0415

    ((form, condition),) = found.conditions
    events = trail([{"eventName": "a", "requestParameters": {"x": ["a", 1]}}, {"eventName": 5}], 1)
    assert one_by_one(form, events, [condition]) == by_columns(form, events, [condition])
