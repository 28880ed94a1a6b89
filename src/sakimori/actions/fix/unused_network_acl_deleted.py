"""A network ACL that filters no subnet is deleted: Security Hub EC2.16.

An undo makes it anew, with all rules and tags, under a new id; a tag says in whose place it stands, so that it is found by
the id that findings had. Source: botocore's model of ec2; Amazon VPC User Guide, "Network ACLs".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.mended import GONE
from sakimori.actions.resources.named_resource import is_there, owner, unless_others
from sakimori.actions.resources.network_acl import (
    ACL,
    CREATE_ENTRY,
    DELETE_ENTRY,
    IN_PLACE_OF,
    LIST,
    acl_of,
    create_entry,
    entries_of,
    tags_of,
    towards_entries,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import GIVEN_ID, Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_CREATE: Final = "ec2:CreateNetworkAcl"
_DELETE: Final = "ec2:DeleteNetworkAcl"
_ID: Final = "unused-network-acl-deleted"
_OURS: Final = ("sakimori", IN_PLACE_OF)
_OF_AWS: Final = "aws:"


def _read(site: Site, acl_id: str) -> State | None:
    found = acl_of(site, acl_id)
    if found is None:
        return None
    tags = {key: each for key, each in tags_of(found).items() if key not in _OURS and not key.startswith(_OF_AWS)}
    return {
        "vpc": found["VpcId"], "is_default": bool(found.get("IsDefault")),
        "subnets": len(found.get("Associations") or ()), "entries": list(entries_of(found)), "tags": tags,
    }  # fmt: skip


def _wanted(_site: Site, state: State) -> State:
    if not is_there(state) or state["is_default"] or state["subnets"]:
        return state
    return GONE


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target:
        return ()
    acl_id = ACL.name(site)
    if now == GONE:
        return (_made(site, acl_id, target),)
    found = acl_of(site, acl_id)
    real = found["NetworkAclId"] if found else acl_id
    if target == GONE:
        return (_deleted(site, real, acl_id, now),)
    return towards_entries(site, real, now["entries"], target["entries"]) if is_there(target) else ()


def _made(site: Site, acl_id: str, target: State) -> Change:
    """The ACL without its rules: they need its id, and come in the next round."""
    back = Call(operation=_DELETE, region=site.region, parameters={"NetworkAclId": GIVEN_ID})
    return Change(
        name="acl", call=_create(site, acl_id, target), undo=(back,), text="fix_network.acl_made",
        values={"acl": acl_id, "vpc": target["vpc"]},
    )  # fmt: skip


def _deleted(site: Site, real: str, acl_id: str, now: State) -> Change:
    drop = Call(
        operation=_DELETE, region=site.region, parameters={"NetworkAclId": real}, settled=("InvalidNetworkAclID.NotFound",)
    )  # fmt: skip
    entries = (create_entry(site, GIVEN_ID, each) for each in now["entries"])
    return Change(
        name="acl", call=drop, undo=(_create(site, acl_id, now), *entries), text="fix_network.acl_deleted",
        values={"acl": real, "vpc": now["vpc"], "rules": len(now["entries"])},
    )  # fmt: skip


def _create(site: Site, acl_id: str, state: State) -> Call:
    tags = {**state["tags"], "sakimori": _ID, IN_PLACE_OF: acl_id}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    parameters = {"VpcId": state["vpc"], "TagSpecifications": [{"ResourceType": "network-acl", "Tags": listed}]}
    return Call(operation=_CREATE, region=site.region, parameters=parameters)


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    return (Caution(text="fix_network.acl_new_id", values={"acl": ACL.name(site)}),)


STEP: Final = Step(
    id=_ID,
    order=1040,
    texts="fix_network.acl",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.ec2.network-acl-in-use",),
    reads=(LIST,),
    writes=(_CREATE, _DELETE, CREATE_ENTRY, DELETE_ENTRY),
    read=unless_others(ACL, _read),
    wanted=_wanted,
    towards=_towards,
    owner=owner,
    cautions=_cautions,
    residue=("aws_ec2_network_acl *", "aws_ec2_network_acl_entry *", "aws_resource_tag *:network-acl/*"),
    of_resources=True,
)
