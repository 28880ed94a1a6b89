"""Rules of security groups in normal form, the calls between two sets of them, and what uses a group.

A rule is one direction, protocol, port range and peer; AWS never holds two of them that differ only in their description.
The id of a rule is left out: AWS makes it anew. Source: botocore's model of ec2 (DescribeSecurityGroupRules,
AuthorizeSecurityGroupIngress, RevokeSecurityGroupIngress); Amazon VPC User Guide, "Security group rules".
"""

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.actions.step import Caution
from sakimori.model.action import Call, Change

RULES: Final = "ec2:DescribeSecurityGroupRules"
INTERFACES: Final = "ec2:DescribeNetworkInterfaces"
AUTHORIZE_INGRESS: Final = "ec2:AuthorizeSecurityGroupIngress"
AUTHORIZE_EGRESS: Final = "ec2:AuthorizeSecurityGroupEgress"
REVOKE_INGRESS: Final = "ec2:RevokeSecurityGroupIngress"
REVOKE_EGRESS: Final = "ec2:RevokeSecurityGroupEgress"
WRITES: Final = (AUTHORIZE_INGRESS, AUTHORIZE_EGRESS, REVOKE_INGRESS, REVOKE_EGRESS)

Rule = Mapping[str, Any]
"""`is_ingress`, `protocol`, `ports` (first and last, or for ICMP type and code; None where the protocol is all),
`peer` (as the calls name it), `description` and `tags`."""

WORLD: Final = ("0.0.0.0/0", "::/0")
_ALL: Final = "-1"
_IDENTITY: Final = ("is_ingress", "protocol", "ports", "peer")
_OF_AWS: Final = "aws:"
_LISTS: Final = {
    "CidrIp": "IpRanges", "CidrIpv6": "Ipv6Ranges", "PrefixListId": "PrefixListIds", "GroupId": "UserIdGroupPairs",
}  # fmt: skip
_MOST_NAMED: Final = 10


def rules_of(site: Site, group_ids: Sequence[str]) -> Mapping[str, Sequence[Rule]]:
    """The rules of each of these groups, sorted; no rule for a group that has none or is not there."""
    found: dict[str, list[Rule]] = {each: [] for each in group_ids}
    if group_ids:
        for told in site.all_of(RULES, "SecurityGroupRules", Filters=[{"Name": "group-id", "Values": list(group_ids)}]):
            found[told["GroupId"]].append(rule_of(told))
    return {group: sorted(rules, key=_order) for group, rules in found.items()}


def towards_rules(site: Site, group_id: str, now: Iterable[Rule], target: Iterable[Rule]) -> Sequence[Change]:
    """One call for each rule that is too many or missing. Where only the description differs, nothing is done."""
    there = {_order(each): each for each in now}
    wanted = {_order(each): each for each in target}
    revoked = [_change(site, group_id, each, is_new=False) for key, each in there.items() if key not in wanted]
    return [*revoked, *(_change(site, group_id, each, is_new=True) for key, each in wanted.items() if key not in there)]


def shown(rule: Rule) -> str:
    """The rule in a few characters, such as `tcp 22-22 ← 0.0.0.0/0`."""
    ports = "" if rule["ports"] is None else f" {rule['ports'][0]}-{rule['ports'][1]}"
    peer = next(value for name, value in rule["peer"].items() if name in _LISTS)
    protocol = "all" if rule["protocol"] == _ALL else rule["protocol"]
    return f"{protocol}{ports} {'←' if rule['is_ingress'] else '→'} {peer}"


def rule_text(rule: Rule) -> str:
    """The rule as a resource's name holds it, such as `in tcp 22-22 0.0.0.0/0`: its description and tags aside, which make no other rule."""
    ports = "" if rule["ports"] is None else f" {rule['ports'][0]}-{rule['ports'][1]}"
    peer = "/".join(rule["peer"][name] for name in ("UserId", *_LISTS) if rule["peer"].get(name))
    return f"{'in' if rule['is_ingress'] else 'out'} {rule['protocol']}{ports} {peer}"


def users_of(site: Site, group_id: str) -> Sequence[Caution]:
    """What stands behind the group: its network interfaces, or a word that nothing does. Raises Refusal."""
    found = interfaces_of(site, group_id)
    if not found:
        return (Caution(text="fix_network.group_unused", values={"group": group_id}),)
    values = {"group": group_id, "count": len(found), "users": interface_names(found)}
    return (Caution(text="fix_network.group_users", values=values),)


def cut_off_by_closing(site: Site, group_id: str) -> Sequence[Caution]:
    """What loses its network when the group has no rules any more; it blocks where something has no other group. Raises Refusal."""
    found = interfaces_of(site, group_id)
    alone = [each for each in found if len(each.get("Groups") or ()) <= 1]
    if alone:
        values = {"group": group_id, "count": len(alone), "users": interface_names(alone)}
        return (Caution(text="fix_network.group_needed", values=values, blocks=True),)
    return users_of(site, group_id) if found else ()


def outsiders_of(site: Site, name: str, group_ids: Sequence[str]) -> Sequence[Caution]:
    """The public addresses that these groups let in to `name` today, whom closing it cuts off. Raises Refusal."""
    rules = [each for listed in rules_of(site, group_ids).values() for each in listed if each["is_ingress"]]
    ranges = {next(iter(each["peer"].values())) for each in rules if {"CidrIp", "CidrIpv6"} & each["peer"].keys()}
    public = sorted(
        each for each in ranges if ip_network(each, strict=False).is_global or each in ("0.0.0.0/0", "::/0")
    )
    if not public:
        return (Caution(text="fix_network.outsiders_none", values={"name": name}),)
    return (Caution(text="fix_network.outsiders", values={"name": name, "ranges": public}),)


def rule_of(told: Mapping[str, Any]) -> Rule:
    """What DescribeSecurityGroupRules tells of one rule, in normal form."""
    protocol = str(told["IpProtocol"])
    low, high = told.get("FromPort"), told.get("ToPort")
    return {
        "is_ingress": not told["IsEgress"],
        "protocol": protocol,
        "ports": None if protocol == _ALL or low is None or high is None else [int(low), int(high)],
        "peer": _peer(told),
        "description": told.get("Description") or "",
        "tags": {
            each["Key"]: each["Value"]
            for each in sorted(told.get("Tags") or (), key=lambda each: each["Key"])
            if not each["Key"].startswith(_OF_AWS)
        },
    }


def _peer(told: Mapping[str, Any]) -> Mapping[str, str]:
    if told.get("CidrIpv4"):
        return {"CidrIp": told["CidrIpv4"]}
    if told.get("CidrIpv6"):
        return {"CidrIpv6": told["CidrIpv6"]}
    if told.get("PrefixListId"):
        return {"PrefixListId": told["PrefixListId"]}
    group = told["ReferencedGroupInfo"]
    names = ("GroupId", "UserId", "VpcPeeringConnectionId")
    return {name: group[name] for name in names if group.get(name)}


def _order(rule: Rule) -> str:
    return str([rule[name] for name in _IDENTITY])


def _change(site: Site, group_id: str, rule: Rule, *, is_new: bool) -> Change:
    make, drop = _authorize(site, group_id, rule), _revoke(site, group_id, rule)
    there, back = (make, drop) if is_new else (drop, make)
    inbound, outbound = (
        ("fix_network.inbound_authorized", "fix_network.outbound_authorized")
        if is_new
        else ("fix_network.inbound_revoked", "fix_network.outbound_revoked")
    )
    return Change(
        name=f"{group_id} {shown(rule)}", call=there, undo=(back,), text=inbound if rule["is_ingress"] else outbound,
        values={"group": group_id, "rule": shown(rule), "description": rule["description"] or "-"},
    )  # fmt: skip


def _authorize(site: Site, group_id: str, rule: Rule) -> Call:
    described = {"Description": rule["description"]} if rule["description"] else {}
    parameters = {"GroupId": group_id, "IpPermissions": [_permission(rule, {**rule["peer"], **described})]}
    if rule["tags"]:
        tags = [{"Key": key, "Value": value} for key, value in rule["tags"].items()]
        parameters["TagSpecifications"] = [{"ResourceType": "security-group-rule", "Tags": tags}]
    operation = AUTHORIZE_INGRESS if rule["is_ingress"] else AUTHORIZE_EGRESS
    return Call(
        operation=operation, region=site.region, parameters=parameters, settled=("InvalidPermission.Duplicate",)
    )  # fmt: skip


def _revoke(site: Site, group_id: str, rule: Rule) -> Call:
    return Call(
        operation=REVOKE_INGRESS if rule["is_ingress"] else REVOKE_EGRESS,
        region=site.region,
        parameters={"GroupId": group_id, "IpPermissions": [_permission(rule, rule["peer"])]},
        settled=("InvalidPermission.NotFound",),
    )


def _permission(rule: Rule, peer: Mapping[str, str]) -> Mapping[str, Any]:
    ports = {} if rule["ports"] is None else {"FromPort": rule["ports"][0], "ToPort": rule["ports"][1]}
    listed = next(where for name, where in _LISTS.items() if name in peer)
    return {"IpProtocol": rule["protocol"], **ports, listed: [dict(peer)]}


def interfaces_of(site: Site, group_id: str) -> Sequence[Mapping[str, Any]]:
    """The network interfaces that have the group, as AWS tells of them."""
    return site.all_of(INTERFACES, "NetworkInterfaces", Filters=[{"Name": "group-id", "Values": [group_id]}])


def interface_names(interfaces: Iterable[Mapping[str, Any]]) -> Sequence[str]:
    """The first of them, each with its instance or what its maker wrote."""
    return sorted(_interface(each) for each in interfaces)[:_MOST_NAMED]


def _interface(told: Mapping[str, Any]) -> str:
    attached = (told.get("Attachment") or {}).get("InstanceId")
    about = attached or told.get("Description") or ""
    return f"{told['NetworkInterfaceId']} ({about})" if about else told["NetworkInterfaceId"]
