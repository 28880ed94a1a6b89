"""Records as GetAccountAuthorizationDetails gives them, in a few words."""

from collections.abc import Mapping, Sequence
from typing import Any

ACCOUNT = "111122223333"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: object, resource: object = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object, resource: object = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def user(name: str, *statements: Mapping[str, Any], attached: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    inline = [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else []
    return {
        "UserName": name, "UserId": f"AIDA{name.upper()}", "Arn": user_arn(name), "Path": "/",
        "CreateDate": "2024-01-01T00:00:00+00:00", "UserPolicyList": inline, "GroupList": [],
        "AttachedManagedPolicies": [{"PolicyName": each.rpartition("/")[2], "PolicyArn": each} for each in attached], **more,
    }  # fmt: skip


def role(name: str, *statements: Mapping[str, Any], path: str = "/", **more: Any) -> dict[str, Any]:
    trust = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    inline = [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else []
    return {
        "RoleName": name, "RoleId": f"AROA{name.upper()}", "Arn": role_arn(name, path), "Path": path,
        "CreateDate": "2024-01-01T00:00:00+00:00", "AssumeRolePolicyDocument": trust, "RolePolicyList": inline,
        "AttachedManagedPolicies": [], "InstanceProfileList": [], "RoleLastUsed": {}, **more,
    }  # fmt: skip


def group(name: str, *statements: Mapping[str, Any]) -> dict[str, Any]:
    inline = [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else []
    return {"GroupName": name, "Arn": f"arn:aws:iam::{ACCOUNT}:group/{name}", "Path": "/", "GroupPolicyList": inline}


def managed(name: str, *statements: Mapping[str, Any]) -> dict[str, Any]:
    versions = [{"VersionId": "v1", "IsDefaultVersion": True, "Document": document(*statements)}]
    return {"PolicyName": name, "Arn": policy_arn(name), "Path": "/", "PolicyVersionList": versions}


def policy_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/{name}"


def user_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def role_arn(name: str, path: str = "/") -> str:
    return f"arn:aws:iam::{ACCOUNT}:role{path}{name}"
