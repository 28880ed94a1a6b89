"""The search itself: from one start the shortest attacks to a goal, as sequences of steps.

A step may need what two earlier ones won (to be a role, and to have given it a policy), so that this is a search for derivations,
not for walks: each fact keeps a few of the shortest sequences that win it, and facts are settled in order of their length.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final, NamedTuple, TypeAlias

from sakimori.analysis.iam.paths.asking import Power
from sakimori.analysis.iam.paths.facts import Fact, Way, Win
from sakimori.analysis.iam.paths.goals import GoalTest
from sakimori.analysis.iam.paths.graph import Graph
from sakimori.analysis.iam.paths.world import World
from sakimori.collect.policy_reach import account_in

_MOST_ADDED: Final = 3
_MOST_VARIANTS: Final = 60
BOUND_TO_GROUP: Final = frozenset({Win.JOINED, Win.GROUP_CONTROLLED})
"""Facts of a group, which bear on whichever user is in it."""
_OF_NO_IDENTITY: Final = frozenset({*BOUND_TO_GROUP, Win.CREATED})


class Step(NamedTuple):
    """One move. `to` is the identity that it wins or changes; `ways` are all that make it, the surest first."""

    power: Power
    to: str
    ways: tuple[Way, ...]


Steps: TypeAlias = tuple[Step, ...]


class Arrival(NamedTuple):
    """Steps after which `power` meets the goal, surely or perhaps."""

    steps: Steps
    power: Power
    is_sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far and how wide to look from one start."""

    length: int = 8
    """Steps of a path."""
    paths: int = 10
    breadth: int = 2
    """Sequences that are kept of one fact."""
    work: int = 200_000
    """Facts that are looked at before the search gives up, and says so."""


@dataclass(slots=True)
class Outcome:
    """`is_whole` False where a limit cut the search short; `is_sieved` False where more was worth reaching than was told."""

    paths: list[Arrival] = field(default_factory=list[Arrival])
    is_whole: bool = True
    is_sieved: bool = True


class Search:
    """From one start. `only_sure` walks no edge that is merely possible; of `worth` no identity is left out but those beyond it."""

    def __init__(
        self, graph: Graph, test: GoalTest, limits: Limits, *, only_sure: bool, worth: frozenset[str] | None = None
    ) -> None:
        self.graph, self.test, self.limits, self.only_sure = graph, test, limits, only_sure
        self.worth = worth
        self._heap = list[tuple[int, int, Power | Fact, Steps]]()
        self._pushed, self._work, self._variants = 0, 0, 0
        self._settled = defaultdict[Power | Fact, int](int)
        self._powers = defaultdict[str, list[tuple[Power, Steps]]](list)
        self._changes = defaultdict[str, list[tuple[Fact, Steps]]](list)
        self._of_groups = list[tuple[Fact, Steps]]()
        self._expanded = defaultdict[int, int](int)
        self._shown = list[frozenset[tuple[str, str]]]()
        self.outcome = Outcome()

    def run(self, start: Power) -> Outcome:
        """Until there are paths enough, or nothing more."""
        self._push(start, ())
        while self._heap and len(self.outcome.paths) < self.limits.paths:
            _, _, node, steps = heappop(self._heap)
            if self._settled[node] >= self.limits.breadth:
                continue
            self._settled[node] += 1
            if isinstance(node, Power):
                self._stand(node, steps)
            else:
                self._won(node, steps)
            if self._work > self.limits.work:
                break
        if self._heap:
            self.outcome.is_whole = False
        return self.outcome

    def _push(self, node: Power | Fact, steps: Steps) -> None:
        if self._settled[node] >= self.limits.breadth:
            return
        if len(steps) > self.limits.length:
            self.outcome.is_whole = False
            return
        self._pushed += 1
        heappush(self._heap, (len(steps), self._pushed, node, steps))

    # -- what was won ----------------------------------------------------------------------------

    def _won(self, fact: Fact, steps: Steps) -> None:
        if fact.win is Win.REACHED:
            self._push(Power(fact.arn), steps)
        elif fact.win is Win.CREATED:
            self._push(Power(fact.arn, is_any=True), steps)
        elif fact.win in BOUND_TO_GROUP:
            self._of_groups.append((fact, steps))
            for powers in list(self._powers.values()):
                for power, reached in powers:
                    self._raise(power, reached, fact, steps)
        else:
            self._changes[fact.arn].append((fact, steps))
            for power, reached in self._powers[fact.arn]:
                self._raise(power, reached, fact, steps)

    def _raise(self, power: Power, reached: Steps, fact: Fact, steps: Steps) -> None:
        """The power with what was won for it, if that is anything."""
        changed = raised(self.graph.world, power, fact)
        if changed is None:
            return
        if changed.added != power.added:
            self._variants += 1
            if self._variants > _MOST_VARIANTS:
                self.outcome.is_whole = False
                return
        whole = (*reached, *(step for step in steps if step not in reached))
        if fact.win in BOUND_TO_GROUP:
            # The step was won for a group; for whom it is used is known only here.
            whole = tuple(step._replace(to=power.arn) if step.to == fact.arn else step for step in whole)
        self._push(changed, whole)

    # -- where the attacker stands ---------------------------------------------------------------

    def _stand(self, power: Power, steps: Steps) -> None:
        world = self.graph.world
        if power.arn not in world.identities and not power.is_any:
            # A role of an account that was not told: nothing is known of what it may.
            if self.test.goal.resource == power.arn:
                self._arrive(power, steps, is_sure=False)
            return
        actor = self.graph.asking.actor(power)
        met = self.test.met(actor) if steps or not self.test.goal.is_admin else False
        if met or (met is None and not self.only_sure):
            self._arrive(power, steps, is_sure=bool(met))
            if met or actor.who.unread:
                return
        self._powers[power.arn].append((power, steps))
        self._expand(power, steps)
        for fact, won in (*self._changes[power.arn], *self._of_groups):
            self._raise(power, steps, fact, won)

    def _arrive(self, power: Power, steps: Steps, *, is_sure: bool) -> None:
        # A path that holds all edges of one that was found is that one with a detour.
        shape = frozenset((step.power.arn, step.to) for step in steps)
        if not any(known <= shape for known in self._shown):
            self._shown.append(shape)
            self.outcome.paths.append(Arrival(steps, power, is_sure))

    def _expand(self, power: Power, steps: Steps) -> None:
        passed = {power.arn, *(step.power.arn for step in steps)}
        for fact, ways in self._wins(power):
            self._work += 1
            is_back = fact.win is Win.REACHED and fact.arn in passed
            if self.worth is not None and fact.arn not in self.worth:
                if fact.win is Win.REACHED:
                    continue
                # One that was changed on the way may change others than the unchanged could.
                self.outcome.is_sieved = self.outcome.is_sieved and fact.win in _OF_NO_IDENTITY
            if is_back or self._settled[fact] >= self.limits.breadth or (self.only_sure and not ways[0].is_sure):
                continue
            self._push(fact, (*steps, Step(power, fact.arn, ways)))

    def _wins(self, power: Power) -> Iterator[tuple[Fact, tuple[Way, ...]]]:
        profile, shared = self.graph.shared_wins(power)
        if self._expanded[profile] < self.limits.breadth:
            self._expanded[profile] += 1
            yield from _own_first(power, shared)
        yield from self.graph.own_wins(power).items()


def _own_first(power: Power, wins: Mapping[Fact, tuple[Way, ...]]) -> Iterator[tuple[Fact, tuple[Way, ...]]]:
    """What changes the power itself before what changes others, as an attacker would."""
    for win in (Win.CONTROLLED, Win.UNBOUND):
        fact = Fact(win, power.arn)
        if fact in wins:
            yield fact, wins[fact]
    yield from wins.items()


def raised(world: World, power: Power, fact: Fact) -> Power | None:
    """The power after what was won for it; None where it changes nothing, or the fact is of another."""
    if fact.win is Win.UNBOUND:
        return None if power.is_unbound else power._replace(is_unbound=True)
    if power.is_any:
        return None
    if fact.win is Win.CONTROLLED or (fact.win is Win.GROUP_CONTROLLED and fact.arn in power.added):
        return power._replace(is_any=True)
    return _added(world, power, fact)


def _added(world: World, power: Power, fact: Fact) -> Power | None:
    extra = fact.extra or fact.arn
    is_of_use = fact.win is Win.ADDED or (fact.win is Win.JOINED and _may_join(world, power, fact.arn))
    if not is_of_use or extra in power.added or len(power.added) >= _MOST_ADDED:
        return None
    return power._replace(added=tuple(sorted((*power.added, extra))))


def _may_join(world: World, power: Power, group: str) -> bool:
    who = world.identities.get(power.arn)
    is_own = who is not None and not who.is_role and who.principal.account == account_in(group)
    return is_own and power.arn not in world.members.get(group, ())
