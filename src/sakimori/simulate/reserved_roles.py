"""Roles that AWS keeps in an account for IAM Identity Center: whoever changes them in IAM is refused, whatever they may.

Sources: IAM API reference, PutRolePolicy (UnmodifiableEntity); AWS re:Post, "Modify a role name that begins with
AWSReservedSSO" (the words).
"""

from typing import Final

from sakimori.simulate.answers import parameters_of
from sakimori.simulate.call import Call, ServiceError
from sakimori.simulate.identity_center import RESERVED
from sakimori.simulate.sessions import iam_of
from sakimori.simulate.state import AccountState

_CHANGING: Final = frozenset(
    f"iam:{each}"
    for each in (
        "AttachRolePolicy", "DeleteRole", "DeleteRolePermissionsBoundary", "DeleteRolePolicy", "DetachRolePolicy",
        "PutRolePermissionsBoundary", "PutRolePolicy", "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole",
        "UpdateRoleDescription",
    )
)  # fmt: skip


def refuse_change(state: AccountState, call: Call) -> None:
    """ServiceError for a call that would change such a role."""
    if call.name not in _CHANGING:
        return
    name = str(parameters_of(call).get("RoleName", ""))
    if any(role.name == name and str(role.path).startswith(RESERVED) for role in tuple(iam_of(state).roles.values())):
        message = f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        raise ServiceError("UnmodifiableEntity", message, 400)
