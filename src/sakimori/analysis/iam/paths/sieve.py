"""Which things an identity's own policies could let it act on: a coarse sieve before the exact question, never too fine."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sakimori.analysis.iam.account import Identity
from sakimori.analysis.iam.paths.policies import names

_USER: Final = re.compile(r"\$\{aws:username\}", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_MOST_PATTERNS: Final = 200


@dataclass(frozen=True, slots=True)
class Sieve:
    """`only` the ARNs that may pass, where the policies name them in full; else those that `pattern` matches, None: all."""

    only: frozenset[str] | None = None
    pattern: re.Pattern[str] | None = None

    def lets(self, arn: str) -> bool:
        """Whether the ARN may pass."""
        if self.only is not None:
            return arn in self.only
        return self.pattern is None or self.pattern.fullmatch(arn) is not None


_ALL: Final = Sieve()


def sieve_of(who: Identity, action: str) -> Sieve:
    """For an action in lower case."""
    if who.unread:
        return _ALL
    patterns = set[str]()
    for policy in who.policies:
        for clause in policy.allows:
            if names(clause, action):
                statement = clause.statement
                if statement.is_not_resource or not statement.resources or "*" in statement.resources:
                    return _ALL
                patterns.update(_USER.sub(lambda _: who.name, each) for each in statement.resources)
    return _sieve(patterns)


def _sieve(patterns: Iterable[str]) -> Sieve:
    told = sorted(_VARIABLE.sub("*", each) for each in patterns)
    if len(told) > _MOST_PATTERNS:
        return _ALL
    if not any(sign in each for each in told for sign in "*?"):
        return Sieve(frozenset(told))
    return Sieve(pattern=re.compile("|".join(f"(?:{_source(each)})" for each in told), re.DOTALL))


def _source(pattern: str) -> str:
    """As a regular expression whose stretches are taken where they first fit, so that many stars cost no more than few."""
    first, *rest = [re.escape(each).replace(r"\?", ".") for each in re.split(r"\*+", pattern)]
    if not rest:
        return first
    middle = "".join(f"(?>.*?{each})" for each in rest[:-1] if each)
    return f"{first}{middle}.*{rest[-1]}"
