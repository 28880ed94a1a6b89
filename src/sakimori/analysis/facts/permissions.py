"""What a request opens to whom: permissions of security groups, network ACLs and their relatives, in one form."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sakimori.analysis.facts.event_parts import lowered, mapping_in, members_of, request, text_in, texts_in
from sakimori.analysis.facts.fact import Event

_PROTOCOLS: Final = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "-1": "all", "all": "all"}
_HIGHEST: Final = 65_535
_MOST: Final = 1_000
DATABASE: Final = "database"
"""The protocol of a permission that opens the port of whichever database it protects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One permission. `first` and `last` are None where all ports of the protocol are meant.

    `lists` are prefix lists, whose content the event does not tell; `groups` are other security groups.
    """

    protocol: str
    first: int | None
    last: int | None
    cidrs: tuple[str, ...]
    lists: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def ports(self) -> str:
        """Such as `tcp/22`, `udp/0-1023`, `icmp`, `all`."""
        if self.protocol in {"all", "icmp", "icmpv6", DATABASE} or self.first is None or self.last is None:
            return self.protocol
        return (
            f"{self.protocol}/{self.first}" if self.first == self.last else f"{self.protocol}/{self.first}-{self.last}"
        )

    def reaches(self, ports: frozenset[int]) -> bool:
        """Whether one of the TCP ports is among those it opens."""
        if self.protocol == "all":
            return True
        if self.protocol != "tcp":
            return False
        return self.first is None or self.last is None or any(self.first <= port <= self.last for port in ports)


def permissions_in(event: Event) -> tuple[Permission, ...]:
    """What the event lets in; nothing for events that let nothing in."""
    read = _READERS.get(text_in(event.get("eventName")))
    return () if read is None else tuple(read(request(event)))


def _of_groups(asked: Mapping[str, Any]) -> Iterator[Permission]:
    """AuthorizeSecurityGroupIngress: a list of permissions, or one whose parts stand in the request itself.

    Source: recorded events; EC2 API Reference, "AuthorizeSecurityGroupIngress".
    """
    found = members_of(asked.get("ipPermissions"))
    for each in found[:_MOST] or (asked,):
        yield from _permission(lowered(each))


def _permission(given: Mapping[str, Any]) -> Iterator[Permission]:
    cidrs = (
        *_named(given.get("ipranges"), "cidrip"),
        *_named(given.get("ipv6ranges"), "cidripv6"),
        *texts_in(given.get("cidrip")),
        *texts_in(given.get("cidripv4")),
        *texts_in(given.get("cidripv6")),
    )
    lists = (*_named(given.get("prefixlistids"), "prefixlistid"), *texts_in(given.get("prefixlistid")))
    groups = (
        *_named(given.get("groups"), "groupid", "groupname"),
        *_named(given.get("useridgrouppairs"), "groupid", "groupname"),
        *texts_in(given.get("sourcesecuritygroupname")),
        *texts_in(given.get("referencedgroupid")),
    )
    if cidrs or lists or groups:
        first, last = _ports(given.get("fromport"), given.get("toport"))
        yield Permission(
            protocol=_protocol(given.get("ipprotocol")), first=first, last=last, cidrs=cidrs, lists=lists, groups=groups
        )


def _named(value: object, *names: str) -> tuple[str, ...]:
    """The first of the names in each member of a list; a member that is a text stands for itself."""
    found: list[str] = []
    for member in members_of(value)[:_MOST]:
        given = lowered(member)
        texts = (text_in(given.get(name)) for name in names) if given else iter((text_in(member),))
        text = next((text for text in texts if text), "")
        if text:
            found.append(text)
    return tuple(found)


def _of_changed_rules(asked: Mapping[str, Any]) -> Iterator[Permission]:
    """ModifySecurityGroupRules: one rule, or a list of them, under the name of its own request.

    The record does not tell whether the rule lets in or out; it is taken to let in.
    Source: recorded events (`ModifySecurityGroupRulesRequest.SecurityGroupRule.SecurityGroupRule.CidrIpv4`).
    """
    whole = mapping_in(asked.get("ModifySecurityGroupRulesRequest")) or asked
    for each in members_of(lowered(whole).get("securitygrouprule"))[:_MOST]:
        yield from _permission(lowered(lowered(each).get("securitygrouprule")))


def _of_network_acl(asked: Mapping[str, Any]) -> Iterator[Permission]:
    """CreateNetworkAclEntry: `egress` and `ruleAction` tell whether it lets in. Source: recorded events."""
    if asked.get("egress") in (True, "true") or asked.get("ruleAction") != "allow":
        return
    ports = lowered(asked.get("portRange"))
    first, last = _ports(ports.get("from"), ports.get("to"))
    cidrs = (*texts_in(asked.get("cidrBlock")), *texts_in(asked.get("ipv6CidrBlock")))
    if cidrs:
        yield Permission(protocol=_protocol(asked.get("aclProtocol")), first=first, last=last, cidrs=cidrs)


def _of_databases(asked: Mapping[str, Any]) -> Iterator[Permission]:
    """AuthorizeDBSecurityGroupIngress and its relative of Redshift: addresses alone, for the database's own port.

    No record was at hand: RDS and Redshift write CIDRIP as `cIDRIP`, as they do `dBSnapshotIdentifier`.
    """
    cidrs = texts_in(lowered(asked).get("cidrip"))
    if cidrs:
        yield Permission(protocol=DATABASE, first=None, last=None, cidrs=cidrs)


def _of_lightsail(asked: Mapping[str, Any]) -> Iterator[Permission]:
    """OpenInstancePublicPorts, PutInstancePublicPorts: without addresses, ports are open to everyone.

    Source: Lightsail API Reference, "PortInfo".
    """
    for each in (*members_of(asked.get("portInfo")), *members_of(asked.get("portInfos")))[:_MOST]:
        given = lowered(each)
        if not given:
            continue
        first, last = _ports(given.get("fromport"), given.get("toport"))
        cidrs = (*texts_in(given.get("cidrs")), *texts_in(given.get("ipv6cidrs")))
        lists = texts_in(given.get("cidrlistaliases"))
        yield Permission(
            protocol=_protocol(given.get("protocol")),
            first=first,
            last=last,
            cidrs=cidrs if cidrs or lists else ("0.0.0.0/0", "::/0"),
            lists=lists,
        )


def _protocol(value: object) -> str:
    text = text_in(value).strip().lower()
    return _PROTOCOLS.get(text, text[:20]) or "all"


def _ports(first: object, last: object) -> tuple[int | None, int | None]:
    start, end = _port(first), _port(last)
    if start is None or end is None:
        start = end = start if start is not None else end
    return start, end


def _port(value: object) -> int | None:
    """A port, written as a number or a text; -1 means all."""
    text = text_in(value)
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_HIGHEST))):
        return None
    return int(text) if int(text) <= _HIGHEST else None


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[Permission]]]] = {
    "AuthorizeSecurityGroupIngress": _of_groups,
    "ModifySecurityGroupRules": _of_changed_rules,
    "CreateNetworkAclEntry": _of_network_acl,
    "ReplaceNetworkAclEntry": _of_network_acl,
    "AuthorizeDBSecurityGroupIngress": _of_databases,
    "AuthorizeClusterSecurityGroupIngress": _of_databases,
    "OpenInstancePublicPorts": _of_lightsail,
    "PutInstancePublicPorts": _of_lightsail,
}
