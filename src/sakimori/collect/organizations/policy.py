"""The policies by which the organization limits its accounts (SCPs) and their resources (RCPs), with what they say."""

from collections.abc import Iterable, Iterator
from typing import Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import BOOLEAN, TEXT, Reader, Record, call, col, table
from sakimori.collect.organizations.membership import DESCRIBE
from sakimori.collect.organizations.tree import ROOTS, may_ask
from sakimori.model.words import Scope

LIST: Final = "organizations:ListPolicies"
KINDS: Final = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
# A partition without RCPs, or an organization that only pays the bills together, has none of the kind.
_NO_SUCH_KIND: Final = frozenset({"UnsupportedAPIEndpointException"})


def listed(door: Door, region: str, kind: str) -> Iterator[Record]:
    """The policies of a kind, AWS's own too; nothing where the partition does not know the kind."""
    try:
        for page in door.pages(LIST, region, {"Filter": kind}):
            yield from page["Policies"]
    except Refusal as refusal:
        if refusal.code not in _NO_SUCH_KIND:
            raise


def _policies(door: Door, region: str) -> Iterable[Record]:
    if may_ask(door, region):
        for kind in KINDS:
            yield from listed(door, region, kind)


TABLE = table(
    "aws_organizations_policy",
    "Service and resource control policies (SCPs, RCPs); empty in an account that may not look at the organization.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::Organizations::Policy",
    rows=Reader(function=_policies, operations=(DESCRIBE, ROOTS, LIST), shares_answers=True),
    each=[call("organizations:DescribePolicy", "Policy", with_={"PolicyId": "Id"})],
    columns=[
        col("arn", TEXT, "The policy's ARN.", "Arn"),
        col("policy_id", TEXT, "p-…", "Id"),
        col("name", TEXT, "Its name.", "Name"),
        col("kind", TEXT, "SERVICE_CONTROL_POLICY or RESOURCE_CONTROL_POLICY.", "Type"),
        col("is_aws_managed", BOOLEAN, "The policy is AWS's own, which allows everything.", "AwsManaged"),
        col("document", TEXT, "What it says, as JSON.", "Policy.Content"),
    ],
)  # fmt: skip
