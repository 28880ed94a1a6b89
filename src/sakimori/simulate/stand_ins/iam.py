"""The root user's part of IAM, and AWS's own managed policies, which moto loads only all at once."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend, iam_backends

from sakimori.simulate.call import Answer
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.state import AccountState, RootMfa

ROOT_MFA_NAME: Final = "root-account-mfa-device"


def account_summary(desk: Desk) -> Mapping[str, Any]:
    """Moto's counts, with what it does not know of the root user."""
    root = desk.state.root
    counts = dict(_iam(desk.state).get_account_summary().summary_map)
    hardware = 1 if root.mfa is RootMfa.HARDWARE else 0
    return {
        "SummaryMap": {
            **counts,
            "AccountMFAEnabled": 0 if root.mfa is RootMfa.NONE else 1,
            "AccountAccessKeysPresent": len(root.access_keys),
            "AccountPasswordPresent": 1,
            "MFADevices": counts["MFADevices"] + hardware,
            "MFADevicesInUse": counts["MFADevicesInUse"] + (0 if root.mfa is RootMfa.NONE else 1),
        }
    }


def with_managed_policy(desk: Desk) -> Answer:
    """Moto's answer, after the AWS managed policy that the call names is there."""
    know_managed_policy(desk.state, str(desk.parameters().get("PolicyArn", "")))
    return desk.moto()


def list_policies(desk: Desk) -> Answer:
    """Moto's answer; whoever lists AWS's policies must see all of them."""
    if desk.parameters().get("Scope") in ("AWS", "All", None) and not desk.parameters().get("OnlyAttached"):
        for arn in _managed_policies():
            know_managed_policy(desk.state, arn)
    return desk.moto()


def service_specific_credentials(_desk: Desk) -> Mapping[str, Any]:
    """None: nothing here can make one."""
    return {"ServiceSpecificCredentials": []}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "iam:AttachGroupPolicy": with_managed_policy,
    "iam:AttachRolePolicy": with_managed_policy,
    "iam:AttachUserPolicy": with_managed_policy,
    "iam:GetAccountSummary": account_summary,
    "iam:GetPolicy": with_managed_policy,
    "iam:GetPolicyVersion": with_managed_policy,
    "iam:ListEntitiesForPolicy": with_managed_policy,
    "iam:ListPolicies": list_policies,
    "iam:ListServiceSpecificCredentials": service_specific_credentials,
}


def know_managed_policy(state: AccountState, arn: str) -> None:
    """Let moto know AWS's policy `arn`, if there is such a one."""
    data = _managed_policies().get(arn)
    iam = _iam(state)
    if data is None or arn in iam.managed_policies:
        return
    name, words = data
    policy = AWSManagedPolicy.from_data(name, state.account_id, iam.region_name, dict(words))
    iam.aws_managed_policies.append(policy)
    iam.managed_policies[arn] = policy


def give_root_virtual_mfa(state: AccountState) -> None:
    """The root user signs in with an authenticator app; ListVirtualMFADevices shows it."""
    iam = _iam(state)
    device = iam.create_virtual_mfa_device(ROOT_MFA_NAME, "/")
    device.enable_date = state.clock()
    # moto takes a User here, and its writer whatever has the names; the root user is none of its users.
    vars(device)["user"] = {
        "UserId": state.account_id,
        "Arn": state.root_arn,
        "CreateDate": state.root.created_at,
        "PasswordLastUsed": state.root.password_last_used_at,
    }
    state.root.mfa = RootMfa.VIRTUAL


def _iam(state: AccountState) -> IAMBackend:
    return iam_backends[state.account_id][state.partition]


@cache
def _managed_policies() -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    """By ARN: the name and moto's record of each of AWS's policies (about 1,600)."""
    records = json.loads(aws_managed_policies_data)
    return {f"arn:aws:iam::aws:policy{record['Path']}{name}": (name, record) for name, record in records.items()}
