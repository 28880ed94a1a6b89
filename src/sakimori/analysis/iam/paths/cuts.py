"""What breaks a path at the least cost: which permission to take from whom."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from sakimori.analysis.iam.ask import Answer, PolicyKind
from sakimori.analysis.iam.paths.asking import GIVEN, Actor
from sakimori.analysis.iam.paths.facts import Way
from sakimori.analysis.iam.paths.graph import ASSUMING, Graph, carried_by
from sakimori.analysis.iam.paths.search import Step, Steps
from sakimori.analysis.iam.policy import Policy

_MOST_WAYS: Final = 40


class Removal(NamedTuple):
    """One action to be taken out of one statement of a policy."""

    action: str
    policy: str
    """Its name; "" for the trust policy of `holder`."""
    policy_arn: str
    """Of a managed policy."""
    statement: int
    """From 0."""
    sid: str
    holder: str
    """Whose policy it is: the identity that asks, or the role that trusts."""
    affected: int
    """So many identities lose the action, or the trust."""

    @property
    def is_trust(self) -> bool:
        """It is a statement of a role's trust policy."""
        return not self.policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """All removals are needed together; they break the `edge`th step of the path, from 0."""

    edge: int
    removals: tuple[Removal, ...]

    @property
    def affected(self) -> int:
        """Of how many identities something is taken, at least."""
        return max((each.affected for each in self.removals), default=0)


_Option: TypeAlias = frozenset[Removal]


class Cutter:
    """Finds cuts in one graph, and keeps what it found for a step."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._known = dict[Step, _Option | None]()

    def cheapest(self, steps: Steps) -> Cut | None:
        """The fewest statements, then the fewest identities that lose something, then the earliest step.

        None where no step hangs on a statement alone.
        """
        found = list[tuple[int, int, int, Cut]]()
        for index, step in enumerate(steps):
            if step not in self._known:
                self._known[step] = self._of_step(step)
            removals = self._known[step]
            if removals:
                cut = Cut(edge=index, removals=tuple(sorted(removals)))
                found.append((len(removals), cut.affected, index, cut))
        return min(found, key=lambda each: each[:3])[3] if found else None

    def _of_step(self, step: Step) -> _Option | None:
        """Removals after which none of the step's ways is left, chosen greedily; None where one cannot be closed so."""
        if len(step.ways) > _MOST_WAYS:
            return None
        actor = self.graph.asking.actor(step.power)
        options: list[tuple[_Option, ...]] = [tuple(self._options(actor, way)) for way in step.ways]
        if not all(options):
            return None
        chosen = set[Removal]()
        while options:
            counts = Counter(option for those in options for option in dict.fromkeys(those))
            best = min(
                counts, key=lambda each: (-counts[each], len(each), sum(one.affected for one in each), sorted(each))
            )
            chosen |= best
            options = [those for those in options if not any(option <= chosen for option in those)]
        return frozenset(chosen)

    def _options(self, actor: Actor, way: Way) -> Iterator[_Option]:
        """Each need of the way, as the statements without which it is not met."""
        asking = self.graph.asking
        if way.technique.id == ASSUMING:
            role = asking.world.identities.get(way.target)
            answer = asking.assuming(actor, way.target, role.trust if role else None)
            yield from self._of_answer(actor, "sts:AssumeRole", answer, way.target)
            return
        for need, name in zip(way.technique.needs, way.names, strict=True):
            if not need.is_trusted:
                carried = (*carried_by(need, way), *asking.about(name, need.action))
                yield from self._of_answer(actor, need.action, asking.answer(actor, need.action, name, carried), "")

    def _of_answer(self, actor: Actor, action: str, answer: Answer, role: str) -> Iterator[_Option]:
        allowing = [each for each in answer.reasons if each.is_allow and each.statement and each.policy]
        own = [each for each in allowing if each.kind is PolicyKind.IDENTITY]
        trust = [each for each in allowing if each.kind is PolicyKind.RESOURCE]
        if own and not any(each.policy is GIVEN for each in own):
            yield frozenset(
                Removal(
                    action, each.policy.name, each.policy.arn, each.statement.index, each.statement.sid, actor.who.arn,
                    self._affected(actor, each.policy),
                )
                for each in own if each.policy and each.statement
            )  # fmt: skip
        if trust and role:
            yield frozenset(
                Removal(
                    action, "", "", each.statement.index, each.statement.sid, role,
                    self._trusted(each.statement.principals.aws),
                )
                for each in trust if each.statement
            )  # fmt: skip

    def _affected(self, actor: Actor, policy: Policy) -> int:
        """How many identities the policy bears on."""
        world = self.graph.world
        if policy.arn:
            return max(len(world.holders.get(policy.arn, ())), 1)
        for name in actor.who.groups:
            group = actor.account.groups.get(name)
            if group and policy in group.policies:
                return max(len(world.members.get(group.arn, ())), 1)
        return 1

    def _trusted(self, members: tuple[str, ...]) -> int:
        """How many identities the trust names; a whole account stands for all of it that were told, at least one."""
        total = 0
        for member in members:
            account = self.graph.world.account_named(member if member.isdigit() else [*member.split(":"), *"    "][4])
            is_whole = member.isdigit() or member.endswith(":root")
            total += max(len(account.identities), 1) if account and is_whole else 1
        return max(total, 1)
