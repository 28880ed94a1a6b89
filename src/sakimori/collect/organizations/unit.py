"""The roots and organizational units of the organization."""

from collections.abc import Iterable

from sakimori.aws.door import Door
from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Derive, Reader, Record, col, table
from sakimori.collect.organizations.membership import DESCRIBE
from sakimori.collect.organizations.tree import ROOTS, UNITS, may_ask, nodes
from sakimori.model.words import Scope


def _units(door: Door, region: str) -> Iterable[Record]:
    if not may_ask(door, region):
        return
    for node in nodes(door, region):
        yield {**node.told, "parent": node.parent_id, "path": node.path}


def _lets_work(kind: str) -> Derive:
    """Of a root alone: a kind of policy is turned on for all that is under it."""

    def derive(record: Record, _context: Context) -> bool | None:
        if record["parent"]:
            return None
        return any(each["Type"] == kind and each["Status"] == "ENABLED" for each in record["PolicyTypes"])

    return derive


TABLE = table(
    "aws_organizations_unit",
    "Roots and organizational units (OUs) of the organization; empty in an account that may not look at it.",
    key="id",
    scope=Scope.ACCOUNT,
    resource_type="AWS::Organizations::OrganizationalUnit",
    rows=Reader(function=_units, operations=(DESCRIBE, ROOTS, UNITS), shares_answers=True),
    columns=[
        col("id", TEXT, "r-… of a root, ou-… of a unit.", "Id"),
        col("arn", TEXT, "Its ARN.", "Arn"),
        col("name", TEXT, "Its name.", "Name"),
        col("parent_id", TEXT, "The root or unit that it is in; '' for a root.", "parent"),
        col("path", TEXT, "The names from the root, as /Workloads/Prod; / for the root itself.", "path"),
        col("lets_service_control_policies_work", BOOLEAN, "SCPs are turned on under this root; NULL for a unit.",
            _lets_work("SERVICE_CONTROL_POLICY")),
        col("lets_resource_control_policies_work", BOOLEAN, "RCPs are turned on under this root; NULL for a unit.",
            _lets_work("RESOURCE_CONTROL_POLICY")),
    ],
)  # fmt: skip
