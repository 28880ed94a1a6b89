"""HB22: opt-in Regions that nobody uses are off.

AWS lists what is on, not what is used: where an opt-in Region is on, a person decides. No step turns one off by itself,
since what still runs there goes on billing while nobody can reach it any more. Regions that are on by default cannot be
turned off; guardrails (HB33) close them. Source: AWS Account Management Reference Guide, "Enable or disable AWS Regions
in your account"; ListRegions.
"""

from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import Guide
from sakimori.model.action import Baseline

_LIST: Final = "account:ListRegions"


def _holds(site: Site) -> bool | None:
    opted_in = site.all_of(_LIST, "Regions", RegionOptStatusContains=["ENABLED", "ENABLING"])
    return None if opted_in else True


GUIDE: Final = Guide(
    id="HB22",
    order=220,
    texts="harden_guides.hb22",
    baseline=Baseline.STRICT,
    reads=(_LIST,),
    holds=_holds,
)
