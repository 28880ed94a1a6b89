"""The accounts of the organization, and where in its tree each stands."""

from collections.abc import Iterable

from sakimori.aws.door import Door
from sakimori.collect.declaration import TEXT, TIMESTAMP, Reader, Record, col, table
from sakimori.collect.organizations.membership import DESCRIBE
from sakimori.collect.organizations.tree import ACCOUNTS, ROOTS, UNITS, may_ask, nodes
from sakimori.model.words import Scope


def _accounts(door: Door, region: str) -> Iterable[Record]:
    if not may_ask(door, region):
        return
    for node in nodes(door, region):
        for page in door.pages(ACCOUNTS, region, {"ParentId": node.told["Id"]}):
            for each in page["Accounts"]:
                yield {**each, "parent": node.told["Id"], "path": node.path}


TABLE = table(
    "aws_organizations_account",
    "Accounts of the organization and where in it each stands; empty in an account that may not look at it.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::Organizations::Account",
    rows=Reader(function=_accounts, operations=(DESCRIBE, ROOTS, UNITS, ACCOUNTS), shares_answers=True),
    columns=[
        col("arn", TEXT, "The account's ARN in the organization.", "Arn"),
        col("member_account_id", TEXT, "The account.", "Id"),
        col("name", TEXT, "Its name.", "Name"),
        col("status", TEXT, "ACTIVE, SUSPENDED or PENDING_CLOSURE.", "Status"),
        col("parent_id", TEXT, "The root or organizational unit that it is in.", "parent"),
        col("unit_path", TEXT, "The names from the root to that unit, as /Workloads/Prod; / for the root itself.", "path"),
        col("joined_at", TIMESTAMP, "When it came into the organization.", "JoinedTimestamp"),
    ],
)  # fmt: skip
