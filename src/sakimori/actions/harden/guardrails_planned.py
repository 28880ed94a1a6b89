"""HB33: the organisation forbids what nobody should do, whoever is signed in.

Only the management account sees and sets service control policies: elsewhere, and without an organisation, AWS says
nothing. What the policies deny is not judged; those of Control Tower count. Source: AWS Organizations User Guide,
"Service control policies (SCPs)"; DescribeOrganization, ListRoots, ListPolicies, ListTargetsForPolicy.
"""

from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import Guide
from sakimori.model.action import Baseline

_DESCRIBE: Final = "organizations:DescribeOrganization"
_ROOTS: Final = "organizations:ListRoots"
_POLICIES: Final = "organizations:ListPolicies"
_TARGETS: Final = "organizations:ListTargetsForPolicy"
_KIND: Final = "SERVICE_CONTROL_POLICY"


def _holds(site: Site) -> bool | None:
    told = site.call(_DESCRIBE, ("AWSOrganizationsNotInUseException",))
    if told is None or told["Organization"]["MasterAccountId"] != site.account.id:
        return None
    kinds = [kind for root in site.all_of(_ROOTS, "Roots") for kind in root.get("PolicyTypes") or ()]
    if not any(kind["Type"] == _KIND and kind["Status"] == "ENABLED" for kind in kinds):
        return False
    own = [each for each in site.all_of(_POLICIES, "Policies", Filter=_KIND) if not each.get("AwsManaged")]
    return any(site.all_of(_TARGETS, "Targets", PolicyId=each["Id"]) for each in own)


GUIDE: Final = Guide(
    id="HB33",
    order=330,
    texts="harden_guides.hb33",
    baseline=Baseline.STRICT,
    rules=("aws.organizations.service-control-policies-enabled", "aws.organizations.all-features-enabled"),
    reads=(_DESCRIBE, _ROOTS, _POLICIES, _TARGETS),
    holds=_holds,
)
