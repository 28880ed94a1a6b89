"""What the service control policies of the organization are attached to."""

from collections.abc import Iterable
from typing import Final

from sakimori.aws.door import Door
from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Reader, Record, col, table
from sakimori.collect.organizations.membership import DESCRIBE, is_managed_by, organization_of
from sakimori.model.words import Scope

_POLICIES: Final = "organizations:ListPolicies"
_TARGETS: Final = "organizations:ListTargetsForPolicy"


def _attachments(door: Door, region: str) -> Iterable[Record]:
    """Of the management account only: a member account may not ask."""
    organization = organization_of(door, region)
    if organization is None or not is_managed_by(organization, door):
        return
    for page in door.pages(_POLICIES, region, {"Filter": "SERVICE_CONTROL_POLICY"}):
        for policy in page["Policies"]:
            for answer in door.pages(_TARGETS, region, {"PolicyId": policy["Id"]}):
                for target in answer["Targets"]:
                    yield {"policy": policy, "target": target}


def _id(record: Record, _context: Context) -> str | None:
    policy, target = record["policy"].get("Arn"), record["target"].get("TargetId")
    return f"{policy}>{target}" if policy and target else None


TABLE = table(
    "aws_organizations_policy_target",
    "What service control policies are attached to; empty in an account that does not manage its organization.",
    key="id",
    scope=Scope.ACCOUNT,
    resource_type="AWS::Organizations::Policy",
    rows=Reader(function=_attachments, operations=(DESCRIBE, _POLICIES, _TARGETS)),
    columns=[
        col("id", TEXT, "The policy's ARN, an arrow and the target's id.", _id),
        col("policy_arn", TEXT, "The policy.", "policy.Arn"),
        col("policy_name", TEXT, "The policy's name.", "policy.Name"),
        col("is_aws_managed", BOOLEAN, "The policy is AWS's own, which allows everything.", "policy.AwsManaged"),
        col("target_id", TEXT, "The root, the organizational unit or the account.", "target.TargetId"),
        col("target_name", TEXT, "Its name.", "target.Name"),
        col("target_type", TEXT, "ROOT, ORGANIZATIONAL_UNIT or ACCOUNT.", "target.Type"),
    ],
)  # fmt: skip
