"""Random conditions and random events for the differential test; judges that run both engines."""

import json
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any

from hypothesis import strategies as st

from sakimori.analysis.behaviour.roots import own_name
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms import network, web
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.analysis.log_forms.form import LogForm
from sakimori.analysis.log_forms.rows import Rows
from sakimori.lake.engines.log_columns import TableGroup
from sakimori.lake.table import Type
from sakimori.rules.detections.batch import Plan
from sakimori.rules.detections.condition import All, Anywhere, Condition, Either, Not
from sakimori.rules.detections.condition import Test as FieldTest
from sakimori.rules.detections.examples import completed, tables_of, view_of
from sakimori.rules.detections.matching import (
    Compared,
    InNetwork,
    Like,
    Missing,
    OneOf,
    Order,
    PartOfTime,
    Present,
    Regex,
    SameAs,
)
from sakimori.rules.detections.stream import Dispatcher, compiled

SURROUNDINGS = Surroundings(own_accounts=frozenset({"123456789012"}))
WORDS = (
    "", "a", "A", "StopLogging", "stoplogging", "DeleteTrail", "s3.amazonaws.com", "true", "false", "1", "1.0", "01",
    "443", "1e3", "10.0.0.1", "203.0.113.9", "::1", "İstanbul", "straße", "日本", "K", "ſ", "a*b", "a?b", "a\\b", "{x}",
    "123456789012", "us-east-1", "9007199254740993", "nan", "inf", "AccessDenied", "\x00", "2026-11-02T03:00:00Z",
)  # fmt: skip
words = st.sampled_from(WORDS)
scalars = st.one_of(
    words, st.booleans(), st.none(), st.integers(-5, 500), st.sampled_from([0.5, 1.0, 2**53 + 1, 2**63, 10**25, -1e300])
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["x", "X", "y", "arn", ""]), inner, max_size=3)
    ),
    max_leaves=6,
)
_TEXT_HEADS = (
    "eventSource", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage", "readOnly",
    "managementEvent", "eventType", "recipientAccountId", "requestID", "apiVersion", "eventCategory",
)  # fmt: skip
_JSON_HEADS = ("requestParameters", "responseElements", "additionalEventData", "resources", "tlsDetails")
_identities = st.one_of(
    values,
    st.fixed_dictionaries(
        {"type": st.sampled_from(["IAMUser", "AssumedRole", "Root", 5])},
        optional={
            "arn": st.one_of(words, st.just("arn:aws:iam::123456789012:user/alice")),
            "accountId": scalars,
            "userName": scalars,
            "sessionContext": values,
        },
    ),
)
trail_events = st.fixed_dictionaries(
    {},
    optional={
        "eventName": st.one_of(st.sampled_from(["StopLogging", "DeleteTrail", "stopLogging", "GetObject"]), values),
        "userIdentity": _identities,
        **dict.fromkeys(_TEXT_HEADS, values),
        **dict.fromkeys(_JSON_HEADS, values),
        **dict.fromkeys(("addendum", "eventContext", "someNewField", "EVENTNAME", "requestparameters"), values),
    },
)
TRAIL_FIELDS = (
    "eventName", "eventSource", "eventTime", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "readOnly",
    "managementEvent", "recipientAccountId", "requestParameters", "requestParameters.x", "requestParameters.x.y",
    "responseElements.X", "additionalEventData.arn", "resources.arn", "userIdentity.type", "userIdentity.arn",
    "userIdentity.sessionContext.x", "tlsDetails.x", "addendum.x", "eventContext", "principal", "account", "region",
    "origin", "status", "fact.by_aws_service", "fact.denied", "fact.target", "fact.user_agent_kind",
)  # fmt: skip


def fields(form: LogForm, names: Sequence[str]) -> st.SearchStrategy[Any]:
    return st.sampled_from([field for name in names if (field := form.resolve(name)) is not None])


_folded = words.map(str.lower)
_pieces = st.lists(st.one_of(st.none(), st.just(""), _folded.filter(bool)), min_size=1, max_size=4)
texts = st.one_of(
    st.builds(lambda found: OneOf(frozenset(found)), st.lists(_folded, min_size=1, max_size=3)),
    st.builds(lambda found: OneOf(frozenset(found), is_cased=True), st.lists(words, min_size=1, max_size=3)),
    st.builds(lambda pieces: Like(tuple(pieces)), _pieces),
    st.builds(lambda pieces: Like(tuple(pieces), is_cased=True), _pieces),
    st.builds(
        Regex, st.sampled_from(["^a", "o+", "[0-9]{2}", "日", "(?i)stop", "", "a.b$"]), st.sampled_from(["", "i", "is"])
    ),
)
matchers = st.one_of(
    texts,
    st.builds(InNetwork, st.sampled_from([ip_network("10.0.0.0/8"), ip_network("203.0.113.0/24"), ip_network("::/0")])),
    st.builds(Compared, st.sampled_from(list(Order)), st.sampled_from([0, 1, 443, 1.5, 2**53 + 1, 10**30])),
    st.builds(PartOfTime, st.sampled_from(["hour", "day", "week", "year"]), st.sampled_from([2, 3, 45, 2026])),
    st.builds(Missing),
    st.builds(Present),
)


def conditions(form: LogForm, names: Sequence[str]) -> st.SearchStrategy[Condition]:
    field = fields(form, names)
    anchor = form.resolve(names[0])
    leaf = st.one_of(
        st.builds(FieldTest, field, matchers),
        st.builds(FieldTest, st.just(anchor), texts),
        st.builds(FieldTest, field, st.builds(SameAs, field, st.booleans(), st.booleans())),
        st.builds(Anywhere, texts),
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda parts: Either(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        ),
        max_leaves=6,
    )


def by_columns(form: LogForm, events: Sequence[dict[str, Any]], asked: Sequence[Condition]) -> set[tuple[int, int]]:
    """(condition, event) of every hit of the batch; events keep their order, for they are a second apart."""
    plan = Plan(form, enumerate(asked))
    alone = [Plan(form, [(0, All((condition, Not(Either(())))))]) for condition in asked]
    found: set[tuple[int, int]] = set()
    for table in tables_of(form, events):
        rows = Rows(form, TableGroup(table), FactAnswers(SURROUNDINGS), own_name)
        order = rows.times
        first = 0 if form.table.time not in events[0] else None
        assert first is None or len(order)
        numbers = _numbers(form, table, events)
        hits = {(key, numbers[row]) for key, places in plan.matches(rows) for row in places.tolist()}
        found |= hits
        for key, each in enumerate(alone):
            fresh = Rows(form, TableGroup(table), FactAnswers(SURROUNDINGS), own_name)
            assert {(key, numbers[row]) for _, places in each.matches(fresh) for row in places.tolist()} == {
                hit for hit in hits if hit[0] == key
            }
    return found


def _numbers(form: LogForm, table: Any, events: Sequence[dict[str, Any]]) -> list[int]:
    """Which event each row is: they are told apart by their ids, or stand in their order."""
    if not form.heads:
        return list(range(len(events)))
    place = {event["eventID"]: number for number, event in enumerate(events)}
    return [place[each] for each in table.column("event_id").to_pylist()]


def one_by_one(form: LogForm, events: Sequence[dict[str, Any]], asked: Sequence[Condition]) -> set[tuple[int, int]]:
    """(condition, event) of every hit of the stream, which the dispatcher loses none of."""
    checks = [compiled(condition) for condition in asked]
    dispatcher = Dispatcher(form, enumerate(asked))
    found: set[tuple[int, int]] = set()
    for number, event in enumerate(events):
        view = view_of(form, event, SURROUNDINGS)
        hits = {key for key, check in enumerate(checks) if check(view)}
        given = list(dispatcher.matches(view_of(form, event, SURROUNDINGS)))
        assert len(given) == len(set(given))
        assert set(given) == hits
        found |= {(key, number) for key in hits}
    return found


def trail(events: Sequence[dict[str, Any]], repeated: int) -> list[dict[str, Any]]:
    """Whole events; repeated, so that columns come with few different values."""
    return completed(FORM, [event for event in events for _ in range(repeated)])


_cells = {
    Type.TEXT: st.one_of(st.none(), words),
    Type.INTEGER: st.one_of(st.none(), st.integers(-1, 500), st.sampled_from([2**53 + 1, 2**62])),
    Type.DOUBLE: st.one_of(st.none(), st.sampled_from([0.0, 0.5, 1.0, 443.0])),
    Type.BOOLEAN: st.one_of(st.none(), st.booleans()),
}
FLOW, ALB, WAF, DNS = network.VPC_FLOW_FORM, web.ALB_FORM, web.WAF_FORM, network.DNS_FORM


def names_of(form: LogForm) -> list[str]:
    """The fields of a log that the differential test looks at, the anchor first."""
    columns = [column.name for column in form.table.columns if column.name not in ("account_id", "partition", "region")]
    return [*form.anchors[:1], *columns[:16], *form.aliases, "principal", "account", "region", "origin"]


def rows_of(form: LogForm) -> st.SearchStrategy[dict[str, Any]]:
    """One row by its columns."""
    return st.fixed_dictionaries(
        {},
        optional={
            column.name: values.map(json.dumps) if column.name in form.json else _cells[column.type]
            for column in form.table.columns
            if column.type in _cells and column.name not in ("account_id", "partition", "region")
        },
    )
