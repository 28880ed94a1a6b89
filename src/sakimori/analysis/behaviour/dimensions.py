"""What may be new about an event: its Region, service, network, country … of each row, by different values."""
# pyright: basic

import ipaddress
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.facts.user_agents import kind_of_agent
from sakimori.analysis.log_forms.coding import Coded, combinations, different
from sakimori.analysis.log_forms.rows import Rows

DIMENSIONS: Final = (
    "region", "service", "action", "origin", "network", "country", "asn", "user_agent", "principal", "service_region",
    "access_key",
)  # fmt: skip
_COLUMNS: Final = {
    "region": "aws_region", "service": "event_source", "access_key": "user_identity_access_key_id",
    "user_agent": "user_agent", "origin": "source_ip", "network": "source_ip", "country": "source_ip", "asn": "source_ip",
}  # fmt: skip
_PAIRS: Final = {"action": ("event_source", "event_name", ":"), "service_region": ("event_source", "aws_region", "@")}
OF: Final = ("principal", "account", "origin")
_V4_NETWORK: Final = 24
_V6_NETWORK: Final = 48


def columns_of(dimension: str) -> tuple[str, ...]:
    """The columns that tell it."""
    if dimension in _PAIRS:
        return _PAIRS[dimension][:2]
    return (_COLUMNS[dimension],) if dimension in _COLUMNS else ()


def coded_dimension(rows: Rows, dimension: str, surroundings: Surroundings) -> Coded:
    """The dimension of every row of CloudTrail; -1 where it has none (a service has no network)."""
    known = rows.dimensions.get(dimension)
    if known is None:
        known = rows.dimensions[dimension] = _coded(rows, dimension, surroundings)
    return known


def _coded(rows: Rows, dimension: str, surroundings: Surroundings) -> Coded:
    if dimension == "principal":
        return rows.role_codes("principal")
    if dimension in _PAIRS:
        first, second, between = _PAIRS[dimension]
        return _paired(rows, rows.forced(first), rows.forced(second), between)
    coded = rows.forced(_COLUMNS[dimension])
    networks = surroundings.networks
    turns: dict[str, Callable[[str], object]] = {
        "user_agent": kind_of_agent,
        "network": network_of,
        "country": networks.country_of,
        "asn": networks.asn_of,
    }
    return _mapped(coded, turns[dimension]) if dimension in turns else coded


@lru_cache(maxsize=65_536)
def network_of(address: str) -> str | None:
    """The /24 of an IPv4 address, the /48 of an IPv6 one: what a provider gives to one customer."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    prefix = _V4_NETWORK if found.version == 4 else _V6_NETWORK  # noqa: PLR2004 - the version of IP
    return str(ipaddress.ip_network((found, prefix), strict=False))


def _mapped(coded: Coded, turn: Callable[[str], object]) -> Coded:
    import numpy as np  # noqa: PLC0415

    known: dict[str, int] = {}
    places = np.full(len(coded.values) + 1, -1, dtype=np.int32)
    for at, value in enumerate(coded.values):
        turned = turn(value)
        if turned is not None and turned != "":
            places[at] = known.setdefault(str(turned), len(known))
    return Coded(places[coded.codes], list(known))


def _paired(rows: Rows, first: Coded, second: Coded, between: str) -> Coded:
    import numpy as np  # noqa: PLC0415

    codes, at_first = different(combinations((first, second), rows.num_rows))
    values: list[Any] = []
    places = np.full(len(at_first), -1, dtype=np.int32)
    for at, row in enumerate(at_first.tolist()):
        one, other = first.codes[row], second.codes[row]
        if one >= 0 and other >= 0:
            places[at] = len(values)
            values.append(f"{first.values[one]}{between}{second.values[other]}")
    return Coded(places.take(codes), values)
