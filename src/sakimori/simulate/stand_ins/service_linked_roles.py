"""Roles that AWS keeps for its services: named as AWS names them, each made once.

Source: IAM API reference, CreateServiceLinkedRole; IAM User Guide, "Troubleshoot service-linked roles" (the error of a second).
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.iam.models import iam_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_NAMES: Final = {"config.amazonaws.com": "AWSServiceRoleForConfig"}
"""Where moto writes the service in small letters."""
_TAKEN: Final = "EntityAlreadyExists"


def create(desk: Desk) -> Mapping[str, Any] | Answer:
    """The role; refused where it is there."""
    asked = desk.parameters()
    service = str(asked["AWSServiceName"])
    backend = iam_backends[desk.state.account_id][desk.state.partition]
    name = _NAMES.get(service, "")
    if not name:
        answer = desk.moto()
        if _TAKEN.encode() in answer.body:
            raise _taken(service)
        return answer
    if any(role.name == name for role in backend.roles.values()):
        raise _taken(name)
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": [service]}, "Action": ["sts:AssumeRole"]}],
    }
    role = backend.create_role(
        name, json.dumps(trust), f"/aws-service-role/{service}/", permissions_boundary=None,
        description=str(asked.get("Description") or ""), tags=[], max_session_duration="3600", linked_service=service,
    )  # fmt: skip
    return {
        "Role": {
            "Path": role.path, "RoleName": role.name, "RoleId": role.id, "Arn": role.arn, "CreateDate": role.create_date,
            "AssumeRolePolicyDocument": json.dumps(trust),
        }
    }  # fmt: skip


STAND_INS: Final[Mapping[str, StandIn]] = {"iam:CreateServiceLinkedRole": create}


def _taken(name: str) -> ServiceError:
    message = f"Service role name {name} has been taken in this account, please try a different suffix."
    return ServiceError("InvalidInput", message, 400)
