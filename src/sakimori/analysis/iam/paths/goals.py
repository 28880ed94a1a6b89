"""Where a path may lead: to an administrator, to an identity, to a resource."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sakimori.analysis.iam.paths.asking import Actor, Asking
from sakimori.analysis.iam.paths.witness import candidates
from sakimori.analysis.iam.paths.world import World
from sakimori.collect.kleene import every
from sakimori.model.errors import UsageError

ADMIN: Final = "admin"

# Who may do all of these on anything rules the account: he gives himself and others every permission, and reads, runs and
# deletes in every service. What is commonly forbidden to everybody by an SCP (stopping a trail, leaving the organisation, making
# users and keys) is not among them, so that such an SCP does not hide an administrator.
ADMIN_ACTIONS: Final = (
    "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:PassRole",
    "ec2:RunInstances", "ec2:TerminateInstances", "s3:GetObject", "s3:PutBucketPolicy", "lambda:UpdateFunctionCode",
    "dynamodb:GetItem", "secretsmanager:GetSecretValue", "ssm:SendCommand", "rds:DeleteDBInstance", "cloudformation:CreateStack",
)  # fmt: skip

# What makes a resource worth reaching: to read it, or to act through it. By service, and what follows the account in its ARN.
_READING: Final[Mapping[str, tuple[str, ...]]] = {
    "s3": ("s3:GetObject",),
    "secretsmanager": ("secretsmanager:GetSecretValue",),
    "ssm": ("ssm:GetParameter", "ssm:StartSession", "ssm:SendCommand"),
    "dynamodb": ("dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query"),
    "kms": ("kms:Decrypt",),
    "sqs": ("sqs:ReceiveMessage",),
    "sns": ("sns:Subscribe",),
    "lambda": ("lambda:UpdateFunctionCode", "lambda:InvokeFunction"),
    "ec2": ("ssm:StartSession", "ssm:SendCommand", "ec2-instance-connect:SendSSHPublicKey"),
    "ecr": ("ecr:BatchGetImage",),
    "rds": ("rds:CreateDBSnapshot", "rds:ModifyDBInstance"),
    "rds-db": ("rds-db:connect",),
    "logs": ("logs:GetLogEvents",),
    "kinesis": ("kinesis:GetRecords",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """`resource` ADMIN, the ARN of a user or role, or any other ARN with the actions of which one must be allowed on it."""

    resource: str = ADMIN
    actions: tuple[str, ...] = ()

    @property
    def is_admin(self) -> bool:
        """To rule the account."""
        return self.resource == ADMIN


def goal_of(words: str, actions: tuple[str, ...] = ()) -> Goal:
    """What somebody may ask for; UsageError where no action is known that would reach the resource, or it is no ARN."""
    if words.lower() == ADMIN:
        return Goal()
    parts = words.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":  # noqa: PLR2004 - an ARN has six parts
        raise UsageError("iam_paths.goal_form", goal=words[:200])
    if is_identity(words):
        return Goal(resource=words)
    known = actions or _READING.get(parts[2], ())
    if not known:
        raise UsageError("iam_paths.goal_actions", goal=words[:200], service=parts[2][:40])
    return Goal(resource=words, actions=known)


def is_identity(arn: str) -> bool:
    """A user or role, which is reached by becoming it."""
    return ":iam::" in arn and arn.split(":", 5)[5].startswith(("user/", "role/"))


class GoalTest:
    """Whether an actor is where the path should lead."""

    def __init__(self, asking: Asking, goal: Goal) -> None:
        self.asking, self.goal = asking, goal
        self._admins = dict[int, bool | None]()

    def met(self, actor: Actor) -> bool | None:
        """None: it may be."""
        if self.goal.is_admin:
            return self._is_admin(actor)
        if is_identity(self.goal.resource):
            return actor.who.arn == self.goal.resource
        found = [self.reaches(actor, action) for action in self.goal.actions]
        return True if True in found else None if None in found else False

    def reaches(self, actor: Actor, action: str) -> bool | None:
        """Whether it may take the action on the resource, of a bucket on any object."""
        resource = self.goal.resource
        if action.startswith("s3:") and "Object" in action and "/" not in resource:
            resource += "/*"
        best: bool | None = False
        for name in candidates(actor, (action.lower(),), resource):
            # A resource's own policy may name the actor, so that nothing is shared between those of one profile.
            key: tuple[object, ...] = "goal", actor.power, action, name
            found = self.asking.kept(key, lambda name=name: self.asking.answer(actor, action, name).is_allowed)
            if found and not self.asking.is_policy_unread(actor, name):
                return True
            best = None if found is not False else best
        return best

    def _is_admin(self, actor: Actor) -> bool | None:
        if actor.profile not in self._admins:
            self._admins[actor.profile] = _rules(self.asking, actor)
        return self._admins[actor.profile]


def _rules(asking: Asking, actor: Actor) -> bool | None:
    if not all(asking.may(actor, action.lower()) for action in ADMIN_ACTIONS):
        return False
    best: bool | None = False
    world: World = asking.world
    for region in world.regions if world.is_regional else world.regions[:1]:
        where = (("aws:requestedregion", (region,)),)
        found = every(asking.allowed(actor, action, "*", where) for action in ADMIN_ACTIONS)
        if found:
            return True
        best = None if found is None else best
    return best
