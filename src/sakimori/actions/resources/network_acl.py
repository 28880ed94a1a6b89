"""One network ACL and its rules in normal form, and the calls between two sets of rules.

Source: botocore's model of ec2; Amazon VPC User Guide, "Network ACLs".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.model.action import Call, Change

LIST: Final = "ec2:DescribeNetworkAcls"
CREATE_ENTRY: Final = "ec2:CreateNetworkAclEntry"
DELETE_ENTRY: Final = "ec2:DeleteNetworkAclEntry"
ACL: Final = Kind(service="ec2", call=LIST, prefix="network-acl/", pattern=r"acl-[0-9a-f]{1,32}")
LAST: Final = 32767
"""From this number on rules are AWS's own: they deny what is left, and cannot be written."""
IN_PLACE_OF: Final = "sakimori-in-place-of"
"""The tag of an ACL that an undo made, with the id of the one in whose place it stands."""
_KEYS: Final = (
    "RuleNumber", "Egress", "Protocol", "RuleAction", "CidrBlock", "Ipv6CidrBlock", "PortRange", "IcmpTypeCode",
)  # fmt: skip

Entry = Mapping[str, Any]
"""One rule, as the calls name its parts."""


def acl_of(site: Site, acl_id: str) -> Mapping[str, Any] | None:
    """The ACL of this id, or the one that an undo made in its place; None where there is none."""
    listed = site.all_of(LIST, "NetworkAcls")
    by_id = [each for each in listed if each["NetworkAclId"] == acl_id]
    return next(iter(by_id or [each for each in listed if tags_of(each).get(IN_PLACE_OF) == acl_id]), None)


def tags_of(acl: Mapping[str, Any]) -> Mapping[str, str]:
    """Its tags, in order."""
    return {each["Key"]: each["Value"] for each in sorted(acl.get("Tags") or (), key=lambda each: each["Key"])}


def entries_of(acl: Mapping[str, Any]) -> Sequence[Entry]:
    """Its rules but for AWS's own, inbound ones first, in the order in which they are heard."""
    told = [each for each in acl.get("Entries") or () if each["RuleNumber"] < LAST]
    return sorted(({key: each[key] for key in _KEYS if each.get(key) is not None} for each in told), key=place)


def place(entry: Entry) -> tuple[bool, int]:
    """The direction and number, which name a rule."""
    return entry["Egress"], entry["RuleNumber"]


def towards_entries(site: Site, acl_id: str, now: Sequence[Entry], target: Sequence[Entry]) -> Sequence[Change]:
    """One call for each rule that is too many, then one for each that is missing."""
    return [
        *(_change(site, acl_id, each, is_new=False) for each in now if each not in target),
        *(_change(site, acl_id, each, is_new=True) for each in target if each not in now),
    ]


def create_entry(site: Site, acl_id: str, entry: Entry) -> Call:
    """The call that makes the rule."""
    parameters = {"NetworkAclId": acl_id, **entry}
    return Call(
        operation=CREATE_ENTRY, region=site.region, parameters=parameters, settled=("NetworkAclEntryAlreadyExists",)
    )  # fmt: skip


def _change(site: Site, acl_id: str, entry: Entry, *, is_new: bool) -> Change:
    number, is_egress = entry["RuleNumber"], entry["Egress"]
    make = create_entry(site, acl_id, entry)
    drop = Call(
        operation=DELETE_ENTRY, region=site.region, settled=("InvalidNetworkAclEntry.NotFound",),
        parameters={"NetworkAclId": acl_id, "RuleNumber": number, "Egress": is_egress},
    )  # fmt: skip
    there, back = (make, drop) if is_new else (drop, make)
    return Change(
        name=f"{'made' if is_new else 'deleted'} {'outbound' if is_egress else 'inbound'} {number}", call=there, undo=(back,),
        text="fix_network.acl_rule_made" if is_new else "fix_network.acl_rule_deleted",
        values={"acl": acl_id, "number": number, "rule": _shown(entry)},
    )  # fmt: skip


def _shown(entry: Entry) -> str:
    ports = entry.get("PortRange")
    told = f" {ports['From']}-{ports['To']}" if ports else ""
    arrow = "→" if entry["Egress"] else "←"
    return f"{entry['RuleAction']} {entry['Protocol']}{told} {arrow} {entry.get('CidrBlock') or entry.get('Ipv6CidrBlock')}"
