"""What the service and resource control policies of the organization are attached to."""

from collections.abc import Iterable
from typing import Final

from sakimori.aws.door import Door
from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Reader, Record, col, table
from sakimori.collect.organizations.membership import DESCRIBE
from sakimori.collect.organizations.policy import KINDS, LIST, listed
from sakimori.collect.organizations.tree import ROOTS, may_ask
from sakimori.model.words import Scope

_TARGETS: Final = "organizations:ListTargetsForPolicy"


def _attachments(door: Door, region: str) -> Iterable[Record]:
    if not may_ask(door, region):
        return
    for kind in KINDS:
        for policy in listed(door, region, kind):
            for answer in door.pages(_TARGETS, region, {"PolicyId": policy["Id"]}):
                for target in answer["Targets"]:
                    yield {"policy": policy, "target": target}


def _id(record: Record, _context: Context) -> str | None:
    policy, target = record["policy"].get("Arn"), record["target"].get("TargetId")
    return f"{policy}>{target}" if policy and target else None


TABLE = table(
    "aws_organizations_policy_target",
    "What SCPs and RCPs are attached to; empty in an account that may not look at its organization.",
    key="id",
    scope=Scope.ACCOUNT,
    resource_type="AWS::Organizations::Policy",
    rows=Reader(function=_attachments, operations=(DESCRIBE, ROOTS, LIST, _TARGETS), shares_answers=True),
    columns=[
        col("id", TEXT, "The policy's ARN, an arrow and the target's id.", _id),
        col("policy_arn", TEXT, "The policy.", "policy.Arn"),
        col("policy_kind", TEXT, "SERVICE_CONTROL_POLICY or RESOURCE_CONTROL_POLICY.", "policy.Type"),
        col("policy_name", TEXT, "The policy's name.", "policy.Name"),
        col("is_aws_managed", BOOLEAN, "The policy is AWS's own, which allows everything.", "policy.AwsManaged"),
        col("target_id", TEXT, "The root, the organizational unit or the account.", "target.TargetId"),
        col("target_name", TEXT, "Its name.", "target.Name"),
        col("target_type", TEXT, "ROOT, ORGANIZATIONAL_UNIT or ACCOUNT.", "target.Type"),
    ],
)  # fmt: skip
