"""IAM Identity Center as whoever administers it sees it; of moto's, each account and Region has an instance, and nothing is provisioned.

Sources: botocore's model of sso-admin; IAM Identity Center API reference and User Guide, "Delegated administration" (a
delegate changes no permission set that the management account has), "IAM Identity Center quotas" (32,768 bytes of an inline
policy, of which 10,240 without white space). That a policy beyond the second is refused by ServiceQuotaExceededException is
the model's only fitting error; the words are ours.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sakimori.simulate.call import ServiceError
from sakimori.simulate.identity_center import IdentityCenter, PermissionSet, Provisioning, centers_seen
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.stand_ins.iam import know_managed_policy

_LONGEST: Final = 32_768
_MOST_BLACK: Final = 10_240


def instances(desk: Desk) -> Mapping[str, Any]:
    """Those that the account sees in the Region."""
    return {
        "Instances": [
            {
                "InstanceArn": each.arn, "IdentityStoreId": each.store, "OwnerAccountId": each.owner, "Status": "ACTIVE",
                "Name": "", "CreatedDate": desk.state.clock(),
            }
            for each in centers_seen(desk.state, desk.call.region)
        ]
    }  # fmt: skip


def permission_sets(desk: Desk) -> Mapping[str, Any]:
    """All, by their ARNs."""
    return {"PermissionSets": list(_center(desk).sets)}


def described(desk: Desk) -> Mapping[str, Any]:
    """One permission set."""
    return {"PermissionSet": _shown(_set(desk))}


def create(desk: Desk) -> Mapping[str, Any]:
    """A new one; it reaches no account before somebody is assigned."""
    center, name = _center(desk), str(desk.parameters()["Name"])
    if any(each.name == name for each in center.sets.values()):
        raise ServiceError("ConflictException", f"PermissionSet with name {name} already exists.")
    return {"PermissionSet": _shown(center.add_set(name, desk.state.clock()))}


def inline_policy(desk: Desk) -> Mapping[str, Any]:
    """As it is written, which need not be what accounts have."""
    return {"InlinePolicy": _set(desk).inline_policy}


def put_inline_policy(desk: Desk) -> Mapping[str, Any]:
    """Write it; the accounts go on with what they have."""
    held, text = _changed(desk), str(desk.parameters()["InlinePolicy"])
    if len(text.encode()) > _LONGEST:
        message = (
            f"1 validation error detected: Value at 'inlinePolicy' must have length less than or equal to {_LONGEST}"
        )
        raise ServiceError("ValidationException", message)
    if len("".join(text.split()).encode()) > _MOST_BLACK:
        message = f"The inline policy has more than {_MOST_BLACK} bytes without white space."
        raise ServiceError("ServiceQuotaExceededException", message)
    held.inline_policy = text
    return {}


def delete_inline_policy(desk: Desk) -> Mapping[str, Any]:
    """Write none; refused where there is none."""
    held = _changed(desk)
    if not held.inline_policy:
        raise ServiceError("ResourceNotFoundException", "The inline policy could not be found.")
    held.inline_policy = ""
    return {}


def attach_managed_policy(desk: Desk) -> Mapping[str, Any]:
    """Add one of AWS's policies."""
    held, arn = _changed(desk), str(desk.parameters()["ManagedPolicyArn"])
    if arn in held.managed:
        raise ServiceError("ConflictException", f"{arn} is already attached.")
    for state in desk.state.accounts.values():
        know_managed_policy(state, arn)
    held.managed = (*held.managed, arn)
    return {}


def assign(desk: Desk) -> Mapping[str, Any]:
    """Let a person into an account."""
    asked, center = desk.parameters(), _center(desk)
    held, person = _set(desk), str(asked["PrincipalId"])
    state = desk.state.accounts.get(str(asked["TargetId"]))
    if state is None or person not in center.people:
        raise ServiceError("ResourceNotFoundException", "The account or the user could not be found.")
    center.assign(held, state, person)
    request = center.provision(held, state.account_id, desk.state.accounts, desk.state.clock())
    told = ("TargetId", "TargetType", "PermissionSetArn", "PrincipalType", "PrincipalId")
    status = {"RequestId": request.id, "Status": "IN_PROGRESS", "CreatedDate": request.at}
    return {"AccountAssignmentCreationStatus": {**status, **{name: asked[name] for name in told}}}


def provisioned_accounts(desk: Desk) -> Mapping[str, Any]:
    """The accounts that have it: all, those that have what is written, or those that have not."""
    held, wanted = _set(desk), desk.parameters().get("ProvisioningStatus")
    states = {True: "LATEST_PERMISSION_SET_PROVISIONED", False: "LATEST_PERMISSION_SET_NOT_PROVISIONED"}
    return {"AccountIds": [each for each in held.accounts if wanted in (None, states[held.is_current(each)])]}


def provision(desk: Desk) -> Mapping[str, Any]:
    """Begin to bring it to its accounts."""
    asked, held, center = desk.parameters(), _changed(desk), _center(desk)
    if center.is_provisioning(held):
        raise ServiceError("ConflictException", "A provisioning of this permission set is in progress.")
    account = str(asked.get("TargetId") or "") if asked["TargetType"] == "AWS_ACCOUNT" else ""
    if account and account not in held.accounts:
        raise ServiceError("ResourceNotFoundException", f"{held.name} is not in {account}.")
    request = center.provision(held, account, desk.state.accounts, desk.state.clock())
    # Whatever came of it already: AWS answers before.
    return {"PermissionSetProvisioningStatus": {**_request(request), "Status": "IN_PROGRESS", "FailureReason": None}}


def provisioning(desk: Desk) -> Mapping[str, Any]:
    """What came of one request."""
    found = _center(desk).requests.get(str(desk.parameters()["ProvisionPermissionSetRequestId"]))
    if found is None:
        raise ServiceError("ResourceNotFoundException", "The request could not be found.")
    return {"PermissionSetProvisioningStatus": _request(found)}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "sso-admin:AttachManagedPolicyToPermissionSet": attach_managed_policy,
    "sso-admin:CreateAccountAssignment": assign,
    "sso-admin:CreatePermissionSet": create,
    "sso-admin:DeleteInlinePolicyFromPermissionSet": delete_inline_policy,
    "sso-admin:DescribePermissionSet": described,
    "sso-admin:DescribePermissionSetProvisioningStatus": provisioning,
    "sso-admin:GetInlinePolicyForPermissionSet": inline_policy,
    "sso-admin:ListAccountsForProvisionedPermissionSet": provisioned_accounts,
    "sso-admin:ListInstances": instances,
    "sso-admin:ListPermissionSets": permission_sets,
    "sso-admin:ProvisionPermissionSet": provision,
    "sso-admin:PutInlinePolicyToPermissionSet": put_inline_policy,
}


def center_for(desk: Desk, is_it: Callable[[IdentityCenter], bool]) -> IdentityCenter:
    """The instance that is meant; refused for whoever does not administer it."""
    found = next((each for each in centers_seen(desk.state, desk.call.region) if is_it(each)), None)
    if found is None:
        raise ServiceError("ResourceNotFoundException", "The instance could not be found.")
    if desk.state.account_id not in {found.owner, found.delegate}:
        raise denied(desk)
    found.settle(desk.state.accounts, desk.state.clock())
    return found


def denied(desk: Desk) -> ServiceError:
    """What a member account, or a delegate beyond its rights, is told."""
    return ServiceError("AccessDeniedException", f"User: {desk.principal} is not authorized to perform: sso:{desk.call.operation}")  # fmt: skip


def _center(desk: Desk) -> IdentityCenter:
    return center_for(desk, lambda each: each.arn == desk.parameters()["InstanceArn"])


def _set(desk: Desk) -> PermissionSet:
    arn = str(desk.parameters()["PermissionSetArn"])
    found = _center(desk).sets.get(arn)
    if found is None:
        raise ServiceError(
            "ResourceNotFoundException", f"Could not find PermissionSet with id {arn.rpartition('/')[2]}"
        )
    return found


def _changed(desk: Desk) -> PermissionSet:
    held = _set(desk)
    center = _center(desk)
    if desk.state.account_id != center.owner and center.owner in held.accounts:
        raise denied(desk)
    return held


def _shown(held: PermissionSet) -> Mapping[str, Any]:
    return {
        "Name": held.name, "PermissionSetArn": held.arn, "CreatedDate": held.created_at,
        "SessionDuration": f"PT{held.session_seconds // 3600}H",
    }  # fmt: skip


def _request(request: Provisioning) -> Mapping[str, Any]:
    return {
        "RequestId": request.id, "Status": request.status, "PermissionSetArn": request.permission_set,
        "AccountId": request.account or None, "FailureReason": request.reason or None, "CreatedDate": request.at,
    }  # fmt: skip
