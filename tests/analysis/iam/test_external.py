"""What may be reached from outside: verdicts, witnesses that `ask` confirms, and proofs that no request contradicts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sakimori.analysis.iam.account import IamAccount, iam_account
from sakimori.analysis.iam.ask import Decision, Policies, ask
from sakimori.analysis.iam.context import context_of
from sakimori.analysis.iam.external import Around, ExternalAccess, external_access
from sakimori.analysis.iam.external_account import all_external
from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.analysis.iam.principal import PrincipalKind, principal_of
from sakimori.analysis.iam.request import Request

pytest.importorskip("z3")

_OWN = "111122223333"
_BUCKET = "arn:aws:s3:::reports"
_ROLE = f"arn:aws:iam::{_OWN}:role/app"
_TOPIC = f"arn:aws:sns:us-east-1:{_OWN}:news"
_QUEUE = f"arn:aws:sqs:us-east-1:{_OWN}:jobs"
_KEY = f"arn:aws:kms:us-east-1:{_OWN}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_GITHUB = "token.actions.githubusercontent.com"
_RULER = policy_of("*", {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def _policy(*statements: Mapping[str, Any], resource: str = _BUCKET) -> Policy:
    defaults: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}
    if resource != _ROLE:
        defaults["Resource"] = [_BUCKET, f"{_BUCKET}/*"] if resource == _BUCKET else "*"
    whole = [{**defaults, **each} for each in statements]
    for each in whole:
        if "NotPrincipal" in each:
            del each["Principal"]
    return policy_of("policy", {"Version": "2012-10-17", "Statement": whole})


def _found(*statements: Mapping[str, Any], resource: str = _BUCKET, around: Around | None = None) -> ExternalAccess:
    return external_access(_policy(*statements, resource=resource), resource, _OWN, around or Around())


def _if(**operators: Mapping[str, Any]) -> dict[str, Any]:
    return {"Condition": {name.replace("__", ":"): keys for name, keys in operators.items()}}


def _is_confirmed(found: ExternalAccess, policy: Policy) -> bool:
    assert found.witness is not None
    request = Request(
        principal=principal_of(found.witness.principal),
        action=found.witness.action,
        resource=found.witness.resource,
        context=context_of({key: list(values) for key, values in found.witness.context.items()}),
        resource_account=_OWN,
    )
    return ask(request, Policies(identity=(_RULER,), resource=policy)).decision is Decision.ALLOWED


_PUBLIC = {
    "everyone": {},
    "everyone who encrypts": _if(Bool={"aws:SecureTransport": "true"}),
    "ForAllValues holds where the key is absent": _if(ForAllValues__StringEquals={"aws:PrincipalOrgID": "o-ours"}),
    "two halves of all addresses": _if(IpAddress={"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}),
    "a user name that anyone may give to a user": _if(StringEquals={"aws:username": "bob"}),
    "a tag that anyone may put on a user": _if(StringEquals={"aws:PrincipalTag/team": "red"}),
    "a role name in any account": _if(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/app-*"}),
    "a private address, which is chosen in one's own network": _if(IpAddress={"aws:VpcSourceIp": "10.1.2.0/24"}),
    "everyone but the account": {"NotPrincipal": {"AWS": f"arn:aws:iam::{_OWN}:root"}},
    "a home folder for every user there is": {
        "Action": "s3:GetObject",
        "Resource": f"{_BUCKET}/home/${{aws:username}}/*",
    },
    "any bucket's events": _if(ArnLike={"aws:SourceArn": "arn:aws:s3:::*"}),
    "a parameter of the request": {"Action": "s3:ListBucket", **_if(NumericLessThan={"s3:max-keys": "10"})},
}


@pytest.mark.parametrize("statement", _PUBLIC.values(), ids=_PUBLIC.keys())
def test_what_asks_for_nothing_that_names_someone_is_public_and_shown(statement: dict[str, Any]) -> None:
    found = _found(statement)
    assert (found.verdict, found.principals) == ("public", ("*",))
    assert _is_confirmed(found, _policy(statement))


_NAMED = {
    "an organisation": (_if(StringEquals={"aws:PrincipalOrgID": "o-ours"}), ("o-ours",)),
    "a part of an organisation": (
        _if(ForAnyValue__StringLike={"aws:PrincipalOrgPaths": "o-ours/r-ab12/*"}), ("o-ours/r-ab12/*",)),
    "another account by condition": (_if(StringEquals={"aws:PrincipalAccount": [_OWN, "444455556666"]}), ("444455556666",)),
    "a network": (_if(IpAddress={"aws:SourceIp": ["203.0.113.0/24"]}), ("203.0.113.0/24",)),
    "an endpoint": (_if(StringEquals={"aws:SourceVpce": "vpce-1a2b3c4d"}), ("vpce-1a2b3c4d",)),
    "a session of a named role": (_if(StringLike={"aws:userid": "AROAEXAMPLEEXAMPLE:*"}), ("AROAEXAMPLEEXAMPLE:*",)),
    "an account": ({"Principal": {"AWS": ["444455556666", f"arn:aws:iam::{_OWN}:root"]}}, ("444455556666",)),
    "a role": (
        {"Principal": {"AWS": "arn:aws:iam::444455556666:role/deploy"}}, ("arn:aws:iam::444455556666:role/deploy",)),
    "a service for anyone": ({"Principal": {"Service": "cloudtrail.amazonaws.com"}}, ("cloudtrail.amazonaws.com",)),
    "a service for another account": (
        {"Principal": {"Service": "cloudtrail.amazonaws.com"}, **_if(StringEquals={"aws:SourceAccount": "444455556666"})},
        ("cloudtrail.amazonaws.com",)),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("statement", "principals"), _NAMED.values(), ids=_NAMED.keys())
def test_who_is_named_is_listed_and_shown(statement: dict[str, Any], principals: tuple[str, ...]) -> None:
    found = _found(statement)
    assert (found.verdict, found.principals) == ("cross_account", principals)
    assert _is_confirmed(found, _policy(statement))


_CLOSED = {
    "the account itself": {"Principal": {"AWS": f"arn:aws:iam::{_OWN}:root"}},
    "the account by condition": _if(StringEquals={"aws:PrincipalAccount": _OWN}),
    "roles of the account": _if(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{_OWN}:role/app-*"}),
    "a service for the account": {
        "Principal": {"Service": "cloudtrail.amazonaws.com"}, **_if(StringEquals={"aws:SourceAccount": _OWN})},
    "a service for a resource of the account": {
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        **_if(ArnLike={"aws:SourceArn": f"arn:aws:cloudtrail:*:{_OWN}:trail/*"})},
    "somebody who was deleted": {"Principal": {"AWS": "AROAEXAMPLEEXAMPLE"}},
    "a date that has passed": _if(DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}),
}  # fmt: skip


@pytest.mark.parametrize("statement", _CLOSED.values(), ids=_CLOSED.keys())
def test_what_nobody_outside_can_meet_is_closed(statement: dict[str, Any]) -> None:
    found = _found(statement, around=Around(now=datetime(2026, 1, 1, tzinfo=UTC)))
    assert (found.verdict, found.principals, found.witness) == ("closed", (), None)


@pytest.mark.slow
def test_a_deny_closes_what_an_allow_opens() -> None:
    others = {"Effect": "Deny", **_if(StringNotEquals={"aws:PrincipalAccount": _OWN})}
    assert _found({}, others).verdict == "closed"
    # Without the account of a caller, which no service has, the negated operator of this one does not deny.
    services = {"Effect": "Deny", **_if(StringNotEquals={"aws:PrincipalAccount": _OWN}, Bool={"aws:PrincipalIsAWSService": "false"})}  # fmt: skip
    assert _found({}, services).verdict == "public"


@pytest.mark.slow
def test_whom_a_deny_leaves_out_is_looked_at_by_name() -> None:
    left_out = {
        "AWS": [f"arn:aws:iam::{_OWN}:root", "arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:role/r"]
    }
    found = _found({}, {"Effect": "Deny", "NotPrincipal": left_out})
    assert found.verdict == "cross_account"
    assert "arn:aws:iam::444455556666:role/r" in found.principals


@pytest.mark.slow
def test_an_address_that_a_deny_leaves_open_is_named_and_said_to_limit() -> None:
    found = _found({}, {"Effect": "Deny", **_if(NotIpAddress={"aws:SourceIp": "203.0.113.0/24"})})
    assert (found.verdict, found.principals) == ("cross_account", ("203.0.113.0/24",))
    assert "only from the addresses" in str(found.as_json()["why"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("subject", "verdict"),
    [("repo:ours/*", "cross_account"), ("repo:ours/app:ref:refs/heads/main", "cross_account"), ("repo:ours*", "public"),
     ("repo:*/app:*", "public"), ("*", "public")],
)  # fmt: skip
def test_a_subject_of_a_shared_provider_names_an_owner_or_lets_in_everybody(subject: str, verdict: str) -> None:
    statement = {
        "Principal": {"Federated": f"arn:aws:iam::{_OWN}:oidc-provider/{_GITHUB}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        **_if(StringLike={f"{_GITHUB}:sub": subject}, StringEquals={f"{_GITHUB}:aud": "sts.amazonaws.com"}),
    }
    found = _found(statement, resource=_ROLE)
    assert found.verdict == verdict
    assert _is_confirmed(found, _policy(statement, resource=_ROLE))


def test_a_role_that_a_service_assumes_is_closed_because_roles_are_passed_within_an_account() -> None:
    found = _found({"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}, resource=_ROLE)
    assert found.verdict == "closed"
    assert "passed only to services" in str(found.as_json()["why"])


def test_a_role_for_everyone_of_the_account_is_closed_but_open_to_tokens_where_it_asks_for_nothing() -> None:
    within = _if(StringEquals={"aws:PrincipalAccount": _OWN})
    assert _found({"Action": "sts:AssumeRole", **within}, resource=_ROLE).verdict == "closed"
    tokens = _found({"Action": "sts:AssumeRoleWithWebIdentity"}, resource=_ROLE)
    assert tokens.witness is not None
    assert (tokens.verdict, tokens.witness.action) == ("public", "sts:AssumeRoleWithWebIdentity")


def test_the_default_policies_of_topics_and_keys_are_closed() -> None:
    topic = {"Principal": {"AWS": "*"}, "Action": "SNS:Publish", **_if(StringEquals={"AWS:SourceOwner": _OWN})}
    assert _found(topic, resource=_TOPIC).verdict == "closed"
    key = {"Principal": {"AWS": "*"}, "Action": "kms:*", **_if(StringEquals={"kms:CallerAccount": _OWN})}
    assert _found(key, resource=_KEY).verdict == "closed"


def test_whose_a_bucket_is_must_be_known_to_close_a_queue() -> None:
    statement = {
        "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
        **_if(ArnLike={"aws:SourceArn": "arn:aws:s3:::uploads"}),
    }  # fmt: skip
    found = _found(statement, resource=_QUEUE)
    assert found.verdict == "unknown"
    assert "uploads" in str(found.as_json()["why"])
    owned = Around(owned=frozenset({"arn:aws:s3:::uploads"}))
    assert _found(statement, resource=_QUEUE, around=owned).verdict == "closed"


def test_a_principal_of_whom_nothing_tells_the_account_leaves_it_unknown() -> None:
    found = _found({"Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EXAMPLE"}})
    assert found.verdict == "unknown"
    assert "CloudFront" in str(found.as_json()["why"])
    assert _found({"Principal": {"CanonicalUser": "ab12"}}).verdict == "unknown"


@pytest.mark.slow
def test_the_resources_own_organisation_must_be_known() -> None:
    statement = _if(StringEquals={"aws:PrincipalOrgID": "${aws:ResourceOrgID}"})
    assert _found(statement).verdict == "unknown"
    found = _found(statement, around=Around(organization="o-ours"))
    assert (found.verdict, found.principals) == ("cross_account", ("o-ours",))


def test_public_buckets_may_be_restricted_to_services_and_the_account() -> None:
    closed = {"Effect": "Deny", **_if(Bool={"aws:PrincipalIsAWSService": "true"})}
    assert _found({}, closed, around=Around(restricts_public=True)).verdict == "closed"
    # S3 takes no user name for a limit, or may not: what it then does is not known.
    named = _if(StringEquals={"aws:PrincipalTag/team": "red"})
    assert _found(named, around=Around(restricts_public=True)).verdict == "unknown"


@pytest.mark.slow
def test_an_rcp_closes_and_one_that_could_not_be_read_leaves_it_unknown() -> None:
    rcp = policy_of("rcp", {"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
         "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"}}}]})  # fmt: skip
    found = _found({}, around=Around(rcp=((rcp,),)))
    assert (found.verdict, found.principals) == ("cross_account", ("o-ours",))
    found = _found({}, around=Around(is_rcp_unread=True))
    assert found.verdict == "unknown"
    assert "RCP" in str(found.as_json()["why"])


_DOMAIN = f"arn:aws:codeartifact:us-east-1:{_OWN}:domain/d"
_REPOSITORY = f"arn:aws:codeartifact:us-east-1:{_OWN}:repository/d/r"
_CLUSTER = f"arn:aws:kafka:us-east-1:{_OWN}:cluster/c/1"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("resource", "action", "within"),
    [
        (_DOMAIN, "codeartifact:ReadFromRepository", "repository/d/"),
        (_DOMAIN, "codeartifact:DeletePackageVersions", "package/d/"),
        (_DOMAIN, "codeartifact:GetAuthorizationToken", "domain/d"),
        (_REPOSITORY, "codeartifact:DeletePackageVersions", "package/d/r/"),
        (_CLUSTER, "kafka-cluster:ReadData", "topic/c/1/"),
        (_CLUSTER, "kafka-cluster:Connect", "cluster/c/1"),
        (_CLUSTER, "kafka:GetBootstrapBrokers", "cluster/c/1"),
    ],
)
def test_a_policy_opens_what_stands_within_its_resource_too(resource: str, action: str, within: str) -> None:
    for named in ("*", resource.rpartition(":")[0] + f":{within}*"):
        statement = {"Principal": {"AWS": "444455556666"}, "Action": action, "Resource": named}
        found = _found(statement, resource=resource)
        assert (found.verdict, found.principals) == ("cross_account", ("444455556666",))
        assert found.witness is not None
        assert found.witness.action == action
        assert found.witness.resource.rpartition(":")[2].startswith(within)


@pytest.mark.slow
def test_what_stands_within_another_resource_is_not_opened() -> None:
    for resource, action, other in (
        (_CLUSTER, "kafka-cluster:*", "topic/c/2/*"),
        (_REPOSITORY, "codeartifact:*", "package/d/other/*"),
    ):
        named = resource.rpartition(":")[0] + f":{other}"
        assert _found({"Action": action, "Resource": named}, resource=resource).verdict == "closed"


@pytest.mark.slow
def test_no_time_for_the_solver_is_unknown_and_never_closed() -> None:
    long = _if(StringLike={"aws:PrincipalTag/a": "*a*b*c*d*", "aws:PrincipalArn": "arn:aws:iam::1*7:role/*a*b*"},
               StringNotLike={"aws:PrincipalTag/a": ["*b*a*", "?a*", "*d?"]})  # fmt: skip
    assert _found(long, around=Around(seconds=0.0)).verdict in {"unknown", "public"}


def test_a_huge_policy_is_unknown_at_once() -> None:
    values = [f"arn:aws:iam::444455556666:role/r{each}" for each in range(4000)]
    found = _found(_if(ArnLike={"aws:PrincipalArn": values}))
    assert (found.verdict, found.witness) == ("unknown", None)


def test_the_json_form_has_these_members() -> None:
    told = _found({"Action": "s3:GetObject"}).as_json("ja")
    assert told == {
        "resource": _BUCKET,
        "verdict": "public",
        "principals": ["*"],
        "witness": {"principal": "*", "action": "s3:GetObject", "resource": f"{_BUCKET}/example", "context": {}},
        "why": told["why"],
    }
    assert "誰でも" in str(told["why"])


def test_an_account_is_told_resource_by_resource_and_role_by_role() -> None:
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
    role: dict[str, Any] = {"Arn": _ROLE, "RoleName": "app", "RoleId": "AROAEXAMPLE", "Path": "/", "AssumeRolePolicyDocument": trust}  # fmt: skip
    unread = {**role, "Arn": f"{_ROLE}2", "RoleName": "app2", "AssumeRolePolicyDocument": {"nonsense": 1}}
    account: IamAccount = replace(iam_account([role, unread]), resource_policies={_BUCKET: _policy({})})
    found = list(all_external(account))
    assert [(each.resource, each.verdict.value) for each in found] == [
        (_BUCKET, "public"), (_ROLE, "cross_account"), (f"{_ROLE}2", "unknown"),
    ]  # fmt: skip
    assert found[1].witness is not None
    assert found[1].witness.resource == _ROLE


# -- the properties ------------------------------------------------------------------------------

_VALUES = {
    "aws:PrincipalAccount": [_OWN, "444455556666", "4444*"],
    "aws:PrincipalArn": [f"arn:aws:iam::{_OWN}:role/*", "arn:aws:iam::444455556666:user/bob", "arn:aws:iam::*:user/b*"],
    "aws:PrincipalOrgID": ["o-ours", "o-*", "o-theirs"],
    "aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/25", "0.0.0.0/0", "10.0.0.0/8"],
    "aws:SourceAccount": [_OWN, "444455556666"],
    "aws:PrincipalTag/team": ["red", "r*"],
    "aws:username": ["bob", "b*"],
    "aws:TagKeys": ["red", "blue"],
    "aws:SecureTransport": ["true", "false"],
    "aws:PrincipalIsAWSService": ["true", "false"],
}
_TYPED = {"aws:SourceIp": ["IpAddress", "NotIpAddress"], "aws:SecureTransport": ["Bool"], "aws:PrincipalIsAWSService": ["Bool"],
          "aws:PrincipalArn": ["ArnLike", "ArnNotLike"]}  # fmt: skip
_PRINCIPALS = ["*", {"AWS": "444455556666"}, {"AWS": "arn:aws:iam::444455556666:user/bob"}, {"Service": "sns.amazonaws.com"},
               {"AWS": f"arn:aws:iam::{_OWN}:root"}]  # fmt: skip


@st.composite
def _statements(draw: st.DrawFn) -> dict[str, Any]:
    condition: dict[str, dict[str, list[str]]] = {}
    for key in draw(st.lists(st.sampled_from(sorted(_VALUES)), max_size=2, unique=True)):
        names = _TYPED.get(key, ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"])
        name = draw(st.sampled_from([*names, "Null"]))
        if name != "Null":
            name = draw(st.sampled_from(["", "", "ForAnyValue:", "ForAllValues:"])) + name
            name += draw(st.sampled_from(["", "IfExists"]))
        values = ["true", "false"] if name == "Null" else _VALUES[key]
        condition.setdefault(name, {})[key] = draw(
            st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
        )
    is_deny = draw(st.booleans())
    return {
        "Effect": "Deny" if is_deny else "Allow",
        draw(st.sampled_from(["Principal", "NotPrincipal"])) if is_deny else "Principal": draw(st.sampled_from(_PRINCIPALS)),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(st.sampled_from(["s3:GetObject", "s3:*", "s3:List*"])),
        "Resource": draw(st.sampled_from([[_BUCKET, f"{_BUCKET}/*"], f"{_BUCKET}/a*", "*"])),
        "Condition": condition,
    }  # fmt: skip


@st.composite
def _outside(draw: st.DrawFn) -> Request:
    """A request that AWS could see from outside the account."""
    text = draw(st.sampled_from(["*", "sns.amazonaws.com", "arn:aws:iam::444455556666:user/bob", "arn:aws:iam::444455556666:root",
                                 "arn:aws:iam::999999999999:user/bob", "arn:aws:iam::444477778888:role/red"]))  # fmt: skip
    who, context = principal_of(text), dict[str, Any]()
    if who.kind is PrincipalKind.SERVICE:
        context["aws:SourceAccount"] = draw(st.sampled_from(["444455556666", "999999999999"]))
    elif draw(st.booleans()):
        context["aws:SourceIp"] = draw(st.sampled_from(["203.0.113.9", "198.51.100.9", "198.51.100.200", "192.0.2.1"]))
    if who.account:
        context["aws:PrincipalOrgID"] = draw(st.sampled_from([[], "o-ours", "o-theirs", "o-third"]))
        context["aws:PrincipalTag/team"] = draw(st.sampled_from([[], "red", "rose", "blue"]))
    context["aws:TagKeys"] = draw(st.lists(st.sampled_from(["red", "blue", "green"]), unique=True))
    context["aws:SecureTransport"] = draw(st.booleans())
    return Request(
        principal=who,
        action=draw(st.sampled_from(["s3:GetObject", "s3:PutObject"])),
        resource=f"{_BUCKET}/{draw(st.sampled_from(['a', 'b']))}",
        context=context_of(context),
        resource_account=_OWN,
    )


@pytest.mark.slow
@given(st.lists(_statements(), min_size=1, max_size=3), st.lists(_outside(), min_size=30, max_size=30))
@settings(max_examples=60, deadline=None)
def test_what_is_closed_lets_in_nobody_and_what_is_open_is_shown(
    raw: list[dict[str, Any]], requests: list[Request]
) -> None:
    assume(any(each["Effect"] == "Allow" for each in raw))
    policy = policy_of("policy", {"Version": "2012-10-17", "Statement": raw})
    found = external_access(policy, _BUCKET, _OWN)
    decisions = {ask(each, Policies(identity=(_RULER,), resource=policy)).decision for each in requests}
    if found.verdict == "closed":
        assert Decision.ALLOWED not in decisions
    if found.verdict in {"public", "cross_account"}:
        assert _is_confirmed(found, policy)
        assert found.principals
