"""A policy tried on recorded requests: who would have been refused what, had it been in force.

Requests that are alike in all that the policy reads are judged once. What events do not tell stays unknown.
Sources: AWS Organizations User Guide, "Service control policies" (whom they do not reach); IAM User Guide, "Permissions
boundaries for IAM entities", "Policy evaluation logic".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final, cast

from sakimori.analysis.iam.sql.calls import Call, calls_of
from sakimori.analysis.iam.sql.predicates import PolicySql, policy_sql
from sakimori.analysis.iam.sql.trial import TrialSql
from sakimori.analysis.iam.trial import Guard, Trial
from sakimori.lake.engines.duck import Engine
from sakimori.model.errors import UsageError

MOST_STATEMENTS: Final = 400
"""Far more than any policy that AWS takes; a longer one would be too deep for SQL."""
REFUSED: Final = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "Client.AccessDenied", "UnauthorizedOperation",
        "Client.UnauthorizedOperation", "AuthorizationError", "AuthorizationErrorException", "UnauthorizedAccess",
        "UnauthorizedException", "NotAuthorizedException", "KMSAccessDeniedException", "AWS.SimpleQueueService.AccessDenied",
    }
)  # fmt: skip
"""Error codes with which AWS refuses a request for want of a permission."""


class Outcome(IntEnum):
    """What the policy would have answered, the worst last."""

    ALLOWED = 0
    UNKNOWN = 1
    IMPLICIT_DENY = 2
    EXPLICIT_DENY = 3

    @property
    def is_denied(self) -> bool:
        """It would have been refused."""
        return self >= Outcome.IMPLICIT_DENY


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Requests of one principal for one thing that ended alike and that the policy treats alike.

    `statements` are the indexes of those that refuse, or of those of which it is not known; `missing` the keys (and
    `resource`) that no event tells. An operation without `action` is one whose action is not known.
    """

    principal: str
    event_source: str
    event_name: str
    action: str
    error: str
    outcome: Outcome
    statements: tuple[int, ...]
    missing: tuple[str, ...]
    count: int
    first_at: datetime
    last_at: datetime
    examples: tuple[str, ...]

    @property
    def was_refused(self) -> bool:
        """AWS refused it already."""
        return self.error in REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of it. `groups` hold what is denied or not known, the most frequent first; the rest is counted."""

    groups: tuple[Group, ...]
    event_count: int
    judged_count: int
    allowed_count: int
    exempt_count: int
    """Of principals that such a policy does not reach."""
    outside_count: int
    """Of others than those it is tried on."""
    no_action_count: int
    """Events that are no request, or for which no permission is needed."""
    unmapped: tuple[tuple[str, str, int], ...]
    """Operations whose action is not known, with their count."""
    data_sources: frozenset[str]
    """Event sources of which data events are there."""

    def count(self, *, denied: bool, refused: bool) -> int:
        """Requests that are denied (or unknown), and that AWS refused already (or not)."""
        return sum(
            each.count for each in self.groups if each.outcome.is_denied is denied and each.was_refused is refused
        )


def try_policy(engine: Engine, relation: Callable[[Sequence[str]], str], trial: Trial) -> Tried:
    """Judge the events of a relation; it is asked for the SQL of the columns that are needed, time and place limited.

    UsageError for a policy of more statements than any that AWS takes.
    """
    written = _written(trial)
    counted = counted_calls(engine, relation)
    calls = calls_of(written, trial.policy, tuple(counted), trial.mapped, allows_rest=trial.allows_rest)
    sql = TrialSql(written=written, calls=calls, trial=trial)
    sql.run(engine, relation(sql.columns))
    tallies = {(reach, need): count for reach, need, count in engine.rows(sql.tallies())}
    groups = [_group(row, calls) for row in engine.rows(sql.groups())]
    mapped_allowed = sum(row[0] for row in engine.rows(sql.allowed()))
    return Tried(
        groups=tuple(sorted(groups, key=lambda each: (-each.outcome.is_denied, -each.count, each.principal, each.event_name))),
        event_count=sum(count for count, _ in counted.values()),
        judged_count=sum(count for (reach, need), count in tallies.items() if reach == "judged" and need != "none"),
        allowed_count=mapped_allowed,
        exempt_count=sum(count for (reach, _), count in tallies.items() if reach == "exempt"),
        outside_count=sum(count for (reach, _), count in tallies.items() if reach == "outside"),
        no_action_count=sum(
            count for (reach, need), count in tallies.items()
            if reach == "no_request" or (reach == "judged" and need == "none")
        ),
        unmapped=_unmapped(groups),
        data_sources=frozenset(source for (source, _), (_, data) in counted.items() if data),
    )  # fmt: skip


def _written(trial: Trial) -> PolicySql:
    count = len(trial.policy.document.statements)
    if count > MOST_STATEMENTS:
        raise UsageError("iam_backtest.too_many_statements", count=count, most=MOST_STATEMENTS)
    return policy_sql(trial.policy)


def counted_calls(engine: Engine, relation: Callable[[Sequence[str]], str]) -> dict[tuple[str, str], tuple[int, int]]:
    """Events and data events by source and name."""
    rows = engine.rows(
        "select coalesce(event_source, ''), coalesce(event_name, ''), count(*), count(*) filter (event_category = 'Data') "
        f"from ({relation(('event_source', 'event_name', 'event_category'))}) group by 1, 2 order by 1, 2"
    )
    return {(source, name): (count, data) for source, name, count, data in rows}


def _group(row: tuple[Any, ...], calls: Sequence[Call]) -> Group:
    call, principal, error, rank, action, statements, missing, count, first_at, last_at, *examples = row
    found, which, untold = calls[int(call)], cast("list[int]", statements or []), cast("list[str]", missing or [])
    return Group(
        principal=principal or "",
        event_source=found.event_source,
        event_name=found.event_name,
        action=action or "",
        error=error or "",
        outcome=Outcome(rank),
        statements=tuple(which),
        missing=tuple(untold),
        count=count,
        first_at=first_at,
        last_at=last_at,
        examples=tuple(dict.fromkeys(str(each) for each in examples if each)),
    )


def _unmapped(groups: Sequence[Group]) -> tuple[tuple[str, str, int], ...]:
    counts = dict[tuple[str, str], int]()
    for each in groups:
        if not each.action:
            pair = (each.event_source, each.event_name)
            counts[pair] = counts.get(pair, 0) + each.count
    return tuple((*pair, count) for pair, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])))


__all__ = ["Group", "Guard", "Outcome", "Trial", "Tried", "try_policy"]
