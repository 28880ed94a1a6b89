"""The SQL of a policy says of each recorded request what `ask` says of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sakimori.analysis.iam.ask import Decision, ask
from sakimori.analysis.iam.backtest import Guard, Trial
from sakimori.analysis.iam.conditions import COMPARISONS
from sakimori.analysis.iam.event_actions import actions_of
from sakimori.analysis.iam.policy import policy_of
from sakimori.analysis.iam.sql.calls import calls_of
from sakimori.analysis.iam.sql.compare import compare
from sakimori.analysis.iam.sql.event_resources import resources_of
from sakimori.analysis.iam.sql.events import policies_of, request_of_event
from sakimori.analysis.iam.sql.keys import KEYS, Form
from sakimori.analysis.iam.sql.predicates import policy_sql
from sakimori.analysis.iam.sql.resources import plan_of
from sakimori.analysis.iam.sql.trial import TrialSql
from sakimori.analysis.iam.trial import principal_pattern
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.engines.duck import Engine

ACCOUNT: Final = "111122223333"
NOON: Final = datetime(2026, 10, 1, 12)  # noqa: DTZ001 - as the lake holds it: UTC without saying so
RANKS: Final = {
    Decision.ALLOWED: 0,
    Decision.UNKNOWN: 1,
    Decision.IMPLICIT_DENY: 2,
    Decision.EXPLICIT_DENY: 3,
}
CANDIDATES: Final = (
    "*",
    "arn:aws:s3:::books/a",
    f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-00",
    "arn:aws:iam::999988887777:role/x",
)
PARAMETERS: Final = (
    ("s3.amazonaws.com", "PutObject", '{"bucketName":"books","key":"a:b/c\\nd"}'),
    ("s3.amazonaws.com", "GetObject", '{"bucketName":"app-logs","key":"2026/x.gz"}'),
    ("s3.amazonaws.com", "ListObjects", '{"bucketName":"books"}'),
    ("ec2.amazonaws.com", "TerminateInstances", '{"instancesSet":{"items":[{"instanceId":"i-00"},{"instanceId":"i-0f"}]}}'),
    ("ec2.amazonaws.com", "RunInstances", '{"instanceType":"t3.micro"}'),
    ("ec2.amazonaws.com", "DescribeInstances", "{}"),
    ("iam.amazonaws.com", "CreateUser", '{"userName":"bob"}'),
    ("kms.amazonaws.com", "Decrypt", '{"keyId":"alias/x"}'),
    ("sts.amazonaws.com", "AssumeRole", f'{{"roleArn":"arn:aws:iam::{ACCOUNT}:role/ops/admin"}}'),
    ("sqs.amazonaws.com", "SendMessage", f'{{"queueUrl":"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/jobs"}}'),
    ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", '{"functionName":"resize"}'),
    ("secretsmanager.amazonaws.com", "GetSecretValue", '{"secretId":"db"}'),
    ("nothing.amazonaws.com", "DoNothing", None),
)  # fmt: skip
IDENTITIES: Final[Sequence[Mapping[str, object]]] = (
    {
        "user_identity_type": "IAMUser", "user_identity_arn": f"arn:aws:iam::{ACCOUNT}:user/ops/Alice",
        "user_identity_user_name": "Alice", "user_identity_principal_id": "AIDACKCEVSQ6C2EXAMPLE",
        "user_identity_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    },
    {
        "user_identity_type": "IAMUser", "user_identity_arn": f"arn:aws:iam::{ACCOUNT}:user/ſtraße*",
        "user_identity_user_name": "ſtraße*", "user_identity_access_key_id": "ASIAIOSFODNN7EXAMPLE",
        "mfa_authenticated": True, "session_created_at": NOON,
    },
    {
        "user_identity_type": "AssumedRole", "user_identity_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci",
        "session_issuer_arn": f"arn:aws:iam::{ACCOUNT}:role/team/deploy", "user_identity_principal_id": "AROAEXAMPLE:ci",
        "mfa_authenticated": False, "session_created_at": NOON, "user_identity_access_key_id": "ASIAIOSFODNN7EXAMPLE",
    },
    {"user_identity_type": "AssumedRole", "user_identity_invoked_by": "AWS Internal"},
    {
        "user_identity_type": "AssumedRole", "session_issuer_arn": f"arn:aws:iam::{ACCOUNT}:role/deploy",
        "user_identity_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/x", "user_identity_invoked_by": "cloudformation.amazonaws.com",
        "federated_provider": "arn:aws:iam::111122223333:oidc-provider/token.example.com", "source_identity": "alice",
    },
    {"user_identity_type": "Root", "user_identity_arn": f"arn:aws:iam::{ACCOUNT}:root", "user_identity_principal_id": ACCOUNT},
)  # fmt: skip
NETWORKS: Final[Sequence[Mapping[str, object]]] = (
    {"source_ip": "203.0.113.7", "source_ip_address": "203.0.113.7", "tls_details": "{}"},
    {"source_ip": "::ffff:203.0.113.7", "source_ip_address": "::ffff:203.0.113.7"},
    {"source_ip": "2001:db8::7", "source_ip_address": "2001:db8::7"},
    {"source_ip": "10.1.2.3", "vpc_endpoint_id": "vpce-0a1b"},
    {"source_ip": None, "source_ip_address": "cloudformation.amazonaws.com"},
)
VALUES: Final = (
    "us-east-1", "us-*", "*", "", "?", "Alice", "ALICE", "STRASSE*", "${aws:username}", "${*}", "${aws:nothing, 'x'}", "a\nb", "\0", "\ud800",
    f"arn:aws:iam::{ACCOUNT}:role/*", "arn:aws:iam::*:role/team/deploy", "arn:*", "arn:aws:iam::*:user/*${aws:username}", "arn:aws:sts:*",
    "203.0.113.0/24", "0.0.0.0/0", "10.0.0.0/8", "2001:db8::/32", "203.0.113.7", "300.1.1.1", "true", "False", "maybe",
    "2026-10-01T12:00:00Z", "2026-10-01", "2026-10", "2026", "2026-10-01T12:00:00", "1790856000000", "1_0", "inf", "::ffff:203.0.113.0/120", "2001:db8::", "::/0", "1790856000", "1790856001.5", "1e9", "nan", "5", "AROA*:ci", "vpce-0a1b", ACCOUNT, "YQ==", "it's", "a\\b",
)  # fmt: skip
RESOURCES: Final = (
    "*", "**", "arn:aws:s3:::books/*", "arn:aws:s3:::*-logs/*", "arn:aws:s3:::books", "arn:aws:s3:*:books/*", "arn:aws:s3:::b?oks*",
    f"arn:aws:ec2:*:{ACCOUNT}:instance/*", "arn:aws:ec2:*:*:instance/i-0f", "arn:*", "arn:aws:iam::*:role/ops/*", "arn:aws:s3:::${aws:username}/*",
    "arn:aws:s3:::books/${aws:PrincipalType}*", "arn:aws:sqs:*:*:jobs", "arn:aws:lambda:*:*:function:res*", "*books*", "it's\nso",
)  # fmt: skip
ACTIONS: Final = ("*", "s3:*", "s3:Put*", "S3:GETOBJECT", "ec2:Terminate?nstances", "ec2:*", "iam:CreateUser", "kms:*", "sts:AssumeRole", "sqs:SendMessage", "lambda:*")  # fmt: skip
KEY_NAMES: Final = (*sorted(KEYS), "aws:ResourceAccount", "aws:PrincipalOrgID", "aws:PrincipalTag/team", "AWS:SourceIP")


def event(number: int, call: Sequence[str | None], *more: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {column.name: None for column in TABLE.columns}
    found |= {
        "account_id": ACCOUNT, "partition": "aws", "region": "us-east-1", "aws_region": "us-east-1", "event_type": "AwsApiCall",
        "event_time": NOON + timedelta(seconds=number), "event_id": f"event-{number}", "user_identity_account_id": ACCOUNT,
        "user_agent": "aws-cli/2.0", "event_source": call[0], "event_name": call[1], "request_parameters": call[2],
    }  # fmt: skip
    for each in more:
        found |= each
    return found


def every_event() -> list[dict[str, object]]:
    """Each operation by each identity, over the networks in turn; some list their resources."""
    found = list[dict[str, object]]()
    for place, call in enumerate(PARAMETERS):
        for which, identity in enumerate(IDENTITIES):
            number = len(found)
            more = NETWORKS[(place + which) % len(NETWORKS)]
            listed = {}
            if call[1] == "Decrypt" and which % 2:
                listed = {
                    "resources": f'[{{"ARN":"arn:aws:kms:us-east-1:{ACCOUNT}:key/k1","type":"AWS::KMS::Key"}},{{"ARN":null}},7]'
                }
            found.append(event(number, call, identity, more, listed))
    return found


EVENTS: Final = every_event()


def _spelt_once(keys: Mapping[str, object]) -> Mapping[str, object]:
    """Without a second spelling of a key, which is not understood."""
    return {each: keys[each] for each in {each.lower(): each for each in keys}.values()}


def statements() -> st.SearchStrategy[dict[str, Any]]:
    names = sorted(COMPARISONS | {"stringnotequals", "stringnotlike", "arnnotlike", "notipaddress", "numericnotequals", "datenotequals", "stringnotequalsignorecase", "nosuch"})  # fmt: skip
    operators = st.tuples(
        st.sampled_from(("", "ForAllValues:", "ForAnyValue:")),
        st.sampled_from(names),
        st.sampled_from(("", "IfExists")),
    ).map("".join)
    values = st.lists(st.sampled_from(VALUES), max_size=3)
    conditions = st.dictionaries(
        operators, st.dictionaries(st.sampled_from(KEY_NAMES), values, min_size=1, max_size=2), max_size=2
    )
    actions = st.lists(st.sampled_from(ACTIONS), max_size=3)
    resources = st.lists(st.sampled_from(RESOURCES), max_size=2)
    return st.builds(
        lambda effect, kinds, acts, things, told: {
            "Effect": effect,
            kinds[0]: acts or (["s3:*"] if kinds[0] == "NotAction" else []),
            **({kinds[1]: things or (["*"] if kinds[1] == "NotResource" else [])} if kinds[1] else {}),
            "Condition": {name: _spelt_once(keys) for name, keys in told.items()},
        },
        st.sampled_from(("Allow", "Deny")),
        st.tuples(
            st.sampled_from(("Action", "NotAction")), st.sampled_from(("Resource", "Resource", "NotResource", ""))
        ),
        actions,
        resources,
        conditions,
    )


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with closing(Engine(threads=1)) as opened:
        opened.create(TABLE)
        opened.insert(TABLE, EVENTS)
        yield opened


def verdicts(engine: Engine, trial: Trial) -> list[tuple[str, str, str | None, int]]:
    """Event, action, resource and rank, of each request on its own."""
    written = policy_sql(trial.policy)
    pairs = sorted({(str(each["event_source"]), str(each["event_name"])) for each in EVENTS})
    calls = calls_of(written, trial.policy, pairs, actions_of, allows_rest=trial.allows_rest)
    sql = TrialSql(written=written, calls=calls, trial=trial, by_event=True)
    sql.run(engine, f"select {', '.join(sql.columns)} from {TABLE.name}")
    return [tuple(row) for row in engine.rows("select event_id, action, resource, rank from verdict")]  # pyright: ignore[reportReturnType]


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(statements(), min_size=1, max_size=3),
    version=st.sampled_from(("2012-10-17", "2008-10-17")),
    guard=st.sampled_from(tuple(Guard)),
)
def test_each_verdict_of_the_sql_is_that_of_ask(engine: Engine, told: list[Any], version: str, guard: Guard) -> None:
    trial = Trial(policy=policy_of("tried", {"Version": version, "Statement": told}), guard=guard)
    policies = policies_of(trial, ACCOUNT)
    by_id = {each["event_id"]: each for each in EVENTS}
    found = verdicts(engine, trial)
    for event_id, action, resource, rank in found:
        row = by_id[event_id]
        if resource is not None:
            assert rank == RANKS[ask(request_of_event(row, action, resource), policies).decision], (
                event_id,
                action,
                resource,
            )
        elif rank != RANKS[Decision.UNKNOWN]:
            # Whatever the resource is, it is refused, or it is not: with which word may hang on it.
            answers = {RANKS[ask(request_of_event(row, action, each), policies).decision] >= 2 for each in CANDIDATES}
            assert answers == {rank >= 2}, (event_id, action)
    judged = {event_id for event_id, *_ in found}
    is_scp = guard is Guard.SCP
    wanted = {
        each["event_id"] for each in EVENTS
        if each["event_name"] != "DoNothing" and (is_scp or each["user_identity_type"] != "Root")
        # AWS lets no root user assume a role, whatever is tried.
        and (each["user_identity_type"], each["event_name"]) != ("Root", "AssumeRole")
        and actions_of(str(each["event_source"]), str(each["event_name"])).actions
    }  # fmt: skip
    assert judged == wanted


def test_resources_are_told_alike_by_sql_and_by_python(engine: Engine) -> None:
    policy = policy_of("tried", {"Statement": {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::nothing"}})
    found = dict[tuple[str, str], list[str | None]]()
    for event_id, action, resource, _ in verdicts(engine, Trial(policy=policy, guard=Guard.SCP)):
        found.setdefault((event_id, action), []).append(resource)
    by_id = {each["event_id"]: each for each in EVENTS}
    assert {(name, action): tuple(each) for (name, action), each in found.items()} == {
        (name, action): resources_of(plan_of(action), by_id[name]) for name, action in found
    }
    told = {resource for each in found.values() for resource in each}
    assert {
        "arn:aws:s3:::books/a:b/c\nd", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0f", f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k1", f"arn:aws:iam::{ACCOUNT}:role/ops/admin", "*", None,
    } <= told  # fmt: skip


def test_the_name_of_a_user_alone_is_no_resource() -> None:
    call = ("iam.amazonaws.com", "DeleteUser", '{"userName":"bob"}')
    assert resources_of(plan_of("iam:DeleteUser"), event(0, call)) == (None,)


@pytest.mark.parametrize(
    ("text", "is_inside"),
    [
        ("203.0.113.7", True),
        ("203.0.114.0", False),
        ("2001:db8::1", False),
        ("::ffff:203.0.113.7", None),
        ("::ffff:cb00:7107", None),
        ("::ffff:1:2:3", False),
    ],
)
def test_an_address_is_compared_as_a_number(engine: Engine, text: str, is_inside: bool | None) -> None:
    sql = compare("ipaddress", ("203.0.113.0/24", "10.0.0.1"), f"'{text}'", Form.ADDRESS, has_variables=True)
    assert next(engine.rows(f"select {sql}")) == (is_inside,)


def test_what_sql_cannot_hold_is_left_to_python() -> None:
    assert compare("stringequals", ("a\0b",), "x", Form.TEXT, has_variables=True) is None
    assert compare("stringequalsignorecase", ("STRASSE",), "x", Form.TEXT, has_variables=True) is None
    assert compare("ipaddress", ("2001:db8::/32",), "x", Form.ADDRESS, has_variables=True) is None
    assert compare("ipaddress", ("10.0.0.0/8", "no address"), "x", Form.ADDRESS, has_variables=True) is None
    assert compare("numericlessthan", ("9007199254740993",), "x", Form.NUMBER, has_variables=True) is None
    assert compare("numericlessthan", ("0.1",), "x", Form.NUMBER, has_variables=True) is None
    assert compare("bool", ("maybe",), "x", Form.TEXT, has_variables=True) is None


def test_each_key_reads_columns_that_the_table_has() -> None:
    assert {name for key in KEYS.values() for name in key.columns} <= {column.name for column in TABLE.columns}


@pytest.mark.parametrize(
    ("words", "is_meant"),
    [
        ("alice", True), ("user/alice", True), ("role/alice", False), ("lice", False), ("al.ce", False),
        (f"arn:aws:iam::{ACCOUNT}:user/ops/alice", True), (f"arn:aws:iam::{ACCOUNT}:user/alice", False),
    ],
)  # fmt: skip
def test_a_principal_is_meant_by_its_arn_or_its_name(engine: Engine, words: str, is_meant: bool) -> None:
    sql = f"select regexp_full_match('arn:aws:iam::{ACCOUNT}:user/ops/alice', '{principal_pattern(words)}')"
    assert next(engine.rows(sql)) == (is_meant,)


def test_a_session_means_its_role(engine: Engine) -> None:
    pattern = principal_pattern(f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci")
    sql = f"select regexp_full_match('arn:aws:iam::{ACCOUNT}:role/team/deploy', '{pattern}')"
    assert next(engine.rows(sql)) == (True,)


def test_moments_are_in_utc() -> None:
    assert NOON.replace(tzinfo=UTC).timestamp() == 1790856000
