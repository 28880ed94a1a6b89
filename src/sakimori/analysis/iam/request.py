"""A request to AWS as policies see it: who, what, on what, under which circumstances."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.principal import Principal, PrincipalKind
from sakimori.collect.policy_reach import account_in

_REGION_PART: Final = 3
# Who signs with temporary credentials, whose issue aws:TokenIssueTime tells; a user may, or may not.
# Source: IAM User Guide, "AWS global condition context keys", aws:TokenIssueTime.
TEMPORARY: Final = frozenset({PrincipalKind.ROLE, PrincipalKind.SESSION, PrincipalKind.FEDERATED_USER})
_ISSUED: Final = frozenset({"aws:tokenissuetime"})
_OWNER: Final = frozenset({"aws:resourceaccount"})
# Source: IAM User Guide, "AWS global condition context keys", aws:PrincipalType.
_TYPES: Final = {
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.ROOT: "Account",
    PrincipalKind.ANONYMOUS: "Anonymous",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`action` as `s3:GetObject`; `resource` an ARN, or * for an action that knows none.

    `resource_account` "" where the ARN does not tell it: then it is the principal's own.
    """

    principal: Principal
    action: str
    resource: str
    context: Context = field(default_factory=Context)
    resource_account: str = ""
    is_management_account: bool | None = False
    """The principal's account manages its organisation, whose SCPs then do not reach it; None where it is not known."""
    is_service_linked: bool = False
    is_owner_unknown: bool = False
    """Nobody told whose the resource is, and its ARN does not: that of a bucket."""
    is_any_resource: bool = False
    """Nobody named a resource of an action that has some: the answer is what holds for every one of them."""

    @property
    def is_of_service(self) -> bool:
        """The principal's role is one that an AWS service made for itself."""
        return self.is_service_linked or self.principal.is_service_linked

    @property
    def owner(self) -> str:
        """The account of the resource."""
        return self.resource_account or account_in(self.resource) or self.principal.account

    @property
    def is_cross_account(self) -> bool | None:
        """The resource belongs to another account than the principal, or the principal to none; None where it is not known."""
        return None if self.is_owner_unknown else self.owner != self.principal.account

    def whole_context(self) -> Context:
        """The context with what the principal, the resource and its Region tell by themselves."""
        not_told = _ISSUED if self.principal.kind in TEMPORARY else frozenset[str]()
        return self.context.over(self._derived(), not_told | _OWNER if self.is_owner_unknown else not_told)

    def _derived(self) -> Mapping[str, tuple[str, ...]]:
        who, derived = self.principal, dict[str, tuple[str, ...]]()
        if who.account:
            derived["aws:principalaccount"] = (who.account,)
            derived["aws:principalarn"] = (who.identity_arn,)
        if who.kind in _TYPES:
            derived["aws:principaltype"] = (_TYPES[who.kind],)
        derived["aws:username"] = (who.name,) if who.kind is PrincipalKind.USER else ()
        if who.kind is PrincipalKind.USER and who.unique_id:
            derived["aws:userid"] = (who.unique_id,)
        if who.kind is PrincipalKind.ROOT:
            derived["aws:userid"] = (who.account,)
        if who.kind is PrincipalKind.ANONYMOUS:
            derived["aws:userid"] = ()
        derived["aws:principalisawsservice"] = ("true" if who.kind is PrincipalKind.SERVICE else "false",)
        derived["aws:viaawsservice"] = ("false",)
        if self.owner and not self.is_owner_unknown:
            derived["aws:resourceaccount"] = (self.owner,)
        if region := _part(self.resource, _REGION_PART):
            derived["aws:requestedregion"] = (region,)
        return derived


def _part(arn: str, place: int) -> str:
    parts = arn.split(":", 5)
    found = parts[place] if parts[0] == "arn" and len(parts) > place else ""
    return "" if "*" in found or "?" in found else found
