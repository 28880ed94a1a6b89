"""What a principal of a known account may do: its request, with every policy of the account that bears on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from msgspec import structs

from sakimori.analysis.iam.access_points import behind, both, concerns_itself, point_of, through
from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.answer import Answer, Because, Policies, PolicyKind
from sakimori.analysis.iam.ask import ASSUMING, ask, is_gated
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.policy import Policy
from sakimori.analysis.iam.policy_carriers import is_access_point, is_bucket, types_of
from sakimori.analysis.iam.request import Request
from sakimori.analysis.iam.unread_policies import bear_together, carriers_of, is_policy_unread, policies_of_any
from sakimori.collect.policy_document import Document, Statement, plain_statement
from sakimori.collect.policy_reach import account_in

_OPEN: Final = Context(is_open=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An action (`s3:GetObject`) on a resource (an ARN, or *), under what is known of the request.

    `is_any`: nobody named a resource, and the action has some. What holds for every one of them is the answer, else it is unknown;
    what the policy of a single resource denies counts only where that one is named.
    """

    action: str
    resource: str
    context: Context = field(default=_OPEN)
    resource_account: str = ""
    is_any: bool = False


def asked_about(action: str, resource: str, context: Context = _OPEN, resource_account: str = "") -> Asked:
    """As somebody asks: * stands for any resource of an action that has resources.

    An action, or a resource, with wildcards is not one, and has no answer: `is_one` tells.
    """
    is_any = resource == "*" and types_of(action) != ()
    return Asked(
        action=action, resource=resource, context=context, resource_account=resource_account, is_any=is_any
    )  # fmt: skip


def is_one(text: str) -> bool:
    """Whether an action or a resource has no wildcards, or is the * of a request that names no resource."""
    return text == "*" or not ("*" in text or "?" in text)


def can(account: IamAccount, who: Identity, asked: Asked) -> Answer:
    """Whether this user or role of the account may do it."""
    way = behind(account.access_points, asked.action, asked.resource)
    if way is None:
        return ask(request_of(account, who, asked), policies_for(account, who, asked))
    at_point = replace(asked, context=through(asked.context, way))
    policies = policies_for(account, who, at_point, is_bucket_asked=True)
    at_bucket = replace(at_point, resource=way.resource, resource_account=way.point.bucket_account)
    return both(
        ask(request_of(account, who, at_point), policies),
        ask(request_of(account, who, at_bucket), policies_for(account, who, at_bucket)),
        way,
    )


def who_can(account: IamAccount, asked: Asked) -> Iterator[tuple[Identity, Answer]]:
    """Every user and role of the account with its answer, those too that may not."""
    for who in (*account.users, *account.roles):
        yield who, can(account, who, asked)


def request_of(account: IamAccount, who: Identity, asked: Asked) -> Request:
    """The request that the identity would make."""
    told = asked.context
    own = {key: value for key, value in who.context().items() if key not in told.unknown}
    known: Mapping[str, tuple[str, ...]] = {**own, **told.values}
    owner = owner_of(account, asked)
    return Request(
        principal=who.principal,
        action=asked.action,
        resource=asked.resource,
        context=replace(told, values=known, settled=who.settled()),
        resource_account=owner or account.account,
        is_owner_unknown=not owner,
        is_any_resource=asked.is_any,
        is_management_account=account.is_management_account,
        is_service_linked=who.is_service_linked,
    )


def owner_of(account: IamAccount, asked: Asked) -> str:
    """The account of the resource that is asked for; "" where nobody told whose bucket it is."""
    told = asked.resource_account or account_in(asked.resource)
    if told or account.assumes_no_resource_policies or not is_bucket(asked.resource):
        return told or account.account
    bucket = asked.resource.partition("/")[0]
    return account.account if bucket in account.buckets or bucket in account.resource_policies else ""


def policies_for(account: IamAccount, who: Identity, asked: Asked, *, is_bucket_asked: bool = False) -> Policies:
    """All policies that bear on the request.

    Of one through an access point the bucket's may deny it too, unless the bucket is asked by itself.
    """
    own, of_resource = who.bound_by(), _of_resource(account, asked, is_bucket_asked=is_bucket_asked)
    unread = own.unread | (account.unread_kinds - {PolicyKind.RESOURCE}) | of_resource.unread
    return replace(
        of_resource, identity=own.identity, boundary=own.boundary, scp=account.scp, rcp=account.rcp, unread=unread
    )


def without_doubts(policies: Policies, asked: Asked) -> Policies:
    """The same where a policy of a resource that nobody read, and grants, are taken not to be there.

    For searches that ask of many things whether they may be reached at all; what is gated by such a policy stays unknown.
    """
    if not is_gated(asked.action, asked.resource):
        policies = replace(policies, unread=policies.unread - {PolicyKind.RESOURCE})
    return replace(policies, are_grants_unread=False)


def _of_resource(account: IamAccount, asked: Asked, *, is_bucket_asked: bool) -> Policies:
    """The policies of what is asked for alone."""
    action, resource = asked.action.lower(), asked.resource
    if action.startswith(ASSUMING) and is_gated(action, resource):
        role = account.identities.get(resource)
        if role is None:
            return _partly(Because.DEPENDS_ON_RESOURCE if asked.is_any else Because.NOT_READ)
        return replace(_partly(Because.NOT_READ if role.is_trust_unread else None), resource=role.trust)
    is_key = action.startswith("kms:") and (asked.is_any or is_gated(action, resource))
    if asked.is_any:
        policies, why = policies_of_any(account, action)
        return replace(_partly(why), some_resources=policies, are_grants_unread=is_key)
    found, is_whole = _kept_for(account, resource)
    # A key's policy decides all: without it nothing can be said. What an access point lets in, its bucket must too.
    is_unread = is_key or owner_of(account, asked) != account.account or is_policy_unread(account, resource)
    is_unread = not is_whole and (is_unread or PolicyKind.RESOURCE in account.unread_kinds)
    is_behind = is_access_point(resource) and not (is_bucket_asked or account.assumes_no_resource_policies)
    is_behind = is_behind and not (point_of(resource) in account.access_points and concerns_itself(action))
    why = Because.NOT_READ if is_unread or is_behind else None
    are_grants_unread = is_key and resource not in account.keys_with_grants
    return replace(_partly(why), resource=found, are_grants_unread=are_grants_unread)


def _kept_for(account: IamAccount, resource: str) -> tuple[Policy | None, bool]:
    """The policy that was told of the resource, and whether with it there can be no other."""
    known = account.resource_policies
    found = [known[arn] for arn in carriers_of(resource) if arn in known]
    if not bear_together(resource):
        return (found[0] if found else None), bool(found)
    if len({each.document.has_variables for each in found}) > 1 and any("${" in str(each.source) for each in found):
        # A ${…} is a variable in one and plain text in the other: as one policy they would not be read right.
        return None, False
    able = [arn for arn in carriers_of(resource) if ":package" not in arn]
    return _joined(found), len(found) == len(able)


def _joined(policies: Sequence[Policy]) -> Policy | None:
    """The statements of several as one policy, told by the names of all."""
    if len(policies) < 2:  # noqa: PLR2004 - there is nothing to join
        return policies[0] if policies else None
    whole = [structs.replace(each, index=place) for place, each in enumerate(_statements(policies))]
    source = {"Statement": [plain_statement(each) for each in whole]}
    document = Document(statements=tuple(whole), has_variables=policies[0].document.has_variables)
    return Policy(name=" + ".join(each.name for each in policies), document=document, source=source)


def _statements(policies: Sequence[Policy]) -> Iterator[Statement]:
    for each in policies:
        yield from each.document.statements


def _partly(why: Because | None) -> Policies:
    """None, but for what is not known."""
    return Policies() if why is None else Policies(unread=frozenset({PolicyKind.RESOURCE}), resource_because=why)
