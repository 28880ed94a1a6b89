"""What is not kept quiet but by two people and for two weeks: the signs of an attack that is going on."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from sakimori.findings.suppression.suppression import GRAVE_DAYS, Suppression
from sakimori.rules.same_facts import same_facts

NEVER: Final = (
    "Stealth:*CloudTrailLoggingDisabled",
    "Policy:IAMUser/RootCredentialUsage",
    "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration*",
    "CryptoCurrency:*",
    "AttackSequence:*",
    "Backdoor:*",
)
"""Types of GuardDuty, by pattern. Rules of ours that find the same are meant too."""
LONGEST_DAYS: Final = GRAVE_DAYS


def never_rules(suppression: Suppression) -> Iterator[str]:
    """Those of the never-suppressed rules and types that it may hold for."""
    yield from (each for each in suppression.rules if is_never(each))
    for pattern in suppression.rule_patterns:
        known = (each for each in _known() if fnmatchcase(each, pattern.replace("[", "[[]")))
        yield from sorted(known) if pattern.strip("*") else NEVER


def is_never(rule: str) -> bool:
    """Whether it is such a type, or a rule of ours that finds one."""
    return any(fnmatchcase(rule, pattern) for pattern in NEVER) or rule in _own()


@cache
def _own() -> frozenset[str]:
    types = same_facts().by_type
    return frozenset(
        rule for name, rules in types.items() if any(fnmatchcase(name, each) for each in NEVER) for rule in rules
    )


@cache
def _known() -> frozenset[str]:
    return frozenset(name for name in (*same_facts().by_type, *_own()) if is_never(name))
