"""The things in an account that a technique may aim at, and what aiming at each of them wins."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.paths.facts import Fact, Win
from sakimori.analysis.iam.paths.techniques import WORKLOADS, Effect, Target, Technique
from sakimori.analysis.iam.paths.world import World

# What stands for a thing of which none was told.
_SHAPES: Final[Mapping[Target, str]] = {
    Target.INSTANCE: "arn:{partition}:ec2:{region}:{account}:instance/*",
    Target.FUNCTION: "arn:{partition}:lambda:{region}:{account}:function:*",
    Target.CONTAINER_TASK: "arn:{partition}:ecs:{region}:{account}:task/*",
    Target.BUILD_PROJECT: "arn:{partition}:codebuild:{region}:{account}:project/*",
    Target.GLUE_JOB: "arn:{partition}:glue:{region}:{account}:job/*",
    Target.GLUE_ENDPOINT: "arn:{partition}:glue:{region}:{account}:devEndpoint/*",
    Target.NOTEBOOK: "arn:{partition}:sagemaker:{region}:{account}:notebook-instance/*",
    Target.STATE_MACHINE: "arn:{partition}:states:{region}:{account}:stateMachine:*",
    Target.STACK: "arn:{partition}:cloudformation:{region}:{account}:stack/*/*",
    Target.PIPELINE: "arn:{partition}:datapipeline:{region}:{account}:pipeline/*",
    Target.APP_SERVICE: "arn:{partition}:apprunner:{region}:{account}:service/*",
    Target.CODE_INTERPRETER: "arn:{partition}:bedrock-agentcore:{region}:{account}:code-interpreter-custom/*",
}
# With an instance profile alone does a role come onto an instance.
_OF_PROFILE: Final = frozenset({Target.PROFILE_ROLE, Target.INSTANCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """`arn` an ARN, or a shape with * and places; `wins` the facts that success brings."""

    arn: str
    wins: tuple[Fact, ...]
    is_sure: bool = True
    service: str = ""
    policy: str = ""


def aims(world: World, account: IamAccount, technique: Technique) -> Iterator[Aim]:
    """Everything in the account that fits the technique, in the order of ARNs; not `existing_policy`, which are too many."""
    if technique.target in WORKLOADS:
        yield from _workloads(world, account, technique)
    else:
        yield from _AIMS[technique.target](world, account, technique)


def _users(world: World, account: IamAccount, technique: Technique) -> Iterator[Aim]:
    for user in account.users:
        has_password = world.passwords.get(user.arn)
        if technique.has_password is None or has_password is technique.has_password:
            yield from _identity(user, technique)
        elif has_password is None:
            yield from (replace(aim, is_sure=False) for aim in _identity(user, technique))


def _roles(_world: World, account: IamAccount, technique: Technique) -> Iterator[Aim]:
    for role in account.roles:
        # IAM refuses changes of a service's own roles. Source: IAM User Guide, "Service-linked roles".
        if not role.is_service_linked:
            yield from _identity(role, technique)


def _identity(who: Identity, technique: Technique) -> Iterator[Aim]:
    if technique.makes is Effect.BECOMES:
        yield Aim(arn=who.arn, wins=(Fact(Win.REACHED, who.arn),))
    elif technique.makes is Effect.CONTROLS:
        yield Aim(arn=who.arn, wins=(Fact(Win.CONTROLLED, who.arn),))
    elif technique.makes is Effect.UNBINDS and (who.boundary or who.is_boundary_unread):
        yield Aim(arn=who.arn, wins=(Fact(Win.UNBOUND, who.arn),))


def _groups(world: World, account: IamAccount, technique: Technique) -> Iterator[Aim]:
    for name in sorted(account.groups):
        arn = account.groups[name].arn
        if technique.makes is Effect.JOINS:
            yield Aim(arn=arn, wins=(Fact(Win.JOINED, arn),))
        else:
            yield Aim(arn=arn, wins=(*_controlled(world.members.get(arn, ())), Fact(Win.GROUP_CONTROLLED, arn)))


def _policies(world: World, account: IamAccount, technique: Technique) -> Iterator[Aim]:
    for arn in sorted(account.managed):
        if ":iam::aws:" in arn:
            continue
        holders = world.holders.get(arn, ())
        if technique.makes is Effect.UNBINDS:
            wins = tuple(Fact(Win.UNBOUND, each) for each in world.bounded.get(arn, ()))
        elif technique.makes is Effect.SWITCHES:
            versions = range(len(world.versions.get(arn, ())))
            wins = tuple(Fact(Win.ADDED, each, f"{arn}#{number}") for number in versions for each in holders)
        else:
            groups = world.group_holders.get(arn, ())
            wins = (*_controlled(holders), *(Fact(Win.GROUP_CONTROLLED, each) for each in groups))
        if wins:
            yield Aim(arn=arn, wins=wins)


def existing_policy_aims(account: IamAccount, who: Identity) -> Iterator[Aim]:
    """Each policy of the account that the user or role does not have, and that allows something."""
    had = {each.arn for each in who.policies}
    for arn in sorted(account.managed):
        if arn not in had and account.managed[arn].allows:
            yield Aim(arn=who.arn, wins=(Fact(Win.ADDED, who.arn, arn),), policy=arn)


def _passed(world: World, account: IamAccount, technique: Technique) -> Iterator[Aim]:
    for role, service, is_sure in world.trusting(account.account, technique.trusts):
        if technique.target not in _OF_PROFILE or role.instance_profiles:
            yield Aim(arn=role.arn, wins=(Fact(Win.REACHED, role.arn),), is_sure=is_sure, service=service)


def _sso_roles(world: World, account: IamAccount, _technique: Technique) -> Iterator[Aim]:
    for role in world.sso_roles(account.account):
        yield Aim(arn=role.arn, wins=(Fact(Win.REACHED, role.arn),))


def _providers(world: World, account: IamAccount, technique: Technique) -> Iterator[Aim]:
    kind = ":saml-provider/" if technique.target is Target.SAML_PROVIDER else ":oidc-provider/"
    for provider, roles in world.federated.items():
        own = [role for role in roles if role.principal.account == account.account]
        if kind in provider and own:
            yield Aim(arn=provider, wins=tuple(Fact(Win.REACHED, role.arn) for role in own))


def _nothing(_world: World, _account: IamAccount, _technique: Technique) -> Iterator[Aim]:
    yield Aim(arn="", wins=())


def _workloads(world: World, account: IamAccount, technique: Technique) -> Iterator[Aim]:
    seen = set[str]()
    for workload in world.workloads(account.account, technique.target):
        seen.add(workload.role)
        yield Aim(arn=workload.arn, wins=(Fact(Win.REACHED, workload.role),))
    if not world.compute.is_known(technique.target):
        shape = _SHAPES[technique.target]
        for aim in _passed(world, account, technique):
            if aim.arn not in seen:
                yield Aim(arn=shape, wins=aim.wins, is_sure=False)


def _controlled(holders: tuple[str, ...]) -> tuple[Fact, ...]:
    return tuple(Fact(Win.CONTROLLED, each) for each in holders)


_AIMS: Final[Mapping[Target, Callable[[World, IamAccount, Technique], Iterator[Aim]]]] = {
    Target.USER: _users,
    Target.ROLE: _roles,
    Target.GROUP: _groups,
    Target.POLICY: _policies,
    Target.PASSED_ROLE: _passed,
    Target.PROFILE_ROLE: _passed,
    Target.SSO_ROLE: _sso_roles,
    Target.SAML_PROVIDER: _providers,
    Target.OIDC_PROVIDER: _providers,
    Target.NOTHING: _nothing,
}
