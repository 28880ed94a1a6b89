"""All that can be reached from one start, and every step on the way: the whole graph of an attack, not its shortest paths."""

from collections import defaultdict, deque
from collections.abc import Hashable
from typing import Final

from sakimori.analysis.iam.paths.asking import Power
from sakimori.analysis.iam.paths.facts import Fact, Way, Win
from sakimori.analysis.iam.paths.goals import GoalTest
from sakimori.analysis.iam.paths.graph import Graph
from sakimori.analysis.iam.paths.search import BOUND_TO_GROUP, raised

_MOST_LINKS: Final = 300_000
_MOST_VARIANTS: Final = 60


class Reach:
    """`links` from powers to facts with the ways, and from facts to powers with none; `goals` the powers that meet the goal."""

    def __init__(self, graph: Graph, test: GoalTest) -> None:
        self.graph, self.test = graph, test
        self.links = list[tuple[Hashable, Hashable, tuple[Way, ...]]]()
        self.goals = list[Power]()
        self.is_whole = True
        self._powers = dict[Power, None]()
        self._facts = dict[Fact, None]()
        self._by_arn = defaultdict[str, list[Power]](list)
        self._changes = defaultdict[str, list[Fact]](list)
        self._of_groups = list[Fact]()
        self._queue = deque[Power]()
        self._variants = 0

    def run(self, start: Power) -> None:
        """Until nothing more is won, or there are too many links."""
        self._reach(start)
        while self._queue:
            self._expand(self._queue.popleft(), start)
            if len(self.links) > _MOST_LINKS:
                self.is_whole = False
                return

    def _reach(self, power: Power) -> None:
        if power not in self._powers:
            self._powers[power] = None
            self._queue.append(power)

    def _expand(self, power: Power, start: Power) -> None:
        goal = self.test.goal
        if power.arn not in self.graph.world.identities and not power.is_any:
            if power.arn == goal.resource:
                self.goals.append(power)
            return
        met = self.test.met(self.graph.asking.actor(power)) if power != start else False
        if met is not False:
            # Who may have arrived counts as one who has: a cut must break the possible paths too.
            self.goals.append(power)
            return
        self._by_arn[power.arn].append(power)
        for wins in (self.graph.shared_wins(power)[1], self.graph.own_wins(power)):
            for fact, ways in wins.items():
                if not (fact.win is Win.REACHED and fact.arn == power.arn):
                    self.links.append((power, fact, ways))
                    self._win(fact)
        for fact in (*self._changes[power.arn], *self._of_groups):
            self._raise(power, fact)

    def _win(self, fact: Fact) -> None:
        if fact in self._facts:
            return
        self._facts[fact] = None
        if fact.win in {Win.REACHED, Win.CREATED}:
            power = Power(fact.arn, is_any=fact.win is Win.CREATED)
            self.links.append((fact, power, ()))
            self._reach(power)
        elif fact.win in BOUND_TO_GROUP:
            self._of_groups.append(fact)
            for powers in list(self._by_arn.values()):
                for power in list(powers):
                    self._raise(power, fact)
        else:
            self._changes[fact.arn].append(fact)
            for power in list(self._by_arn[fact.arn]):
                self._raise(power, fact)

    def _raise(self, power: Power, fact: Fact) -> None:
        changed = raised(self.graph.world, power, fact)
        if changed is None:
            return
        if changed not in self._powers and changed.added != power.added:
            self._variants += 1
            if self._variants > _MOST_VARIANTS:
                self.is_whole = False
                return
        self.links.append((fact, changed, ()))
        self._reach(changed)
