"""Groups and policies that somebody still has are not deleted; moto lets them go.

Source: IAM API Reference, DeleteGroup and DeletePolicy (DeleteConflict).
"""

from collections.abc import Mapping
from typing import Any, Final

from moto.iam.models import IAMBackend, iam_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn


def delete_group(desk: Desk) -> Answer:
    """Moto's answer, once nobody and nothing is in the group."""
    group = _iam(desk).groups.get(str(desk.parameters()["GroupName"]))
    if group is not None:
        if group.users:
            raise _conflict("Cannot delete entity, must remove users from group first.")
        if group.managed_policies:
            raise _conflict("Cannot delete entity, must detach all policies first.")
        if group.policies:
            raise _conflict("Cannot delete entity, must delete policies first.")
    return desk.moto()


def delete_policy(desk: Desk) -> Answer:
    """Moto's answer, once it is attached to nobody and has one version."""
    policy: Any = _iam(desk).managed_policies.get(str(desk.parameters()["PolicyArn"]))
    if policy is not None:
        if policy.attachment_count:
            raise _conflict("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise _conflict(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's versions."
            )
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {"iam:DeleteGroup": delete_group, "iam:DeletePolicy": delete_policy}


def _iam(desk: Desk) -> IAMBackend:
    return iam_backends[desk.state.account_id][desk.state.partition]


def _conflict(message: str) -> ServiceError:
    return ServiceError("DeleteConflict", message, 409)
