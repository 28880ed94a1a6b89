"""Small accounts for tests of paths, in the form of iam:GetAccountAuthorizationDetails."""

from collections.abc import Iterable
from typing import Any

from sakimori.analysis.iam.account import IamAccount, iam_account

HERE = "123456789012"
THERE = "210987654321"
Record = dict[str, Any]


def arn(rest: str, account: str = HERE) -> str:
    return f"arn:aws:iam::{account}:{rest}"


def allow(action: str | list[str], resource: str | list[str] = "*", condition: Record | None = None) -> Record:
    return {
        "Effect": "Allow",
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


def deny(action: str | list[str], resource: str | list[str] = "*", condition: Record | None = None) -> Record:
    return {**allow(action, resource, condition), "Effect": "Deny"}


def document(*statements: Record) -> Record:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def user(
    name: str, *statements: Record, groups: Iterable[str] = (), boundary: str = "", attached: Iterable[str] = ()
) -> Record:
    return {
        "Arn": arn(f"user/{name}"), "UserName": name, "UserId": f"AIDAEXAMPLE{name.upper()}", "Path": "/",
        "UserPolicyList": _inline(statements), "GroupList": list(groups), **_rest(boundary, attached),
    }  # fmt: skip


def role(
    name: str, trust: Record, *statements: Record, boundary: str = "", attached: Iterable[str] = (), profile: bool = False,
    account: str = HERE, path: str = "/",
) -> Record:  # fmt: skip
    trusting = {"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"} if "Effect" not in trust else trust
    profiles = [{"Arn": arn(f"instance-profile/{name}", account), "InstanceProfileName": name}] if profile else []
    return {
        "Arn": arn(f"role{path}{name}", account), "RoleName": name, "RoleId": f"AROAEXAMPLE{name.upper()}", "Path": path,
        "RolePolicyList": _inline(statements), "AssumeRolePolicyDocument": document(trusting), "InstanceProfileList": profiles,
        **_rest(boundary, attached),
    }  # fmt: skip


def group(name: str, *statements: Record, attached: Iterable[str] = ()) -> Record:
    return {
        "Arn": arn(f"group/{name}"),
        "GroupName": name,
        "GroupPolicyList": _inline(statements),
        **_rest("", attached),
    }


def policy(name: str, *statements: Record, older: Iterable[Record] = ()) -> Record:
    versions = [{"VersionId": "v9", "IsDefaultVersion": True, "Document": document(*statements)}]
    versions += [
        {"VersionId": f"v{number}", "IsDefaultVersion": False, "Document": document(statement)}
        for number, statement in enumerate(older, 1)
    ]
    return {"Arn": arn(f"policy/{name}"), "PolicyName": name, "PolicyVersionList": versions}


def service(name: str) -> Record:
    return {"Service": f"{name}.amazonaws.com"}


def trusted(principal: str) -> Record:
    return {"AWS": principal}


def account_of_records(*records: Record) -> IamAccount:
    return iam_account(records)


def _inline(statements: Iterable[Record]) -> list[Record]:
    told = list(statements)
    return [{"PolicyName": "inline", "PolicyDocument": document(*told)}] if told else []


def _rest(boundary: str, attached: Iterable[str]) -> Record:
    found: Record = {
        "AttachedManagedPolicies": [{"PolicyName": each.rpartition("/")[2], "PolicyArn": each} for each in attached],
        "Tags": [],
    }
    if boundary:
        found["PermissionsBoundary"] = {"PermissionsBoundaryArn": boundary}
    return found
