"""Policies of resources that nobody read, buckets of which nobody told the owner, and requests that name no resource."""

from dataclasses import replace
from typing import Any

import pytest
from tests.analysis.iam.policies import allow, deny, document
from tests.analysis.iam.test_account import A, inline, user

from sakimori.analysis.iam.account import IamAccount, iam_account
from sakimori.analysis.iam.action_table import action_table
from sakimori.analysis.iam.answer import Answer, Because, Decision, PolicyKind
from sakimori.analysis.iam.can import asked_about, can
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.policy import policy_of
from sakimori.analysis.iam.policy_carriers import SERVICES, is_collected, may_carry
from sakimori.analysis.iam.read_tables import RESOURCE_POLICIES
from sakimori.analysis.iam.unread_policies import carriers_of

KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
CARRIERS = [
    "arn:aws:dynamodb:us-east-1:111122223333:table/t",
    "arn:aws:dynamodb:us-east-1:111122223333:table/t/index/i",
    "arn:aws:events:us-east-1:111122223333:event-bus/b",
    "arn:aws:kinesis:us-east-1:111122223333:stream/s",
    "arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-1",
    "arn:aws:glue:us-east-1:111122223333:catalog",
    "arn:aws:logs:us-east-1:111122223333:log-group:g",
    "arn:aws:s3:us-east-1:111122223333:accesspoint/a/object/k",
    "arn:aws:backup:us-east-1:111122223333:backup-vault:v",
    "arn:aws:es:us-east-1:111122223333:domain/d",
    "arn:aws:apigateway:us-east-1::/restapis/r",
    "arn:aws:lambda:us-east-1:111122223333:layer:l:1",
    "arn:aws:codeartifact:us-east-1:111122223333:package/d/r/npm//p",
    "arn:aws:kafka:us-east-1:111122223333:topic/c/1/t",
    "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/1",
    "arn:aws:ses:us-east-1:111122223333:identity/a.example",
    "arn:aws:sqs:us-east-1:111122223333:q",
]
NO_CARRIERS = [
    "arn:aws:ec2:us-east-1:111122223333:instance/i-1",
    "arn:aws:iam::111122223333:user/bob",
    "arn:aws:rds:us-east-1:111122223333:db:d",
    "arn:aws:dynamodb::111122223333:global-table/t",
]
# They put policies by which something is shared, or that are none of IAM.
NONE_OF_IAM = {"ec2", "ssm-sap"}


def account_of(*statements: dict[str, Any], **more: Any) -> IamAccount:
    found = iam_account([user("alice", UserPolicyList=inline(*statements))])
    return replace(found, **more)


def asked(account: IamAccount, action: str, resource: str = "*", owner: str = "") -> Answer:
    context = Context(is_open=True)
    return can(account, account.find("alice")[0], asked_about(action, resource, context, owner))


def causes(answer: Answer) -> set[Because | None]:
    return {each.because for each in answer.reasons if not each.certain}


def any_action(arn: str) -> str:
    return f"{arn.split(':')[2]}:Act"


# -- whether there may be one -----------------------------------------------------------------------


@pytest.mark.parametrize("arn", CARRIERS)
def test_what_a_resource_policy_that_nobody_read_may_deny_or_allow_is_unknown(arn: str) -> None:
    for statements in ([allow("*")], []):
        found = asked(account_of(*statements), any_action(arn), arn)
        assert (found.decision, Because.NOT_READ in causes(found)) == (Decision.UNKNOWN, True)


@pytest.mark.parametrize("arn", CARRIERS)
def test_somebody_may_say_that_there_are_none(arn: str) -> None:
    account = account_of(allow("*"), assumes_no_resource_policies=True)
    assert asked(account, any_action(arn), arn).decision is Decision.ALLOWED
    assert asked(account_of(assumes_no_resource_policies=True), any_action(arn), arn).decision is Decision.IMPLICIT_DENY


@pytest.mark.parametrize("arn", NO_CARRIERS)
def test_resource_that_can_have_no_policy_is_decided(arn: str) -> None:
    assert asked(account_of(allow("*")), any_action(arn), arn).decision is Decision.ALLOWED
    assert asked(account_of(), any_action(arn), arn).decision is Decision.IMPLICIT_DENY


def test_denial_of_ones_own_needs_no_policy_of_the_resource() -> None:
    assert (
        asked(account_of(allow("*"), deny("dynamodb:*")), "dynamodb:GetItem", CARRIERS[0]).decision
        is Decision.EXPLICIT_DENY
    )


def test_key_always_has_a_policy_whatever_is_said() -> None:
    account = account_of(allow("*"), assumes_no_resource_policies=True)
    assert asked(account, "kms:Decrypt", KEY).decision is Decision.UNKNOWN


def test_place_that_was_read_has_no_policies_but_those_told() -> None:
    read = {"sqs/us-east-1", "lambda/us-east-1", "kafka/us-east-1", "kinesis/us-east-1"}
    account = account_of(allow("*"), read_places=frozenset(read))
    told = {
        arn: asked(account, "sqs:Any", arn).decision
        for arn in ("arn:aws:sqs:us-east-1:111122223333:q", "arn:aws:sqs:eu-west-1:111122223333:q")
    }
    assert list(told.values()) == [Decision.ALLOWED, Decision.UNKNOWN]
    for arn in ("lambda:us-east-1:111122223333:layer:f:1", "kafka:us-east-1:111122223333:topic/c/1/t"):
        assert asked(account, any_action(f"arn:aws:{arn}"), f"arn:aws:{arn}").decision is Decision.ALLOWED
    stream, consumer = (f"arn:aws:kinesis:us-east-1:111122223333:stream/s{each}" for each in ("", "/consumer/c:1"))
    assert asked(account, "kinesis:Any", stream).decision is Decision.ALLOWED
    assert asked(account, "kinesis:Any", consumer).decision is Decision.UNKNOWN
    account = replace(account, read_places=account.read_places | {"kinesis-consumer/us-east-1"})
    assert asked(account, "kinesis:Any", consumer).decision is Decision.ALLOWED


def test_policies_of_versions_and_aliases_of_functions_are_not_read() -> None:
    account = account_of(allow("s3:*"), read_places=frozenset({"lambda/us-east-1"}))
    function = "arn:aws:lambda:us-east-1:111122223333:function:f"
    answers = [asked(account, "lambda:InvokeFunction", f"{function}{each}").decision for each in ("", ":7", ":PROD")]
    assert answers == [Decision.IMPLICIT_DENY, Decision.UNKNOWN, Decision.UNKNOWN]


def test_policy_of_what_a_resource_is_in_holds_for_it() -> None:
    """Packages of a repository, topics of a cluster."""
    own = {"codeartifact": ("repository/d/r", "package/d/r/npm//p"), "kafka": ("cluster/c/1", "topic/c/1/t")}
    for service, (holder, inside) in own.items():
        shut = policy_of("p", document({**deny("*"), "Principal": "*"}))
        policies = {f"arn:aws:{service}:us-east-1:111122223333:{holder}": shut}
        account = account_of(allow("*"), resource_policies=policies)
        arn = f"arn:aws:{service}:us-east-1:111122223333:{inside}"
        assert asked(account, any_action(arn), arn).decision is Decision.EXPLICIT_DENY


def test_policies_that_bear_together_but_read_variables_differently_leave_it_open() -> None:
    artifacts = "arn:aws:codeartifact:us-east-1:111122223333"
    named = {
        **allow("codeartifact:ReadFromRepository", on=f"{artifacts}:repository/d/${{aws:username}}"),
        "Principal": "*",
    }
    other = {**allow("codeartifact:DescribeRepository"), "Principal": "*"}
    for version, decision in (("2012-10-17", Decision.ALLOWED), ("2008-10-17", Decision.UNKNOWN)):
        policies = {
            f"{artifacts}:domain/d": policy_of("domain", document(named)),
            f"{artifacts}:repository/d/alice": policy_of("repository", {**document(other), "Version": version}),
        }
        account = account_of(allow("s3:*"), resource_policies=policies)
        asked_of = asked(account, "codeartifact:ReadFromRepository", f"{artifacts}:repository/d/alice")
        assert asked_of.decision is decision, version


def test_access_point_lets_in_only_whom_its_bucket_lets_in_too() -> None:
    point = "arn:aws:s3:us-east-1:111122223333:accesspoint/a"
    mine = policy_of("p", document({**allow("s3:*"), "Principal": "*"}))
    account = account_of(allow("*"), resource_policies={point: mine}, read_places=frozenset({"s3/", "s3/us-east-1"}))
    assert asked(account, "s3:GetObject", f"{point}/object/k").decision is Decision.UNKNOWN
    locked = policy_of("p", document({**deny("s3:*"), "Principal": "*"}))
    account = replace(account, resource_policies={point: locked})
    assert asked(account, "s3:GetObject", point).decision is Decision.EXPLICIT_DENY


def test_policies_that_are_collected_are_of_resources_that_can_have_one() -> None:
    kinds = {
        "kms": "key/1", "lambda": "function:f", "ecr": "repository/r", "secretsmanager": "secret:s", "dynamodb": "table/t",
        "elasticfilesystem": "file-system/f", "events": "event-bus/b", "es": "domain/d", "backup": "backup-vault:v",
        "glacier": "vaults/v", "kinesis": "stream/s", "logs": "destination:d", "glue": "catalog",
        "ses": "identity/i", "codeartifact": "domain/d", "acm-pca": "certificate-authority/1", "kafka": "cluster/c/1",
    }  # fmt: skip
    for name, table in RESOURCE_POLICIES.items():
        inside = {
            "dynamodb-stream": "dynamodb:::table/t/stream/2026",
            "kinesis-consumer": "kinesis:::stream/s/consumer/c:1",
        }
        arn = f"arn:aws:{inside.get(table.service) or f'{table.service}:::' + kinds.get(table.service, 'x')}"
        assert may_carry(arn), name
        assert is_collected(arn), name


@pytest.mark.parametrize(
    "arn",
    ["arn:aws:dynamodb:::table/t/stream/2026", "arn:aws:kinesis:::stream/s/consumer/c:1", "arn:aws:s3:::accesspoint/a"],
)
def test_what_has_a_policy_of_its_own_is_not_held_by_that_of_what_it_is_in(arn: str) -> None:
    assert is_collected(arn) is (":s3:" not in arn)
    assert next(iter(carriers_of(arn))) == arn
    assert "arn:aws:dynamodb:::table/t" not in carriers_of(arn)


def test_every_service_that_puts_a_policy_of_a_resource_is_in_the_table() -> None:
    table = action_table()
    putting = {prefix for prefix in table.prefixes if table.find(f"{prefix}:PutResourcePolicy")}
    known = {"route53-recovery-control-config": "route53-recovery-control"}
    missing = {each for each in putting if known.get(each, each) not in SERVICES}
    assert missing <= NONE_OF_IAM


def test_template_of_arns_is_read_like_an_arn() -> None:
    assert may_carry("arn:\x00:dynamodb:\x00:\x00:table/*")
    assert not may_carry("arn:*:ec2:*:*:instance/*")
    assert not may_carry("no arn")


# -- whose a bucket is ------------------------------------------------------------------------------


def test_bucket_that_is_not_among_the_accounts_own_may_be_anybodys() -> None:
    account = account_of(allow("*"), read_places=frozenset({"s3/"}), buckets=frozenset({"arn:aws:s3:::mine"}))
    assert asked(account, "s3:GetObject", "arn:aws:s3:::mine/k").decision is Decision.ALLOWED
    found = asked(account, "s3:GetObject", "arn:aws:s3:::other/k")
    assert (found.decision, Because.NOT_READ in causes(found)) == (Decision.UNKNOWN, True)
    assert asked(account, "s3:GetObject", "arn:aws:s3:::other/k", "111122223333").decision is Decision.ALLOWED


def test_resource_account_of_such_a_bucket_is_a_key_of_unknown_value() -> None:
    own = {"StringEquals": {"aws:ResourceAccount": "111122223333"}}
    account = account_of(allow("*", Condition=own), assumes_no_resource_policies=True)
    assert asked(account, "s3:GetObject", "arn:aws:s3:::b/k").decision is Decision.ALLOWED
    found = asked(account_of(allow("*", Condition=own)), "s3:GetObject", "arn:aws:s3:::b/k")
    assert ("aws:ResourceAccount",) in {each.keys for each in found.reasons}


# -- no resource named ------------------------------------------------------------------------------


def test_what_holds_for_some_resources_alone_is_unknown_where_none_is_named() -> None:
    account = account_of(allow("s3:*"), deny("s3:*", on="arn:aws:s3:::locked/*"), assumes_no_resource_policies=True)
    found = asked(account, "s3:GetObject")
    assert (found.decision, causes(found)) == (Decision.UNKNOWN, {Because.SOME_RESOURCES})
    some = account_of(allow("s3:*", on="arn:aws:s3:::open/*"), assumes_no_resource_policies=True)
    assert asked(some, "s3:GetObject").decision is Decision.UNKNOWN
    # A bucket is no object, and a queue is neither.
    for on in ("arn:aws:s3:::bucket", "arn:aws:sqs:*:*:q"):
        assert asked(account_of(allow("*", on=on), assumes_no_resource_policies=True), "s3:GetObject").decision is Decision.IMPLICIT_DENY  # fmt: skip


def test_not_resource_covers_all_but_some() -> None:
    spared = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::spared/*"}
    account = account_of(spared, assumes_no_resource_policies=True)
    assert asked(account, "s3:GetObject").decision is Decision.UNKNOWN
    assert asked(account, "sqs:SendMessage").decision is Decision.ALLOWED


def test_action_that_knows_no_resource_is_decided_on_the_star() -> None:
    assert asked(account_of(allow("*")), "ec2:DescribeInstances").decision is Decision.ALLOWED
    assert (
        asked(account_of(allow("*", on="arn:aws:ec2:*:*:*")), "ec2:DescribeInstances").decision
        is Decision.IMPLICIT_DENY
    )


def test_keys_are_gated_where_none_is_named_too() -> None:
    found = asked(account_of(allow("*"), assumes_no_resource_policies=True), "kms:Decrypt")
    assert (found.decision, causes(found)) == (Decision.UNKNOWN, {Because.DEPENDS_ON_RESOURCE})
    assert asked(account_of(allow("*")), "kms:ListKeys").decision is Decision.ALLOWED


def test_policy_of_one_of_the_resources_that_denies_leaves_the_others_to_be_named() -> None:
    locked = policy_of("arn:aws:s3:::b", document({**deny("s3:*"), "Principal": "*"}))
    account = account_of(
        allow("*"), resource_policies={"arn:aws:s3:::b": locked}, read_places=frozenset({"s3/"})
    )  # fmt: skip
    assert asked(account, "s3:GetObject").decision is Decision.ALLOWED
    assert asked(account, "s3:GetObject", "arn:aws:s3:::b/k").decision is Decision.EXPLICIT_DENY
    assert asked(replace(account, resource_policies={}), "s3:GetObject").decision is Decision.ALLOWED


# -- grants of keys ---------------------------------------------------------------------------------


def test_what_a_grant_may_allow_is_not_denied() -> None:
    mine = policy_of("key", document({**allow("kms:*"), "Principal": {"AWS": f"{A}:root"}}))
    account = account_of(resource_policies={KEY: mine})
    found = asked(account, "kms:Decrypt", KEY)
    assert (found.decision, causes(found)) == (Decision.UNKNOWN, {Because.GRANTS_NOT_READ})
    assert found.hangs_on_others_alone
    assert asked(account, "kms:PutKeyPolicy", KEY).decision is Decision.IMPLICIT_DENY
    assert asked(account_of(deny("kms:*"), resource_policies={KEY: mine}), "kms:Decrypt", KEY).decision is Decision.EXPLICIT_DENY  # fmt: skip
    closed = replace(account, scp=((policy_of("scp", document(allow("s3:*"))),),))
    assert asked(closed, "kms:Decrypt", KEY).decision is Decision.IMPLICIT_DENY


def test_what_nothing_of_ones_own_allows_hangs_on_others_alone() -> None:
    assert asked(account_of(), "dynamodb:GetItem", CARRIERS[0]).hangs_on_others_alone
    assert not asked(account_of(allow("*")), "dynamodb:GetItem", CARRIERS[0]).hangs_on_others_alone
    assert PolicyKind.IDENTITY in {each.kind for each in asked(account_of(), "dynamodb:GetItem", CARRIERS[0]).reasons}


PLACE = "arn:aws:codeartifact:us-east-1:111122223333:"
DELETE = "codeartifact:DeletePackageVersions"


@pytest.mark.parametrize("inside", ["repository/d/r", "package/d/r/npm//p"])
def test_policies_of_domain_and_repository_bear_together_and_either_allows(inside: str) -> None:
    let_in = policy_of(
        f"{PLACE}domain/d", document({**allow("codeartifact:*"), "Principal": {"AWS": f"{A}:user/alice"}})
    )
    silent = policy_of(f"{PLACE}repository/d/r", document({**allow("codeartifact:ListPackages"), "Principal": "*"}))
    shut = policy_of(f"{PLACE}repository/d/r", document({**deny("codeartifact:*"), "Principal": "*"}))
    for of_repository, expected in ((silent, Decision.ALLOWED), (shut, Decision.EXPLICIT_DENY)):
        told = {f"{PLACE}domain/d": let_in, f"{PLACE}repository/d/r": of_repository}
        answer = asked(account_of(allow("s3:*"), resource_policies=told), DELETE, PLACE + inside)
        assert answer.decision is expected
        [reason] = answer.reasons
        assert reason.policy is not None
        assert "domain/d" in reason.policy.name


def test_a_domain_whose_policy_nobody_read_leaves_its_repositories_unknown() -> None:
    silent = policy_of("r", document({**allow("codeartifact:ListPackages"), "Principal": "*"}))
    account = account_of(allow("*"), resource_policies={f"{PLACE}repository/d/r": silent})
    assert asked(account, DELETE, f"{PLACE}repository/d/r").decision is Decision.UNKNOWN
    account = replace(account, read_places=frozenset({"codeartifact/us-east-1"}))
    assert asked(account, DELETE, f"{PLACE}repository/d/r").decision is Decision.ALLOWED
    account = replace(account, unread_resources=frozenset({f"{PLACE}domain/d"}))
    assert asked(account, DELETE, f"{PLACE}repository/d/r").decision is Decision.UNKNOWN
