"""What the lint asks of the table of actions. Where the table does not know, the answer is None and nothing is claimed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sakimori.analysis.iam.action_table import Action, ActionTable, Service
from sakimori.analysis.iam.lint.statement import LintStatement, has_wildcard

_MANY: Final = "ArrayOf"
_ENOUGH_ACTIONS: Final = 4000
"""Patterns that name more than this say nothing that a check could use."""


@dataclass(frozen=True, slots=True)
class KeyForm:
    """A condition key as AWS spells it: the words of its types without ArrayOf, and whether it has several values."""

    name: str
    types: frozenset[str]
    is_multivalued: bool


@lru_cache(maxsize=1024)
def service_of(table: ActionTable, prefix: str) -> Service | None:
    """The service of a prefix, kept: a policy speaks of few services again and again."""
    return table.service(prefix)


@lru_cache(maxsize=16384)
def key_form(table: ActionTable, name: str) -> KeyForm | None:
    """The key; None: not in the table."""
    if not name.isascii():
        return None
    key = table.condition_key(name) or table.condition_key(_listed_as(table, name))
    if key is None:
        return None
    types = [str(each) for each in key.types]
    return KeyForm(
        key.name,
        frozenset(each.removeprefix(_MANY) for each in types),
        any(each.startswith(_MANY) for each in types),
    )


def _listed_as(table: ActionTable, name: str) -> str:
    """The key with another word for what a policy fills in, as Secrets Manager's `…:ResourceTag/tag-key`; "" if there is none."""
    head, slash, _ = name.lower().partition("/")
    service = service_of(table, head.partition(":")[0]) if slash else None
    names = service.condition_keys if service else ()
    return next((each for each in names if each.lower().startswith(f"{head}/")), "")


def named_actions(table: ActionTable, statement: LintStatement) -> Sequence[Action] | None:
    """The actions that a statement speaks of; None where they are not all known, or are those left out."""
    if statement.is_not_action or not statement.actions:
        return None
    found = dict[tuple[str, str], Action]()
    for word in statement.actions:
        if ":" not in word.text:
            return None
        known = table.matching(word.text)
        if not known:
            return None
        found.update(((each.service, each.name), each) for each in known)
        if len(found) > _ENOUGH_ACTIONS:
            return None
    return tuple(found.values())


def is_exact(text: str) -> bool:
    """It names one action."""
    return ":" in text and not has_wildcard(text)


@lru_cache(maxsize=16384)
def arn_formats(table: ActionTable, action: Action) -> frozenset[str]:
    """The forms of the ARNs that the action is asked on; empty for one that knows no resources."""
    service = service_of(table, action.service)
    if service is None:
        return frozenset()
    known = (service.resources.get(name) for name in action.resources)
    return frozenset(form for each in known if each is not None for form in each.arns)


def knows_all_resources(table: ActionTable, action: Action) -> bool:
    """Each resource type of the action has a form in the table."""
    service = service_of(table, action.service)
    return service is not None and all(
        name in service.resources and service.resources[name].arns for name in action.resources
    )


@lru_cache(maxsize=16384)
def all_keys(table: ActionTable, action: Action) -> frozenset[str]:
    """The names of the keys that go with an action or one of its resources, in lower case, up to what is filled in."""
    service = service_of(table, action.service)
    of_types = (
        [] if service is None else [service.resources[each] for each in action.resources if each in service.resources]
    )
    names = [*action.condition_keys, *(key for each in of_types for key in each.condition_keys)]
    return frozenset(map(stem, names))


@lru_cache(maxsize=16384)
def stem(key: str) -> str:
    """A key in lower case without what a policy fills in: `aws:requesttag/`, `kms:encryptioncontext:`."""
    lower = key.lower()
    for sign in ("${", "<", "tag-key"):
        if sign in lower:
            return lower[: lower.index(sign)]
    return lower
