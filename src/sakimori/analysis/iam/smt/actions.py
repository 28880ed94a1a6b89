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
# The first words of the actions on a service's resources, where these are not its own name alone.
# Source: Amazon MSK Developer Guide, "Semantics of IAM authorization policy actions and resources": data actions are kafka-cluster:….
_PREFIXES: Final = {"kafka": ("kafka", "kafka-cluster")}
# What else the policy of a resource decides about, by how the last part of its ARN begins.
# Sources: CodeArtifact User Guide, "Domain policies" (evaluated for all that is in the domain) and "Permissions reference" (ARNs);
# Amazon MSK Developer Guide, "Step 2: Attach a cluster policy to the MSK cluster" (topics and groups are named in it).
_WITHIN: Final = {
    ("codeartifact", "domain"): ("repository", "package", "package-group"),
    ("codeartifact", "repository"): ("package",),
    ("kafka", "cluster"): ("topic", "group", "transactional-id"),
}
# What stands under the resource in its policy, after which sign.
_UNDER: Final = {"s3": "/", "es": "/", "execute-api": "/", "lambda": ":", "dynamodb": "/"}
_WILD: Final = re.compile(r"[*?]")
_SERVICE_PART: Final = 2
_MOST_GROUPS: Final = 8


@dataclass(frozen=True, slots=True)
class Target:
    """A resource, or with `under` anything beneath it that begins with this text. `level`: its type, as object or bucket of S3."""

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
    head, _, last = resource.rpartition(":")
    kind, _, name = last.partition("/")
    if (service, kind) in _WITHIN:
        within = [Target(resource, f"{head}:{each}/{name}/", each) for each in _WITHIN[service, kind]]
        return [Target(resource, level=kind), *within]
    begun = ""
    if service == "events":
        # Who may make rules on a bus is told by its policy too. Source: EventBridge User Guide, "Permissions for event buses".
        begun = f"{head}:rule/" if name == "default" else f"{head}:rule/{name}/"
    elif service == "glue":
        begun = f"{head}:"
    elif service in _UNDER:
        begun = resource + _UNDER[service]
    return [Target(resource), *([Target(resource, begun)] if begun else [])]


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
    prefixes = _PREFIXES.get(service, (service,))
    yield from (each for each in patterns if not _WILD.search(each) and each.lower().partition(":")[0] in prefixes)
    for each in prefixes:
        yield from _known(each)


@lru_cache(maxsize=64)
def _known(service: str) -> tuple[str, ...]:
    return tuple(f"{each.service}:{each.name}" for each in action_table().matching(f"{service}:*"))


def _suits(name: str, target: Target) -> bool:
    """Whether the action is done to what the target is: of S3 to objects or to the bucket; others may not tell."""
    if not target.level:
        return True
    found = action_table().find(name)
    if found is None or (not found.resources and service_of(target.resource) != "s3"):
        return True
    return any(str(each) == target.level for each in found.resources)


def symbolic_action(statements: Iterable[Statement], target: Target) -> tuple[Term, list[Term]]:
    """Any action of the service, and what binds it: what is known to be done to something else is left out."""
    action, solver, service = z3().String("action"), z3(), service_of(target.resource)
    letters = solver.Plus(solver.Union(solver.Range("a", "z"), solver.Range("0", "9")))
    names = [solver.Concat(solver.Re(f"{each}:"), letters) for each in _PREFIXES.get(service, (service,))]
    ties = [solver.InRe(action, solver.Union(*names) if len(names) > 1 else names[0])] if service else []
    literals = {pattern for each in statements for pattern in each.actions if not _WILD.search(pattern)}
    ties += [action != each.lower() for each in sorted(literals) if each.isascii() and not _suits(each, target)]
    return action, ties
