"""Long lists in JSON: the same bytes as in one, written in pieces."""

import json

import pytest

from sakimori.outputs.report.plain_values import escaped_json, escaped_pieces


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1_234])
def test_a_list_in_pieces_is_the_same_line_of_json(count: int) -> None:
    values = [{"number": number, "name": "鍵\u202e"} for number in range(count)]
    written = "".join(escaped_pieces(iter(values)))
    assert written == escaped_json(values)
    assert json.loads(written) == values


def test_a_long_list_is_not_held_before_it_is_written() -> None:
    taken: list[int] = []
    values = (taken.append(number) or number for number in range(10_000))
    next(escaped_pieces(values))
    assert len(taken) < 1_000
