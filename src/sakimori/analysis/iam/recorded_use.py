"""What a user or role has been recorded doing: actions, resources and Regions, from the events of CloudTrail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sakimori.analysis.iam.backtest import REFUSED, counted_calls
from sakimori.analysis.iam.event_actions import actions_of
from sakimori.analysis.iam.policy import policy_of
from sakimori.analysis.iam.sql.calls import Call, calls_of
from sakimori.analysis.iam.sql.predicates import policy_sql
from sakimori.analysis.iam.sql.trial import TrialSql
from sakimori.analysis.iam.trial import Guard, Trial
from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.spelling import literal

MOST_RESOURCES: Final = 2_000
"""Different resources of one action that are kept, the most used first."""
_STEM: Final = "^(?:[^:]*:){5}(?:.*[/:])?"
# It makes the trial tell every resource and Region; what it answers does not matter.
_READS_ALL: Final = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "arn:aws:none:::none",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "none"}},
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One action as it was used. `resources` are the known ones; `is_partly_known`: of some requests they are not.

    `stems` are beginnings that all of them have, told where they are too many to be told each.
    """

    action: str
    count: int
    refused_count: int
    """Of these AWS refused so many."""
    first_at: datetime
    last_at: datetime
    regions: tuple[str, ...]
    resources: tuple[str, ...]
    stems: tuple[str, ...]
    is_partly_known: bool
    example: str

    @property
    def is_allowed(self) -> bool:
        """AWS let some of it through."""
        return self.count > self.refused_count


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedUse:
    """All uses by action. `data_sources`: event sources of which the lake has data events, whoever made them."""

    uses: tuple[Use, ...]
    unmapped: tuple[tuple[str, str, int], ...]
    event_count: int
    data_sources: frozenset[str]


def recorded_use(engine: Engine, relation: Callable[[Sequence[str]], str], principal: str) -> RecordedUse:
    """Of the events of a relation what this principal did, meant by its ARN."""
    trial = Trial(policy=policy_of("everything", _READS_ALL), guard=Guard.IDENTITY, principals=(principal,))
    written = policy_sql(trial.policy)
    counted = counted_calls(engine, relation)
    calls = calls_of(written, trial.policy, tuple(counted), actions_of, allows_rest=False)
    sql = TrialSql(written=written, calls=calls, trial=trial)
    sql.run(engine, relation(sql.columns))
    unmapped = engine.rows(
        "select call, sum(n)::bigint from fact where reach = 'judged' and need = 'not_mapped' group by 1 order by 2 desc, 1"
    )
    judged = next(engine.rows("select coalesce(sum(n), 0)::bigint from fact where reach = 'judged'"))[0]
    return RecordedUse(
        uses=tuple(_uses(engine)),
        unmapped=tuple(_unmapped(calls[int(row[0])], int(row[1])) for row in unmapped),
        event_count=judged,
        data_sources=frozenset(source for (source, _), (_, data) in counted.items() if data),
    )


def _unmapped(call: Call, count: int) -> tuple[str, str, int]:
    return call.event_source, call.event_name, count


def _uses(engine: Engine) -> list[Use]:
    refused = ", ".join(map(literal, sorted(REFUSED)))
    # A request on several resources stands there once for each; it counts once.
    engine.execute(
        "create or replace table used as select distinct id, action, resource, n, first_at, last_at, last_id, "
        f'"aws:requestedregion" as used_region, coalesce(error in ({refused}), false) as is_refused from asked'
    )
    resources = _resources(engine)
    found = list[Use]()
    for action, count, refused_count, first_at, last_at, regions, example in engine.rows(
        "select action, sum(n)::bigint, coalesce(sum(n) filter (is_refused), 0)::bigint, min(first_at), max(last_at), "
        "list_sort(list(distinct used_region) filter (used_region is not null and not is_refused)), arg_max(last_id, last_at) "
        "from (select distinct on (id, action) * from used) group by 1 order by 1"
    ):
        arns, stems, is_partly_known = resources.get(action, ((), (), False))
        found.append(
            Use(
                action=action,
                count=count,
                refused_count=refused_count,
                first_at=first_at,
                last_at=last_at,
                regions=tuple(regions or ()),
                resources=arns,
                stems=stems,
                is_partly_known=is_partly_known,
                example=str(example or ""),
            )
        )
    return found


def _resources(engine: Engine) -> dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]]:
    """By action: its resources (or the first of too many), their stems where they are too many, and whether some are unknown."""
    found = dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]]()
    for action, arns, count, stems, unknown in engine.rows(
        f"select action, list(resource order by n desc, resource) filter (place <= {MOST_RESOURCES} and resource is not null), "
        f"count(resource), list(distinct regexp_extract(resource, {literal(_STEM)}, 0, 's')) filter (place > {MOST_RESOURCES}), "
        "bool_or(resource is null) from (select action, resource, sum(n) as n, "
        "row_number() over (partition by action order by resource is null, sum(n) desc, resource) as place "
        "from used where not is_refused group by 1, 2) group by 1"
    ):
        # Beginnings without end are worth as much as none.
        more = tuple(sorted(cast("list[str]", stems or []))) if count > MOST_RESOURCES else ()
        is_endless = len(more) > MOST_RESOURCES or "" in more
        found[action] = (tuple(arns or ()), () if is_endless else more, bool(unknown) or is_endless)
    return found
