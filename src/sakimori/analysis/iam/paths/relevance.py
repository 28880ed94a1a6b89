"""Which identities are worth reaching, told once for all starts: those from which the goal may be reached at all."""

from collections import defaultdict, deque
from typing import Final

from sakimori.analysis.iam.paths.asking import Power
from sakimori.analysis.iam.paths.facts import Fact, Win
from sakimori.analysis.iam.paths.goals import GoalTest
from sakimori.analysis.iam.paths.graph import Graph

_ACTED_ON: Final = frozenset({Win.CONTROLLED, Win.UNBOUND, Win.ADDED, Win.REACHED})
_OF_GROUPS: Final = frozenset({Win.JOINED, Win.GROUP_CONTROLLED})


def worth_reaching(graph: Graph, test: GoalTest) -> frozenset[str]:
    """ARNs of identities that meet the goal, or may be changed, or lead to one of these.

    Of who is changed in an attack nothing is judged, so that who can change anybody is always among them. It is true of the
    identities as they stand: what one that was changed could do to one that is not among them is for the caller to watch.
    """
    found, leading = dict[str, None](), defaultdict[str, list[str]](list)
    for arn in graph.world.identities:
        power = Power(arn)
        actor = graph.asking.actor(power)
        if test.met(actor) is not False:
            found[arn] = None
            continue
        for wins in (graph.shared_wins(power)[1], graph.own_wins(power)):
            for fact in wins:
                if fact.win is Win.REACHED and fact.arn in graph.world.identities:
                    leading[fact.arn].append(arn)
                else:
                    found.update((each, None) for each in (arn, *_touched(graph, fact)))
    queue = deque(found)
    while queue:
        for arn in leading[queue.popleft()]:
            if arn not in found:
                found[arn] = None
                queue.append(arn)
    return frozenset(found)


def _touched(graph: Graph, fact: Fact) -> tuple[str, ...]:
    """Identities that the fact may make more than they are, and a role of an account that was not told."""
    if fact.win in _OF_GROUPS:
        return graph.world.users
    return (fact.arn,) if fact.win in _ACTED_ON else ()
