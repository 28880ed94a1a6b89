"""One network ACL lets nobody from the whole world reach SSH or Remote Desktop: Security Hub EC2.21.

A rule that denies a port comes before the first rule that opens that port to the world, and after those before it that let
known addresses in at that port: these keep their way. Known addresses that come after the opening are refused with the rest.
Source: Amazon VPC User Guide, "Network ACL rules" (the lowest number that matches decides); Amazon VPC quotas.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

from sakimori.actions.resources.named_resource import is_there, owner, unless_others
from sakimori.actions.resources.network_acl import (
    ACL,
    CREATE_ENTRY,
    DELETE_ENTRY,
    LIST,
    Entry,
    acl_of,
    entries_of,
    place,
    towards_entries,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Baseline, Change, Risk
from sakimori.model.words import GapKind, Scope

_WORLDS: Final = (("CidrBlock", "0.0.0.0/0"), ("Ipv6CidrBlock", "::/0"))
_PORTS: Final = tuple(product(("6", "17"), (22, 3389)))
"""TCP and UDP, SSH and Remote Desktop."""
_EVERY: Final = "-1"
_MOST_RULES: Final = 20
"""In each direction, AWS's last rule not counted, unless a quota was raised."""


def _read(site: Site, acl_id: str) -> State | None:
    found = acl_of(site, acl_id)
    return None if found is None else {"entries": [each for each in entries_of(found) if not each["Egress"]]}


def _wanted(_site: Site, state: State) -> State:
    if not is_there(state):
        return state
    entries: Sequence[Entry] = state["entries"]
    return {"entries": sorted([*entries, *_denials(entries)], key=place)}


def _denials(entries: Sequence[Entry]) -> Iterator[Entry]:
    """What must be denied to the whole world, each port at the last free number before the first rule that opens that port.

    The port with the least room chooses first.
    """
    rooms: list[tuple[range, Entry]] = []
    for (key, world), (protocol, port) in product(_WORLDS, _PORTS):
        opening = _opening(entries, key, world, protocol, port)
        if opening is not None:
            ports = {"From": port, "To": port}
            denied = {"Egress": False, "Protocol": protocol, "RuleAction": "deny", key: world, "PortRange": ports}
            rooms.append((range(_last_known(entries, key, protocol, port, opening) + 1, opening), denied))
    taken = {each["RuleNumber"] for each in entries}
    for room, denied in sorted(rooms, key=lambda each: each[0].start, reverse=True):
        number = next((each for each in reversed(room) if each not in taken), None)
        if number is None:
            raise Refusal(
                call=CREATE_ENTRY, kind=GapKind.MALFORMED, code="NoFreeRuleNumber", message=f"before rule {room.stop}"
            )  # fmt: skip
        taken.add(number)
        yield {"RuleNumber": number, **denied}


def _last_known(entries: Sequence[Entry], key: str, protocol: str, port: int, opening: int) -> int:
    """The number of the last rule before the opening that lets known addresses in at this port, 0 without any."""
    known = (
        each for each in entries if key in each and each["RuleAction"] == "allow" and _covers(each, protocol, port)
    )
    return max((each["RuleNumber"] for each in known if each["RuleNumber"] < opening), default=0)


def _opening(entries: Sequence[Entry], key: str, world: str, protocol: str, port: int) -> int | None:
    """The number of the rule that opens this port to the world; None where none does, or one before it denies that."""
    for each in entries:
        if each.get(key) == world and _covers(each, protocol, port):
            return each["RuleNumber"] if each["RuleAction"] == "allow" else None
    return None


def _covers(entry: Entry, protocol: str, port: int) -> bool:
    if entry["Protocol"] == _EVERY:
        return True
    ports = entry.get("PortRange")
    return entry["Protocol"] == protocol and ports is not None and ports["From"] <= port <= ports["To"]


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if not is_there(now) or not is_there(target):
        return ()
    return towards_entries(site, ACL.name(site), now["entries"], target["entries"])


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    acl_id = ACL.name(site)
    subnets = sorted(each["SubnetId"] for each in (acl_of(site, acl_id) or {}).get("Associations") or ())
    found = [Caution(text="fix_network.acl_inside_too", values={"acl": acl_id, "subnets": subnets or "-"})]
    count = len(_wanted(site, state)["entries"])
    if count > _MOST_RULES:
        found.append(
            Caution(text="fix_network.acl_too_many", values={"acl": acl_id, "count": count, "most": _MOST_RULES})
        )
    return found


STEP: Final = Step(
    id="network-acl-admin-ports-closed",
    order=1220,
    texts="fix_network.acl_ports",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    rules=("aws.ec2.network-acl-admin-ports-closed",),
    reads=(LIST,),
    writes=(CREATE_ENTRY, DELETE_ENTRY),
    read=unless_others(ACL, _read),
    wanted=_wanted,
    towards=_towards,
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
