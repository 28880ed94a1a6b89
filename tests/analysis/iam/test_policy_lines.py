import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.analysis.iam.policy_lines import lines_of, statement_lines, text_of

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=12,
)


def _lines(value: object, path: tuple[object, ...] = (), line: int = 1) -> tuple[dict[tuple[object, ...], int], int]:
    """By writing the value out, with one line break for each piece, as json.dumps with an indent does."""
    found = {path: line}
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    end = line
    for name, child in children:
        inner, end = _lines(child, (*path, name), end + 1)
        found |= inner
    return found, end + 1 if isinstance(value, dict | list) and value else end


@given(VALUES)
def test_every_value_has_the_line_on_which_it_is_written(value: object) -> None:
    assert lines_of(json.dumps(value, indent=2)) == _lines(value)[0]


@given(st.text(max_size=60))
def test_text_that_is_no_json_has_no_lines_and_raises_nothing(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        assert lines_of(text) == {} or "%" in text


def test_statement_without_a_list_has_the_line_where_it_begins() -> None:
    assert statement_lines('{"Version": "2012-10-17",\n"Statement":\n{"Effect": "Allow"}}') == [3]


def test_document_without_text_is_counted_as_it_is_written_out() -> None:
    document = {"Statement": [{"Effect": "Allow"}, {"Effect": "Deny"}]}
    assert statement_lines(document) == [3, 6]
    assert text_of(document).splitlines()[5].strip() == "{"


@pytest.mark.slow
@given(st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), max_size=4), st.dictionaries(st.sampled_from(["Id", "Version"]), VALUES))  # fmt: skip
def test_lines_of_a_document_without_text_are_those_of_it_written_out(
    statements: list[Any], more: dict[str, Any]
) -> None:
    document = {**more, "Statement": statements}
    assert list(statement_lines(document)) == list(statement_lines(json.dumps(document, indent=4)))


def test_url_encoded_document_is_counted_as_it_reads() -> None:
    assert statement_lines("%7B%0A%22Statement%22%3A%0A%5B%7B%7D%5D%7D") == [3]


def test_deep_document_is_walked_without_harm() -> None:
    deep = "[" * 500 + "]" * 500
    assert lines_of(deep)[()] == 1
