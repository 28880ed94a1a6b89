"""Who may take a role by its trust policy, and the policy without some of them.

The ids that IAM leaves in the place of principals that are deleted let nobody in, and AWS refuses a document that names one:
they count as absent. Source: IAM User Guide, "AWS JSON policy elements: Principal" and "IAM identifiers" (unique ids).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sakimori.actions.resources.policy_statements import Policy, all_statements

_EVERYBODY: Final = "*"
_AWS: Final = "AWS"
_ACCOUNT: Final = re.compile(r"\d{12}\Z")
_DELETED: Final = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,124}\Z")
_ROOT: Final = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root\Z")
_ANY: Final = "NotPrincipal"
# A trust policy must have a statement; this one lets nobody in.
_NOBODY: Final[Policy] = {
    "Sid": "SakimoriNobody", "Effect": "Deny", "Principal": {_AWS: _EVERYBODY}, "Action": "sts:AssumeRole",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trusted:
    """One principal that a statement lets in: `kind` is AWS, Service, Federated, CanonicalUser; or NotPrincipal, which is everybody else."""

    kind: str
    name: str

    def is_named(self, name: str) -> bool:
        """Whether it is the one of this name; an account may be named by its number or by its root ARN."""
        return self.name == name or _account(self.name) == _account(name) != ""

    def is_from_outside(self, account: str) -> bool:
        """Whether it is everybody, or an AWS principal of another account."""
        if self.kind == _ANY or self.name == _EVERYBODY:
            return True
        own = _account(self.name) or next(iter(self.name.split(":")[4:5]), "")
        return self.kind == _AWS and own != account


def trusted_in(document: Policy) -> Sequence[Trusted]:
    """Whom its statements that allow let in, each once, in their order."""
    found = (each for statement in all_statements(document) for each in _of(statement))
    return tuple(dict.fromkeys(found))


def living(document: Policy) -> Policy:
    """The document without the ids of principals that are deleted."""
    return without(document, lambda each: each.kind == _AWS and _DELETED.match(each.name) is not None)


def without(document: Policy, is_unwanted: Callable[[Trusted], bool]) -> Policy:
    """The document without these principals; itself where none is in it."""
    if not any(map(is_unwanted, trusted_in(document))):
        return document
    kept = [each for each in (_without(each, is_unwanted) for each in all_statements(document)) if each is not None]
    return {**document, "Statement": kept or [_NOBODY]}


def _without(statement: Policy, is_unwanted: Callable[[Trusted], bool]) -> Policy | None:
    """The statement without them, None where it would let nobody in."""
    found = list(_of(statement))
    kept = [each for each in found if not is_unwanted(each)]
    if len(kept) == len(found):
        return statement
    if not kept:
        return None
    names: dict[str, list[str]] = {}
    for each in kept:
        names.setdefault(each.kind, []).append(each.name)
    return {**statement, "Principal": {kind: each[0] if len(each) == 1 else each for kind, each in names.items()}}


def _of(statement: Policy) -> Iterator[Trusted]:
    if statement.get("Effect") != "Allow":
        return
    if _ANY in statement:
        yield Trusted(_ANY, _EVERYBODY)
        return
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):
        yield Trusted(_AWS, str(principal))
        return
    for kind, names in cast("Mapping[str, Any]", principal).items():
        for name in names if isinstance(names, list) else [names]:
            yield Trusted(str(kind), str(name))


def _account(name: str) -> str:
    """The account that a principal stands for, "" where it stands for less."""
    found = _ROOT.match(name)
    return found[1] if found else name if _ACCOUNT.match(name) else ""
