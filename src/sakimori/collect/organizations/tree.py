"""The tree of an organization, walked from its root: what it is made of, for the tables that tell it.

Only the management account, and a member account to which it delegated, may ask (AWS Organizations API Reference, "ListRoots" and
its like: "can be called only from the organization's management account or by a member account that is a delegated administrator").
Whoever may not is told nothing, and has no rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.organizations.membership import is_managed_by, organization_of
from sakimori.model.words import GapKind

ROOTS: Final = "organizations:ListRoots"
UNITS: Final = "organizations:ListOrganizationalUnitsForParent"
ACCOUNTS: Final = "organizations:ListAccountsForParent"
# Source: "Quotas for AWS Organizations": five levels of units under a root, 2,000 units (10,000 at most, by request).
_DEEPEST: Final = 5
_MOST_UNITS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A root or a unit. `path` has the names from the root, `/` before each below it; that of the root is `/`."""

    told: Mapping[str, Any]
    parent_id: str
    path: str
    depth: int


def may_ask(door: Door, region: str) -> bool:
    """Whether the account manages its organization, or was given the right to look at it."""
    organization = organization_of(door, region)
    if organization is None:
        return False
    if is_managed_by(organization, door):
        return True
    try:
        next(iter(door.pages(ROOTS, region, {})), None)
    except Refusal as refusal:
        if refusal.kind is GapKind.DENIED:
            return False
        raise
    return True


def nodes(door: Door, region: str) -> Iterator[Node]:
    """Roots and units, each after its parent; Refusal where one of the listings could not be read."""
    waiting = [
        Node(told=root, parent_id="", path="/", depth=0)
        for page in door.pages(ROOTS, region, {})
        for root in page["Roots"]
    ]
    count = 0
    while waiting:
        node = waiting.pop(0)
        yield node
        count += 1
        if node.depth >= _DEEPEST or count > _MOST_UNITS:
            continue
        for page in door.pages(UNITS, region, {"ParentId": node.told["Id"]}):
            for unit in page["OrganizationalUnits"]:
                path = f"{node.path.rstrip('/')}/{unit.get('Name', '')}"
                waiting.append(Node(told=unit, parent_id=str(node.told["Id"]), path=path, depth=node.depth + 1))
