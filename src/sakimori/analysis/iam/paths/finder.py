"""Paths of privilege escalation and lateral movement: who can become whom, to which end, and what breaks it.

An edge is there only if every action that it needs is allowed on the very thing it aims at, with the boundary, the organisation's
policies and the trust counted. What hangs on something that is not known makes a path *possible*; the rest is *proven*.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.paths.asking import Power
from sakimori.analysis.iam.paths.cuts import Cutter
from sakimori.analysis.iam.paths.found import Certainty, Path, PathEdge, PathsFound
from sakimori.analysis.iam.paths.goals import Goal, GoalTest, is_identity
from sakimori.analysis.iam.paths.graph import Graph
from sakimori.analysis.iam.paths.mincut import minimal_cut
from sakimori.analysis.iam.paths.relevance import worth_reaching
from sakimori.analysis.iam.paths.search import Arrival, Limits, Outcome, Search, Step
from sakimori.analysis.iam.paths.techniques import Technique, techniques
from sakimori.analysis.iam.paths.world import UNKNOWN_COMPUTE, Compute, World
from sakimori.analysis.iam.policy import Policy

ACCESS = "access"
"""The method of the last edge to a resource that is no identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known beside the account's IAM."""

    compute: Compute = UNKNOWN_COMPUTE
    others: tuple[IamAccount, ...] = ()
    """Accounts whose roles may be reached from here."""
    versions: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict[str, tuple[Policy, ...]])
    """Of `policy_versions`."""
    passwords: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """By ARN of the user, whether there is a console password; of others it is not known."""


def find_paths(
    account: IamAccount,
    start: Identity | None,
    goal: Goal,
    around: Surroundings | None = None,
    limits: Limits | None = None,
) -> PathsFound:
    """All within the limits, from one identity or, with None, from each of the account's."""
    return PathFinder(account, around or Surroundings()).find(start, goal, limits or Limits())


class PathFinder:
    """Asks of one account; what it has learned it keeps for the next question."""

    def __init__(self, account: IamAccount, around: Surroundings, catalogue: Iterable[Technique] | None = None) -> None:
        self.account = account
        self.world = World(
            accounts=(account, *around.others),
            compute=around.compute,
            versions=around.versions,
            passwords=around.passwords,
        )
        self.graph = Graph(self.world, tuple(catalogue) if catalogue is not None else techniques())

        self._worth: frozenset[str] | None = None

    @cached_property
    def _cutter(self) -> Cutter:
        return Cutter(self.graph)

    def find(self, start: Identity | None, goal: Goal, limits: Limits) -> PathsFound:
        """As `find_paths`."""
        test = GoalTest(self.graph.asking, goal)
        # From one start little is reached; from all starts everything is asked for anyway.
        self._worth = None if start else worth_reaching(self.graph, test)
        starts = [start] if start else [*self.account.users, *self.account.roles]
        at_goal, maybe, cut_short, paths = list[str](), list[str](), list[str](), list[Path]()
        for who in starts:
            met = self._met(test, who)
            if met:
                at_goal.append(who.arn)
                continue
            if met is None:
                maybe.append(who.arn)
            found, is_whole = self._from(who, test, limits)
            paths.extend(found)
            cut_short.extend([] if is_whole else [who.arn])
        return PathsFound(
            goal=goal,
            paths=tuple(paths),
            starts=len(starts),
            at_goal=tuple(at_goal),
            maybe_at_goal=tuple(maybe),
            cut_short=tuple(cut_short),
            edge_cut=minimal_cut(self.graph, test, Power(start.arn)) if start and paths else None,
            unread=len(self.account.unread) + sum(len(each.unread) for each in self.account.identities.values()),
        )

    def _met(self, test: GoalTest, who: Identity) -> bool | None:
        if is_identity(test.goal.resource):
            return who.arn == test.goal.resource
        return test.met(self.graph.asking.actor(Power(who.arn)))

    def _from(self, who: Identity, test: GoalTest, limits: Limits) -> tuple[list[Path], bool]:
        sure = self._searched(who, test, limits, only_sure=True)
        paths = [self._path(who, test, each) for each in sure.paths if each.steps]
        is_whole = sure.is_whole
        if len(paths) < limits.paths:
            possible = self._searched(who, test, limits, only_sure=False)
            shown = [_shape(path) for path in paths]
            found = [self._path(who, test, each) for each in possible.paths if each.steps]
            new = [each for each in found if not any(known <= _shape(each) for known in shown)]
            paths += sorted(new, key=lambda each: each.certainty is Certainty.POSSIBLE)[: limits.paths - len(paths)]
            is_whole = is_whole and possible.is_whole
        return paths, is_whole

    def _searched(self, who: Identity, test: GoalTest, limits: Limits, *, only_sure: bool) -> Outcome:
        start, worth = Power(who.arn), self._worth
        if worth is not None and who.arn not in worth:
            return Outcome()
        found = Search(self.graph, test, limits, only_sure=only_sure, worth=worth).run(start)
        return found if found.is_sieved else Search(self.graph, test, limits, only_sure=only_sure).run(start)

    def _path(self, who: Identity, test: GoalTest, arrival: Arrival) -> Path:
        edges, goal = [_edge(step) for step in arrival.steps], test.goal
        end = arrival.power.arn
        if not goal.is_admin and not is_identity(goal.resource):
            actor = self.graph.asking.actor(arrival.power)
            allowed = tuple(each for each in goal.actions if test.reaches(actor, each) is not False)
            edges.append(
                PathEdge(
                    source=end, target=goal.resource, method=ACCESS, actions=allowed, certainty=_certainty(is_sure=arrival.is_sure)
                )
            )  # fmt: skip
            end = goal.resource
        return Path(
            source=who.arn,
            target=end,
            goal=goal.resource,
            certainty=_certainty(is_sure=arrival.is_sure and all(each.certainty is Certainty.PROVEN for each in edges)),
            edges=tuple(edges),
            cut=self._cutter.cheapest(arrival.steps),
        )


def _edge(step: Step) -> PathEdge:
    first, *others = step.ways
    return PathEdge(
        source=step.power.arn,
        target=step.to,
        method=first.technique.id,
        actions=first.technique.actions,
        certainty=_certainty(is_sure=first.is_sure),
        on=first.names,
        others=tuple(dict.fromkeys(each.technique.id for each in others)),
    )


def _certainty(*, is_sure: bool) -> Certainty:
    return Certainty.PROVEN if is_sure else Certainty.POSSIBLE


def _shape(path: Path) -> frozenset[tuple[str, str]]:
    return frozenset((each.source, each.target) for each in path.edges)
