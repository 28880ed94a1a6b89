"""What Sigma's words mean: folding, wildcards, modifiers, conditions. Each rule is judged by both engines."""

from pathlib import Path
from typing import Any

import pytest
from tests.rules.detections.files import load, load_text, only, rule, words_of
from tests.rules.detections.worlds import by_columns, one_by_one

from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.rules.detections.examples import completed

AGENT = "userAgent"


def hits(directory: Path, detection: dict[str, Any], *events: dict[str, Any]) -> list[bool]:
    """Whether the rule matches each event, both engines agreeing."""
    found = only(load(directory, rule(detection)))
    ((form, condition),) = found.conditions
    assert form is FORM
    whole = completed(form, events)
    judged = one_by_one(form, whole, [condition])
    assert by_columns(form, whole, [condition]) == judged
    return [(0, number) in judged for number in range(len(events))]


def of_agent(directory: Path, key: str, value: object, *agents: object) -> list[bool]:
    """Whether `userAgent|key: value` matches each of these agents."""
    detection = {"selection": {AGENT + key: value}, "condition": "selection"}
    return hits(directory, detection, *({AGENT: agent} for agent in agents))


@pytest.mark.parametrize(
    ("key", "value", "yes", "no"),
    [
        ("", "Boto3", ["boto3", "BOTO3"], ["boto", "boto33"]),
        ("|cased", "Boto3", ["Boto3"], ["boto3"]),
        ("", "ÄÖ", ["äö", "ÄÖ"], ["ao"]),
        ("", "bo*3", ["bo3", "BOto3", "bo\n3"], ["xbo3", "bo3x"]),
        ("", "bo?o3", ["boto3", "boXo3"], ["booo33", "boo3"]),
        ("", r"bo\*3", ["bo*3"], ["boto3"]),
        ("", r"bo\?3", ["bo?3"], ["boX3"]),
        ("", r"bo\\*3", ["bo\\3", "bo\\xx3"], ["bo*3", "boto3"]),
        ("", r"a\b", ["a\\b"], ["ab"]),
        ("|contains", "oto", ["boto3", "OTO"], ["o.to"]),
        ("|contains", "o*o", ["boto3"], ["ot"]),
        ("|startswith", "bo", ["BOto"], ["abo"]),
        ("|endswith", "3", ["boto3"], ["3b"]),
        ("|contains|all", ["bo", "to"], ["boto", "to bo"], ["bo", "to"]),
        ("|contains", ["bo", "xx"], ["bo", "xx"], ["o"]),
        ("|contains|cased", "Bo", ["aBo"], ["abo"]),
        ("|re", "^b.t", ["bot", "b\u00e9t"], ["Bot", "abt"]),
        ("|re|i", "^b.t$", ["BOT"], ["bott"]),
        ("|re|m", "^x$", ["a\nx\nb"], ["ax"]),
        ("|re|s", "a.b", ["a\nb"], ["ab"]),
        ("|re", "a.b", ["axb"], ["a\nb"]),
        ("|base64", "foobar", ["Zm9vYmFy"], ["foobar"]),
        ("|base64offset|contains", "foobar", ["xxZm9vYmFyxx", "Zvb2Jhc", "mb29iYX"], ["foobar"]),
        ("|wide|base64", "ab", ["YQBiAA=="], ["ab"]),
        ("|windash|contains", "-a", ["x -a", "x /a", "x –a"], ["xa"]),
        ("|exists", True, ["a", ""], [None]),
        ("|exists", False, [None], ["a"]),
        ("", None, [None], ["a", ""]),
        ("", "", [""], ["a", None]),
        ("", 443, ["443"], ["4430", "443.5"]),
        ("", True, ["true", "TRUE"], ["1", "yes"]),
        ("|gte", 5, ["5", "10", "5.0", "1e3"], ["4.9", "abc", "", "inf", "nan", None]),
        ("|lt", 5, ["-1", "4"], ["5", "a"]),
        ("|neq", "a", ["b", None], ["a", "A"]),
    ],
)  # fmt: skip
def test_a_modifier_means_what_sigma_says(
    tmp_path: Path, key: str, value: object, yes: list[object], no: list[object]
) -> None:
    assert of_agent(tmp_path, key, value, *yes, *no) == [True] * len(yes) + [False] * len(no)


def test_a_network_holds_its_addresses_and_no_other_text(tmp_path: Path) -> None:
    detection = {"s": {"sourceIPAddress|cidr": ["10.0.0.0/8", "2001:db8::/32"]}, "condition": "s"}
    addresses = [
        "10.1.2.3",
        "2001:DB8::1",
        "11.0.0.1",
        "10.1.2",
        "ec2.amazonaws.com",
        "",
        "10.0.0.0/8",
        None,
        "::10.1.2.3",
    ]
    found = hits(tmp_path, detection, *({"sourceIPAddress": each} for each in addresses))
    assert found == [True, True, False, False, False, False, False, False, False]


def test_a_field_is_compared_with_another(tmp_path: Path) -> None:
    names = "userIdentity.userName", "requestParameters.userName"
    events = [
        {"userIdentity": {"userName": mine}, "requestParameters": {"userName": other}}
        for mine, other in [("alice", "Alice"), ("alice", "bob"), (None, None), ("alice-x", "alice")]
    ]
    assert hits(tmp_path, {"s": {f"{names[0]}|fieldref": names[1]}, "condition": "s"}, *events) == [
        True,
        False,
        False,
        False,
    ]
    other = {"s": {f"{names[0]}|fieldref|startswith": names[1]}, "condition": "s"}
    assert hits(tmp_path, other, *events) == [True, False, False, True]
    assert hits(tmp_path, {"s": {f"{names[0]}|fieldref|neq": names[1]}, "condition": "s"}, *events)[1]


def test_a_keyword_is_found_anywhere_in_the_event(tmp_path: Path) -> None:
    events = [
        {"userAgent": "x EVIL y"},
        {"requestParameters": {"a": [{"b": "evil"}]}},
        {"somethingNew": ["evil"]},
        {"evil": "name"},
        {"requestParameters": {"n": 5}},
        {},
    ]
    assert hits(tmp_path, {"keywords": ["evil"], "condition": "keywords"}, *events) == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    assert hits(tmp_path, {"k": {"|all": ["evil", "x"]}, "condition": "k"}, *events)[0]


def test_maps_in_a_list_are_any_and_fields_of_a_map_all(tmp_path: Path) -> None:
    detection = {"s": [{"eventName": "A", "eventSource": "x"}, {"eventName": "B"}], "condition": "s"}
    events = [{"eventName": "A", "eventSource": "x"}, {"eventName": "A", "eventSource": "y"}, {"eventName": "b"}]
    assert hits(tmp_path, detection, *events) == [True, False, True]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("1 of s_*", [True, True, True, False]),
        ("all of s_*", [False, False, True, False]),
        ("1 of them", [True, True, True, True]),
        ("all of them", [False, False, False, False]),
        ("s_a and not s_b", [True, False, False, False]),
        ("not 1 of s_*", [False, False, False, True]),
        ("not (s_a or s_b) or (s_a and s_b)", [False, False, True, True]),
        ("any of s_*", [True, True, True, False]),
    ],
)
def test_a_condition_over_many_selections(tmp_path: Path, condition: str, expected: list[bool]) -> None:
    detection = {
        "s_a": {"eventName": "A"},
        "s_b": {"eventSource": "b"},
        "other": {"eventName": "C"},
        "condition": condition,
    }
    events = [{"eventName": "A", "eventSource": "x"}, {"eventName": "x", "eventSource": "b"}, {"eventName": "A", "eventSource": "b"}, {"eventName": "C"}]  # fmt: skip
    assert hits(tmp_path, detection, *events) == expected


def test_a_list_in_the_event_matches_by_any_element(tmp_path: Path) -> None:
    detection = {"s": {"requestParameters.items.id": "b"}, "condition": "s"}
    events = [
        {"requestParameters": {"items": [{"id": "a"}, {"id": "B"}]}},
        {"requestParameters": {"items": {"id": ["a", ["b"]]}}},
        {"requestParameters": {"items": []}},
        {"requestParameters": {"ITEMS": {"Id": "b"}}},
        {"requestParameters": "b"},
        {"requestParameters": None},
    ]
    assert hits(tmp_path, detection, *events) == [True, True, False, True, False, False]


def test_hours_are_those_of_utc(tmp_path: Path) -> None:
    detection = {"s": {"eventTime|hour": 3}, "condition": "s"}
    times = ["2026-11-02T03:59:59Z", "2026-11-02T04:00:00Z", "2026-11-02T12:30:00+09:00"]
    assert hits(tmp_path, detection, *({"eventTime": each} for each in times)) == [True, False, True]


@pytest.mark.parametrize(
    ("detection", "word"),
    [
        ({"s": {"eventName|expand": "%names%"}, "condition": "s"}, "detect.placeholder"),
        ({"s": {"eventNam": "x"}, "condition": "s"}, "detect.no_such_field"),
        ({"s": {"fact.nothing": True}, "condition": "s"}, "detect.no_such_field"),
        ({"s": {"principal_root": "x"}, "condition": "s"}, "detect.no_such_field"),
        ({"s": {"eventName.x": "x"}, "condition": "s"}, "detect.no_such_field"),
        ({"s": {"eventName|fieldref": "eventNam"}, "condition": "s"}, "detect.no_such_field"),
        ({"s": {"eventName|re": "a(?=b)"}, "condition": "s"}, "detect.bad_regex"),
        ({"s": {"eventName|re": "(a)\\1"}, "condition": "s"}, "detect.bad_regex"),
        ({"s": {"eventName|re": "x" * 3000}, "condition": "s"}, "detect.bad_regex"),
        ({"s": {"eventName|re": "((a{1000}){1000}){1000}"}, "condition": "s"}, "detect.bad_regex"),
        ({"s": {"eventName|nothing": "x"}, "condition": "s"}, "detect.sigma_refused"),
        ({"s": {"eventName": "x"}, "condition": "s | count() > 5"}, "detect.sigma_refused"),
        ({"s": {"eventName": "x"}, "condition": "s and t"}, "detect.sigma_refused"),
        ({"s": {"eventName": "x"}, "condition": "s and ("}, "detect.sigma_refused"),
        ({"s": {"sourceIPAddress|cidr": "10.0.0.1/8/8"}, "condition": "s"}, "detect.sigma_refused"),
        ({"condition": "s"}, "detect.sigma_refused"),
        ({"s": {"eventName": "x"}}, "detect.sigma_refused"),
    ],
)
def test_what_cannot_be_meant_exactly_is_refused(tmp_path: Path, detection: dict[str, Any], word: str) -> None:
    loaded = load(tmp_path, rule(detection))
    assert words_of(loaded) == [word]
    assert loaded.detections.rules == {}


def test_a_regex_of_catastrophic_form_takes_no_time(tmp_path: Path) -> None:
    assert of_agent(tmp_path, "|re", "^(a+)+$", "a" * 100_000 + "b", "aaa") == [False, True]


def test_a_refusal_tells_the_line_of_the_field(tmp_path: Path) -> None:
    text = "title: x\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s:\n    eventName: a\n    evntSource|contains: b\n  condition: s\n"
    (fault,) = load_text(tmp_path, text).faults
    assert (fault.line, fault.values["name"], fault.values["near"]) == (6, "evntSource", "eventSource")


def test_a_log_that_the_lake_does_not_keep_is_refused(tmp_path: Path) -> None:
    source = {"product": "windows", "service": "security"}
    assert words_of(load(tmp_path, {**rule({"s": {"a": 1}, "condition": "s"}), "logsource": source})) == [
        "detect.no_such_log"
    ]
