"""HB04: the root user cannot sign in without MFA.

A member account whose root credentials the organisation took away has nothing to sign in with, and so nothing to
protect. A second device, and where both lie, no API tells: a person vouches for that. Source: IAM User Guide,
"Multi-factor authentication for AWS account root user"; IAM API Reference, GetAccountSummary.
"""

from typing import Final

from sakimori.actions.identity.root_user import SUMMARY, root_user
from sakimori.actions.site import Site
from sakimori.actions.step import Guide
from sakimori.model.action import Baseline


def _holds(site: Site) -> bool:
    root = root_user(site)
    return root.has_mfa or root.has_nothing_to_sign_in_with


GUIDE: Final = Guide(
    id="HB04",
    order=40,
    texts="harden_guides.hb04",
    baseline=Baseline.STARTER,
    rules=("aws.iam.root-mfa-enabled", "aws.iam.root-hardware-mfa-enabled"),
    question="root-mfa-device-in-custody",
    reads=(SUMMARY,),
    holds=_holds,
)
