"""The one call that tells all users, groups, roles and customer managed policies, and every policy document in it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sakimori.collect.declaration import Call, Record, call


def details(path: str) -> Call:
    """The call, with what to take from its pages; its parameters are always the same, so that it is made once."""
    return call("iam:GetAccountAuthorizationDetails", path, MaxItems=1000,
                Filter=["User", "Group", "Role", "LocalManagedPolicy"])  # fmt: skip


EVERYTHING = details("[Policies, UserDetailList, GroupDetailList, RoleDetailList][]")

_INLINE = (("user", "UserPolicyList"), ("group", "GroupPolicyList"), ("role", "RolePolicyList"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """One policy. `owner_kind` is managed, user, group or role; `document` None where AWS gave none."""

    key: str
    name: str
    owner_kind: str
    owner_arn: str
    document: object


def policies_in(record: Record) -> Iterator[PolicyText]:
    """The policies in one item of EVERYTHING: a managed policy is one, a principal has its inline ones."""
    arn = str(record.get("Arn", ""))
    if "PolicyVersionList" in record:
        yield PolicyText(
            key=arn, name=arn.rpartition("/")[2], owner_kind="managed", owner_arn=arn, document=_default(record)
        )
        return
    for kind, member in _INLINE:
        for policy in record.get(member) or ():
            name = policy.get("PolicyName", "")
            yield PolicyText(
                key=f"{arn}/{name}", name=name, owner_kind=kind, owner_arn=arn, document=policy.get("PolicyDocument")
            )


def _default(record: Record) -> object:
    """The document in force; IAM keeps up to five versions."""
    versions = record["PolicyVersionList"] or ()
    return next((version.get("Document") for version in versions if version.get("IsDefaultVersion")), None)
