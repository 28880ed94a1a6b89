"""An IAM policy that allows a list of actions and nothing else."""

import json
from collections.abc import Sequence
from typing import Final

OPENING: Final[tuple[str, ...]] = ("sts:GetCallerIdentity", "ec2:DescribeRegions")
"""What opening an account calls, before any table is read."""
MANAGED_POLICY_CHARACTERS: Final = 6_144
"""What a managed policy may have, white space not counted. Source: IAM User Guide, "IAM and AWS STS quotas"."""
ROLE_POLICIES_CHARACTERS: Final = 10_240
"""What all inline policies of a role may have together; the same source."""
_NARROWED: Final = {"apigateway:GET": ("/restapis", "/restapis/*/stages", "/apis", "/apis/*/stages")}
"""Actions that on `*` would read secrets too (`GET /apikeys` gives their values): the paths that tables read."""


def length_of(document: object) -> int:
    """Its characters as IAM counts them."""
    return len(json.dumps(document, separators=(",", ":")))


def policy_document(actions: Sequence[str], partition: str = "aws", sid: str = "SakimoriRead") -> dict[str, object]:
    """An IAM policy that allows these actions and nothing else."""
    wide = [action for action in actions if action not in _NARROWED]
    statements: list[dict[str, object]] = [{"Sid": sid, "Effect": "Allow", "Action": wide, "Resource": "*"}]
    for action in sorted(set(actions) & set(_NARROWED)):
        service = action.partition(":")[0]
        resources = [f"arn:{partition}:{service}:*::{path}" for path in _NARROWED[action]]
        statements.append(
            {"Sid": f"{sid}{service.title()}", "Effect": "Allow", "Action": [action], "Resource": resources}
        )
    return {"Version": "2012-10-17", "Statement": statements}
