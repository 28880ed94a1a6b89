from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.analysis.facts.address_lists import address_list, read_address_list
from sakimori.analysis.facts.address_ranges import Range, RangeSet, address_in, range_in
from sakimori.model.errors import UsageError
from sakimori.texts.sentences import say_error


def test_each_line_gives_an_address_a_cidr_a_range_or_a_domain() -> None:
    lines = [
        "# comment", "", "203.0.113.7", "198.51.100.0/25 # the office", "192.0.2.1-192.0.2.9", "2001:db8::/48",
        '"10.0.0.1",high,2026-01-01', "Bad.Example.COM.", "*.evil.example.org", "日本語.example",
    ]  # fmt: skip
    found = address_list("x", lines, source="x.txt")
    inside = ("203.0.113.7", "198.51.100.127", "192.0.2.9", "2001:db8:0:1::1", "10.0.0.1")
    assert [found.holds(address) for address in inside] == [True] * 5
    outside = ("203.0.113.8", "198.51.100.128", "192.0.2.10", "2001:db8:1::", "nonsense", "")
    assert [found.holds(address) for address in outside] == [False] * 6
    assert found.holds_domain("a.bad.example.com")
    assert found.holds_domain("evil.example.org.")
    assert found.domains >= {"bad.example.com", "evil.example.org"}


def test_a_first_line_may_name_the_columns() -> None:
    assert address_list("x", ["ip,score", "203.0.113.7,9"], source="x.csv").holds("203.0.113.7")


@pytest.mark.parametrize("entry", ["300.1.1.1", "10.0.0.0/33", "not an address", "10.0.0.9-10.0.0.1", "x" * 20_000])
def test_a_line_that_is_neither_is_named(entry: str) -> None:
    with pytest.raises(UsageError) as caught:
        address_list("x", ["203.0.113.7", entry], source="bad.txt")
    assert (caught.value.text, caught.value.values["line"]) == ("address_lists.not_an_address", 2)
    assert "bad.txt" in say_error(caught.value, "en")
    assert "2 行目" in say_error(caught.value, "ja")


def test_a_file_is_named_after_itself(tmp_path: Path) -> None:
    path = tmp_path / "tor-exits.txt"
    path.write_text("\ufeff203.0.113.7\n", encoding="utf-8")
    assert (read_address_list(path).name, read_address_list(path).holds("203.0.113.7")) == ("tor-exits", True)
    assert read_address_list(path, "tor").name == "tor"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unreadable"):
        read_address_list(tmp_path / "none.txt")
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(UsageError, match="not_text"):
        read_address_list(binary)


@pytest.mark.slow
@given(st.ip_addresses())
def test_an_address_is_read_as_the_standard_library_reads_it(address: IPv4Address | IPv6Address) -> None:
    mapped = getattr(address, "ipv4_mapped", None) or address
    assert address_in(str(address)) == (mapped.version, int(mapped))


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    assert range_in(text) is None or isinstance(range_in(text), Range)


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 40))),
    st.integers(0, 400),
)
def test_a_set_of_ranges_holds_what_any_of_them_holds(spans: list[tuple[int, int]], number: int) -> None:
    found = RangeSet.of(Range(4, start, start + length) for start, length in spans)
    assert found.holds(4, number) == any(start <= number <= start + length for start, length in spans)
    ends = [each.end for each in found]
    starts = [each.start for each in found]
    assert all(end + 1 < start for end, start in zip(ends, starts[1:], strict=False))


def test_a_cidr_with_bits_beyond_its_prefix_is_its_network() -> None:
    network = ip_network("198.51.100.7/24", strict=False)
    assert range_in("198.51.100.7/24") == Range(4, int(network[0]), int(network[-1]))
    assert int(ip_address("198.51.100.0")) == int(network[0])
