"""What a policy's statements say of one action, told before anybody asks: so that most questions need not be asked at all."""

from dataclasses import dataclass
from typing import Final

from sakimori.analysis.iam.policy import Clause, Policy
from sakimori.collect.policy_document import Document, Statement

_OF_WHO_ASKS: Final = frozenset({"aws:principalarn", "aws:username", "aws:userid", "aws:principaltype"})
_OF_TARGET: Final = ("aws:resourcetag/", "iam:resourcetag/", "iam:permissionsboundary")


@dataclass(frozen=True, slots=True)
class Speech:
    """Of one policy and action. `is_personal`: the answer hangs on who asks; `is_targeted`: on what is asked for."""

    allows: bool
    is_personal: bool
    is_targeted: bool


class PolicyIndex:
    """Policies by number; two with the same words have the same number."""

    def __init__(self) -> None:
        self._numbers = dict[Document, int]()
        self._by_identity = dict[int, tuple[Policy, int]]()
        self._speeches = dict[tuple[int, str], Speech]()

    def number(self, policy: Policy) -> int:
        """The same for the same words."""
        known = self._by_identity.get(id(policy))
        if known is None:
            # The policy is kept with its number: the identity of an object is its own only as long as it lives.
            known = policy, self._numbers.setdefault(policy.document, len(self._numbers))
            self._by_identity[id(policy)] = known
        return known[1]

    def speech(self, policy: Policy, action: str) -> Speech:
        """What it says of the action, in lower case."""
        key = self.number(policy), action
        found = self._speeches.get(key)
        if found is None:
            allowing = [each for each in policy.allows if names(each, action)]
            all_ = [*allowing, *(each for each in policy.denies if names(each, action))]
            found = self._speeches[key] = Speech(
                bool(allowing),
                any(is_personal(each) for each in all_),
                any(_is_targeted(each.statement) for each in all_),
            )
        return found


def names(clause: Clause, action: str) -> bool:
    """Whether the statement speaks of the action, in lower case."""
    return clause.names_action(action) != clause.statement.is_not_action


def is_personal(clause: Clause) -> bool:
    """Whether the statement may hold for one and not for another who is bound by the same policies."""
    statement = clause.statement
    return any("${" in each for each in statement.resources) or any(
        key in _OF_WHO_ASKS or key.startswith("aws:principaltag/") or any("${" in value for value in values)
        for key, values in ((each.key.lower(), each.values) for each in statement.conditions)
    )


def _is_targeted(statement: Statement) -> bool:
    if statement.is_not_resource or any(each != "*" for each in statement.resources):
        return True
    return any(each.key.lower().startswith(_OF_TARGET) for each in statement.conditions)
