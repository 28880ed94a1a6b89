"""An IAM policy that allows a list of actions and nothing else."""

from collections.abc import Sequence
from typing import Final

OPENING: Final[tuple[str, ...]] = ("sts:GetCallerIdentity", "ec2:DescribeRegions")
"""What opening an account calls, before any table is read."""
_NARROWED: Final = {"apigateway:GET": ("/restapis", "/restapis/*/stages", "/apis", "/apis/*/stages")}
"""Actions that on `*` would read secrets too (`GET /apikeys` gives their values): the paths that tables read."""


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
