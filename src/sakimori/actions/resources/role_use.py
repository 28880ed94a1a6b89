"""Who uses a role, as far as its trust policy and IAM's memory of its last use tell: what stops where it is stopped.

Source: botocore's model of iam (RoleLastUsed: IAM reports it for the last 400 days); IAM User Guide, "Revoke IAM role
temporary security credentials" (services that hold a role's credentials need new ones).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sakimori.actions.resources.policy_statements import all_statements
from sakimori.actions.site import Site
from sakimori.actions.step import Caution

GET_ROLE: Final = "iam:GetRole"
_REFRESHED: Final[Mapping[str, str]] = {
    "ec2.amazonaws.com": "respond_steps.refresh_instances",
    "lambda.amazonaws.com": "respond_steps.refresh_functions",
    "ecs-tasks.amazonaws.com": "respond_steps.refresh_tasks",
}


def role_stops(site: Site, name: str) -> Sequence[Caution]:
    """When the role was last used: whatever uses it stops."""
    return (_last_use(name, site.call(GET_ROLE, RoleName=name) or {}),)


def sessions_stop(site: Site, name: str) -> Sequence[Caution]:
    """When the role was last used, and which services must be given new credentials after its sessions are revoked."""
    told = site.call(GET_ROLE, RoleName=name) or {}
    found = [_last_use(name, told)]
    for service in sorted(_services(told["Role"].get("AssumeRolePolicyDocument") or {})):
        text = _REFRESHED.get(service, "respond_steps.refresh_service")
        found.append(Caution(text=text, values={"name": name, "service": service}))
    return found


def _last_use(name: str, told: Mapping[str, Any]) -> Caution:
    used = (told["Role"].get("RoleLastUsed") or {}).get("LastUsedDate")
    if not isinstance(used, datetime):
        return Caution(text="respond_steps.role_never_used", values={"name": name})
    return Caution(text="respond_steps.role_last_used", values={"name": name, "day": used.date().isoformat()})


def _services(document: Any) -> frozenset[str]:
    """The services that the trust policy lets in."""
    found: set[str] = set()
    for each in all_statements(document if isinstance(document, Mapping) else {}):
        principal = each.get("Principal")
        named = principal.get("Service", []) if isinstance(principal, dict) else []
        found.update(named if isinstance(named, list) else [named])
    return frozenset(found)
