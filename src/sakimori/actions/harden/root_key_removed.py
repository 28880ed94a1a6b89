"""HB05: the root user has no access key.

Only the root user can delete one (or the organisation, with AssumeRoot). AWS's word is enough, so nobody is asked.
Source: IAM API Reference, GetAccountSummary; IAM User Guide, "Root user best practices".
"""

from typing import Final

from sakimori.actions.identity.root_user import SUMMARY, root_user
from sakimori.actions.site import Site
from sakimori.actions.step import Guide
from sakimori.model.action import Baseline


def _holds(site: Site) -> bool:
    return not root_user(site).has_keys


GUIDE: Final = Guide(
    id="HB05",
    order=50,
    texts="harden_guides.hb05",
    baseline=Baseline.STARTER,
    rules=("aws.iam.root-access-key-absent",),
    reads=(SUMMARY,),
    holds=_holds,
)
