"""Values along paths of what an outsider wrote: lists taken apart, bounds kept, nothing thrown."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.analysis.log_forms.reading import MAX_VALUES, parsed_json, texts_in, values_along

ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.sampled_from(["a", "A", "b", "c"]), inner)),
)


def by_force(found: Any, path: tuple[str, ...]) -> list[Any]:
    if isinstance(found, list):
        return [value for each in found for value in by_force(each, path)]
    if not path:
        return [] if found is None else [found]
    if not isinstance(found, dict):
        return []
    if path[0] in found:
        return by_force(found[path[0]], path[1:])
    return next((by_force(value, path[1:]) for name, value in found.items() if name.lower() == path[0].lower()), [])


@pytest.mark.slow
@given(found=ANYTHING, path=st.lists(st.sampled_from(["a", "b", "C"]), max_size=3).map(tuple))
def test_a_path_leads_to_what_a_reader_would_find(found: object, path: tuple[str, ...]) -> None:
    assert repr(values_along(found, path)) == repr(tuple(by_force(found, path)))


def test_a_long_list_is_read_to_a_bound() -> None:
    assert len(values_along({"a": [{"b": number} for number in range(100_000)]}, ("a", "b"))) == MAX_VALUES
    assert len(values_along({"a": [[[1] * 900] * 900]}, ("a",))) == MAX_VALUES


def test_a_deep_list_comes_to_an_end() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    assert values_along(deep, ()) == ()
    assert list(texts_in(deep)) == []


def test_every_text_and_number_is_found_and_no_key() -> None:
    assert sorted(texts_in({"k": ["a", {"l": "b"}, 5, True, None, 1.5]})) == ["1.5", "5", "a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":1}', {"a": 1}),
        ("not json", "not json"),
        ("", ""),
        ('"\\ud800"', "\ud800"),
        ('{"a":1e400}', {"a": float("inf")}),
        ("[" * 100_000, "[" * 100_000),
    ],
    ids=["json", "text", "empty", "surrogate", "number", "deep"],
)
def test_json_is_read_and_what_is_none_is_itself(text: str, said: object) -> None:
    assert parsed_json(text) == said
    assert parsed_json(text) == said
