import gc
import hashlib
import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.trail import deliver, event

from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.lake.engines import guarded
from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.guarded import GuardedEngine
from sakimori.lake.log_reader import EVERYWHERE, LogReader, Where
from sakimori.lake.pruning import narrowest, widest
from sakimori.lake.table import Catalogue, Column, Table, Type
from sakimori.lake.user_sql import UserSql, check_user_sql
from sakimori.lake.user_vocabulary import MAX_LENGTH
from sakimori.model.errors import SakimoriError, UsageError
from sakimori.model.words import Scope

NOW = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)


def column(name: str, type_: Type = Type.TEXT) -> Column:
    return Column(name=name, type=type_, sentence="A column.")


LOG = Table(
    name="aws_cloudtrail_event",
    sentence="A log.",
    key="event_id",
    scope=Scope.RESOURCE_REGION,
    own_columns=(column("event_time", Type.TIMESTAMP), column("event_name"), column("n", Type.INTEGER), column("j")),
    time="event_time",
)
BUCKET = Table(name="aws_s3_bucket", sentence="Buckets.", key="name", scope=Scope.REGION, own_columns=(column("name"),))
TABLES = Catalogue.of(LOG, BUCKET)


def checked(sql: str, **parameters: str | float | bool) -> UserSql:
    return check_user_sql(sql, TABLES, now=NOW, parameters=parameters)


def fault(sql: str) -> str:
    with pytest.raises(UsageError) as raised:
        checked(sql)
    return raised.value.text


# -- wall 1: what is refused ---------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("copy (select 1) to '/tmp/x'", "not_a_query"),
        ("attach '/tmp/x.db' as x", "not_a_query"),
        ("install httpfs", "not_a_query"),
        ("load httpfs", "not_a_query"),
        ("pragma database_list", "not_a_query"),
        ("set memory_limit = '100GB'", "not_a_query"),
        ("reset all", "not_a_query"),
        ("create table t as select 1", "not_a_query"),
        ("drop table aws_s3_bucket", "not_a_query"),
        ("insert into aws_s3_bucket values (1)", "not_a_query"),
        ("delete from aws_s3_bucket", "not_a_query"),
        ("update aws_s3_bucket set name = ''", "not_a_query"),
        ("export database '/tmp/x'", "not_a_query"),
        ("call pragma_version()", "not_a_query"),
        ("checkpoint", "not_a_query"),
        ("explain analyze select 1", "not_a_query"),
        ("describe aws_s3_bucket", "not_a_query"),
        ("prepare p as select 1", "not_a_query"),
        ("vacuum", "not_a_query"),
        ("values (1)", "not_a_query"),
        ("select 1; drop table aws_s3_bucket", "not_one"),
        ("select 1; select 2", "not_one"),
        ("select 1 /* ; */ ; pragma version", "not_one"),
        ("", "empty_sql"),
        (" ; -- nothing", "empty_sql"),
        ("select * from read_csv('/etc/passwd')", "unknown_table"),
        ("select * from read_text('/etc/passwd')", "refused"),
        ("select * from read_parquet('/etc/passwd')", "unknown_table"),
        ("select * from '/etc/passwd'", "unknown_table"),
        ('select * from "/etc/passwd"', "unknown_table"),
        ("select * from glob('/*')", "refused"),
        ("select * from query('select 42')", "refused"),
        ("select * from query_table('aws_s3_bucket')", "refused"),
        ("select * from duckdb_settings()", "refused"),
        ("select * from duckdb_secrets()", "refused"),
        ("select * from pragma_database_list()", "refused"),
        ("select * from information_schema.tables", "unknown_table"),
        ("select * from main.aws_s3_bucket", "unknown_table"),
        ("select * from sqlite_master", "unknown_table"),
        ("select * from some_python_variable", "unknown_table"),
        ("select getenv('HOME')", "refused"),
        ("select current_setting('memory_limit')", "refused"),
        ("select getvariable('x')", "refused"),
        ("select read_text('/etc/passwd')", "refused"),
        ("select current_user", "refused"),
        ("select version()", "refused"),
        ("select error('x')", "refused"),
        ("select write_log('x')", "refused"),
        ("select json_execute_serialized_sql(json_serialize_sql('select 1'))", "refused"),
        ("select nextval('s')", "refused"),
        ("select repeat('x', 1000000000)", "refused"),
        ("select lpad('x', 1000000000, 'y')", "refused"),
        ("select length(range(1000000000))", "refused"),
        ("select printf('%1000000000d', 1)", "refused"),
        ("select format('{:>1000000000}', 1)", "refused"),
        ("select list_transform(generate_series(1, 1000000000), lambda x: x) ", "refused"),
        ("select 1 into t", "refused"),
        ("select * from aws_s3_bucket for update", "refused"),
        ("select * from aws_s3_bucket at (version => 1)", "refused"),
        ("select * from aws_s3_bucket tablesample 10%", "refused"),
        ("select 1::secret_type", "unknown_type"),
        ("with aws_s3_bucket as (select 1) select * from aws_s3_bucket", "hides_table"),
        ("select $nothing", "no_value"),
        ("select ?", "no_value"),
        ("select case", "syntax"),
        ("select (1", "syntax"),
        ("select 'open", "syntax"),
        ("select '" + "x" * MAX_LENGTH + "'", "too_long"),
        ("select " + "(" * 5_000 + "1" + ")" * 5_000, "too_deep"),
        ("select " + "lower(" * 3_000 + "'x'" + ")" * 3_000, "too_deep"),
        ("select " + " + ".join(["1"] * 3_000), "too_deep"),
        ("select " + "case when true then " * 1_500 + "1" + " end" * 1_500, "too_deep"),
        ("select 1 from " + "(select 1 from " * 1_000 + "aws_s3_bucket" + ")" * 1_000, "too_deep"),
        ("select " + ", ".join(["1"] * 24_000), "too_long"),
    ],
)  # fmt: skip
def test_what_is_no_query_over_known_tables_is_refused(sql: str, text: str) -> None:
    assert fault(sql) == f"query.{text}"


@pytest.mark.parametrize(
    ("sql", "near"),
    [
        ("select * from aws_cloudtrail_evnt", "aws_cloudtrail_event"),
        ("select lowr(event_name) from aws_cloudtrail_event", "lower"),
        ("with mine as (select 1 as a) select * from mien", "mine"),
    ],
)
def test_a_name_that_is_nearly_right_is_told(sql: str, near: str) -> None:
    with pytest.raises(UsageError) as raised:
        checked(sql)
    assert raised.value.values["near"] == near


def test_the_line_of_a_fault_is_told() -> None:
    with pytest.raises(UsageError) as raised:
        checked("select\n  event_name\nfrom\n  aws_cloudtrail_evnt")
    assert raised.value.values["line"] == 4


def test_a_comment_does_not_come_with_the_query() -> None:
    assert checked("select 1 -- ; drop table x\n").sql == "SELECT 1"
    assert "/*" not in checked("select /* */ 1 /* pragma */").sql


def test_a_parameter_that_the_query_does_not_name_is_left_out() -> None:
    assert checked("select $a", a="x", b="y").parameters == {"a": "x"}


# -- wall 1: what is let through, with the meaning that it has --------------------------


MEANINGS = r"""
j->>'a' ; j->>'a.b' ; j->>'a-b' ; j->'x'->>'y.z' ; j->>'$.x.w[0].k' ; j->>'$."a.b"' ; j->>'/x/w/1/k' ; j->'$.x.w[*].k' ; j->>'aws:x'
json_extract_string(j,'a.b') ; json_extract(j, ['$.a','$.x']) ; json_array_length(j->'q') ; json_structure(j->'q') ; j->'q'->>0
from_json(j->'q', '["INT"]') ; json_keys(j) ; json_valid(j) ; (j->>'a')::int + 1 = 2 ; json_contains(j, '{"a":1}') ; json_type(j->'q')
[1,2,3][2] ; list_contains([1,2], 1) ; list_filter([1,2,3], lambda x: x > 1) ; [x + 1 for x in [1,2] if x > 1] ; list_sort([3,1,2])
array_to_string(['a','b'], ',') ; list_has_any([1],[1]) ; {'a': 1}.a ; map {'a': 1}['a'] ; list_distinct([1,1]) ; len([1,2])
date_trunc('hour', event_time) ; date_trunc('week', event_time) ; time_bucket(interval '15 minutes', event_time) ; event_time::date
strftime(event_time, '%Y-%m-%d %H') ; strptime('2026-10-01','%Y-%m-%d') ; try_strptime('x','%Y') ; hour(event_time) ; dayofweek(event_time)
extract(dow from event_time) ; date_part('dow', event_time) ; epoch(event_time) ; epoch_ms(event_time) ; dayname(event_time) ; week(event_time)
event_time + interval 1 day ; event_time - interval '2 hours' ; event_time - to_days(3) ; event_time - interval (n) day
event_time at time zone 'UTC' at time zone 'Asia/Tokyo' ; timezone('Asia/Tokyo', timezone('UTC', event_time))
date_diff('day', event_time, timestamp '2026-11-01') ; datediff('hour', event_time, timestamp '2026-11-01') ; age(event_time, timestamp '2026-01-01')
lower(event_name) ; upper(event_name) ; substr(event_name,1,2) ; left(event_name,2) ; right(event_name,2) ; trim(' a ') ; rtrim('a.','.')
replace(event_name,'b','x') ; split_part('a/b','/',2) ; string_split('a,b',',') ; concat(event_name, null) ; concat_ws(',',event_name,n)
event_name || n ; event_name || null ; starts_with(event_name,'A') ; contains(event_name,'b') ; instr(event_name,'b') ; reverse(event_name)
regexp_matches(event_name,'b') ; event_name ~ 'A.*' ; event_name !~ 'A' ; regexp_extract(event_name,'(b)(c)',2) ; regexp_replace(event_name,'[a-z]','x','g')
regexp_full_match(event_name,'A.*') ; event_name similar to 'A.*' ; event_name like 'A%' ; event_name ilike 'a%' ; event_name like 'A\%' escape '\'
event_name glob 'A*' ; event_name in ('a','Abc') ; event_name not in ('a') ; n between 1 and 9 ; n is null ; n is distinct from null
case n when 5 then 'five' else 'x' end ; case when n > 3 then 1 end ; coalesce(null,n) ; ifnull(null,n) ; nullif(n,5) ; if(n>3,1,2)
greatest(n,9) ; least(n,null,2) ; abs(-n) ; round(n/3,2) ; n%2 ; n//2 ; n/2 ; n**2 ; sqrt(n) ; log10(100) ; n & 1 ; n << 1 ; xor(n,1)
try_cast(event_name as int) ; n::decimal(10,2) ; n::varchar ; typeof(n) ; (event_name,n) in (('Abc',5)) ; n = any([5,6]) ; n > all(select 3)
'it''s' ; e'a\nb' ; $$x$$ ; 'a\b' ; '\n' ; true and null ; n is true ; 0.1 + 0.2 ; 1e3 ; 1_000 ; md5(event_name) ; hash(event_name)
url_decode('a%20b') ; chr(65) ; levenshtein(event_name,'Abd') ; strip_accents('é') ; to_json([1]) ; json_object('a', n)
count(*) ; count(distinct event_name) ; sum(n) filter (where n > 3) ; avg(n) ; median(n) ; quantile_cont(n, 0.5) ; arg_max(event_name, n)
max_by(event_name, n) ; string_agg(event_name, ',' order by event_name) ; list(n order by n) ; any_value(event_name) ; bool_and(n > 3)
approx_count_distinct(event_name) ; mode(event_name) ; histogram(n) ; stddev_pop(n) ; percentile_cont(0.5) within group (order by n)
row_number() over (order by n) ; lag(n, 1, 0) over (order by n) ; sum(n) over (partition by event_name order by event_time rows between 1 preceding and current row)
last_value(n ignore nulls) over (order by n) ; count(*) over (order by n rows between unbounded preceding and 1 following exclude current row)
"""
DOCUMENT = '{"a":1,"a.b":2,"a-b":3,"x":{"y.z":5,"w":[{"k":1},{"k":2}]},"aws:x":6,"q":[1,2,3]}'


@pytest.fixture(scope="module")
def small() -> Iterator[Engine]:
    engine = Engine()
    engine.execute("set timezone = 'UTC'")
    engine.create(LOG)
    engine.insert(LOG, [{"event_time": datetime(2026, 10, 1, 5, 6, 7), "event_name": "Abc", "n": 5, "j": DOCUMENT}])  # noqa: DTZ001 - as the table has it
    yield engine
    engine.close()


@pytest.mark.parametrize(
    "expression", [one.strip() for line in MEANINGS.strip().splitlines() for one in line.split(" ; ")]
)
def test_an_expression_means_what_it_meant(small: Engine, expression: str) -> None:
    sql = f"select {expression} as r from aws_cloudtrail_event"
    rewritten = checked(sql).sql
    assert repr(list(small.rows(rewritten))) == repr(list(small.rows(sql))), rewritten


@pytest.mark.parametrize(
    "sql",
    [
        "from aws_cloudtrail_event",
        "(select 1)",
        "with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select * from r order by 1",
        "select event_name from aws_cloudtrail_event union all select 'b' union select 'c' except select 'b' order by 1",
        "select * exclude (j) replace (upper(event_name) as event_name) from aws_cloudtrail_event",
        "select columns('event_.*') from aws_cloudtrail_event",
        "select a.n from aws_cloudtrail_event a left join aws_cloudtrail_event b using (n) asof join aws_cloudtrail_event c on a.event_time >= c.event_time",
        "select e.key, e.value from aws_cloudtrail_event as t, json_each(t.j) as e order by 1",
        "select u.v from aws_cloudtrail_event, unnest([1, 2]) as u(v) order by 1",
        "select unnest(from_json(j -> 'q', '[\"INT\"]')) as v from aws_cloudtrail_event order by 1",
        "select event_name, count(*) from aws_cloudtrail_event group by all having count(*) > 0 order by all limit 3 offset 0",
        "select event_name, n from aws_cloudtrail_event group by rollup (event_name, n) order by all",
        "select distinct on (event_name) * from aws_cloudtrail_event order by event_name, event_time desc nulls first",
        "select n from aws_cloudtrail_event window w as (order by n) qualify row_number() over w = 1",
        "select day::date from generate_series(timestamp '2026-10-01', timestamp '2026-10-03', interval 1 day) as d(day)",
        "select (select max(n) from aws_cloudtrail_event as u where u.event_name = t.event_name) from aws_cloudtrail_event as t",
        "select * from (values (1, 'a'), (2, 'b')) as v(x, y) order by x",
        'select 1 as "Weird "" name;--"',
    ],
)  # fmt: skip
def test_a_query_means_what_it_meant(small: Engine, sql: str) -> None:
    rewritten = checked(sql).sql
    assert list(small.rows(rewritten)) == list(small.rows(sql)), rewritten


def test_now_is_the_moment_that_is_handed_in(small: Engine) -> None:
    sql = checked("select now(), current_timestamp, current_date, today(), now() at time zone 'Asia/Tokyo'").sql
    moment, same, day, also, tokyo = next(small.rows(sql))
    assert moment == same == datetime(2026, 11, 26, 1, 2, 3)  # noqa: DTZ001 - UTC, as the tables have it
    assert day == also == NOW.date()
    assert tokyo == datetime(2026, 11, 26, 10, 2, 3)  # noqa: DTZ001


def test_an_offset_beside_a_time_of_a_log_counts(small: Engine) -> None:
    compared = "select count(*) from aws_cloudtrail_event where event_time {} '2026-10-01T14:06:07+09:00'"
    assert list(small.rows(checked(compared.format("=")).sql)) == [(1,)]
    assert list(small.rows(checked(compared.format(">")).sql)) == [(0,)]
    cast = "select timestamp '2026-10-01 14:06:07+09' = event_time from aws_cloudtrail_event"
    assert list(small.rows(checked(cast).sql)) == [(True,)]
    text = checked("select * from aws_cloudtrail_event where event_name = '2026-10-01T14:06:07+09:00'").sql
    assert "+09:00" in text


# -- pruning ---------------------------------------------------------------------------


def where(condition: str, **parameters: str | int) -> Where | None:
    sql = f"select * from aws_cloudtrail_event where {condition}"
    return checked(sql, **parameters).where[LOG.name]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("condition", "since", "until"),
    [
        ("event_time >= '2026-10-02'", "2026-10-02", None),
        ("'2026-10-02' <= event_time", "2026-10-02", None),
        ("event_time < timestamp '2026-10-02 03:00:00'", None, "2026-10-02T03:00:00"),
        ("event_time between '2026-10-01' and '2026-10-02'", "2026-10-01", "2026-10-02T00:00:00.000001"),
        ("event_time > now() - interval 7 day", "2026-11-19T01:02:03", None),
        ("event_time > now() - interval '2 hours'", "2026-11-25T23:02:03", None),
        ("event_time > current_date - to_days(2)", "2026-11-24", None),
        ("event_time > now() - to_days($days)", "2026-11-23T01:02:03", None),
        ("event_time >= now() - interval 1 month", "2026-10-26T01:02:03", None),
        ("event_time::date = '2026-10-02'", "2026-10-02", "2026-10-03"),
        ("event_time::date = '2026-10-02 12:30:00'", "2026-10-01T12:30:00", "2026-10-03T12:30:00"),
        ("date_trunc('day', event_time) <= '2026-10-02'", None, "2026-10-03"),
        ("event_time >= $day", "2026-10-02", None),
        ("(event_time >= '2026-10-02') and (n > 1 and event_name = 'x')", "2026-10-02", None),
        ("event_time >= '2026-10-02' or n = 1", None, None),
        ("not event_time >= '2026-10-02'", None, None),
        ("event_time >= '2026-10'", None, None),
        ("event_time >= event_time - interval 1 day", None, None),
        ("event_time >= try_cast('2026-10-02' as timestamp)", None, None),
        ("event_time + interval 1 day >= '2026-10-02'", None, None),
        ("event_time >= '2026-10-02T00:00:00+09:00'", "2026-10-01T15:00:00", None),
    ],
)  # fmt: skip
def test_a_condition_on_the_time_tells_which_parts_matter(condition: str, since: str | None, until: str | None) -> None:
    found = where(condition, days=3, day="2026-10-02")
    assert found is not None
    assert (found.since, found.until) == (since and at(since), until and at(until))


@pytest.mark.parametrize(
    ("condition", "accounts", "regions"),
    [
        ("account_id = '111122223333'", ("111122223333",), ()),
        ("account_id in ('1', '2') and region = 'us-east-1'", ("1", "2"), ("us-east-1",)),
        ("account_id in ('1', '2') and account_id in ('2', '3')", ("2",), ()),
        ("account_id not in ('1')", (), ()),
        ("account_id <> '1'", (), ()),
        ("account_id = 1", (), ()),
        ("account_id in (select name from aws_s3_bucket)", (), ()),
        ("region in ('a', lower('B'))", (), ()),
        ("lower(region) = 'a'", (), ()),
    ],
)
def test_a_condition_on_account_and_region_tells_which_parts_matter(
    condition: str, accounts: tuple[str, ...], regions: tuple[str, ...]
) -> None:
    found = where(condition)
    assert found is not None
    assert (found.accounts, found.regions) == (accounts, regions)


def test_conditions_that_exclude_each_other_leave_nothing() -> None:
    assert where("event_time > '2026-10-05' and event_time < '2026-10-01'") is None
    assert where("account_id = '1' and account_id = '2'") is None


@pytest.mark.parametrize(
    ("sql", "since"),
    [
        ("select * from {t} where event_time > '2026-10-05' union all select * from {t} where event_time > '2026-10-02'", "2026-10-02"),
        ("select * from {t} where event_time > '2026-10-05' union all select * from {t}", None),
        ("select * from {t} as a join {t} as b using (n) where a.event_time > '2026-10-05'", None),
        ("select * from {t} as a join {t} as b using (n) where a.event_time > '2026-10-05' and b.event_time > '2026-10-02'", "2026-10-02"),
        ("select * from {t} join aws_s3_bucket on true where event_time > '2026-10-05'", None),
        ("select * from {t} as e join aws_s3_bucket on true where e.event_time > '2026-10-05'", "2026-10-05"),
        ("select * from aws_s3_bucket as b left join {t} as e on true where e.event_time > '2026-10-05'", "2026-10-05"),
        ("with e as (select * from {t} where event_time > '2026-10-05') select * from e", "2026-10-05"),
        ("with e as (select * from {t}) select * from e where event_time > '2026-10-05'", None),
        ("select * from aws_s3_bucket where exists (select 1 from {t} where event_time > '2026-10-05')", "2026-10-05"),
        ("select * from {t} as e(a, b, c, event_time) where event_time > '2026-10-05'", None),
        ("select (select max(n) from {t}) from {t} where event_time > '2026-10-05'", None),
        ("select count(*) filter (where event_time > '2026-10-05') from {t}", None),
        ("select * from {t} qualify event_time > '2026-10-05'", None),
        ("select * from {t} having event_time > '2026-10-05'", None),
    ],
)  # fmt: skip
def test_a_table_is_read_as_far_as_its_widest_use(sql: str, since: str | None) -> None:
    found = checked(sql.format(t=LOG.name)).where[LOG.name]
    assert found is not None
    assert found.since == (since and at(since))


def test_a_table_of_the_inventory_is_not_narrowed() -> None:
    assert checked("select * from aws_s3_bucket where account_id = '1'").where == {}


CONSTANTS = st.sampled_from([
    "'2026-10-03'", "'2026-10-03 12:30:00'", "timestamp '2026-10-02 23:59:59'", "date '2026-10-04'", "now() - interval 53 day",
    "current_date - 52", "now() - interval 2 month", "date_trunc('day', timestamp '2026-10-03 10:00:00')", "$p",
    "timestamp '2026-10-01' + interval '36 hours'", "'2026-10-03T09:00:00+09:00'",
])  # fmt: skip
LEFT = st.sampled_from(
    ["event_time", "event_time::date", "date_trunc('day', event_time)", "date_trunc('hour', event_time)"]
)
SIGNS = st.sampled_from(["=", "<", "<=", ">", ">=", "<>"])
CONDITIONS = st.recursive(
    st.one_of(
        st.builds("{} {} {}".format, LEFT, SIGNS, CONSTANTS),
        st.builds("{} between {} and {}".format, LEFT, CONSTANTS, CONSTANTS),
        st.sampled_from(["account_id = '1'", "account_id in ('1', '2')", "region <> 'a'", "region = 'b'", "n is null"]),
    ),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner), st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=5,
)  # fmt: skip


@pytest.fixture(scope="module")
def five_days() -> Iterator[Engine]:
    engine = Engine()
    engine.execute("set timezone = 'UTC'")
    engine.create(LOG)
    engine.insert(
        LOG,
        [
            {"event_time": datetime(2026, 10, day, hour, 59, 59, 999_999), "account_id": account, "region": region}  # noqa: DTZ001
            for day in range(1, 6)
            for hour in (0, 11, 23)
            for account in "123"
            for region in "ab"
        ],
    )
    yield engine
    engine.close()


@pytest.mark.slow
@given(CONDITIONS)
@settings(max_examples=150, deadline=None)
def test_no_row_that_a_query_finds_lies_in_a_part_that_is_left_out(five_days: Engine, condition: str) -> None:
    query = checked(
        f"select event_time, account_id, region from aws_cloudtrail_event where {condition}", p="2026-10-02"
    )
    rows = list(five_days.rows(query.sql.replace("$p", "'2026-10-02'")))
    found = query.where[LOG.name]
    if found is None:
        assert rows == []
        return
    for moment, account, region in rows:
        assert found.since is None or found.since <= moment.replace(tzinfo=UTC)
        assert found.until is None or moment.replace(tzinfo=UTC) < found.until
        assert account in (found.accounts or account)
        assert region in (found.regions or region)


def test_the_narrowest_of_two_asks_for_what_both_ask_for() -> None:
    one = Where(since=at("2026-10-01"), accounts=("1", "2"))
    other = Where(since=at("2026-10-02"), until=at("2026-10-03"), accounts=("2", "3"), regions=("a",))
    assert narrowest(one, other) == Where(
        since=at("2026-10-02"), until=at("2026-10-03"), accounts=("2",), regions=("a",)
    )
    assert narrowest(one, EVERYWHERE) == one
    assert narrowest(one, Where(accounts=("9",))) is None
    assert widest(one, other) == Where(since=at("2026-10-01"), accounts=("1", "2", "3"))
    assert widest(one, None) == one


# -- wall 2 ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("lake")
    deliver(place / "in", "a", [event(number) for number in range(1, 40)])
    deliver(place / "in", "b", [event(number, eventTime="2026-10-02T00:00:00Z") for number in range(100, 120)])
    ingest(IngestRequest(home=place, kind="cloudtrail", workers=1), local_objects(str(place / "in")), clock=lambda: NOW)
    return place


@pytest.fixture(params=["by path", "as datasets"])
def locked(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GuardedEngine]:
    """Locked over the lake's one log, in both of the ways in which parts are handed over."""
    monkeypatch.setattr(guarded.os, "access", lambda *_: request.param == "as datasets")
    yield from opened(home, seconds=20.0)


def opened(home: Path, *, seconds: float, memory: int = 1 << 30) -> Iterator[GuardedEngine]:
    from sakimori.ingest.cloudtrail.table import TABLE  # noqa: PLC0415

    reader = LogReader(home)
    engine = GuardedEngine(memory=memory, query_seconds=seconds)
    engine.show_log(reader, TABLE, reader.parts(TABLE.name), EVERYWHERE)
    engine.lock()
    yield engine
    engine.close()
    reader.close()


def rows(engine: GuardedEngine, sql: str) -> list[tuple[object, ...]]:
    with engine.answer(sql) as answer:
        return list(answer.rows())


def lake_digest(home: Path) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in (home / "lake").rglob("*.parquet")}


def test_the_shown_rows_are_read_either_way(locked: GuardedEngine) -> None:
    assert rows(locked, "select count(*), min(event_time), count(request_parameters) from aws_cloudtrail_event") == [
        (59, datetime(2026, 10, 1, 0, 0, 1), 59)  # noqa: DTZ001
    ]
    with locked.answer("select event_time, read_only, event_name from aws_cloudtrail_event limit 1") as answer:
        assert [kind for _, kind in answer.columns] == ["TIMESTAMP", "BOOLEAN", "VARCHAR"]


@pytest.mark.parametrize(
    "sql",
    [
        "copy (select 1) to '{part}'",
        "copy (select 1) to '{part}' (format parquet, use_tmp_file false)",
        "copy aws_cloudtrail_event to '{home}/stolen.csv'",
        "attach '{home}/lake/manifest.db' as m (type sqlite)",
        "attach '{home}/x.db' as x",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '100GB'",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "pragma database_list",
        "create table t as select 1",
        "create or replace view aws_cloudtrail_event as select 1",
        "drop view aws_cloudtrail_event",
        "export database '{home}/x'",
        "select 1; select 2",
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        "select * from read_parquet('{home}/lake/**/*.parquet')",
        "select * from '/etc/passwd'",
        "select * from glob('/etc/*')",
        "select * from hidden_in_python",
        "select getenv('HOME')",
    ],
)
def test_what_would_get_past_wall_1_meets_wall_2(locked: GuardedEngine, home: Path, sql: str) -> None:
    hidden_in_python = pa.table({"secret": ["x"]})
    before = lake_digest(home)
    part = next(iter(before))
    with pytest.raises(SakimoriError):
        rows(locked, sql.format(part=part, home=home))
    assert lake_digest(home) == before
    assert not (home / "stolen.csv").exists()
    assert rows(locked, "select count(*) from aws_cloudtrail_event") == [(59,)]
    del hidden_in_python


def test_a_part_that_this_process_could_write_is_not_reached_even_by_a_statement_of_duckdb_itself(home: Path) -> None:
    before = lake_digest(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guarded.os, "access", lambda *_: True)
        for engine in opened(home, seconds=5):
            for part in before:
                with pytest.raises(guarded.duckdb.PermissionException):
                    engine.execute(f"copy (select 1) to '{part}' (format parquet, use_tmp_file false)")
    assert lake_digest(home) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from aws_cloudtrail_event a, aws_cloudtrail_event b, aws_cloudtrail_event c, aws_cloudtrail_event d, aws_cloudtrail_event e, aws_cloudtrail_event f where a.event_id || b.event_id || c.event_id || d.event_id || e.event_id || f.event_id = 'x'",
        "with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r",
        "select max(hash(range)) from range(100000000000)",
        "select * from range(100000000000)",
    ],
)  # fmt: skip
def test_a_query_that_would_not_end_is_stopped(home: Path, sql: str) -> None:
    for engine in opened(home, seconds=0.5):
        with pytest.raises(UsageError) as raised:
            for _ in rows(engine, checked_against_the_lake(sql)):
                pass
        assert raised.value.text == "query.too_slow"
        assert rows(engine, "select 42") == [(42,)]


@pytest.mark.slow
def test_ctrl_c_stops_a_query_and_nothing_else(home: Path) -> None:
    for engine in opened(home, seconds=30):
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            rows(engine, "select max(hash(range)) from range(100000000000)")
        assert rows(engine, "select 42") == [(42,)]


def doubled(times: int) -> str:
    sql = "select event_id as s from aws_cloudtrail_event"
    for _ in range(times):
        sql = f"select s || s as s from ({sql})"
    return f"select max(length(s)) from ({sql})"


def grown(times: int) -> str:
    sql = "select event_id as s from aws_cloudtrail_event"
    for _ in range(times):
        sql = f"select replace(s, '0', '00000000') as s from ({sql})"
    return f"select max(length(s)) from ({sql})"


@pytest.mark.slow
@pytest.mark.parametrize(
    "sql",
    [
        doubled(40),
        grown(12),
        "select string_agg(a.user_identity, '') from aws_cloudtrail_event a, range(10000000)",
        "select list(a.user_identity) from aws_cloudtrail_event a, range(10000000)",
        "with recursive r as (select 'xxxxxxxx' as s union all select s || s from r) select max(length(s)) from r",
        "select a.range, count(*) from range(1000000000) a group by 1",
    ],
    ids=["doubled", "grown", "joined", "listed", "recursive", "grouped"],
)
def test_a_query_that_would_fill_the_memory_is_stopped(home: Path, sql: str) -> None:
    """Slow: each fills as much memory as it may."""
    for engine in opened(home, seconds=30, memory=256 << 20):
        with pytest.raises(UsageError) as raised:
            rows(engine, checked_against_the_lake(sql))
        assert raised.value.text in {"query.too_much_memory", "query.too_slow"}
        assert rows(engine, "select 42") == [(42,)]
    gc.collect()


def checked_against_the_lake(sql: str) -> str:
    return check_user_sql(sql, Catalogue.of(_trail()), now=NOW).sql


def _trail() -> Table:
    from sakimori.ingest.cloudtrail.table import TABLE  # noqa: PLC0415

    return TABLE


@pytest.mark.parametrize(
    ("sql", "text", "near"),
    [
        ("select evnt_name from aws_cloudtrail_event", "query.no_such_column", "event_name"),
        ("select e.evnt_name from aws_cloudtrail_event as e", "query.no_such_column", "event_name"),
        ("select x.event_name from aws_cloudtrail_event as e", "query.does_not_bind", None),
        ("select event_name::int from aws_cloudtrail_event", "query.failed", None),
        ("select lower(1, 2, 3)", "query.does_not_bind", None),
    ],
)
def test_a_query_that_does_not_fit_is_told_why(locked: GuardedEngine, sql: str, text: str, near: str | None) -> None:
    with pytest.raises(UsageError) as raised:
        rows(locked, sql)
    assert raised.value.text == text
    assert raised.value.values.get("near") == near


def test_the_limits_of_a_request_hold_for_the_rows_themselves(home: Path) -> None:
    reader = LogReader(home)
    engine = GuardedEngine()
    only = Where(since=at("2026-10-01T00:00:10"), until=at("2026-10-01T00:00:20"), regions=("ap-northeast-1",))
    engine.show_log(reader, _trail(), reader.parts(_trail().name, only), only)
    engine.lock()
    assert rows(engine, "select count(*) from aws_cloudtrail_event") == [(10,)]
    engine.close()
    reader.close()


def test_a_column_that_is_given_twice_gets_a_number(locked: GuardedEngine) -> None:
    with locked.answer("select 1 as a, 2 as a, 3 as a_2") as answer:
        assert [name for name, _ in answer.columns] == ["a", "a_2", "a_2_2"]
        schema, batches = answer.arrow()
        assert schema.names == ["a", "a_2", "a_2_2"]
        assert [batch.to_pylist() for batch in batches] == [[{"a": 1, "a_2": 2, "a_2_2": 3}]]


@pytest.mark.slow
@pytest.mark.parametrize("is_writable", [False, True])
def test_a_part_of_an_older_form_has_nulls_where_it_has_no_column(
    home: Path, monkeypatch: pytest.MonkeyPatch, is_writable: bool
) -> None:
    newer = Table(
        name=_trail().name, sentence="", key="event_id", scope=Scope.RESOURCE_REGION, time="event_time",
        own_columns=(column("event_time", Type.TIMESTAMP), column("of_tomorrow"), column("event_name")),
    )  # fmt: skip
    monkeypatch.setattr(guarded.os, "access", lambda *_: is_writable)
    reader = LogReader(home)
    engine = GuardedEngine()
    engine.show_log(reader, newer, reader.parts(newer.name), EVERYWHERE)
    engine.lock()
    sql = "select count(*), count(of_tomorrow), count(event_name) from aws_cloudtrail_event"
    assert rows(engine, sql) == [(59, 0, 59)]
    engine.close()
    reader.close()
