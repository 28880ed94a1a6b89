"""What IAM tells of the root user."""

from dataclasses import dataclass
from typing import Final

from sakimori.actions.site import Site

SUMMARY: Final = "iam:GetAccountSummary"


@dataclass(frozen=True, slots=True, kw_only=True)
class RootUser:
    """The root user's ways in."""

    has_mfa: bool
    has_keys: bool
    has_password: bool

    @property
    def has_nothing_to_sign_in_with(self) -> bool:
        """Neither password nor key: the organisation took them away."""
        return not (self.has_password or self.has_keys)


def root_user(site: Site) -> RootUser:
    """The root user as IAM counts it; Refusal where it may not be read."""
    told = (site.call(SUMMARY) or {})["SummaryMap"]
    return RootUser(
        has_mfa=bool(told["AccountMFAEnabled"]),
        has_keys=bool(told["AccountAccessKeysPresent"]),
        # An answer without the count is one from before it was told: then there is a password.
        has_password=bool(told.get("AccountPasswordPresent", 1)),
    )
