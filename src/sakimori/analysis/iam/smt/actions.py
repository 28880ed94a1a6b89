"""What can be done to a resource, for the solver: places that a policy of it speaks of, and actions to show as witness."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sakimori.analysis.iam.action_table import action_table
from sakimori.analysis.iam.patterns import actions_matcher
from sakimori.analysis.iam.policy_carriers import is_access_point
from sakimori.analysis.iam.principal import PrincipalKind
from sakimori.analysis.iam.smt.callers import Caller
from sakimori.analysis.iam.smt.truth import Term, z3
from sakimori.collect.policy_document import Statement

# What a reader knows at once, first.
_TELLING: Final = {
    "s3": ("s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"),
    "sqs": ("sqs:ReceiveMessage", "sqs:SendMessage"),
    "sns": ("sns:Subscribe", "sns:Publish"),
    "kms": ("kms:Decrypt", "kms:Encrypt"),
    "lambda": ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl"),
    "secretsmanager": ("secretsmanager:GetSecretValue",),
    "dynamodb": ("dynamodb:GetItem", "dynamodb:PutItem"),
    "elasticfilesystem": ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"),
    "es": ("es:ESHttpGet", "es:ESHttpPost"),
    "events": ("events:PutEvents", "events:PutRule"),
    "execute-api": ("execute-api:Invoke",),
    "glue": ("glue:GetTable", "glue:GetDatabase"),
    "kinesis": ("kinesis:GetRecords", "kinesis:PutRecord"),
    "logs": ("logs:PutSubscriptionFilter",),
    "backup": ("backup:CopyIntoBackupVault",),
    "ecr": ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
}
# What stands under the resource in its policy, after which sign.
_UNDER: Final = {"s3": "/", "es": "/", "execute-api": "/", "lambda": ":", "dynamodb": "/"}
_WILD: Final = re.compile(r"[*?]")
_SERVICE_PART: Final = 2
_MOST_GROUPS: Final = 8


@dataclass(frozen=True, slots=True)
class Target:
    """A resource, or with `under` anything beneath it that begins with this text. `level` of S3: object or bucket."""

    resource: str
    under: str = ""
    level: str = ""

    def term(self) -> Term:
        """The resource: plain, or for the solver to choose."""
        return z3().String("resource") if self.under else self.resource

    def ties(self, term: Term) -> list[Term]:
        """What binds it."""
        if not self.under:
            return []
        solver = z3()
        return [solver.PrefixOf(self.under, term), solver.Length(term) > len(self.under)]

    def example(self, term: Term) -> list[Term]:
        """The one that a witness had best show."""
        return [term == f"{self.under}example"] if self.under else []


def service_of(resource: str) -> str:
    """The service in its ARN; "" for none."""
    parts = resource.split(":")
    return parts[_SERVICE_PART] if parts[0] == "arn" and len(parts) > _SERVICE_PART else ""


def targets_of(resource: str) -> list[Target]:
    """What the policy of the resource decides about."""
    service = service_of(resource)
    if service == "s3" and "/" not in resource:
        return [Target(resource, f"{resource}/", "object"), Target(resource, level="bucket")]
    if is_access_point(resource):
        return [Target(resource, f"{resource}/object/", "object"), Target(resource, level="bucket")]
    if service == "events":
        # Who may make rules on a bus is told by its policy too. Source: EventBridge User Guide, "Permissions for event buses".
        bus = resource.rpartition("/")[2]
        rules = resource.rpartition(":")[0] + (":rule/" if bus == "default" else f":rule/{bus}/")
        return [Target(resource), Target(resource, rules)]
    if service == "glue":
        return [Target(resource), Target(resource, resource.rpartition(":")[0] + ":")]
    if service in _UNDER:
        return [Target(resource), Target(resource, resource + _UNDER[service])]
    return [Target(resource)]


def assuming(caller: Caller) -> str:
    """The way in which such a caller assumes a role."""
    if caller.kind is PrincipalKind.WEB:
        return "sts:AssumeRoleWithSAML" if caller.is_saml else "sts:AssumeRoleWithWebIdentity"
    return "sts:AssumeRole"


def witness_actions(statements: Sequence[Statement], target: Target) -> list[str]:
    """Actions that an Allow of the statements names: one for each way in which the statements speak of actions."""
    service, groups = service_of(target.resource), dict[tuple[bool, ...], str]()
    allows = [each for each in statements if each.is_allow]
    for name in _candidates(service, allows):
        lower = name.lower()
        if not _suits(name, target):
            continue
        spoken = tuple(_names(each, lower) for each in statements)
        if any(named for named, each in zip(spoken, statements, strict=True) if each.is_allow):
            groups.setdefault(spoken, name)
        if len(groups) == _MOST_GROUPS:
            break
    return list(groups.values())


def _names(statement: Statement, action: str) -> bool:
    return actions_matcher(statement.actions)(action) != statement.is_not_action


def _candidates(service: str, allows: Iterable[Statement]) -> Iterator[str]:
    yield from _TELLING.get(service, ())
    patterns = dict.fromkeys(pattern for each in allows if not each.is_not_action for pattern in each.actions)
    yield from (each for each in patterns if not _WILD.search(each) and each.lower().startswith(f"{service}:"))
    yield from _known(service)


@lru_cache(maxsize=64)
def _known(service: str) -> tuple[str, ...]:
    return tuple(f"{each.service}:{each.name}" for each in action_table().matching(f"{service}:*"))


def _suits(name: str, target: Target) -> bool:
    """Of S3, whether the action is done to objects, or to the bucket, as the target is."""
    if not target.level:
        return True
    found = action_table().find(name)
    return found is None or any(str(each) == target.level for each in found.resources)


def symbolic_action(statements: Iterable[Statement], target: Target) -> tuple[Term, list[Term]]:
    """Any action of the service, and what binds it: what is known to be done to something else is left out."""
    action, solver, service = z3().String("action"), z3(), service_of(target.resource)
    letters = solver.Plus(solver.Union(solver.Range("a", "z"), solver.Range("0", "9")))
    ties = [solver.InRe(action, solver.Concat(solver.Re(f"{service}:"), letters))] if service else []
    literals = {pattern for each in statements for pattern in each.actions if not _WILD.search(pattern)}
    ties += [action != each.lower() for each in sorted(literals) if each.isascii() and not _suits(each, target)]
    return action, ties
