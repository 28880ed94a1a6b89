from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.analysis.facts.address_table import AddressTable, address_table, read_address_table
from sakimori.model.errors import UsageError
from sakimori.texts.sentences import say_error


def table(*lines: str) -> AddressTable:
    return address_table([f"{line}\n" for line in lines], source="table")


@pytest.mark.parametrize(
    "lines",
    [
        [
            "203.0.113.0\t203.0.113.255\t64500\tJP\tEXAMPLE-NET, with a comma",
            "2001:db8::\t2001:db8::ffff\t64501\tus\tX",
        ],
        ["203.0.113.0,203.0.113.255,64500,JP,Example", "2001:db8::,2001:db8::ffff,64501,US"],
        ["network,country,asn", "203.0.113.0/24,JP,AS64500", "2001:db8::/112,US,64501"],
        ["network,asn,country", "203.0.113.0/24,64500,JP", "2001:db8::/112,64501,US"],
        ["203.0.113.0/24,JP,64500", "2001:db8::/112,US,64501"],
        ["# comment", "", "203.0.113.0/24,JP,64500", "2001:db8::/112,US,64501"],
    ],
)
def test_both_forms_are_read(lines: list[str]) -> None:
    found = table(*lines)
    assert (found.country_of("203.0.113.9"), found.asn_of("203.0.113.9")) == ("JP", 64500)
    assert (found.country_of("2001:db8::9"), found.asn_of("2001:db8::9")) == ("US", 64501)
    assert (found.country_of("203.0.114.0"), found.asn_of("203.0.112.255")) == (None, None)
    assert found.country_of("no address") is None


def test_a_range_without_owner_tells_nothing() -> None:
    found = table("203.0.113.0\t203.0.113.255\t0\tNone\tNot routed")
    assert (found.country_of("203.0.113.1"), found.asn_of("203.0.113.1")) == (None, None)


def test_a_network_within_another_answers_for_itself() -> None:
    found = table("203.0.113.0/24,JP,1", "203.0.113.64/26,US,2", "203.0.113.80/28,DE,3")
    told = [found.country_of(f"203.0.113.{last}") for last in (0, 63, 64, 79, 80, 95, 96, 127, 128, 255)]
    assert told == ["JP", "JP", "US", "US", "DE", "DE", "US", "US", "JP", "JP"]


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), min_size=1), st.integers(0, 90))
def test_the_range_that_begins_last_answers(spans: list[tuple[int, int]], number: int) -> None:
    lines = [f"0.0.0.{start},0.0.0.{start + length},{place + 1},JP" for place, (start, length) in enumerate(spans)]
    holding = [
        (start, -length, place + 1) for place, (start, length) in enumerate(spans) if start <= number <= start + length
    ]
    best = max((start, length) for start, length, _ in holding) if holding else None
    answer = table(*lines).asn_of(f"0.0.0.{number}")
    assert (answer is None) == (best is None)
    assert best is None or answer in {place for start, length, place in holding if (start, length) == best}


@pytest.mark.parametrize(
    "line", ["nonsense", "203.0.113.0/24,JP,x", "1.1.1.9\t1.1.1.1\t1\tJP", "1.1.1.0/24,JP,99999999999"]
)
def test_a_line_of_another_form_is_named(line: str) -> None:
    separator = "\t" if "\t" in line else ","
    first = separator.join(["203.0.113.0", "203.0.113.1", "1", "JP"])
    with pytest.raises(UsageError) as caught:
        table(first, line)
    assert (caught.value.text, caught.value.values["line"]) == ("address_lists.not_a_row", 2)
    assert "table" in say_error(caught.value, "ja")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ip2asn.tsv"
    path.write_text("203.0.113.0\t203.0.113.255\t64500\tJP\tX\n", encoding="utf-8")
    assert read_address_table(path).asn_of("203.0.113.1") == 64500
    with pytest.raises(UsageError, match="unreadable"):
        read_address_table(tmp_path / "none.tsv")
