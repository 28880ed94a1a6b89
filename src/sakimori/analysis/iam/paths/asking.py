"""Questions that the search for paths asks, each once: identities that the same policies bind share their answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.ask import Answer, Policies, PolicyKind, ask
from sakimori.analysis.iam.can import Asked, policies_for, request_of, without_doubts
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.paths.policies import PolicyIndex, is_personal, names
from sakimori.analysis.iam.paths.sieve import Sieve, sieve_of
from sakimori.analysis.iam.paths.techniques import Technique
from sakimori.analysis.iam.paths.world import HOME_REGIONS, World
from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.analysis.iam.principal import principal_of
from sakimori.analysis.iam.unread_policies import carriers_of, is_policy_unread
from sakimori.collect.policy_reach import account_in

Carried: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Condition keys of a call, in lower case, and their values; no value: the call lacks the key."""

_REQUESTED: Final = "aws:requestedregion"
_ALLOW_ALL: Final = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
GIVEN: Final = policy_of("given by the attacker", _ALLOW_ALL)
"""The policy of whom the attacker may give any permission."""


class Power(NamedTuple):
    """An identity as it stands at one point of an attack."""

    arn: str
    is_any: bool = False
    """It was given every permission that its boundary and the organisation leave."""
    is_unbound: bool = False
    """Its boundary was removed."""
    added: tuple[str, ...] = ()
    """Groups it was put into, policies it was given, `ARN#n` a policy switched to its nth older version."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A power with all that binds it. Two of one `profile` get the same answers, but for roles that trust one by name."""

    power: Power
    who: Identity
    account: IamAccount
    profile: int


class Asking:
    """Asks of one world; keeps every answer."""

    def __init__(self, world: World, techniques: Iterable[Technique]) -> None:
        self.world = world
        self.index = PolicyIndex()
        self._actions = tuple(sorted({need.action.lower() for each in techniques for need in each.needs}))
        self._actors = dict[Power, Actor]()
        self._profiles = dict[tuple[object, ...], int]()
        self._personal = dict[int, bool]()
        self._may = dict[tuple[int, str], bool]()
        self._sieves = dict[tuple[int, str], Sieve]()
        self._targeted = dict[tuple[int, str], bool]()
        self._answers = dict[tuple[object, ...], bool | None]()

    # -- who asks --------------------------------------------------------------------------------

    def actor(self, power: Power) -> Actor:
        """The power as one who makes requests."""
        found = self._actors.get(power)
        if found is None:
            who = self._standing(power)
            account = self.world.home.get(power.arn) or self.world.accounts[0]
            found = self._actors[power] = Actor(power, who, account, self._profile(who, account))
        return found

    def _standing(self, power: Power) -> Identity:
        who = self.world.identities.get(power.arn)
        if who is None:
            # An identity that the attacker makes.
            return Identity(principal=principal_of(power.arn), policies=(GIVEN,))
        policies = who.policies
        for added in power.added:
            arn, _, version = added.partition("#")
            if version:
                policies = (*(each for each in policies if each.arn != arn), self.world.versions[arn][int(version)])
            else:
                policies = (*policies, *self.policies_added(arn))
        if power.is_any:
            policies = (GIVEN, *policies)
        if power.is_unbound:
            who = replace(who, boundary=None, is_boundary_unread=False)
        return replace(who, policies=policies)

    def policies_added(self, arn: str) -> tuple[Policy, ...]:
        """What a group, or a managed policy, brings with it."""
        groups = self.world.group_policies
        if arn in groups:
            return groups[arn]
        return tuple(account.managed[arn] for account in self.world.accounts if arn in account.managed)[:1]

    def _profile(self, who: Identity, account: IamAccount) -> int:
        policies = frozenset(self.index.number(each) for each in who.policies)
        boundary = self.index.number(who.boundary) if who.boundary else None
        binding = [*who.policies, *((who.boundary,) if who.boundary else ())]
        scps = [policy for level in account.scp or () for policy in level]
        own = who.arn if any(self._is_personal(each) for each in (*binding, *scps)) else ""
        flags = bool(who.unread), who.is_boundary_unread, who.is_service_linked
        return self._profiles.setdefault((account.account, policies, boundary, flags, own), len(self._profiles))

    def _is_personal(self, policy: Policy) -> bool:
        number = self.index.number(policy)
        if number not in self._personal:
            clauses = [each for each in (*policy.allows, *policy.denies) if is_personal(each)]
            self._personal[number] = any(names(each, action) for each in clauses for action in self._actions)
        return self._personal[number]

    # -- what is asked ---------------------------------------------------------------------------

    def may(self, actor: Actor, action: str) -> bool:
        """Whether anything could allow it the action (in lower case) at all; cheap, and never wrong when it says no."""
        key = actor.profile, action
        found = self._may.get(key)
        if found is None:
            found = self._may[key] = all(
                is_unread or any(self.index.speech(policy, action).allows for policy in policies)
                for policies, is_unread in self._must_allow(actor)
            )
        return found

    def _must_allow(self, actor: Actor) -> Iterator[tuple[tuple[Policy, ...], bool]]:
        """Sets of policies of which each must allow what the actor does, and whether some of the set was not read."""
        who, account = actor.who, actor.account
        yield who.policies, bool(who.unread)
        if who.boundary and not who.is_boundary_unread:
            yield (who.boundary,), False
        if account.is_management_account is False and not who.is_service_linked:
            yield from ((level, PolicyKind.SCP in account.unread_kinds) for level in account.scp or ())

    def sieve(self, actor: Actor, action: str) -> Sieve:
        """Which things its own policies could let it take the action on, in lower case."""
        key = actor.profile, action
        found = self._sieves.get(key)
        if found is None:
            found = self._sieves[key] = sieve_of(actor.who, action)
        return found

    def is_targeted(self, actor: Actor, action: str) -> bool:
        """Whether the answer hangs on which thing is asked for."""
        key = actor.profile, action
        found = self._targeted.get(key)
        if found is None:
            scps = (policy for level in (*(actor.account.scp or ()), *(actor.account.rcp or ())) for policy in level)
            bound = (actor.who.boundary,) if actor.who.boundary else ()
            policies = (*actor.who.policies, *bound, *scps)
            found = self._targeted[key] = any(self.index.speech(each, action).is_targeted for each in policies)
        return found

    def allowed(
        self, actor: Actor, action: str, resource: str, carried: Carried = (), target: Carried = ()
    ) -> bool | None:
        """Whether the actor may; `target` is what the thing asked for adds to the context."""
        is_targeted = self.is_targeted(actor, action.lower())
        key = actor.profile, action, resource if is_targeted else None, carried, target if is_targeted else ()
        return self.kept(key, lambda: self.answer(actor, action, resource, (*carried, *target)).is_allowed)

    def kept(self, key: tuple[object, ...], asked: Callable[[], bool | None]) -> bool | None:
        """The answer under the key, asked for once."""
        if key not in self._answers:
            self._answers[key] = asked()
        return self._answers[key]

    def answer(self, actor: Actor, action: str, resource: str, carried: Carried = ()) -> Answer:
        """The answer with its reasons, as if a resource of which no policy was read had none: `is_policy_unread` tells."""
        account = actor.account
        asked = Asked(
            action=action, resource=resource, context=Context(self._placed(action, dict(carried)), is_open=True),
            resource_account=account_in(resource) or account.account,
        )  # fmt: skip
        policies = without_doubts(policies_for(account, actor.who, asked), asked)
        return ask(request_of(account, actor.who, asked), policies)

    def is_policy_unread(self, actor: Actor, resource: str) -> bool:
        """Whether a thing that exists may have a policy, which nobody read, that denies what the actor's own allow."""
        account = self.world.account_named(account_in(resource)) or actor.account
        return is_policy_unread(account, resource) and not any(
            arn in account.resource_policies for arn in carriers_of(resource)
        )

    def _placed(self, action: str, carried: dict[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        if action.startswith("iam:"):
            carried[_REQUESTED] = (HOME_REGIONS.get(self.world.accounts[0].partition, "us-east-1"),)
        return carried

    def trusted(self, actor: Actor, role: str) -> bool | None:
        """Whether the actor could assume the role of its account once the role's trust names it."""
        key = actor.profile, "trusted", role if self.is_targeted(actor, "sts:assumerole") else None

        def asked() -> bool | None:
            words = {"Effect": "Allow", "Principal": {"AWS": actor.who.arn}, "Action": "sts:AssumeRole"}
            trust = policy_of("trust", {"Version": "2012-10-17", "Statement": [words]})
            return self.assuming(actor, role, trust).is_allowed

        return self.kept(key, asked)

    def assuming(self, actor: Actor, role: str, trust: Policy | None) -> Answer:
        """Whether the actor may assume the role with this trust; None: the trust is not known."""
        asked = Asked(action="sts:AssumeRole", resource=role)
        policies = policies_for(actor.account, actor.who, asked)
        owner = self.world.home.get(role)
        unread = policies.unread - {PolicyKind.RESOURCE} if trust else policies.unread | {PolicyKind.RESOURCE}
        rcp = owner.rcp if owner else policies.rcp
        bearing: Policies = replace(policies, resource=trust, unread=unread, rcp=rcp)
        return ask(request_of(actor.account, actor.who, asked), bearing)

    # -- what the thing asked for tells ----------------------------------------------------------

    def about(self, arn: str, action: str) -> Carried:
        """Condition keys that a user or role brings into a call of IAM that aims at it.

        Source: Service Authorization Reference, "Condition keys for AWS Identity and Access Management"; for iam:PassRole
        the IAM User Guide ("Grant a user permissions to pass a role") warns that tags of the role are not reliable.
        """
        who = self.world.identities.get(arn)
        if who is None or not action.startswith("iam:") or action == "iam:PassRole":
            return ()
        found = list[tuple[str, tuple[str, ...]]]()
        if "Boundary" not in action:
            unread = who.is_boundary_unread
            found += [] if unread else [("iam:permissionsboundary", (who.boundary.arn,) if who.boundary else ())]
        tags = {key.lower(): value for key, value in who.tags.items()}
        for key in self._tag_keys:
            name = key.partition("/")[2]
            found.append((key, (tags[name],) if name in tags else ()))
        return tuple(found)

    @cached_property
    def _tag_keys(self) -> tuple[str, ...]:
        keys = {
            condition.key.lower()
            for policy in self.world.all_policies
            for clause in (*policy.allows, *policy.denies)
            for condition in clause.statement.conditions
        }
        return tuple(sorted(key for key in keys if key.startswith(("iam:resourcetag/", "aws:resourcetag/"))))
