"""HB06: others than the root user may be let see the bill.

The switch has no API, and a refused call does not say whether the switch or a policy refused it: a person vouches.
Source: IAM User Guide, "IAM tutorial: Grant access to the billing console".
"""

from typing import Final

from sakimori.actions.step import Guide
from sakimori.model.action import Baseline

GUIDE: Final = Guide(
    id="HB06",
    order=60,
    texts="harden_guides.hb06",
    baseline=Baseline.STARTER,
    question="billing-access-decided",
)
