"""A name for something that the attacker makes or picks: such as the policies let pass, where they let any."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from sakimori.analysis.iam.paths.asking import GIVEN, Actor
from sakimori.analysis.iam.paths.policies import names

_MOST: Final = 8
_PARTS: Final = 6
_NAME: Final = "new"
_USER: Final = re.compile(r"\$\{aws:username\}", re.IGNORECASE)


def candidates(actor: Actor, actions: tuple[str, ...], template: str) -> Iterator[str]:
    """ARNs that fit the template, whose * are free: a plain one first, then those that the actor's own policies speak of.

    `actions` in lower case; at most eight, each once.
    """
    if "*" not in template or template == "*":
        yield template
        return
    seen = {template.replace("*", _NAME)}
    yield from seen
    for pattern in _patterns(actor, actions):
        fitting = _fitted(pattern, template)
        if fitting and fitting not in seen:
            seen.add(fitting)
            yield fitting
            if len(seen) >= _MOST:
                return


def _patterns(actor: Actor, actions: tuple[str, ...]) -> Iterator[str]:
    for policy in actor.who.policies:
        if policy is GIVEN:
            return
        for clause in policy.allows:
            if any(names(clause, action) for action in actions):
                for pattern in clause.statement.resources:
                    if pattern != "*":
                        yield _USER.sub(actor.who.name, pattern)


def _fitted(pattern: str, template: str) -> str:
    """One ARN of both, "" where there is none to be seen."""
    wanted, given = template.split(":", _PARTS - 1), pattern.split(":", _PARTS - 1)
    if len(given) < _PARTS or len(wanted) < _PARTS or "${" in pattern:
        return ""
    if not all(fnmatchcase(want, give) for want, give in zip(wanted[:-1], given[:-1], strict=True)):
        return ""
    last = given[-1].replace("*", _NAME).replace("?", _NAME[0])
    return ":".join((*wanted[:-1], last)) if fnmatchcase(last, wanted[-1]) else ""
