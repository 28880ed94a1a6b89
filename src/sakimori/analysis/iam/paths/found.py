"""Paths as they are told: to people, to machines, and to whoever draws them."""

from dataclasses import dataclass
from enum import StrEnum

from sakimori.analysis.iam.paths.cuts import Cut
from sakimori.analysis.iam.paths.goals import Goal
from sakimori.analysis.iam.paths.mincut import EdgeCut


class Certainty(StrEnum):
    """How sure a path is."""

    PROVEN = "proven"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEdge:
    """One step. `method` names a technique of the catalogue; `others` are further ones that make the same step."""

    source: str
    target: str
    method: str
    actions: tuple[str, ...]
    certainty: Certainty
    on: tuple[str, ...] = ()
    """The resource of each needed call."""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """`target` is who has reached the goal by its end, or the resource itself; `cut` the cheapest change that breaks it."""

    source: str
    target: str
    goal: str
    certainty: Certainty
    edges: tuple[PathEdge, ...]
    cut: Cut | None = None

    def as_json(self) -> dict[str, object]:
        """The stable form."""
        return {
            "from": self.source,
            "to": self.target,
            "goal": self.goal,
            "certainty": str(self.certainty),
            "edges": [
                {"from": each.source, "to": each.target, "method": each.method, "actions": list(each.actions)}
                for each in self.edges
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsFound:
    """Of each start the proven paths before the possible ones, and each kind the shortest first."""

    goal: Goal
    paths: tuple[Path, ...]
    starts: int
    """From so many identities was looked."""
    at_goal: tuple[str, ...] = ()
    """Who needs no path: administrators, or who may reach the resource as they are."""
    maybe_at_goal: tuple[str, ...] = ()
    """Of whom that is not known."""
    cut_short: tuple[str, ...] = ()
    """Starts from which a limit ended the search: there may be more paths, and where none is told, there may be one."""
    edge_cut: EdgeCut | None = None
    """Of a single start: the fewest steps whose removal breaks every path."""
    unread: int = 0
    """Policies that could not be read."""
