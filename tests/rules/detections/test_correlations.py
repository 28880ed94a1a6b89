"""Correlations against the plainest reading of their definitions, by brute force."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.detections.files import correlation, load, load_text, rule, words_of

from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.rules.detections.correlate import Hit, correlate, grouped, holds, windows
from sakimori.rules.detections.hits import Gathered
from sakimori.rules.detections.rule import Correlation, Gathering, Head, Together

HEAD = Head(
    name="c", uuid="", path=Path("c.yml"), line=1, title=Text(en="c", ja="c"), description=Text(en="", ja=""),
    falsepositives=(), message=Text(en="{principal}", ja="{principal}"), severity=Severity.HIGH,
    confidence=Confidence.HIGH, tactics=(), techniques=(), references=(), author="", respond="", is_own=False,
)  # fmt: skip
SECOND = 1_000_000
BY_PRINCIPAL = (("principal", {"a": "principal", "b": "principal", "c": "principal"}),)


def of(gathering: Gathering, rules: Sequence[str] = ("a",), seconds: int = 10, **more: Any) -> Correlation:
    return Correlation(head=HEAD, gathering=gathering, rules=tuple(rules), seconds=seconds, **more)


def hit(at: int, rule: str = "a", who: str = "alice", event: str = "", **values: Any) -> Hit:
    told = {name: value if isinstance(value, tuple) else (value,) for name, value in values.items()}
    return Hit(rule=rule, at=at * SECOND, account="1", region="r", principal=who, event_id=event, values={"principal": (who,), **told})  # fmt: skip


def spans(found: Sequence[Sequence[Hit]]) -> list[tuple[int, int, int]]:
    return [(each[0].at // SECOND, each[-1].at // SECOND, len(each)) for each in found]


def runs_by_force(hits: Sequence[Hit], seconds: int, is_enough: Callable[[Sequence[Hit]], bool]) -> list[list[Hit]]:
    """Every window that ends with a hit and reaches `seconds` back; those that share a hit are one."""
    good = []
    for end in range(len(hits)):
        window = [each for each in range(end + 1) if hits[end].at - hits[each].at <= seconds * SECOND]
        if is_enough([hits[each] for each in window]):
            good.append((window[0], end))
    joined: list[tuple[int, int]] = []
    for begin, end in good:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return [list(hits[begin : end + 1]) for begin, end in joined]


TIMES = st.lists(st.integers(0, 60), max_size=14).map(sorted)
NUMBERS = st.sampled_from(["1", 2, 3.5, "x", None, "7", 0, -4])


@pytest.mark.slow
@given(times=TIMES, least=st.integers(1, 5))
def test_events_are_counted_in_windows_that_slide(times: list[int], least: int) -> None:
    hits = [hit(at) for at in times]
    found = list(windows(of(Gathering.EVENT_COUNT, number=least), hits))
    assert found == runs_by_force(hits, 10, lambda window: len(window) >= least)


@pytest.mark.slow
@given(data=st.data(), times=TIMES, least=st.integers(1, 4), order=st.sampled_from(["gt", "gte"]))
def test_values_are_counted_once(data: st.DataObject, times: list[int], least: int, order: str) -> None:
    names = st.sampled_from(["x", "X", "y", ("x", "z"), ()])
    hits = [hit(at, f=data.draw(names)) for at in times]
    found = list(windows(of(Gathering.VALUE_COUNT, number=least, order=order, fields=("f",)), hits))

    def is_enough(window: Sequence[Hit]) -> bool:
        different = {value for each in window for value in each.values["f"]}
        return len(different) > least if order == "gt" else len(different) >= least

    assert found == runs_by_force(hits, 10, is_enough)


def _number(value: object) -> float | None:
    return None if value in ("x", None) else float(str(value))


@pytest.mark.slow
@pytest.mark.parametrize("gathering", [Gathering.VALUE_SUM, Gathering.VALUE_AVG, Gathering.VALUE_MEDIAN, Gathering.VALUE_PERCENTILE])  # fmt: skip
@given(data=st.data(), times=TIMES, least=st.integers(-3, 9))
def test_numbers_are_added_and_ranked(data: st.DataObject, gathering: Gathering, times: list[int], least: int) -> None:
    hits = [hit(at, f=(value,) if (value := data.draw(NUMBERS)) is not None else ()) for at in times]

    def is_enough(window: Sequence[Hit]) -> bool:
        numbers = sorted(n for each in window for value in each.values["f"] if (n := _number(value)) is not None)
        if not numbers:
            return False
        told = {
            Gathering.VALUE_SUM: sum(numbers),
            Gathering.VALUE_AVG: sum(numbers) / len(numbers),
            Gathering.VALUE_MEDIAN: median(numbers),
            Gathering.VALUE_PERCENTILE: numbers[-(-75 * len(numbers) // 100) - 1],
        }
        return told[gathering] >= least

    asked = of(gathering, number=least, fields=("f",), percentile=75)
    assert list(windows(asked, hits)) == runs_by_force(hits, 10, is_enough)


@pytest.mark.slow
def test_a_long_window_of_numbers_is_ranked_to_its_end() -> None:
    asked = of(Gathering.VALUE_MEDIAN, number=5, fields=("f",))
    hits = [hit(0, f=1) for _ in range(20_000)] + [hit(30 + number, f=9) for number in range(3)]
    assert spans(list(windows(asked, hits))) == [(30, 32, 3)]


def test_numbers_beyond_all_bounds_are_added() -> None:
    asked = of(Gathering.VALUE_SUM, number=5, fields=("f",))
    hits = [hit(0, f=10**400), hit(1, f=1.7e308), hit(2, f=1.7e308), hit(50, f=1), hit(90, f=6)]
    assert spans(list(windows(asked, hits))) == [(0, 2, 3), (90, 90, 1)]


@given(times=TIMES, most=st.integers(1, 4))
def test_fewer_than_is_said_of_whole_windows(times: list[int], most: int) -> None:
    hits = [hit(at) for at in times]
    found = list(windows(of(Gathering.EVENT_COUNT, order="lt", number=most), hits))
    expected: list[list[Hit]] = []
    left = list(hits)
    while left:
        window = [each for each in left if each.at - left[0].at <= 10 * SECOND]
        left = left[len(window) :]
        if len(window) < most:
            expected.append(window)
    assert found == expected


def test_a_window_holds_both_its_ends() -> None:
    asked = of(Gathering.EVENT_COUNT, number=2)
    assert spans(list(windows(asked, [hit(0), hit(10)]))) == [(0, 10, 2)]
    assert spans(list(windows(asked, [hit(0), replace(hit(10), at=10 * SECOND + 1)]))) == []


RULES = st.sampled_from(["a", "b", "c"])
TOGETHER = st.recursive(
    RULES,
    lambda inner: st.one_of(
        st.builds(lambda part: Together(kind="not", parts=(part,)), inner),
        st.builds(lambda kind, parts: Together(kind=kind, parts=tuple(parts)), st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=5,
)  # fmt: skip


@pytest.mark.slow
@given(data=st.data(), times=TIMES, condition=TOGETHER)
def test_rules_are_together_as_the_condition_says(data: st.DataObject, times: list[int], condition: Any) -> None:
    hits = [hit(at, data.draw(RULES)) for at in times]
    whole = condition if isinstance(condition, Together) else Together(kind="and", parts=(condition,))
    found = list(windows(of(Gathering.TEMPORAL, "abc", together=whole), hits))
    expected = runs_by_force(hits, 10, lambda window: holds(whole, {each.rule for each in window}.__contains__))
    assert found == expected


@pytest.mark.slow
@given(data=st.data(), times=TIMES, rules=st.sampled_from(["ab", "abc", "aab", "aba"]))
def test_a_chain_is_found_where_there_is_one(data: st.DataObject, times: list[int], rules: str) -> None:
    place = {rule: number for number, rule in enumerate("abc")}
    hits = sorted((hit(at, data.draw(RULES)) for at in times), key=lambda each: (each.at, place[each.rule]))
    found = list(windows(of(Gathering.TEMPORAL_ORDERED, rules), hits))
    for chain in found:
        assert [each.rule for each in chain] == list(rules)
        assert chain[-1].at - chain[0].at <= 10 * SECOND
        assert sorted(chain, key=lambda each: each.at) == list(chain)
    exists = any(
        all(one < other for one, other in pairwise(chosen)) and hits[chosen[-1]].at - hits[chosen[0]].at <= 10 * SECOND
        for chosen in product(*([n for n, each in enumerate(hits) if each.rule == rule] for rule in rules))
    )
    assert bool(found) is exists


def test_within_one_second_the_order_is_the_one_that_is_looked_for() -> None:
    asked = of(Gathering.TEMPORAL_ORDERED, "ab", group_by=BY_PRINCIPAL)
    groups = grouped(asked, {"a": [hit(5, "a", event="2")], "b": [hit(5, "b", event="1")]})
    assert spans(list(windows(asked, groups["alice",]))) == [(5, 5, 2)]


def test_one_event_is_no_two_steps_of_a_chain() -> None:
    asked = of(Gathering.TEMPORAL_ORDERED, "ab")
    both = [hit(5, "a", event="1"), hit(5, "b", event="1")]
    assert list(windows(asked, both)) == []
    assert spans(list(windows(asked, [hit(3, "a", event="0"), *both]))) == [(3, 5, 2)]
    assert spans(list(windows(asked, [*both, hit(6, "b", event="2")]))) == [(5, 6, 2)]


def test_a_hit_belongs_to_a_group_for_each_value_of_its_lists() -> None:
    asked = of(Gathering.EVENT_COUNT, "ab", group_by=(("id", {"a": "x", "b": "y"}),))
    groups = grouped(asked, {"a": [hit(1, x=("i-1", "i-2"))], "b": [hit(0, "b", y="i-2"), hit(2, "b", y=())]})
    assert {group: [each.rule for each in members] for group, members in groups.items()} == {
        ("i-1",): ["a"],
        ("i-2",): ["b", "a"],
    }


def test_groups_are_told_apart() -> None:
    gathered = Gathered()
    asked = of(Gathering.EVENT_COUNT, number=2, group_by=BY_PRINCIPAL)
    correlate([asked], {"a": [hit(0), hit(1, who="bob"), hit(2)]}, gathered)
    ((found, pieces),) = gathered.pieces.items()
    assert (found[0], found[1][2], pieces[0].count) == ("c", "alice", 2)


def test_a_correlation_of_correlations_counts_what_they_find() -> None:
    inner = replace(
        of(Gathering.EVENT_COUNT, number=2, group_by=BY_PRINCIPAL), head=replace(HEAD, name="inner", is_alone=False)
    )
    outer = of(Gathering.EVENT_COUNT, ("inner",), 1000, number=2, group_by=(("principal", {"inner": "principal"}),))
    gathered = Gathered()
    hits = [hit(at, who=who) for who in ("alice", "bob") for at in (0, 1, 100, 101) if who == "alice" or at < 50]
    correlate([inner, outer], {"a": hits}, gathered)
    assert Counter(name for name, _ in gathered.pieces) == {"c": 1}


@pytest.mark.slow
@settings(max_examples=30)
@given(data=st.data(), times=TIMES)
def test_the_order_in_which_hits_come_changes_nothing(data: st.DataObject, times: list[int]) -> None:
    hits = [
        hit(at, data.draw(RULES), data.draw(st.sampled_from(["alice", "bob"])), str(n)) for n, at in enumerate(times)
    ]
    asked = of(Gathering.TEMPORAL, "abc", together=Together(kind="or", parts=("a", Together(kind="and", parts=("b", "c")))), group_by=BY_PRINCIPAL)  # fmt: skip

    def places(given: Sequence[Hit]) -> set[tuple[Any, int, int, int]]:
        gathered = Gathered()
        correlate([asked], {rule: [each for each in given if each.rule == rule] for rule in "abc"}, gathered)
        return {(key, each.first, each.last, each.count) for key, pieces in gathered.pieces.items() for each in pieces}

    assert places(hits) == places(data.draw(st.permutations(hits)))


ONE = rule({"s": {"eventName": "A"}, "condition": "s"}, name="one")
TWO = rule({"s": {"eventName": "B"}, "condition": "s"}, name="two")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ({"rules": ["nothing"]}, "detect.no_such_rule_here"),
        ({"rules": ["together"]}, "detect.correlation_circle"),
        ({"group-by": ["eventNam"]}, "detect.no_such_field"),
        ({"type": "value_count", "condition": {"gte": 1, "field": "eventNam"}}, "detect.no_such_field"),
        ({"timespan": "500d"}, "detect.timespan_too_long"),
        ({"timespan": "often"}, "detect.sigma_refused"),
        ({"type": "nothing"}, "detect.sigma_refused"),
        ({"condition": None}, "detect.sigma_refused"),
    ],
)
def test_a_correlation_that_would_be_blind_is_refused(tmp_path: Path, words: dict[str, Any], fault: str) -> None:
    loaded = load(tmp_path, ONE, correlation(**words))
    assert words_of(loaded) == [fault]
    assert loaded.detections.correlations == {}
    assert list(loaded.detections.rules) == ["one"]


def test_a_correlation_is_joined_by_name_or_by_id_in_any_order_of_the_file(tmp_path: Path) -> None:
    named = {**ONE, "id": "5f3c2a52-1111-4222-8333-944444444444"}
    loaded = load(tmp_path, correlation(rules=[named["id"], "two"], type="temporal", condition=None), TWO, named)
    assert loaded.faults == ()
    assert loaded.detections.correlations["together"].rules == ("one", "two")
    assert [each.head.is_alone for each in loaded.detections.rules.values()] == [False, False]


def test_a_filter_takes_away_from_the_rules_that_it_names(tmp_path: Path) -> None:
    sieve = {
        "title": "Not alice",
        "logsource": ONE["logsource"],
        "filter": {"rules": ["one"], "selection": {"userIdentity.userName": "alice"}, "condition": "not selection"},
    }
    from tests.rules.detections.worlds import one_by_one, trail  # noqa: PLC0415

    loaded = load(tmp_path, ONE, TWO, sieve)
    assert loaded.faults == ()
    events = [{"eventName": name, "userIdentity": {"userName": who}} for name in "AB" for who in ("alice", "bob")]
    ((form, first),), ((_, second),) = (loaded.detections.rules[name].conditions for name in ("one", "two"))
    assert one_by_one(form, trail(events, 1), [first, second]) == {(0, 1), (1, 2), (1, 3)}


def test_a_temporal_condition_names_rules_with_hyphens(tmp_path: Path) -> None:
    made = load_text(
        tmp_path,
        """
title: a
name: step-one
logsource: {product: aws, service: cloudtrail}
detection: {selection: {eventName: CreateUser}, condition: selection}
---
title: b
name: step-one-more
logsource: {product: aws, service: cloudtrail}
detection: {selection: {eventName: DeleteUser}, condition: selection}
---
title: both
name: both
correlation: {type: temporal, rules: [step-one, step-one-more], group-by: [principal], timespan: 1h, condition: step-one and not step-one-more}
""",
    )
    assert not made.faults
    assert made.detections.correlations["both"].rules == ("step-one", "step-one-more")
