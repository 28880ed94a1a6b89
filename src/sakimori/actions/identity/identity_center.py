"""Whether people come into this account through IAM Identity Center: its permission sets are roles under a path of their own.

A session of Identity Center does not say whether MFA was shown, so a role that asks for `aws:MultiFactorAuthPresent`
cannot be taken from it. Source: IAM User Guide, "AWS global condition context keys" (aws:MultiFactorAuthPresent);
IAM Identity Center User Guide, "Referencing permission sets in resource policies".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import Caution

LIST: Final = "iam:ListRoles"
_PATH: Final = "/aws-reserved/sso.amazonaws.com/"


def people_come_by_identity_center(site: Site) -> bool:
    """There is a permission set in this account."""
    return bool(site.all_of(LIST, "Roles", PathPrefix=_PATH))


def cannot_take_roles(site: Site) -> Sequence[Caution]:
    """That those who come by Identity Center cannot take a role that asks for MFA."""
    return [Caution(text="harden_people.no_mfa_mark")] if people_come_by_identity_center(site) else []
