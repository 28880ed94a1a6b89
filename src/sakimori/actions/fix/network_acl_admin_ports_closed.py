"""One network ACL lets nobody from the whole world reach SSH or Remote Desktop: Security Hub EC2.21.

Rules that deny the ports come right before the rule that opens them, and after those that let known addresses in.
Source: Amazon VPC User Guide, "Network ACL rules" (the lowest number that matches decides); Amazon VPC quotas.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

from sakimori.actions.resources.mended import GONE
from sakimori.actions.resources.named_resource import is_there, owner
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


def _read(site: Site) -> State:
    acl_id, others = ACL.name(site), ACL.state_of_others(site)
    if others is not None:
        return others
    found = acl_of(site, acl_id)
    if found is None:
        return GONE
    return {"entries": [each for each in entries_of(found) if not each["Egress"]]}


def _wanted(_site: Site, state: State) -> State:
    if not is_there(state):
        return state
    entries: list[Entry] = list(state["entries"])
    for key, world in _WORLDS:
        entries += _denials(entries, key, world)
    return {"entries": sorted(entries, key=place)}


def _denials(entries: Sequence[Entry], key: str, world: str) -> Iterator[Entry]:
    """What must be denied to the whole world before the first rule that opens it, at numbers that are free."""
    openings = [(pair, number) for pair in _PORTS if (number := _opening(entries, key, world, *pair)) is not None]
    if not openings:
        return
    first = min(number for _, number in openings)
    kept = [
        each["RuleNumber"]
        for each in entries
        if key in each
        and each["RuleAction"] == "allow"
        and each["RuleNumber"] < first
        and any(_covers(each, *pair) for pair in _PORTS)
    ]
    taken = {each["RuleNumber"] for each in entries}
    free = [number for number in range(first - 1, max(kept, default=0), -1) if number not in taken][: len(openings)]
    if len(free) < len(openings):
        raise Refusal(
            call=CREATE_ENTRY, kind=GapKind.MALFORMED, code="NoFreeRuleNumber", message=f"before rule {first}"
        )  # fmt: skip
    for (protocol, port), number in zip((pair for pair, _ in openings), sorted(free), strict=True):
        yield {
            "RuleNumber": number, "Egress": False, "Protocol": protocol, "RuleAction": "deny", key: world,
            "PortRange": {"From": port, "To": port},
        }  # fmt: skip


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
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
