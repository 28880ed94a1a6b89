"""HB09: Cost Explorer is open, and the lines of the bill are exported.

Cost Explorer is turned on by opening it, and by no API; asking its API whether it answers would cost 0.01 USD each
time, so a person vouches. Source: AWS Cost Management User Guide, "Enabling Cost Explorer"; AWS Data Exports User Guide.
"""

from typing import Final

from sakimori.actions.step import Guide
from sakimori.model.action import Baseline

GUIDE: Final = Guide(
    id="HB09",
    order=90,
    texts="harden_guides.hb09",
    baseline=Baseline.STARTER,
    rules=("aws.bcm.data-export-exists",),
    question="cost-explorer-open",
)
