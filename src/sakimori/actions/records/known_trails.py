"""Every trail that records this account, as the home Region shows them, and who manages it.

Source: CloudTrail API reference, DescribeTrails (multi-Region trails show everywhere, an organisation's as shadow trails) and
ListTrails (also names those of one other Region).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.records.landing_zones import landing_zone_of
from sakimori.actions.site import Site

READS: Final = ("cloudtrail:DescribeTrails", "cloudtrail:ListTrails", "cloudtrail:GetTrail")


def known_trails(site: Site) -> Sequence[Mapping[str, Any]]:
    """All of them by ARN, those of one other Region too."""
    home = site.at(site.home)
    described = (home.call("cloudtrail:DescribeTrails", includeShadowTrails=True) or {}).get("trailList") or ()
    found: dict[str, Mapping[str, Any]] = {str(each["TrailARN"]): each for each in described}
    for listed in home.all_of("cloudtrail:ListTrails", "Trails"):
        arn = str(listed["TrailARN"])
        if arn not in found:
            there = site.at(str(listed["HomeRegion"]))
            answer = there.call("cloudtrail:GetTrail", ("TrailNotFoundException",), Name=arn)
            if answer is not None:
                found[arn] = {**listed, **answer["Trail"]}
    return [found[arn] for arn in sorted(found)]


def manager_of(site: Site, trail: Mapping[str, Any]) -> str:
    """A landing zone by its name, an organisation or another account by the trail's ARN; "" for the owner of this account."""
    arn = str(trail["TrailARN"])
    is_others = bool(trail.get("IsOrganizationTrail")) or arn.split(":")[4] != site.account.id
    return landing_zone_of((str(trail["Name"]),)) or (arn if is_others else "")
