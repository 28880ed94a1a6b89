"""R05: what the suspect's rights reach - who can be become, which powers are held, and what AWS's quarantine leaves of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sakimori.analysis.iam.account import IamAccount, Identity, iam_account
from sakimori.analysis.iam.paths.finder import Surroundings, find_paths
from sakimori.analysis.iam.paths.found import PathsFound
from sakimori.analysis.iam.paths.goals import goal_of
from sakimori.analysis.iam.paths.search import Limits
from sakimori.analysis.iam.paths.world import policy_versions
from sakimori.analysis.iam.powers import HeldPower, Level, powers_of
from sakimori.app.respond.case import Suspect
from sakimori.aws.door import Door
from sakimori.model.words import GLOBAL

DETAILS: Final = "iam:GetAccountAuthorizationDetails"
LISTS: Final = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_GENERATION: Final = "V3"
_LIMITS: Final = Limits(length=5, paths=5, work=40_000)
"""Within seconds: a thief is at work meanwhile. `sakimori iam paths` looks further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Radius:
    """What the suspect can reach. `who` None: IAM does not know the suspect (a key of the root user, a deleted user)."""

    who: Identity | None
    level: Level = Level.NONE
    at_most: Level = Level.NONE
    held: tuple[HeldPower, ...] = ()
    paths: PathsFound | None = None

    @property
    def left_by_quarantine(self) -> tuple[str, ...]:
        """Ids of powers that AWS's quarantine policy does not take away."""
        return tuple(each.power.id for each in self.held if each.stays(_GENERATION) is not False)

    @property
    def is_admin(self) -> bool | None:
        """Whether the suspect is, or can become, an administrator; None where that is not known."""
        if self.paths is None:
            return None
        if self.paths.at_goal or any(path.certainty == "proven" for path in self.paths.paths):
            return True
        is_unsure = self.paths.maybe_at_goal or self.paths.paths or self.paths.cut_short or self.paths.unread
        return None if is_unsure else False


def details_of(door: Door) -> dict[str, list[Any]]:
    """Everything that IAM holds, as one answer of GetAccountAuthorizationDetails; Refusal where it may not be read."""
    found: dict[str, list[Any]] = {name: [] for name in LISTS}
    for page in door.pages(DETAILS, GLOBAL, {}):
        for name in LISTS:
            found[name] += page.get(name) or ()
    return found


def radius_of(details: Mapping[str, Iterable[Mapping[str, Any]]], suspect: Suspect) -> Radius:
    """What the suspect reaches by these details, as far as IAM alone says."""
    records = [each for name in LISTS for each in details.get(name, ())]
    account = iam_account(records)
    who = _who(account, suspect)
    if who is None:
        return Radius(who=None)
    powers = powers_of(replace(account, identities={who.arn: who}))[0]
    paths = find_paths(account, who, goal_of("admin", ()), Surroundings(versions=policy_versions(records)), _LIMITS)
    return Radius(who=who, level=powers.level, at_most=powers.at_most, held=powers.held, paths=paths)


def _who(account: IamAccount, suspect: Suspect) -> Identity | None:
    found = account.identities.get(suspect.user or suspect.role)
    if found is not None:
        return found
    named = account.find(suspect.user or suspect.role) if suspect.user or suspect.role else ()
    return named[0] if len(named) == 1 else None
