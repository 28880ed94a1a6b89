"""What a principal of a known account may do: its request, with every policy of the account that bears on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.ask import Answer, Policies, PolicyKind, ask, is_gated
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.policy import Policy
from sakimori.analysis.iam.request import Request
from sakimori.collect.policy_reach import account_in

_ASSUMING: Final = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity")
_OPEN: Final = Context(is_open=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An action (`s3:GetObject`) on a resource (an ARN, or *), under what is known of the request."""

    action: str
    resource: str
    context: Context = field(default=_OPEN)
    resource_account: str = ""


def can(account: IamAccount, who: Identity, asked: Asked) -> Answer:
    """Whether this user or role of the account may do it."""
    return ask(request_of(account, who, asked), policies_for(account, who, asked))


def who_can(account: IamAccount, asked: Asked) -> Iterator[tuple[Identity, Answer]]:
    """Every user and role of the account with its answer, those too that may not."""
    for who in (*account.users, *account.roles):
        yield who, can(account, who, asked)


def request_of(account: IamAccount, who: Identity, asked: Asked) -> Request:
    """The request that the identity would make."""
    known: Mapping[str, tuple[str, ...]] = {**who.context(), **asked.context.values}
    owner = asked.resource_account or account_in(asked.resource)
    return Request(
        principal=who.principal,
        action=asked.action,
        resource=asked.resource,
        context=replace(asked.context, values=known),
        # An ARN without an account (a bucket's) is taken for one of ours where nobody says otherwise.
        resource_account=owner or account.account,
        is_management_account=account.is_management_account,
        is_service_linked=who.is_service_linked,
    )


def policies_for(account: IamAccount, who: Identity, asked: Asked) -> Policies:
    """All policies that bear on the request."""
    own = who.bound_by()
    unread = set(own.unread) | (account.unread_kinds - {PolicyKind.RESOURCE})
    resource, is_unread = resource_policy(account, asked)
    if is_unread:
        unread.add(PolicyKind.RESOURCE)
    return replace(own, resource=resource, scp=account.scp, rcp=account.rcp, unread=frozenset(unread))


def resource_policy(account: IamAccount, asked: Asked) -> tuple[Policy | None, bool]:
    """The policy of the resource that is asked for, and whether there is one, or may be, that is not known."""
    action, resource = asked.action.lower(), asked.resource
    if action.startswith(_ASSUMING):
        role = account.identities.get(resource)
        return (role.trust, role.is_trust_unread) if role else (None, True)
    for arn in _carriers(resource):
        if arn in account.resource_policies:
            return account.resource_policies[arn], False
    is_foreign = (asked.resource_account or account_in(resource)) not in {"", account.account}
    # A key's policy decides all; without it nothing can be said.
    is_unread = PolicyKind.RESOURCE in account.unread_kinds or _is_unread(account, resource)
    return None, is_unread or is_foreign or is_gated(action, resource)


def _is_unread(account: IamAccount, resource: str) -> bool:
    if not account.unread_resources:
        return False
    parts = resource.split(":")
    place = f"{parts[2]}/{parts[3]}" if len(parts) > 5 else ""  # noqa: PLR2004 - an ARN has six parts
    return place in account.unread_resources or any(arn in account.unread_resources for arn in _carriers(resource))


def _carriers(resource: str) -> Iterator[str]:
    """ARNs under which the policy of a resource may be kept: its own, that of its bucket, that of its function."""
    yield resource
    parts = resource.split(":", 5)
    if len(parts) == 6 and parts[2] == "s3":  # noqa: PLR2004 - an ARN has six parts; a key may hold colons
        yield resource.partition("/")[0]
    parts = resource.split(":")
    if len(parts) > 7 and parts[2] == "lambda":  # noqa: PLR2004 - a function's version follows its name
        yield ":".join(parts[:7])
