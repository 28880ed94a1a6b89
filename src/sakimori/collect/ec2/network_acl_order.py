"""What the rules of a network ACL do in their order: the first that matches a packet decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Final

ADMIN_PORTS: Final = (22, 3389)
TCP: Final = "6"
UDP: Final = "17"
EVERY_PROTOCOL: Final = "-1"

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One rule as far as it was understood: None is not known. Ports are -1 where the protocol has none."""

    number: int
    is_ingress: bool
    is_allow: bool | None
    protocol: str | None
    low: int | None
    high: int | None
    network: Network | None

    @property
    def is_open_to_world(self) -> bool | None:
        """It speaks of every IPv4 or every IPv6 address."""
        return None if self.network is None else self.network.prefixlen == 0

    def covers(self, protocol: str, port: int) -> bool | None:
        """Whether a packet of this protocol to this port matches, as far as both are known."""
        if self.protocol is None:
            return None
        if self.protocol not in (EVERY_PROTOCOL, protocol):
            return False
        return None if self.low is None or self.high is None else self.low <= port <= self.high


def network_of(text: object) -> Network | None:
    """A CIDR, None where it is none."""
    try:
        return ip_network(str(text), strict=False) if isinstance(text, str) else None
    except ValueError:
        return None


def opens_admin_port(entry: Entry, earlier: Sequence[Entry]) -> bool | None:
    """Whether this rule lets any of the whole world reach SSH or RDP, after the inbound rules before it were heard."""
    if not entry.is_ingress or entry.is_allow is False or entry.is_open_to_world is False:
        return False
    matches = [
        (entry.covers(protocol, port), _denied(earlier, protocol, port, entry.network))
        for protocol in (TCP, UDP)
        for port in ADMIN_PORTS
    ]
    if all(covered is False or denied is True for covered, denied in matches):
        return False
    is_known = entry.is_allow is not None and entry.is_open_to_world is not None
    return True if is_known and any(covered and denied is False for covered, denied in matches) else None


def _denied(earlier: Sequence[Entry], protocol: str, port: int, world: Network | None) -> bool | None:
    """Whether earlier rules already turn every address away: one by itself, or many that together are the world."""
    if world is None:
        return None
    is_sure = True
    fours: list[IPv4Network] = []
    sixes: list[IPv6Network] = []
    for entry in earlier:
        covered = entry.covers(protocol, port)
        if entry.is_allow or covered is False:
            continue
        if entry.network is None or entry.is_allow is None or covered is None:
            is_sure = False
        elif isinstance(entry.network, IPv4Network):
            fours.append(entry.network)
        else:
            sixes.append(entry.network)
    joined = collapse_addresses(fours) if isinstance(world, IPv4Network) else collapse_addresses(sixes)
    if any(network.prefixlen == 0 for network in joined):
        return True
    return False if is_sure else None
