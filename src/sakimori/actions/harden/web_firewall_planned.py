"""HB35: AWS WAF stands before what the internet can reach, counting first and blocking then.

Which address needs one, and whether it was made to block after the counting, no call says: a load balancer behind a
CloudFront distribution that has a web ACL needs none of its own. A person vouches. Source: AWS WAF Developer Guide,
"Testing and tuning your AWS WAF protections".
"""

from typing import Final

from sakimori.actions.step import Guide
from sakimori.model.action import Baseline

GUIDE: Final = Guide(
    id="HB35",
    order=350,
    texts="harden_guides.hb35",
    baseline=Baseline.STRICT,
    rules=("aws.wafv2.web-acl-has-managed-rules",),
    question="web-firewall-blocks",
)
