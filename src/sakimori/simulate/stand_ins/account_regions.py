"""Which Regions the account has turned on, as the service of account management lists them; moto does not know it.

Source: botocore's model of account; AWS Account Management Reference Guide, ListRegions.
"""

from collections.abc import Mapping
from typing import Any, Final

from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.utilities.utils import get_partition

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.state import DEFAULT_REGIONS

_MOST: Final = 50
_STATUSES: Final = frozenset({"ENABLED", "ENABLING", "DISABLING", "DISABLED", "ENABLED_BY_DEFAULT"})


def regions(desk: Desk) -> Mapping[str, Any]:
    """All Regions of the partition with their status, in pages; nothing is ever on its way here."""
    asked = desk.parameters()
    wanted = set(asked.get("RegionOptStatusContains") or _STATUSES)
    size = int(asked.get("MaxResults") or _MOST)
    if not wanted <= _STATUSES or not 1 <= size <= _MOST:
        raise ServiceError("ValidationException", "The input fails to satisfy the constraints.", 400)
    found = [
        {"RegionName": region.name, "RegionOptStatus": status}
        for region in sorted(RegionsAndZonesBackend.regions, key=lambda region: region.name)
        if get_partition(region.name) == desk.state.partition
        and (status := _status(region.name, desk.state.enabled_regions)) in wanted
    ]
    start = int(asked.get("NextToken") or 0)
    page = {"Regions": found[start : start + size]}
    return {**page, "NextToken": str(start + size)} if start + size < len(found) else page


def _status(region: str, enabled: set[str]) -> str:
    if region in DEFAULT_REGIONS:
        return "ENABLED_BY_DEFAULT"
    return "ENABLED" if region in enabled else "DISABLED"


STAND_INS: Final[Mapping[str, StandIn]] = {"account:ListRegions": regions}
