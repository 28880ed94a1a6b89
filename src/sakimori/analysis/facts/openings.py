"""Facts of what becomes reachable from the whole Internet.

Source of the bound: S3 User Guide, "The meaning of public": ranges broader than /8 (IPv4) or /32 (IPv6) count as
everyone.
"""

from functools import lru_cache
from typing import Final

from sakimori.analysis.facts.address_ranges import BITS, IPV4, IPV6, Range, RangeSet, inner_ranges, range_in
from sakimori.analysis.facts.event_parts import request, text_in
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.analysis.facts.permissions import DATABASE, Permission, permissions_in
from sakimori.model.verdict import Text

_BROADEST_PREFIX: Final = {IPV4: 8, IPV6: 32}
_ADMIN: Final = frozenset({22, 23, 135, 445, 2375, 2376, 3389, 5900, 5901, 5985, 5986, 10250})
_DATABASES: Final = frozenset(
    {
        1433, 1434, 1521, 2483, 2484, 3306, 5432, 5439, 5984, 6379, 6380, 7474, 7687, 8086, 8123, 9042, 9160, 9200,
        9300, 11211, 26257, 27017, 27018, 27019, 50000,
    }
)  # fmt: skip
_WEB: Final = frozenset({"tcp/80", "tcp/443", "udp/443"})


def world_in(cidrs: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the CIDRs that together reach the world: one that does alone, or many that do in sum."""
    public = [(text, found) for text in cidrs if (found := _public(text)) is not None]
    alone = tuple(text for text, found in public if found.size > _bound(found.version))
    if alone:
        return alone
    broad = {
        version
        for version in (IPV4, IPV6)
        if sum(each.size for each in RangeSet.of(found for _, found in public if found.version == version))
        > _bound(version)
    }
    return tuple(text for text, found in public if found.version in broad)


@lru_cache(maxsize=4096)
def _public(text: str) -> Range | None:
    found = range_in(text)
    return None if found is None or inner_ranges().covers(found) else found


def _bound(version: int) -> int:
    return 1 << (BITS[version] - _BROADEST_PREFIX[version])


def _opened(event: Event) -> tuple[tuple[Permission, tuple[str, ...]], ...]:
    """The permissions that reach the world, with the CIDRs that do."""
    return tuple((each, world) for each in permissions_in(event) if (world := world_in(each.cidrs)))


def _is_untold(event: Event) -> bool:
    """Whether a prefix list hides who is let in, or nothing of the request is there to read."""
    if any(each.lists for each in permissions_in(event)):
        return True
    return not request(event) and text_in(event.get("eventName")).endswith("SecurityGroupIngress")


def _ports(event: Event, _: Surroundings) -> tuple[str, ...] | None:
    found = tuple(dict.fromkeys(permission.ports for permission, _ in _opened(event)))
    return None if not found and _is_untold(event) else found


def _cidrs(event: Event, _: Surroundings) -> tuple[str, ...] | None:
    found = tuple(dict.fromkeys(cidr for _, world in _opened(event) for cidr in world))
    return None if not found and _is_untold(event) else found


def _sources(event: Event, _: Surroundings) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(source for each in permissions_in(event) for source in (*each.cidrs, *each.groups, *each.lists))
    )


def _admin(event: Event, _: Surroundings) -> bool | None:
    found = any(permission.reaches(_ADMIN) for permission, _ in _opened(event))
    return None if not found and _is_untold(event) else found


def _database(event: Event, _: Surroundings) -> bool | None:
    found = any(permission.protocol == DATABASE or permission.reaches(_DATABASES) for permission, _ in _opened(event))
    return None if not found and _is_untold(event) else found


def _only_web(event: Event, _: Surroundings) -> bool:
    opened = _opened(event)
    return bool(opened) and all(permission.ports in _WEB for permission, _ in opened)


_READS: Final = ("eventName", "requestParameters")

FACTS: Final = (
    Fact(
        name="fact.opened_ports",
        type=FactType.TEXTS,
        sentence=Text(
            en="The ports that become reachable from the whole Internet: tcp/22, tcp/20-8080, icmp, all.",
            ja="インターネット全体から到達できるようになるポートです（tcp/22、tcp/20-8080、icmp、all など）。",
        ),
        reads=_READS,
        of=_ports,
    ),
    Fact(
        name="fact.opened_to",
        type=FactType.TEXTS,
        sentence=Text(
            en="The CIDRs that open them to the whole Internet, such as 0.0.0.0/0.",
            ja="インターネット全体に開放している CIDR です（0.0.0.0/0 など）。",
        ),
        reads=_READS,
        of=_cidrs,
    ),
    Fact(
        name="fact.opened_sources",
        type=FactType.TEXTS,
        sentence=Text(
            en="Everyone who is let in: CIDRs, security groups and prefix lists.",
            ja="許可されたすべての送信元です（CIDR、セキュリティグループ、プレフィックスリスト）。",
        ),
        reads=_READS,
        of=_sources,
    ),
    Fact(
        name="fact.opens_admin_port",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="A port of remote administration (SSH, RDP, WinRM, Telnet …) is opened to the whole Internet.",
            ja="リモート管理用のポート（SSH、RDP、WinRM、Telnet など）がインターネット全体に開放されます。",
        ),
        reads=_READS,
        of=_admin,
    ),
    Fact(
        name="fact.opens_database_port",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="A port of a database is opened to the whole Internet.",
            ja="データベースのポートがインターネット全体に開放されます。",
        ),
        reads=_READS,
        of=_database,
    ),
    Fact(
        name="fact.opens_only_web",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="Only ports 80 and 443 are opened to the whole Internet.",
            ja="インターネット全体に開放されるのは 80 番と 443 番のポートだけです。",
        ),
        reads=_READS,
        of=_only_web,
    ),
)
