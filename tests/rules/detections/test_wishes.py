"""What writers of rules may say in an example, and quote in a message."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.rules.detections.files import load, rule, words_of

from sakimori.rules.detections.check import check_detections
from sakimori.rules.detections.examples import repeated
from sakimori.texts.template import fill, parse_template, placeholders

LISTED = rule({"s": {"fact.source_listed": "?*"}, "condition": "s"})
FROM_JAPAN = rule({"s": {"fact.source_country": "JP"}, "condition": "s"})
MANY_KEYS = {
    **rule({"s": {"eventName": "GetObject"}, "condition": "s"}),
    "sakimori": {"shape": {"per": "principal", "within": "1h", "at_least": {"events": 1000}}},
}


def faults_of(directory: Path, made: dict[str, Any], *examples: dict[str, Any]) -> list[str]:
    """What the check of a rule with these examples finds wrong."""
    path = directory / "made.yml"
    path.write_text(yaml.safe_dump({**made, "sakimori": {**made.get("sakimori", {}), "examples": list(examples)}}))
    return [fault.text for fault in check_detections([path]).faults]


def example(*, match: bool, **more: object) -> dict[str, Any]:
    return {"name": "x", "match": match, "event": {"eventName": "GetObject", "sourceIPAddress": "198.51.100.7"}, **more}


@pytest.mark.slow
def test_a_repeated_event_counts_as_often_as_it_says(tmp_path: Path) -> None:
    events = [{"eventName": "GetObject", "repeat": 999}, {"eventName": "GetObject"}]
    enough = {"name": "enough", "match": True, "events": events}
    few = {"name": "one fewer", "match": False, "events": events[:1]}
    assert faults_of(tmp_path, MANY_KEYS, enough, few) == []


def test_the_number_of_the_repetition_stands_in_every_text_and_nothing_else_changes() -> None:
    event = {"repeat": 2, "requestParameters": {"key": "a/{n}.txt", "list": ["{n}", 7, None]}, "readOnly": True}
    assert list(repeated([event, {"eventName": "{n}"}])) == [
        {"requestParameters": {"key": "a/1.txt", "list": ["1", 7, None]}, "readOnly": True},
        {"requestParameters": {"key": "a/2.txt", "list": ["2", 7, None]}, "readOnly": True},
        {"eventName": "1"},
    ]


@pytest.mark.slow
@pytest.mark.parametrize("repeat", [0, -1, 5_001, True, "3", 2.0, None])
def test_a_repeat_that_is_no_number_or_too_large_is_refused(tmp_path: Path, repeat: object) -> None:
    made = {"name": "x", "match": True, "event": {"eventName": "GetObject", "repeat": repeat}}
    assert faults_of(tmp_path, MANY_KEYS, made) == ["detect.bad_example"]


@pytest.mark.slow
def test_the_repetitions_of_an_example_are_bounded_together(tmp_path: Path) -> None:
    made = {"name": "x", "match": True, "events": [{"eventName": "GetObject", "repeat": 2_501}] * 2}
    assert faults_of(tmp_path, MANY_KEYS, made) == ["detect.bad_example"]


@pytest.mark.slow
def test_an_example_says_which_addresses_are_listed(tmp_path: Path) -> None:
    held = example(match=True, listed=["203.0.113.1", "198.51.100.0/28"])
    other = example(match=False, listed=["198.51.100.128/28"])
    assert faults_of(tmp_path, LISTED, held, other, example(match=False)) == []


@pytest.mark.slow
def test_an_example_says_whose_country_an_address_is_of(tmp_path: Path) -> None:
    there = example(match=True, countries={"198.51.100.0/24": "JP"})
    elsewhere = example(match=False, countries={"198.51.100.7": "BR", "203.0.113.1": "JP"})
    assert faults_of(tmp_path, FROM_JAPAN, there, elsewhere, example(match=False)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [{"listed": ["office"]}, {"countries": {"198.51.100.7": "Japan"}}, {"countries": {"home": "JP"}}, {"countries": {"198.51.100.7": "J\nP"}}],
)  # fmt: skip
def test_what_is_no_address_or_no_country_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    assert faults_of(tmp_path, LISTED, example(match=True, **more)) == ["detect.bad_example_address"]


def test_a_message_may_quote_a_field_with_hyphens(tmp_path: Path) -> None:
    quoted = "requestParameters.x-amz-acl"
    made = rule({"s": {"eventName": "PutObject"}, "condition": "s"})
    made["sakimori"] = {"message": {"en": f"It was {{{quoted}}}.", "ja": f"{{{quoted}}} です。"}}
    loaded = load(tmp_path, made)
    assert words_of(loaded) == []
    (found,) = loaded.detections.rules.values()
    assert found.quoted == (quoted,)


def test_hyphens_belong_to_dotted_names_alone() -> None:
    assert placeholders("{cs-uri-stem} of {c-ip}", dotted=True) == {"cs-uri-stem", "c-ip"}
    assert fill("{cs-uri-stem}!", {"cs-uri-stem": "/a"}, str, dotted=True) == "/a!"
    for template, dotted in (("{cs-uri-stem}", False), ("{-a}", True), ("{a.-b}", True), ("{a-b.}", True)):
        with pytest.raises(ValueError, match=r"\{"):
            parse_template(template, dotted=dotted)
