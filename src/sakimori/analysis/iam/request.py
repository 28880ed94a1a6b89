"""A request to AWS as policies see it: who, what, on what, under which circumstances."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.principal import Principal, PrincipalKind
from sakimori.collect.policy_reach import account_in

_REGION_PART: Final = 3
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

    @property
    def owner(self) -> str:
        """The account of the resource."""
        return self.resource_account or account_in(self.resource) or self.principal.account

    @property
    def is_cross_account(self) -> bool:
        """The resource belongs to another account than the principal, or the principal to none."""
        return self.owner != self.principal.account

    def whole_context(self) -> Context:
        """The context with what the principal, the resource and its Region tell by themselves."""
        return self.context.over(self._derived())

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
        if self.owner:
            derived["aws:resourceaccount"] = (self.owner,)
        if region := _part(self.resource, _REGION_PART):
            derived["aws:requestedregion"] = (region,)
        return derived


def _part(arn: str, place: int) -> str:
    parts = arn.split(":", 5)
    return parts[place] if parts[0] == "arn" and len(parts) > place else ""
