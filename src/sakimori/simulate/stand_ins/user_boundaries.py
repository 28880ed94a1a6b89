"""The permissions boundaries of users, which moto does not keep.

Source: IAM API Reference, PutUserPermissionsBoundary, DeleteUserPermissionsBoundary, CreateUser and GetUser.
"""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.sessions import iam_of
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.stand_ins.iam import know_managed_policy

_SUCCESS: Final = 300


def put(desk: Desk) -> Mapping[str, Any]:
    """Set the boundary; it holds at once."""
    asked = desk.parameters()
    _set(desk, str(asked["UserName"]), str(asked["PermissionsBoundary"]))
    return {}


def delete(desk: Desk) -> Mapping[str, Any]:
    """Lift the boundary."""
    user = _user(desk, str(desk.parameters()["UserName"]))
    if getattr(user, "permissions_boundary", None) is None:
        raise _unknown(f"The permissions boundary of the user {user.name} cannot be found.")
    vars(user).pop("permissions_boundary")
    return {}


def create_user(desk: Desk) -> Answer:
    """Moto's answer; a boundary that was asked for is kept."""
    asked = desk.parameters()
    answer = desk.moto()
    if answer.status < _SUCCESS and asked.get("PermissionsBoundary"):
        _set(desk, str(asked["UserName"]), str(asked["PermissionsBoundary"]))
    return answer


STAND_INS: Final[Mapping[str, StandIn]] = {
    "iam:CreateUser": create_user,
    "iam:DeleteUserPermissionsBoundary": delete,
    "iam:PutUserPermissionsBoundary": put,
}


def _set(desk: Desk, name: str, arn: str) -> None:
    user = _user(desk, name)
    know_managed_policy(desk.state, arn)
    if arn not in iam_of(desk.state).managed_policies:
        raise _unknown(f"Policy {arn} does not exist or is not attachable.")
    vars(user)["permissions_boundary"] = {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": arn,
    }


def _user(desk: Desk, name: str) -> Any:
    user = iam_of(desk.state).users.get(name)
    if user is None:
        raise _unknown(f"The user with name {name} cannot be found.")
    return user


def _unknown(message: str) -> ServiceError:
    return ServiceError("NoSuchEntity", message, 404)
