"""What is tried: a policy, as what, and on whose recorded requests."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sakimori.analysis.iam.event_actions import Mapped, actions_of
from sakimori.analysis.iam.policy import Policy


class Guard(StrEnum):
    """What the policy is tried as."""

    SCP = "scp"
    BOUNDARY = "boundary"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A policy, and whose requests it is tried on: of these accounts, and these users and roles; of all without either.

    `principals` are ARNs, or names as `user/alice` and `alice`.
    """

    policy: Policy
    guard: Guard
    accounts: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    management_account: str = ""
    """"" where it is not known."""
    mapped: Callable[[str, str], Mapped] = actions_of

    @property
    def allows_rest(self) -> bool:
        """What the policy does not speak of is allowed all the same: an SCP that only denies stands beside FullAWSAccess."""
        return self.guard is Guard.SCP and not self.policy.allows


def principal_pattern(words: str) -> str:
    """A regular expression for the ARNs of the user or role that somebody means: by ARN, by a session's, or by name."""
    parts = words.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 - an ARN has six parts
        kind, _, name = words.rpartition("/")
        kinds = re.escape(kind) if kind in {"user", "role"} else "(user|role)"
        return f"arn:[^:]*:iam::[0-9]*:{kinds}/(.*/)?{_escaped(name or words)}"
    if parts[2] == "sts" and parts[5].startswith("assumed-role/"):
        name = parts[5].split("/")[1]
        return f"arn:[^:]*:iam::{_escaped(parts[4])}:role/(.*/)?{_escaped(name)}"
    return _escaped(words)


def _escaped(text: str) -> str:
    return "".join(each if each.isalnum() or not each.isascii() else f"\\x{ord(each):02x}" for each in text)
