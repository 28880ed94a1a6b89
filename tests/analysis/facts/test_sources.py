import pytest
from tests.analysis.facts.events import call, told

from sakimori.analysis.facts.address_lists import address_list
from sakimori.analysis.facts.address_table import address_table
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.facts.networks import Networks

KNOWN = Surroundings(
    networks=Networks(
        lists=(
            address_list("tor", ["203.0.113.7"], source="tor.txt"),
            address_list("vpn", ["203.0.113.0/24", "bad.example.com"], source="vpn.txt"),
        ),
        tables=(address_table(["203.0.113.0\t203.0.113.255\t64500\tJP\tEXAMPLE\n"], source="ip2asn.tsv"),),
    )
)


@pytest.mark.parametrize(
    ("source", "is_private", "is_service"),
    [
        ("10.1.2.3", True, False),
        ("100.64.0.1", True, False),
        ("fd00::1", True, False),
        ("::ffff:192.168.0.1", True, False),
        ("203.0.113.7", False, False),
        ("8.8.8.8", False, False),
        ("ec2.amazonaws.com", False, True),
        ("AWS Internal", False, True),
        ("AWS Internal/3", False, True),
        ("ec2.amazonaws.com.example.com", False, False),
        (None, False, False),
    ],
)
def test_kinds_of_sources(source: str | None, is_private: bool, is_service: bool) -> None:
    event = call("ListBuckets", sourceIPAddress=source)
    assert told("source_is_private", event) is is_private
    assert told("source_is_service", event) is is_service


@pytest.mark.parametrize(
    ("source", "country", "asn", "listed"),
    [
        ("203.0.113.7", "JP", 64500, "tor"),
        ("203.0.113.8", "JP", 64500, "vpn"),
        ("198.51.100.1", None, None, ""),
        ("ec2.amazonaws.com", None, None, ""),
        ("", None, None, ""),
    ],
)
def test_what_is_known_of_the_source(source: str | None, country: str | None, asn: int | None, listed: str) -> None:
    event = call("ListBuckets", sourceIPAddress=source)
    assert told("source_country", event, KNOWN) == country
    assert told("source_asn", event, KNOWN) == asn
    assert told("source_listed", event, KNOWN) == listed


def test_without_tables_nothing_is_known() -> None:
    event = call("ListBuckets", sourceIPAddress="203.0.113.7")
    assert (told("source_country", event), told("source_asn", event), told("source_listed", event)) == (None, None, "")


def test_a_domain_is_found_in_the_list_that_has_its_parent() -> None:
    assert KNOWN.networks.list_with_domain("www.bad.example.com") == "vpn"
    assert KNOWN.networks.list_with_domain("example.com") == ""
