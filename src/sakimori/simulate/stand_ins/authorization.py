"""GetAccountAuthorizationDetails by pages, with the names and ids of policies that moto leaves out.

AWS's own managed policies are listed where they are attached.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from moto.iam.models import Group, IAMBackend, InstanceProfile, ManagedPolicy, Role, User, iam_backends

from sakimori.simulate.stand_ins.form import Desk, StandIn

_PAGE: Final = 100
_KINDS: Final = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}


def authorization_details(desk: Desk) -> Mapping[str, Any]:
    """A page of users, groups, roles and policies together, as AWS counts them; all kinds without a Filter."""
    asked = desk.parameters()
    wanted = set(asked.get("Filter") or _KINDS)
    items = [(kind, item) for kind, item in _items(_iam(desk)) if kind in wanted]
    start = int(asked.get("Marker") or 0)
    end = start + int(asked.get("MaxItems") or _PAGE)
    result: dict[str, Any] = {name: [] for name in _KINDS.values()}
    for kind, item in items[start:end]:
        result[_KINDS[kind]].append(item)
    result["IsTruncated"] = end < len(items)
    return {**result, "Marker": str(end)} if end < len(items) else result


STAND_INS: Final[Mapping[str, StandIn]] = {"iam:GetAccountAuthorizationDetails": authorization_details}


def _iam(desk: Desk) -> IAMBackend:
    return iam_backends[desk.state.account_id][desk.state.partition]


def _items(iam: IAMBackend) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for user in tuple(iam.users.values()):
        yield "User", _user(iam, user)
    for group in tuple(iam.groups.values()):
        yield "Group", _group(group)
    for role in tuple(iam.roles.values()):
        yield "Role", _role(role)
    for arn, policy in tuple(iam.managed_policies.items()):
        if ":iam::aws:" not in arn:
            yield "LocalManagedPolicy", _policy(policy)
        elif policy.attachment_count:
            yield "AWSManagedPolicy", _policy(policy)


def _user(iam: IAMBackend, user: User) -> Mapping[str, Any]:
    detail = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.create_date,
        "UserPolicyList": _inline(user.policies),
        "GroupList": [group.name for group in iam.get_groups_for_user(user.name)],
        "AttachedManagedPolicies": _attached(user),
        "Tags": iam.tagger.list_tags_for_resource(user.arn)["Tags"],
    }
    boundary = getattr(user, "permissions_boundary", None)
    return {**detail, "PermissionsBoundary": boundary} if boundary else detail


def _group(group: Group) -> Mapping[str, Any]:
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group.arn,
        "CreateDate": group.create_date,
        "GroupPolicyList": _inline(group.policies),
        "AttachedManagedPolicies": _attached(group),
    }


def _role(role: Role) -> Mapping[str, Any]:
    detail: dict[str, Any] = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.create_date,
        "AssumeRolePolicyDocument": quote(role.assume_role_policy_document or "{}"),
        "InstanceProfileList": [_instance_profile(profile) for profile in role.instance_profile_list],
        "RolePolicyList": _inline(role.policies),
        "AttachedManagedPolicies": _attached(role),
        "Tags": role.tags if isinstance(role.tags, list) else list(role.tags.values()),
        "RoleLastUsed": {"LastUsedDate": role.last_used, "Region": role.last_used_region} if role.last_used else {},
    }
    return {**detail, "PermissionsBoundary": role.permissions_boundary} if role.permissions_boundary else detail


def _instance_profile(profile: InstanceProfile) -> Mapping[str, Any]:
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": profile.arn,
        "CreateDate": profile.create_date,
        "Roles": [],
    }


def _policy(policy: ManagedPolicy) -> Mapping[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
        "PolicyVersionList": policy.policy_version_list,
    }


def _inline(policies: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
    return [{"PolicyName": name, "PolicyDocument": quote(document)} for name, document in policies.items()]


def _attached(holder: Any) -> Sequence[Mapping[str, str]]:
    policies = holder.managed_policies.values()
    return [{"PolicyName": policy.name, "PolicyArn": policy.arn} for policy in policies]
