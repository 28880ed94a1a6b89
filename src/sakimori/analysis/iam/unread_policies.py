"""Policies of resources: under which names one is kept, and whether there may be one that nobody read."""

from collections.abc import Iterator
from typing import Final

from sakimori.analysis.iam.access_points import point_of
from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.answer import Because, PolicyKind
from sakimori.analysis.iam.policy import Policy
from sakimori.analysis.iam.policy_carriers import (
    SERVICES,
    has_own_policy,
    is_access_point,
    is_collected,
    kind_of,
    may_carry,
    place_of,
    types_of,
)

_PARTS: Final = 6
_OF_FUNCTION: Final = 7


def carriers_of(resource: str) -> Iterator[str]:
    """ARNs under which the policy of a resource may be kept: its own, that of its bucket, of its function, of its table and the like.

    Of CodeArtifact those of the repository and of the domain bear together (`bear_together`); elsewhere the first that is kept does.

    Sources: CodeArtifact User Guide, "Repository policies" and "Domain policies"; Amazon MSK Developer Guide, "Step 2: Attach a
    cluster policy to the MSK cluster" (topics and groups are named in their cluster's).
    """
    yield resource
    parts = resource.split(":", _PARTS - 1)
    if len(parts) < _PARTS:
        return
    if is_access_point(resource):
        yield point_of(resource)
        return
    if parts[2] == "s3":
        # A key may hold colons.
        yield resource.partition("/")[0]
    elif parts[2] == "lambda":
        yield ":".join(resource.split(":")[:_OF_FUNCTION])
    elif parts[2] == "dynamodb" and not has_own_policy(resource):
        yield ":".join([*parts[:-1], "/".join(parts[-1].split("/")[:2])])
    elif parts[2] == "execute-api":
        yield ":".join([*parts[:-1], parts[-1].partition("/")[0]])
    elif parts[2] == "codeartifact":
        yield from (":".join([*parts[:-1], each]) for each in _of_artifacts(*parts[-1].split("/")))
    elif parts[2] == "kafka" and not parts[-1].startswith("cluster/"):
        yield ":".join([*parts[:-1], "/".join(["cluster", *parts[-1].split("/")[1:3]])])
    elif parts[2] == "glue":
        yield ":".join([*parts[:-1], "catalog"])


def _of_artifacts(kind: str, *names: str) -> Iterator[str]:
    if kind == "package":
        yield "/".join(["repository", *names[:2]])
    if kind in {"repository", "package", "package-group"} and names:
        yield f"domain/{names[0]}"


def bear_together(resource: str) -> bool:
    """Whether all policies that are kept for it bear on a request, and one that allows is enough.

    Source: CodeArtifact User Guide, "Domain policies": both are evaluated, and the action is allowed if either allows it.
    """
    return ":codeartifact:" in resource


def is_policy_unread(account: IamAccount, resource: str) -> bool:
    """Whether a resource of the account, of which no policy was told, may have one."""
    if any(arn in account.unread_resources for arn in carriers_of(resource)):
        return True
    if account.assumes_no_resource_policies or not may_carry(resource):
        return False
    place = place_of(resource)
    is_read = is_collected(resource) and not _is_of_version(resource)
    is_read = is_read or point_of(resource) in account.access_points
    return not is_read or place not in account.read_places or place in account.unread_resources


def _is_of_version(resource: str) -> bool:
    """Of a Lambda function: versions and aliases have policies of their own, which are not read.

    Source: Lambda API Reference, "GetPolicy" and "AddPermission", Qualifier.
    """
    return ":function:" in resource and resource.count(":") >= _OF_FUNCTION


def policies_of_any(account: IamAccount, action: str) -> tuple[tuple[Policy, ...], Because | None]:
    """For an action of which nobody named the resource: the policies of such resources, and why these are not all, if they are not.

    Access points of S3 are left out: an object is asked for by itself.
    """
    types = types_of(action)
    service = action.partition(":")[0]
    if types is None:
        types = (f"arn:*:{service}:*:*:*",) if service in SERVICES else ()
    carriers = [each for each in types if may_carry(each) and not is_access_point(each)]
    if not carriers:
        return (), None
    if service == "kms":
        # Every key has one, and nobody gets in without it.
        return (), Because.DEPENDS_ON_RESOURCE
    services = set(map(kind_of, carriers))
    policies = tuple(
        policy
        for arn, policy in account.resource_policies.items()
        if kind_of(arn) in services and not is_access_point(arn)
    )
    return policies, Because.NOT_READ if _is_some_unread(account, carriers, services) else None


def _is_some_unread(account: IamAccount, carriers: list[str], services: set[str]) -> bool:
    if PolicyKind.RESOURCE in account.unread_kinds or any(kind_of(arn) in services for arn in account.unread_resources):
        return True
    if account.assumes_no_resource_policies:
        return False
    unread = {each.partition("/")[0] for each in account.unread_resources}
    read = {each.partition("/")[0] for each in account.read_places}
    return not all(map(is_collected, carriers)) or bool(services & unread) or not services <= read
