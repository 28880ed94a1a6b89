"""HB37: people get their permissions through groups, by policies that can be seen in one place.

Looked at are users (attached and inline policies) and groups (inline ones). Roles are left out: the inline policies of
roles are mostly written by the tools that make the roles. What quarantines a leaked user stays where it is.
Source: IAM API Reference, GetAccountAuthorizationDetails; IAM User Guide, "Managed policies and inline policies".
"""

from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import Guide
from sakimori.model.action import Baseline

_DETAILS: Final = "iam:GetAccountAuthorizationDetails"
_QUARANTINES: Final = ("AWSCompromisedKeyQuarantine", "AWSDenyAll", "SakimoriQuarantine")


def _holds(site: Site) -> bool:
    users = site.all_of(_DETAILS, "UserDetailList", Filter=["User"])
    groups = site.all_of(_DETAILS, "GroupDetailList", Filter=["Group"])
    lists = [
        *(user.get(kind) for user in users for kind in ("AttachedManagedPolicies", "UserPolicyList")),
        *(group.get("GroupPolicyList") for group in groups),
    ]
    names = [str(policy["PolicyName"]) for policies in lists for policy in policies or ()]
    return all(name.startswith(_QUARANTINES) for name in names)


GUIDE: Final = Guide(
    id="HB37",
    order=370,
    texts="harden_guides.hb37",
    baseline=Baseline.STRICT,
    rules=("aws.iam.user-without-direct-policies", "aws.iam.inline-policy-without-full-admin"),
    reads=(_DETAILS,),
    holds=_holds,
)
