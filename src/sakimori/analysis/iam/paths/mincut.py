"""The fewest steps whose removal breaks every path from one start to the goal: a minimum cut, by augmenting paths.

Source: the max-flow min-cut theorem; here each step carries one unit. Where a step rests on two things won before, only what was
won for it by a step counts, so that the cut always breaks every path, and may then be larger than it must.
"""

from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, NamedTuple

from sakimori.analysis.iam.paths.asking import Power
from sakimori.analysis.iam.paths.facts import Way
from sakimori.analysis.iam.paths.goals import GoalTest
from sakimori.analysis.iam.paths.graph import Graph
from sakimori.analysis.iam.paths.reach import Reach

MOST_CUT: Final = 50
"""Steps of the largest cut that is worth telling."""
_ENDLESS: Final = 1_000_000


class CutEdge(NamedTuple):
    """A step to be made impossible, by each of its methods."""

    source: str
    target: str
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCut:
    """`edges` in the order of their ARNs; `is_found` False: there is none of at most fifty steps, or the graph was too large."""

    edges: tuple[CutEdge, ...]
    is_found: bool = True


def minimal_cut(graph: Graph, test: GoalTest, start: Power) -> EdgeCut:
    """Over proven and possible steps alike."""
    reach = Reach(graph, test)
    reach.run(start)
    if not reach.is_whole:
        return EdgeCut(edges=(), is_found=False)
    flow = _Flow()
    for source, target, ways in reach.links:
        flow.link(source, target, 1 if ways else _ENDLESS)
    for goal in reach.goals:
        flow.link(goal, None, _ENDLESS)
    side = flow.source_side(start)
    if side is None:
        return EdgeCut(edges=(), is_found=False)
    cut = [
        _edge(source, target, ways)
        for source, target, ways in reach.links
        if ways and source in side and target not in side
    ]
    return EdgeCut(edges=tuple(sorted(set(cut))))


def _edge(source: Hashable, target: Hashable, ways: tuple[Way, ...]) -> CutEdge:
    methods = tuple(sorted({way.technique.id for way in ways}))
    return CutEdge(getattr(source, "arn", ""), getattr(target, "arn", ""), methods)


class _Flow:
    """Capacities between nodes; None is where all goals lead."""

    def __init__(self) -> None:
        self._left = defaultdict[Hashable, dict[Hashable, int]](dict)

    def link(self, source: Hashable, target: Hashable, capacity: int) -> None:
        known = self._left[source].get(target, 0)
        self._left[source][target] = min(known + capacity, _ENDLESS)
        self._left[target].setdefault(source, 0)

    def source_side(self, start: Hashable) -> set[Hashable] | None:
        """What stays with the start when nothing more can flow; None where more than fifty units flow."""
        for _ in range(MOST_CUT + 1):
            came = self._tree(start)
            if None not in came:
                return set(came)
            node: Hashable = None
            while node != start:
                before = came[node]
                self._left[before][node] -= 1
                self._left[node][before] += 1
                node = before
        return None

    def _tree(self, start: Hashable) -> dict[Hashable, Hashable]:
        came: dict[Hashable, Hashable] = {start: start}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            for target, left in self._left[node].items():
                if left > 0 and target not in came:
                    came[target] = node
                    if target is None:
                        return came
                    queue.append(target)
        return came
