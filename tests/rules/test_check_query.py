"""Wall 1: what a rule may say, and that every refusal names its cure."""

import pytest

from sakimori.lake.table import Catalogue
from sakimori.rules.binding import Reach
from sakimori.rules.check_query import CheckedQuery, check_query
from sakimori.rules.shape import QueryFault
from sakimori.texts.sentences import text

KEYS = "h.account_id, h.region, h.arn as resource"


def check(sql: str, catalogue: Catalogue, *, settles: tuple[str, ...] = (), judges: str = "aws_house") -> CheckedQuery:
    return check_query(
        sql, catalogue, judges=judges, settles_without=settles, parameters={"days": False, "numbers": True}
    )


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("select 1; select 2", "query_not_one_select"),
        ("drop table aws_house", "query_not_one_select"),
        ("copy aws_house to 'x.csv'", "query_not_one_select"),
        ("attach 'x.db'", "query_not_one_select"),
        ("install httpfs", "query_not_one_select"),
        ("set memory_limit = '1TB'", "query_not_one_select"),
        ("pragma database_list", "query_not_one_select"),
        (f"select {KEYS}, h.locked as compliant from aws_house as h union all select * from aws_house", "query_not_one_select"),
        ("select (", "query_syntax"),
        ("select " + "(" * 20_000, "query_too_long"),
        (f"select {KEYS}, h.locked as compliant from aws_houses as h", "unknown_table"),
        ("select * from read_text('/etc/passwd')", "unknown_table"),
        ("select * from glob('/**')", "unknown_table"),
        ("select * from '/etc/passwd'", "unknown_table"),
        ("select * from duckdb_settings()", "unknown_table"),
        ("select * from query('select 42')", "unknown_table"),
        ("select * from information_schema.tables", "unknown_table"),
        ("select * from main.aws_house", "unknown_table"),
        (f"select {KEYS}, (select content from read_text('/etc/passwd')) as evidence, h.locked as compliant from aws_house as h", "unknown_table"),
        (f"select {KEYS}, getenv('HOME') as home, h.locked as compliant from aws_house as h", "forbidden"),
        (f"select {KEYS}, current_setting('memory_limit') as m, h.locked as compliant from aws_house as h", "forbidden"),
        (f"select {KEYS}, now() > h.built_at as compliant from aws_house as h", "cure_now"),
        (f"select {KEYS}, h.built_at < current_timestamp as compliant from aws_house as h", "cure_now"),
        (f"select {KEYS}, replace(replace(h.name, 'a', 'aaaa'), 'a', 'aaaa') as bomb, h.locked as compliant from aws_house as h", "forbidden"),
        (f"select {KEYS}, random() > 0.5 as compliant from aws_house as h", "forbidden"),
        (f"select {KEYS}, h.locked as compliant from aws_house as h where h.locked", "shape_where"),
        (f"select {KEYS}, h.locked as compliant from aws_house as h limit 1", "shape_clause"),
        (f"select distinct {KEYS}, h.locked as compliant from aws_house as h", "shape_clause"),
        (f"select {KEYS}, h.locked as compliant from aws_house as h order by 1", "shape_clause"),
        (f"select {KEYS}, bool_and(h.locked) as compliant from aws_house as h group by all", "shape_clause"),
        (f"select {KEYS}, h.locked as compliant from aws_house as h join aws_town as t using (account_id)", "shape_left_join"),
        (f"select {KEYS}, h.locked as compliant from aws_house as h, aws_town as t", "shape_left_join"),
        (f"select {KEYS}, t.gate_shut as compliant from aws_house as h left join aws_town as t on t.gate_shut", "shape_on"),
        (f"select {KEYS}, w.awake as compliant from aws_house as h left join aws_watch as w using (region)", "not_tied_to_account"),
        (f"select {KEYS}, (select some(w.awake) from aws_watch as w where w.region = h.region) as compliant from aws_house as h", "not_tied_to_account"),
        (f"select {KEYS}, exists (select 1 from aws_door as d where d.house_arn = h.arn) as compliant from aws_house as h", "cure_quantifier"),
        (f"select {KEYS}, (select count(*) from aws_door as d where d.house_arn = h.arn) = 0 as compliant from aws_house as h", "cure_quantifier"),
        (f"select {KEYS}, (select bool_and(d.is_open) from aws_door as d where d.house_arn = h.arn) as compliant from aws_house as h", "cure_quantifier"),
        (f"select {KEYS}, h.arn in (select d.house_arn from aws_door as d) as compliant from aws_house as h", "cure_in_subquery"),
        (f"select {KEYS}, h.arn not in (select d.house_arn from aws_door as d) as compliant from aws_house as h", "cure_in_subquery"),
        (f"select {KEYS}, coalesce(h.locked, true) as compliant from aws_house as h", "cure_coalesce"),
        (f"select {KEYS}, case when h.locked then true else false end as compliant from aws_house as h", "cure_case"),
        (f"select {KEYS}, h.locked is not null as compliant from aws_house as h", "cure_is_null"),
        (f"select {KEYS}, h.locked is distinct from false as compliant from aws_house as h", "cure_is_null"),
        (f"select {KEYS}, ifnull(h.locked, true) as compliant from aws_house as h", "cure_coalesce"),
        (f"select {KEYS}, greatest(h.locked, false) as compliant from aws_house as h", "forbidden"),
        (f"with e as (select {KEYS}, coalesce(h.locked, true) as ok from aws_house as h) select *, ok as compliant from e", "cure_coalesce"),
        ("with e as (select *, h.arn as resource, coalesce(h.locked, true) as ok from aws_house as h), f as (select * from e) select account_id, region, resource, ok as compliant from f", "cure_coalesce"),
        ("with recursive e as (select * from aws_house) select account_id, region, arn as resource, locked as compliant from e", "shape_recursive"),
        ("with aws_town as (select * from aws_house) select account_id, region, arn as resource, locked as compliant from aws_town", "shape_hides_table"),
        (f"with d as (select * from aws_door) select {KEYS}, h.locked as compliant from aws_house as h", "shape_chain"),
        ("select h.account_id, h.region, h.name as resource, h.locked as compliant from aws_house as h", "output_key"),
        ("select h.account_id, 'x' as region, h.arn as resource, h.locked as compliant from aws_house as h", "output_key"),
        ("select t.account_id, h.region, h.arn as resource, h.locked as compliant from aws_house as h left join aws_town as t using (account_id)", "output_key"),
        (f"select {KEYS}, h.storeys > $nothing as compliant from aws_house as h", "unknown_parameter"),
        (f"select {KEYS}, h.storeys > $numbers as compliant from aws_house as h", "parameter_kind"),
        (f"select {KEYS}, h.storeys in ($days) as compliant from aws_house as h", "parameter_kind"),
        (f"select {KEYS}, days_ago() < h.built_at as compliant from aws_house as h", "macro_form"),
        (f"select {KEYS}, days_ago(h.storeys) < h.built_at as compliant from aws_house as h", "macro_form"),
        (f"select {KEYS}, every(h.locked) as compliant from aws_house as h", "quantifier_place"),
        (f"select {KEYS}, (select every(is_open) from aws_door as d where d.house_arn = h.arn) as compliant from aws_house as h", "subquery_unqualified"),
        (f"select {KEYS}, (select every((select some(w.awake) from aws_watch as w where w.account_id = d.account_id)) from aws_door as d where d.house_arn = h.arn) as compliant from aws_house as h", "subquery_nested"),
        (f"select {KEYS}, h.locked as compliant, (select some(t.gate_shut) from aws_town as t where t.account_id = h.account_id) as applies from aws_house as h", "applies_reads_elsewhere"),
        (f"select {KEYS}, h.locked as compliant, t.gate_shut as applies from aws_house as h left join aws_town as t using (account_id)", "applies_reads_elsewhere"),
        (f"select {KEYS}, cast(h.name as blob) as b, h.locked as compliant from aws_house as h", "forbidden_cast"),
        (f"select {KEYS}, [x for x in [1,2]] as l, h.locked as compliant from aws_house as h", "forbidden"),
        (f"select {KEYS}, columns('.*') as l, h.locked as compliant from aws_house as h", "forbidden"),
        (f"select {KEYS}, row_number() over () as n, h.locked as compliant from aws_house as h", "forbidden"),
    ],
)  # fmt: skip
def test_what_could_reach_outside_or_hide_the_unknown_is_refused_with_its_cure(
    sql: str, fault: str, catalogue: Catalogue
) -> None:
    with pytest.raises(QueryFault) as caught:
        check(sql, catalogue)
    assert caught.value.text == f"rules.{fault}"
    assert text(caught.value.text).ja


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (f"select {KEYS}, coalesce(h.locked, true) as x, x as compliant from aws_house as h", "name_unknown"),
        (f"with e as (select {KEYS}, coalesce(h.locked, true) as OK from aws_house as h) select *, ok as compliant from e", "name_not_plain"),
        (f"with e as (select {KEYS}, coalesce(h.locked, true) as ok from aws_house as h) select *, E.ok as compliant from e", "name_not_plain"),
        ("with e(account_id, region, resource, ok) as (select h.account_id, h.region, h.arn, coalesce(h.locked, true) from aws_house as h) select *, ok as compliant from e", "name_columns"),
        (f"with e as (select {KEYS}, h.locked as k, coalesce(h.locked, true) as k from aws_house as h) select *, k_1 as compliant from e", "column_twice"),
        (f"with e as (select {KEYS}, h.locked as k, coalesce(h.locked, true) as k from aws_house as h) select account_id, region, resource, k as compliant from e", "cure_coalesce"),
        ("select * replace (coalesce(locked, true) as locked), arn as resource, locked as compliant from aws_house", "name_star"),
        (f"select {KEYS}, cast(h as varchar) = 'x' as compliant from aws_house as h", "name_unknown"),
        (f"select {KEYS}, h.rowid >= 0 as compliant from aws_house as h", "name_unknown"),
        (f"select {KEYS}, coalesce(h.locked, false) as x, x as applies, h.locked as compliant from aws_house as h", "name_unknown"),
        (f"select {KEYS}, 'pass' as __status, h.locked as compliant from aws_house as h", "name_not_plain"),
        (f"select {KEYS}, true as COMPLIANT, h.locked as compliant from aws_house as h", "name_not_plain"),
        ("with __unread as (select * from aws_house) select account_id, region, arn as resource, locked as compliant from __unread", "name_not_plain"),
        ("with e as (select h.account_id, h.region, h.arn as resource, w.region as wreg from aws_house as h left join aws_watch as w using (account_id, region)) select *, (select every(w.awake) from aws_watch as w where w.account_id = e.account_id and e.wreg = e.region) as compliant from e", "name_twice"),
        ("select h.account_id, h.region, h.arn as resource, (select every(h.awake) from aws_watch as h where h.account_id = h.account_id) as compliant from aws_house as h", "name_twice"),
        ("with a as (select h.name as account_id, h.region, h.arn as resource, h.account_id as acc from aws_house as h) select acc as account_id, region, resource, true as compliant from a", "output_key"),
        (f"with e as (select {KEYS} from aws_house as h) select *, (select some(x.resource = 'a') from e as x where x.account_id = e.account_id) as compliant from e", "subquery_from"),
        (f"select {KEYS}, h.storeys" + "::int" * 3300 + " = 1 as compliant from aws_house as h", "query_too_long"),
    ],
)  # fmt: skip
def test_a_name_means_one_thing_and_nothing_hides_behind_it(sql: str, fault: str, catalogue: Catalogue) -> None:
    with pytest.raises(QueryFault) as caught:
        check(sql, catalogue)
    assert caught.value.text == f"rules.{fault}"
    assert text(caught.value.text).ja


def test_applies_that_comes_through_a_star_counts(catalogue: Catalogue) -> None:
    sql = f"with e as (select {KEYS}, h.locked, h.storeys > 1 as applies from aws_house as h) select *, locked as compliant from e"
    assert check(sql, catalogue).has_applies


def test_a_refusal_names_the_line_it_stands_on(catalogue: Catalogue) -> None:
    sql = f"select {KEYS},\n  h.name,\n  coalesce(h.locked,\n true) as compliant\nfrom aws_house as h"
    with pytest.raises(QueryFault) as caught:
        check(sql, catalogue)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("where", "reach"),
    [
        ("d.house_arn = h.arn", Reach.PARENT),
        ("h.arn = d.house_arn and d.is_front", Reach.PARENT),
        ("d.account_id = h.account_id and d.region = h.region", Reach.REGION),
        ("d.account_id = h.account_id", Reach.ACCOUNT),
        ("d.account_id = h.account_id and (d.region = h.region or d.is_open)", Reach.ACCOUNT),
        ("d.account_id = h.account_id and not (d.house_arn = h.arn)", Reach.ACCOUNT),
        ("d.account_id = h.account_id and d.house_arn = h.name", Reach.ACCOUNT),
    ],
)
def test_reach_is_only_as_narrow_as_the_query_proves(where: str, reach: Reach, catalogue: Catalogue) -> None:
    sql = f"select {KEYS}, (select every(d.is_open) from aws_door as d where {where}) as compliant from aws_house as h"
    assert [read.reach for read in check(sql, catalogue).reads] == [reach]


def test_reach_is_proved_through_a_chain_and_a_neighbour(catalogue: Catalogue) -> None:
    sql = f"""
    with e as (select {KEYS}, h.locked from aws_house as h)
    select *, (select some(d.is_open) from aws_door as d, aws_watch as w
               where d.house_arn = e.resource and w.account_id = d.account_id and d.account_id = e.account_id
                 and w.region = e.region) as compliant
    from e
    """
    assert {(read.table, read.reach) for read in check(sql, catalogue).reads} == {
        ("aws_door", Reach.PARENT),
        ("aws_watch", Reach.REGION),
    }


def test_a_child_table_cannot_be_settled_without(catalogue: Catalogue) -> None:
    sql = f"select {KEYS}, (select every(d.is_open) from aws_door as d where d.house_arn = h.arn) as compliant from aws_house as h"
    with pytest.raises(QueryFault) as caught:
        check(sql, catalogue, settles=("aws_door",))
    assert caught.value.text == "rules.settles_child"
