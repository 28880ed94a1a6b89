"""Every code of the lint by one policy that has the mistake and one near miss that has not."""

import itertools
import json
from fnmatch import translate
from re import fullmatch
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import is_done_within

from sakimori.analysis.iam.account import iam_account
from sakimori.analysis.iam.lint.finding import CODES, Level
from sakimori.analysis.iam.lint.linting import About, lint_account, lint_identity, lint_policy
from sakimori.analysis.iam.lint.patterns import can_fit, covers
from sakimori.analysis.iam.lint.statement import LintKind

OTHER = "arn:aws:iam::444455556666:root"
GITHUB = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
GITLAB = "arn:aws:iam::111122223333:oidc-provider/gitlab.example.com"
SAML = "arn:aws:iam::111122223333:saml-provider/Corp"
SUB, AUD = "token.actions.githubusercontent.com:sub", "token.actions.githubusercontent.com:aud"
AUDIENCE = {"StringEquals": {AUD: "sts.amazonaws.com"}}


def allow(
    action: Any = "s3:GetObject", resource: Any = "arn:aws:s3:::amzn-s3-demo-bucket/*", **more: Any
) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(
    action: Any = "s3:GetObject", resource: Any = "arn:aws:s3:::amzn-s3-demo-bucket/*", **more: Any
) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def without(statement: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name not in names}


def doc(*statements: Any, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def when(**conditions: Any) -> dict[str, Any]:
    """`allow` of one object under conditions."""
    return doc(allow(Condition=conditions))


def trust(principal: Any, action: str = "sts:AssumeRole", **conditions: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return doc({**statement, "Condition": conditions} if conditions else statement)


def web(provider: str, **conditions: Any) -> dict[str, Any]:
    return trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", **conditions)


def subject(value: str) -> dict[str, Any]:
    return web(GITHUB, **AUDIENCE, StringLike={SUB: value})


def bucket(principal: Any, **more: Any) -> dict[str, Any]:
    return doc(allow(Principal=principal, **more))


def codes(policy: Any, kind: str | None = None) -> set[str]:
    found = lint_policy("example", policy, About(kind=LintKind(kind) if kind else None))
    return {each.code for each in found.findings}


GOOD = doc(allow())
CASES: dict[str, tuple[Any, Any]] = {
    "malformed-json": ('{"Version":"2012-10-17","Statement":[],}', json.dumps(GOOD)),
    "too-large-to-check": (json.dumps(GOOD) + " " * 200_000, json.dumps(GOOD) + " " * 1000),
    "not-a-policy": ("[1]", json.dumps(GOOD)),
    "no-statement": (doc(), GOOD),
    "not-a-statement": (doc("allow"), GOOD),
    "repeated-name": ('{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}', '{"Version":"2012-10-17","Statement":[]}'),
    "unknown-element": (doc(allow(Conditions={})), GOOD),
    "bad-effect": (doc({**allow(), "Effect": "allow"}), GOOD),
    "no-action": (doc(without(allow(), "Action")), GOOD),
    "both-actions": (doc(allow(NotAction="s3:PutObject")), GOOD),
    "no-resource": (doc(without(allow(), "Resource")), GOOD),
    "both-resources": (doc(allow(NotResource="*")), GOOD),
    "resource-in-trust": (doc(allow("sts:AssumeRole", "*", Principal={"Service": "ec2.amazonaws.com"})), trust({"Service": "ec2.amazonaws.com"})),
    "bad-list": (doc(allow(["s3:GetObject", 1])), doc(allow(["s3:GetObject"]))),
    "empty-list": (doc(allow([])), GOOD),
    "bad-version": ({**GOOD, "Version": "2024-01-01"}, GOOD),
    "version-missing": (without(GOOD, "Version"), GOOD),
    "version-old": ({**GOOD, "Version": "2008-10-17"}, GOOD),
    "bad-sid": (doc(allow(Sid="not good")), doc(allow(Sid="Good1"))),
    "repeated-sid": (doc(allow(Sid="A"), allow("s3:PutObject", Sid="A")), doc(allow(Sid="A"), allow("s3:PutObject", Sid="B"))),
    "over-size": (doc(allow(resource=[f"arn:aws:s3:::amzn-s3-demo-bucket/{n:040}/*" for n in range(100)])), doc(allow(resource=[f"arn:aws:s3:::amzn-s3-demo-bucket/{n:040}/*" for n in range(60)]))),
    "bad-character": (doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket/報告/*")), doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket/é/*"))),
    "lookalike-characters": (doc(allow("s3:GetObjеct")), GOOD),
    "bad-action": (doc(allow("GetObject")), GOOD),
    "unknown-action": (doc(allow("s3:GetObjct")), doc(allow("S3:getobject"))),
    "unknown-service": (doc(allow("s33:GetObject")), GOOD),
    "no-action-matches": (doc(allow("s3:Gett*")), doc(allow("s3:Get*"))),
    "gone-action": (doc(allow("aws-portal:ViewBilling", "*")), doc(allow("account:GetAccountInformation", "*"))),
    "operation-not-action": (doc(allow("s3:ListObjectsV2", "*")), doc(allow("s3:ListBucket", "*"))),
    "star-on-star": (doc(allow("*", "*")), doc(allow("*", "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))),
    "not-action-allow": (doc(without(allow(NotAction="iam:*", resource="*"), "Action")), doc(without(deny(NotAction="iam:*", resource="*"), "Action"))),
    "not-resource-allow": (doc(without(allow(NotResource="arn:aws:s3:::amzn-s3-demo-bucket/*"), "Resource")), doc(without(deny(NotResource="arn:aws:s3:::amzn-s3-demo-bucket/*"), "Resource"))),
    "pass-role-any": (doc(allow("iam:Pass*", "arn:aws:iam::111122223333:role/*")), doc(allow("iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}))),
    "bad-arn": (doc(allow(resource="arn:aws:s3::amzn-s3-demo-bucket")), doc(allow(resource="arn:aws:s3:*"))),
    "resource-matches-no-action": (doc(allow(["s3:GetObject"], ["arn:aws:s3:::amzn-s3-demo-bucket/*", "arn:aws:sqs:us-east-1:111122223333:q"])), doc(allow(["s3:GetObject", "sqs:SendMessage"], ["arn:aws:s3:::amzn-s3-demo-bucket/*", "arn:aws:sqs:us-east-1:111122223333:q"]))),
    "action-matches-no-resource": (doc(allow("ec2:DescribeInstances", "arn:aws:ec2:us-east-1:111122223333:instance/*")), doc(allow("ec2:StopInstances", "arn:aws:ec2:us-east-1:111122223333:instance/*"))),
    "s3-object-action-on-bucket": (doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket")), doc(allow(resource="arn:aws:s3:::amzn-s3-demo-*"))),
    "s3-bucket-action-on-objects": (doc(allow("s3:ListBucket")), doc(allow("s3:ListBucket", "arn:aws:s3:::amzn-s3-demo-bucket"))),
    "bad-condition": (doc(allow(Condition={"StringEquals": "x"})), doc(allow(Condition={}))),
    "unknown-operator": (when(StringEqual={"aws:PrincipalAccount": "111122223333"}), when(StringEquals={"aws:PrincipalAccount": "111122223333"})),
    "null-if-exists": (when(NullIfExists={"aws:PrincipalArn": "true"}), when(Null={"aws:PrincipalArn": "true"})),
    "bad-key": (when(Bool={"SecureTransport": "true"}), when(Bool={"aws:SecureTransport": "true"})),
    "unknown-condition-key": (when(Bool={"aws:SecureTransprt": "true"}), when(Bool={"AWS:securetransport": "true"})),
    "useless-condition": (when(StringEquals={"s3:prefix": "home/"}), doc(allow("s3:ListBucket", "arn:aws:s3:::amzn-s3-demo-bucket", Condition={"StringEquals": {"s3:prefix": "home/"}}))),
    "wrong-operator-type": (when(NumericEquals={"aws:SourceIp": "1"}), when(StringLike={"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"})),
    "needs-set-operator": (when(StringEquals={"aws:TagKeys": "a"}), when(**{"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}})),
    "set-operator-on-single": (when(**{"ForAnyValue:StringEquals": {"aws:PrincipalAccount": "111122223333"}}), when(StringEquals={"aws:PrincipalAccount": "111122223333"})),
    "for-all-passes-absent": (when(**{"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}), when(**{"ForAllValues:StringEquals": {"aws:TagKeys": "a"}, "Null": {"aws:TagKeys": "false"}})),
    "if-exists-passes-absent": (when(StringEqualsIfExists={"aws:SourceVpce": "vpce-1"}), when(StringEquals={"aws:SourceVpce": "vpce-1"})),
    "bad-value": (when(IpAddress={"aws:SourceIp": "203.0.113.0/40"}), when(IpAddress={"aws:SourceIp": "203.0.113.0/24"})),
    "value-never-matches": (when(StringEquals={"aws:SourceAccount": "1111-2222-3333"}), when(StringEquals={"aws:SourceAccount": "111122223333"})),
    "wildcard-not-read": (when(StringEquals={"aws:userid": "AROA*"}), when(StringLike={"aws:userid": "AROA*"})),
    "private-address": (when(IpAddress={"aws:SourceIp": "10.1.0.0/16"}), when(IpAddress={"aws:VpcSourceIp": "10.1.0.0/16"})),
    "always-true": (when(IpAddress={"aws:SourceIp": "0.0.0.0/0"}), when(IpAddress={"aws:SourceIp": "203.0.113.0/24"})),
    "contradictory-conditions": (when(NumericLessThan={"s3:signatureAge": "5"}, NumericGreaterThan={"s3:signatureAge": "9"}), when(NumericLessThan={"s3:signatureAge": "9"}, NumericGreaterThan={"s3:signatureAge": "5"})),
    "variable-in-old-version": ({**doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket/${aws:username}/*")), "Version": "2008-10-17"}, doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket/${aws:username}/*"))),
    "open-variable": (doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket/${aws:username/*")), doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket/${$}/*"))),
    "unknown-variable": (doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket/${aws:usrname}/*")), doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket/${aws:PrincipalTag/team, 'none'}/*"))),
    "multivalued-variable": (doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket/${aws:PrincipalOrgPaths}/*")), doc(allow(resource="arn:aws:s3:::amzn-s3-demo-bucket/${aws:PrincipalOrgID}/*"))),
    "principal-in-identity": ((bucket(OTHER), "identity"), (GOOD, "identity")),
    "no-principal": ((GOOD, "resource"), (bucket({"AWS": OTHER}), "resource")),
    "both-principals": (bucket({"AWS": OTHER}, NotPrincipal={"AWS": OTHER}), bucket({"AWS": OTHER})),
    "not-principal-allow": (doc(allow(NotPrincipal={"AWS": OTHER})), doc(deny(NotPrincipal={"AWS": OTHER}))),
    "bad-principal": (bucket({"AWS": "arn:aws:iam::444455556666:group/staff"}), bucket({"AWS": "444455556666"})),
    "bad-principal-kind": (bucket({"aws": OTHER}), bucket({"AWS": OTHER})),
    "wildcard-in-principal": (bucket({"AWS": "arn:aws:iam::444455556666:role/*"}), bucket({"AWS": "arn:aws:iam::444455556666:role/app"})),
    "deleted-principal": (bucket({"AWS": "AROAEXAMPLEID12345678"}), bucket({"AWS": OTHER})),
    "anyone-may": (bucket("*"), bucket("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})),
    "anyone-may-assume": (trust({"AWS": "*"}), trust({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": "o-a1b2c3d4e5"})),
    "confused-deputy": (bucket({"Service": "cloudtrail.amazonaws.com"}), bucket({"Service": "cloudtrail.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}})),
    "confused-deputy-unsure": (bucket({"Service": "newthing.amazonaws.com"}), trust({"Service": "ec2.amazonaws.com"})),
    "no-external-id-unsure": (trust({"AWS": OTHER}), trust({"AWS": OTHER}, StringEquals={"sts:ExternalId": "example"})),
    "oidc-any-subject": (subject("repo:*"), subject("repo:example/app:*")),
    "oidc-broad-subject": (subject("repo:example/*"), subject("repo:example/app:ref:refs/heads/*")),
    "oidc-no-audience": (web(GITLAB, StringEquals={"gitlab.example.com:sub": "x"}), web(GITLAB, StringEquals={"gitlab.example.com:sub": "x", "gitlab.example.com:aud": "y"})),
    "oidc-no-subject": (web(GITLAB, StringEquals={"gitlab.example.com:aud": "y"}), web(GITLAB, StringEquals={"gitlab.example.com:sub": "x", "gitlab.example.com:aud": "y"})),
    "saml-no-audience": (trust({"Federated": SAML}, "sts:AssumeRoleWithSAML"), trust({"Federated": SAML}, "sts:AssumeRoleWithSAML", StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"})),
    "trust-action-mismatch": (trust({"Federated": SAML}, "sts:AssumeRole"), trust({"Federated": SAML}, "sts:AssumeRoleWithSAML")),
    "rcp-element": ((bucket("*"), "rcp"), (doc(deny(Principal="*")), "rcp")),
    "covered-statement": (doc(allow("s3:Get*"), allow()), doc(allow("s3:Get*", Condition={"Bool": {"aws:SecureTransport": "true"}}), allow())),
    "allow-fully-denied": (doc(allow(), deny("s3:*")), doc(allow(), deny("s3:*", "arn:aws:s3:::amzn-s3-demo-bucket/secret/*"))),
    "allows-nothing": (doc(without(allow(NotAction="*"), "Action")), GOOD),
    "denies-nothing": (doc(without(deny(NotResource="*"), "Resource")), doc(deny())),
    "denies-everything": (doc(deny("*", "*")), doc(deny("*", "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}))),
}  # fmt: skip
ELSEWHERE = {"no-external-id", "not-checked"}
"""Codes that take an account, or a size, to be seen: each has a test of its own."""


@pytest.mark.parametrize("code", CASES)
def test_a_mistake_is_found_and_its_near_miss_is_not(code: str) -> None:
    mistake, near_miss = (each if isinstance(each, tuple) else (each, None) for each in CASES[code])
    assert code in codes(*mistake)
    assert code not in codes(*near_miss)


def test_every_code_has_an_example() -> None:
    assert CODES.keys() == CASES.keys() | ELSEWHERE


def test_a_plain_policy_has_no_mistakes() -> None:
    assert codes(doc(allow(), allow("s3:ListBucket", "arn:aws:s3:::amzn-s3-demo-bucket"))) == set()
    assert codes(doc(allow("ec2:Describe*", "*"), deny("iam:*", "*"))) == set()
    assert codes(subject("repo:example/app:ref:refs/heads/main")) == set()
    assert codes(trust({"Service": "lambda.amazonaws.com"})) == set()


def test_a_finding_tells_the_line_the_form_and_both_languages() -> None:
    text = '{\n "Version": "2012-10-17",\n "Statement": {\n  "Effect": "Allow",\n  "Action": [\n   "s3:GetObject",\n   "s3:GetObjct"],\n  "Resource": "*"}}'
    (found,) = lint_policy("example", text).findings
    plain = found.plain()
    assert (plain["policy"], plain["line"], plain["code"], plain["severity"]) == (
        "example",
        7,
        "unknown-action",
        "warning",
    )
    assert list(plain) == ["policy", "line", "code", "severity", "message"]
    assert "s3:GetObject'" in found.message.en
    assert "s3:GetObject" in found.message.ja


def test_broken_json_is_told_with_its_place_and_the_rest_is_checked() -> None:
    text = '{\n "Version": "2012-10-17", // the version\n "Statement": [\n  {"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*",},\n ]\n'
    found = lint_policy("example", text).findings
    assert [each.line for each in found if each.code == "malformed-json"] == [2, 4, 5, 6]
    assert [each.line for each in found if each.code == "unknown-action"] == [4]


def test_an_unknown_action_is_a_warning_and_never_called_invalid() -> None:
    (found,) = lint_policy("example", doc(allow("s3:InventedYesterday", "*"))).findings
    assert found.severity is Level.WARNING
    assert "invalid" not in found.message.en


def test_resources_are_not_judged_where_an_action_is_unknown() -> None:
    policy = doc(allow(["s3:InventedYesterday"], "arn:aws:sqs:us-east-1:111122223333:queue"))
    assert codes(policy) == {"unknown-action"}


def test_the_kind_is_guessed_from_principals_and_actions() -> None:
    kinds = [lint_policy("example", each).kind for each in (GOOD, bucket("*"), trust({"AWS": "*"}))]
    assert kinds == [LintKind.IDENTITY, LintKind.RESOURCE, LintKind.TRUST]


def test_full_access_is_what_a_guardrail_begins_with() -> None:
    assert "star-on-star" not in codes(doc(allow("*", "*")), "scp")
    assert "star-on-star" not in codes(doc(allow("*", "*")), "boundary")


def role(name: str, trusted: dict[str, Any], *inline: dict[str, Any]) -> dict[str, Any]:
    return {
        "Arn": f"arn:aws:iam::111122223333:role/{name}",
        "RoleName": name,
        "Path": "/",
        "AssumeRolePolicyDocument": trusted,
        "RolePolicyList": [{"PolicyName": f"p{place}", "PolicyDocument": each} for place, each in enumerate(inline)],
    }


def test_an_account_knows_which_accounts_are_others() -> None:
    own = trust({"AWS": "arn:aws:iam::111122223333:root"})
    account = iam_account([role("a", trust({"AWS": OTHER})), role("b", own)])
    found = [each for linted in lint_account(account) for each in linted.findings]
    assert [(each.policy, each.code) for each in found] == [
        ("arn:aws:iam::111122223333:role/a/AssumeRolePolicyDocument", "no-external-id")
    ]


def test_inline_policies_share_one_limit() -> None:
    half = doc(allow(resource=[f"arn:aws:s3:::amzn-s3-demo-bucket/{n:040}/*" for n in range(80)]))
    account = iam_account([role("a", trust({"Service": "ec2.amazonaws.com"}), half, half)])
    found = [each.code for linted in lint_account(account) for each in linted.findings]
    assert found == ["over-size", "over-size"]
    alone = iam_account([role("a", trust({"Service": "ec2.amazonaws.com"}), half)])
    assert [each for linted in lint_account(alone) for each in linted.findings] == []


def test_one_role_is_checked_without_the_others() -> None:
    own = trust({"AWS": "arn:aws:iam::111122223333:root"})
    account = iam_account([role("a", own, doc(allow("*", "*"))), role("ab", own, doc(allow("*", "*")))])
    identity = account.identities["arn:aws:iam::111122223333:role/a"]
    names = [each.policy for each in lint_identity(account, identity)]
    assert names == [f"{identity.arn}/p0", f"{identity.arn}/AssumeRolePolicyDocument"]


@pytest.mark.slow
def test_a_huge_policy_is_checked_in_bounded_time_and_what_was_left_out_is_said() -> None:
    tries = itertools.count()  # another text each time: nothing is remembered of the last one

    def check() -> None:
        name = f"{'*a' * 8}{next(tries)}-"
        many = doc(*(allow("s3:Get*", f"arn:aws:s3:::{name}{n}") for n in range(2000)))
        assert "not-checked" in codes(json.dumps(many, separators=(",", ":")))

    assert is_done_within(10, check)


@pytest.mark.parametrize(
    ("pattern", "form", "fits"),
    [
        ("arn:aws:s3:::a", "arn:${Partition}:s3:::${BucketName}", True),
        ("arn:aws:s3:::a/b", "arn:${Partition}:s3:::${BucketName}", False),
        ("arn:aws:s3:::a*", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        ("arn:aws:s3:::a", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", False),
        ("arn:aws:iam::1:role/${aws:username}", "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", True),
        ("arn:aws:ec2:*:*:volume/*", "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", False),
        ("arn:aws:s3:*", "arn:${Partition}:s3:::${BucketName}", True),
        ("arn:aws:sqs:us-????-1:*:q", "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}", True),
    ],
)  # fmt: skip
def test_a_pattern_fits_a_form_of_arn_where_some_arn_is_of_both(pattern: str, form: str, *, fits: bool) -> None:
    assert can_fit(pattern, form) is fits


_SMALL = st.text("ab:*?/", max_size=8)


@pytest.mark.slow
@given(_SMALL, _SMALL, st.text("ab:/", max_size=8))
def test_what_fits_the_narrow_pattern_fits_one_that_covers_it(wide: str, narrow: str, text: str) -> None:
    if covers(wide, narrow) and fullmatch(translate(narrow), text):
        assert fullmatch(translate(wide), text)


@pytest.mark.slow
@given(
    _SMALL,
    st.lists(st.sampled_from(["a", "b", "/", ":", "${X}", "${BucketName}"]), max_size=6),
    st.text("ab:/", max_size=4),
)
def test_a_pattern_that_matches_an_arn_of_a_form_can_fit_the_form(
    pattern: str, pieces: list[str], filling: str
) -> None:
    arn = "".join("ab" if each == "${BucketName}" else filling if each == "${X}" else each for each in pieces)
    if fullmatch(translate(pattern), arn):
        assert can_fit(pattern, "".join(pieces))


_WORDS = st.sampled_from(
    ["*", "", "s3:GetObject", "s3:*", "Allow", "Deny", "2012-10-17", "arn:aws:s3:::b/*", "${aws:username}", "${", "a:b:c", "10.0.0.0/8", "true", "é", "а", "AROA", OTHER, GITHUB, "\x00", "-1e999"]
)  # fmt: skip
_NAMES = st.sampled_from(
    ["Version", "Statement", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition", "Sid", "AWS", "Service", "Federated", "StringEquals", "ForAllValues:StringLike", "NumericLessThan", "DateEquals", "Null", "IpAddress", "ArnLike", "BinaryEquals", "aws:SourceIp", "aws:username", "s3:prefix"]
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _WORDS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES | st.text(max_size=3), inner, max_size=5),
    max_leaves=25,
)
_STATEMENTS = st.lists(st.dictionaries(_NAMES, _JSON, max_size=6), max_size=3)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    _JSON | st.builds(lambda told: {"Version": "2012-10-17", "Statement": told}, _STATEMENTS),
    st.sampled_from([None, *LintKind]),
)
def test_nothing_in_a_policy_makes_the_lint_raise(policy: Any, kind: LintKind | None) -> None:
    found = lint_policy("example", policy, About(kind=kind)).findings
    assert all(each.line >= 1 and each.code in CODES for each in found)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.builds(lambda told, at: json.dumps(told)[:at], _JSON, st.integers(0, 200)))
def test_no_text_makes_the_lint_raise(text: str) -> None:
    assert all(each.line >= 1 for each in lint_policy("example", text).findings)
