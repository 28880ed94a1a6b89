"""What an attack can win, fact by fact, and the ways to each."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sakimori.analysis.iam.paths.techniques import Technique


class Win(StrEnum):
    """A kind of fact."""

    REACHED = "reached"
    """The attacker acts as the identity."""
    CREATED = "created"
    """Likewise, as one that was made with every permission."""
    CONTROLLED = "controlled"
    """The identity may be given every permission."""
    GROUP_CONTROLLED = "group_controlled"
    """Likewise, whoever is in the group."""
    UNBOUND = "unbound"
    """The identity's boundary may be removed."""
    JOINED = "joined"
    """Users may be put into the group."""
    ADDED = "added"
    """The identity may be given the policy `extra`, or an older version of it."""


class Fact(NamedTuple):
    """`arn` of an identity or a group."""

    win: Win
    arn: str
    extra: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """One technique that wins a fact, and the things its calls name. Of two for the same fact the surer and plainer is shown."""

    technique: Technique
    is_sure: bool
    target: str = ""
    """What the technique's {target} stands for; "" for nothing that exists."""
    names: tuple[str, ...] = ()
    """The resource of each needed action, in the technique's order."""
    service: str = ""
    """To which a role is passed."""
    policy: str = ""
