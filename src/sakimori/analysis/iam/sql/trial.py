"""The statements of SQL by which a policy is tried on recorded events: alike requests first, then their verdicts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.event_actions import TYPES_WITHOUT_ACTION
from sakimori.analysis.iam.no_policies import NOT_CALLABLE
from sakimori.analysis.iam.principal import PrincipalKind
from sakimori.analysis.iam.sql.calls import Call
from sakimori.analysis.iam.sql.keys import KEYS, RESOURCE_ACCOUNT
from sakimori.analysis.iam.sql.predicates import Lookup, PolicySql, StatementSql, absent_column, is_told, value_column
from sakimori.analysis.iam.sql.resources import COLUMNS, Plan, members_of, resources_sql
from sakimori.analysis.iam.trial import Guard, Trial, principal_pattern
from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.spelling import literal, quote

_MASKED: Final = 60
"""Keys that a mask of 64 bits tells apart; further ones are read for every operation."""
_JUDGED_TYPES: Final = ("IAMUser", "AssumedRole", "Root", "FederatedUser")
_KINDS: Final = {
    PrincipalKind.ROOT: "Root",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.SESSION: "AssumedRole",
}
_ALWAYS: Final = (
    "account_id", "event_time", "event_id", "event_source", "event_name", "event_type", "error_code", "principal_root",
    "user_identity_type", "user_identity_arn", "user_identity_account_id", "session_issuer_arn",
)  # fmt: skip
_PRINCIPAL: Final = "coalesce(case user_identity_type when 'AssumedRole' then session_issuer_arn else user_identity_arn end, principal_root)"
_SERVICE_LINKED: Final = "coalesce(session_issuer_arn like '%:role/aws-service-role/%', false)"
# An address of the resource's account, as `policy_reach.account_in` reads it.
_ACCOUNT_OF_RESOURCE: Final = "nullif(regexp_extract(resource, '^arn:[^:]*:[^:]*:[^:]*:([0-9]{12})(?::|$)', 1), '')"


@dataclass(frozen=True, kw_only=True)
class TrialSql:
    """One trial. `by_event`: each event is judged by itself, which is slow, and says which verdict is whose."""

    written: PolicySql
    calls: Sequence[Call]
    trial: Trial
    by_event: bool = False

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys that some statement reads and events tell, but for the resource's account."""
        every = {key for each in self.written.statements for key in each.keys if key in KEYS}
        return tuple(sorted(every))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of events that are read."""
        wanted = [*_ALWAYS, *(column for key in self.keys for column in KEYS[key].columns)]
        return tuple(dict.fromkeys([*wanted, *(COLUMNS if any(each.plans for each in self.calls) else ())]))

    def run(self, engine: Engine, relation: str) -> None:
        """Make the tables `fact` (alike requests) and `verdict` (the worst answer to each)."""
        self._load_calls(engine)
        engine.execute(self._facts(relation))
        engine.execute(self._asked())
        for lookup in self.written.lookups:
            self._look_up(engine, lookup)
        engine.execute(self._verdicts())

    # -- operations ------------------------------------------------------------------------

    @cached_property
    def _plans(self) -> tuple[tuple[Plan, ...], ...]:
        return tuple(dict.fromkeys(each.plans for each in self.calls if each.plans is not None))

    def _load_calls(self, engine: Engine) -> None:
        engine.execute("create or replace table said_call (id varchar, source varchar, name varchar, need varchar, mask varchar, plan varchar, is_open varchar)")  # fmt: skip
        engine.execute(
            "create or replace table said_deed (call varchar, ordinal varchar, action varchar, named varchar)"
        )
        places = {plans: place for place, plans in enumerate(self._plans)}
        engine.insert_texts(
            "said_call",
            [
                (
                    str(each.number), each.event_source, each.event_name, each.need, str(self._mask(each)),
                    str(places[each.plans] if each.plans is not None else -1), str(each.is_open).lower(),
                )
                for each in self.calls
            ],
        )  # fmt: skip
        engine.insert_texts(
            "said_deed",
            [
                (str(call.number), str(place), deed.action, "".join("1" if each else "0" for each in deed.named))
                for call in self.calls
                for place, deed in enumerate(call.deeds, 1)
            ],
        )
        engine.execute(
            "create or replace table call as select id::integer as call, source, name, need, mask::bigint as mask, "
            "plan::integer as plan, is_open::boolean as is_open from said_call"
        )
        engine.execute(
            "create or replace table deed as select call::integer as call, ordinal::integer as ordinal, action, named from said_deed"
        )

    def _mask(self, call: Call) -> int:
        return sum(1 << place for place, key in enumerate(self.keys[:_MASKED]) if key in call.keys)

    # -- requests that are alike -----------------------------------------------------------

    def _facts(self, relation: str) -> str:
        return (
            "create or replace table fact as select row_number() over () as id, * from (select "
            f"call, need, reach, {self._if_reported(_PRINCIPAL)} as principal, {self._if_reported('error_code')} as error, "
            f"{''.join(f'{each}, ' for each in self._key_columns())}{self._told()}"
            f"{'event_id, ' if self.by_event else ''}"
            "count(*) as n, min(event_time) as first_at, max(event_time) as last_at, "
            "arg_min(event_id, event_time) as first_id, arg_max(event_id, event_time) as last_id "
            f"from (select *, {self._reach()} as reach from ({relation}) as event join call "
            "on coalesce(event.event_source, '') = call.source and coalesce(event.event_name, '') = call.name) group by all)"
        )

    def _if_reported(self, sql: str) -> str:
        return f"case when reach = 'judged' and not is_open then {sql} end"

    def _key_columns(self) -> Iterator[str]:
        for place, name in enumerate(self.keys):
            key = KEYS[name]
            is_read = f"mask & {1 << place} <> 0" if place < _MASKED else "true"
            yield f"case when reach = 'judged' and {is_read} then {key.value} end as {value_column(name)}"
            yield f"(reach = 'judged' and {is_read} and ({key.absent})) as {absent_column(name)}"

    def _told(self) -> str:
        """What resources are told by, of operations for which they matter: no more, that many requests may be alike."""
        if not self._plans:
            return ""
        cases = " ".join(
            f"when {place} then json_extract(request_parameters, [{', '.join(literal(f'$.{each}') for each in members)}])"
            for place, plans in enumerate(self._plans)
            if (members := members_of(plans))
        )
        told = f"case plan {cases} end" if cases else "null::json[]"
        places = [name for name in COLUMNS if name != "request_parameters"]
        is_read = "reach = 'judged' and plan >= 0"
        columns = ["plan", *(f"case when {is_read} then {quote(each)} end as {quote(each)}" for each in places)]
        return f"{', '.join(columns)}, case when {is_read} then {told} end as told, "

    def _of_deeds(self) -> str:
        """Of each request the resources of each of its deeds."""
        if not self._plans:
            return "select *, null::varchar[][] as of_deeds from fact"
        parameters, lists = "", ""
        for place, plans in enumerate(self._plans):
            pairs = ", ".join(f"{literal(each)}, told[{number}]" for number, each in enumerate(members_of(plans), 1))
            parameters += f"when {place} then json_object({pairs}) "
            lists += f"when {place} then [{', '.join(map(resources_sql, plans))}] "
        return f"select *, case plan {lists}end as of_deeds from (select *, case plan {parameters}end as request_parameters from fact)"

    def _reach(self) -> str:
        trial = self.trial
        is_scp = trial.guard is Guard.SCP
        is_root = "false" if is_scp else "user_identity_type = 'Root'"
        managing = f"user_identity_account_id = {literal(trial.management_account)}" if is_scp and trial.management_account else "false"  # fmt: skip
        judged = ", ".join(map(literal, _JUDGED_TYPES))
        no_request = ", ".join(map(literal, sorted(TYPES_WITHOUT_ACTION)))
        return (
            f"case when coalesce(event_type in ({no_request}), false) then 'no_request' "
            f"when not coalesce(user_identity_type in ({judged}), false) then 'outside' "
            # A request into another account is recorded in its trail too: it counts where the caller is at home.
            "when not coalesce(user_identity_account_id = account_id, false) then 'outside' "
            f"{self._chosen()}"
            f"when {_SERVICE_LINKED} or {is_root} or {managing} or {_not_callable()} then 'exempt' else 'judged' end"
        )

    def _chosen(self) -> str:
        clauses = list[str]()
        if self.trial.accounts:
            clauses.append(f"user_identity_account_id in ({', '.join(map(literal, self.trial.accounts))})")
        if self.trial.principals:
            pattern = "|".join(map(principal_pattern, self.trial.principals))
            clauses.append(f"regexp_full_match({_PRINCIPAL}, {literal(pattern)}, 's')")
        return f"when not coalesce({' or '.join(clauses)}, false) then 'outside' " if clauses else ""

    # -- verdicts --------------------------------------------------------------------------

    def _asked(self) -> str:
        return (
            f"create or replace table asked as select *, {_ACCOUNT_OF_RESOURCE} as {value_column(RESOURCE_ACCOUNT)}, "
            f"false as {absent_column(RESOURCE_ACCOUNT)} from (select fact.*, deed.action, deed.named, "
            "unnest(coalesce(fact.of_deeds[deed.ordinal], [null::varchar])) as resource "
            f"from ({self._of_deeds()}) as fact join deed on fact.call = deed.call where reach = 'judged')"
        )

    def _look_up(self, engine: Engine, lookup: Lookup) -> None:
        keys = [key for key in lookup.keys if is_told(key)]
        texts = [f"{_coded(key)} as {_coded_column(place)}" for place, key in enumerate(keys)]
        texts.append("resource" if lookup.reads_resource else "null::varchar as resource")
        verdicts = list[Sequence[str]]()
        for row in engine.rows(f"select distinct {', '.join(texts)} from asked"):
            *codes, resource = row
            context = _context(dict(zip(keys, codes, strict=True)))
            answer = None if lookup.reads_resource and resource is None else lookup.judge(resource or "", context)
            verdicts.append((*codes, resource or "", {None: "", True: "true", False: "false"}[answer]))
        columns = [_coded_column(place) for place in range(len(keys))]
        engine.execute(f"create or replace table said_verdict ({''.join(f'{each} varchar, ' for each in columns)}of_resource varchar, verdict varchar)")  # fmt: skip
        engine.insert_texts("said_verdict", verdicts)
        engine.execute(
            f"create or replace table {lookup.name} as select * replace (nullif(verdict, '')::boolean as verdict) from said_verdict"
        )

    def _joins(self) -> str:
        found = ""
        for lookup in self.written.lookups:
            keys = [key for key in lookup.keys if is_told(key)]
            on = [f"{_coded(key)} = {lookup.name}.{_coded_column(place)}" for place, key in enumerate(keys)]
            if lookup.reads_resource:
                on.append(f"coalesce(asked.resource, '') = {lookup.name}.of_resource")
            found += f" left join {lookup.name} on {' and '.join(on) or 'true'}"
        return found

    def _verdicts(self) -> str:
        statements = self.written.statements
        applied = [
            f"substr(asked.named, {place}, 1) = '1' and ({each.sql}) as s{each.statement.index}"
            for place, each in enumerate(statements, 1)
        ]
        denies = [f"s{each.statement.index}" for each in statements if not each.statement.is_allow]
        allows = [f"s{each.statement.index}" for each in statements if each.statement.is_allow]
        allowed = "true" if self.trial.allows_rest else " or ".join(allows) or "false"
        denied = " or ".join(denies) or "false"
        true_denies = ", ".join(f"case when s{each.statement.index} then {each.statement.index} end" for each in statements if not each.statement.is_allow)  # fmt: skip
        unknown = ", ".join(f"case when s{each.statement.index} is null then {each.statement.index} end" for each in statements)  # fmt: skip
        missing = ", ".join(_missing(each) for each in statements)
        rank = (
            "case when denied then 3 when not allowed then 2 when denied is null or allowed is null then 1 else 0 end"
        )
        each_id = (
            f"select id, {'event_id, ' if self.by_event else ''}action, resource, {rank} as rank, case {rank} when 3 then "
            f"{_listed(true_denies, 'integer')} when 1 then {_listed(unknown, 'integer')} end as statements, "
            f"case {rank} when 1 then list_sort(list_distinct({_flat(missing)})) end as missing from (select *, ({denied}) as denied, ({allowed}) as allowed "
            f"from (select asked.*{''.join(f', {each}' for each in applied)} from asked{self._joins()}))"
        )
        if self.by_event:
            return f"create or replace table verdict as {each_id}"
        return (
            "create or replace table verdict as select id, max(rank) as rank, "
            "arg_max({'action': action, 'statements': statements, 'missing': missing}, rank) as why "
            f"from ({each_id}) group by id"
        )

    # -- what is told ----------------------------------------------------------------------

    def tallies(self) -> str:
        """Reach, need and events."""
        return "select reach, need, sum(n)::bigint from fact group by all"

    def allowed(self) -> str:
        """Events that are allowed, in one row."""
        return "select coalesce(sum(n), 0)::bigint from fact join verdict using (id) where rank = 0"

    def groups(self) -> str:
        """What is denied or not known."""
        return (
            "select call, principal, error, rank, action, statements, missing, sum(n)::bigint, min(first_at), max(last_at), "
            "arg_min(first_id, first_at), arg_max(last_id, last_at) from (select fact.*, coalesce(verdict.rank, 1) as rank, "
            "why.action as action, why.statements as statements, why.missing as missing from fact left join verdict using (id) "
            "where fact.reach = 'judged' and (verdict.rank > 0 or fact.need = 'not_mapped')) "
            "group by call, principal, error, rank, action, statements, missing"
        )


def _not_callable() -> str:
    """What AWS refuses to the kind of caller, whatever policies say."""
    return " or ".join(
        f"coalesce(event_source = 'sts.amazonaws.com' and lower(event_name) = {literal(action.partition(':')[2])} "
        f"and user_identity_type in ({', '.join(literal(_KINDS[each]) for each in sorted(kinds) if each in _KINDS)}), false)"
        for action, kinds in NOT_CALLABLE.items()
    )


def _missing(statement: StatementSql) -> str:
    """The keys of which nothing is known, where the statement may apply."""
    found = [
        f"case when {value_column(key)} is null and not {absent_column(key)} then {literal(key)} end"
        if is_told(key)
        else literal(key)
        for key in sorted(statement.keys)
    ]
    if statement.reads_resource:
        found.append("case when resource is null then 'resource' end")
    return (
        f"case when s{statement.statement.index} is null then [{', '.join(found)}] end" if found else "null::varchar[]"
    )


def _listed(items: str, kind: str) -> str:
    return f"list_filter([{items}], lambda each: each is not null)" if items else f"[]::{kind}[]"


def _flat(lists: str) -> str:
    return f"list_filter(flatten([{lists}]), lambda each: each is not null)" if lists else "[]::varchar[]"


# -- values that are judged in Python ------------------------------------------------


def _coded(key: str) -> str:
    """Value, absence or ignorance of a key in one text."""
    return f"case when asked.{absent_column(key)} then '-' when asked.{value_column(key)} is null then '?' else '=' || asked.{value_column(key)} end"


def _coded_column(place: int) -> str:
    return f"k{place}"


def _context(codes: dict[str, str]) -> Context:
    values = {key: (code[1:],) if code.startswith("=") else () for key, code in codes.items() if code != "?"}
    return Context(values, frozenset(key for key, code in codes.items() if code == "?"), is_open=True)
