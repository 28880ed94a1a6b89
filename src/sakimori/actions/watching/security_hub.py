"""Security Hub CSPM in a Region: whether it is on, who administers it, and the calls that turn it on and off.

Source: botocore's model of securityhub; Security Hub User Guide, "Understanding central configuration". Each operation
refuses with InvalidAccessException while Security Hub is off; the same code without these words is a denial.
"""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Call

HUB: Final = "securityhub:DescribeHub"
ADMINISTRATOR: Final = "securityhub:GetAdministratorAccount"
ORGANIZATION: Final = "securityhub:DescribeOrganizationConfiguration"
STANDARDS: Final = "securityhub:GetEnabledStandards"
ENABLE: Final = "securityhub:EnableSecurityHub"
DISABLE: Final = "securityhub:DisableSecurityHub"
PERMISSIONS: Final = ("iam:CreateServiceLinkedRole", "securityhub:TagResource")
"""What turning it on needs besides."""
ONE_FOR_ALL: Final = "SECURITY_CONTROL"
"""One finding for a control, however many standards it stands in."""
_GOING: Final = "DELETING"
_OFF: Final = "InvalidAccessException"
_OFF_WORDS: Final = "not subscribed"
_NOT_ADMINISTRATOR: Final = (_OFF, "AccessDeniedException", "ResourceNotFoundException")
_LEFT: Final = frozenset({"REMOVED", "RESIGNED", "DELETED", "INVITED", "CREATED"})
CENTRAL: Final = "Security Hub central configuration"


def called(site: Site, operation: str) -> Mapping[str, Any] | None:
    """The answer; None where Security Hub is off in the Region."""
    try:
        return site.call(operation)
    except Refusal as refusal:
        if refusal.code == _OFF and _OFF_WORDS in refusal.message:
            return None
        raise


def manager_of(site: Site) -> str:
    """Who else manages Security Hub here: an administrator's account, or central configuration; "" for nobody.

    Only an administrator may ask for the configuration of its organisation, so a refusal of that says that there is none.
    """
    told = (called(site, ADMINISTRATOR) or {}).get("Administrator") or {}
    if told.get("AccountId") and str(told.get("MemberStatus", "")).upper() not in _LEFT:
        return str(told["AccountId"])
    answer = site.call(ORGANIZATION, _NOT_ADMINISTRATOR) or {}
    configuration = answer.get("OrganizationConfiguration") or {}
    return CENTRAL if configuration.get("ConfigurationType") == "CENTRAL" else ""


def subscriptions(site: Site) -> list[Mapping[str, Any]]:
    """The standards that are enabled here, also those that do not work; Security Hub must be on."""
    found: list[Mapping[str, Any]] = site.all_of(STANDARDS, "StandardsSubscriptions")
    return [each for each in found if each["StandardsStatus"] != _GOING]


def enabling(site: Site, findings: str = ONE_FOR_ALL) -> Call:
    """Turns it on here, without any standard."""
    parameters = {"EnableDefaultStandards": False, "ControlFindingGenerator": findings, "Tags": {"sakimori": "HB14"}}
    return Call(operation=ENABLE, region=site.region, parameters=parameters, settled=("ResourceConflictException",))


def disabling(site: Site) -> Call:
    """Turns it off here."""
    # InvalidAccessException is a denial too; what is there is read again afterwards, which tells the two apart.
    return Call(operation=DISABLE, region=site.region, settled=(_OFF,))
