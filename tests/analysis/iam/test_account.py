from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.iam.policies import allow, document

from sakimori.analysis.iam.account import iam_account
from sakimori.analysis.iam.ask import Decision
from sakimori.analysis.iam.can import Asked, can, who_can
from sakimori.analysis.iam.policy import policy_of

A = "arn:aws:iam::111122223333"


def user(name: str, **more: Any) -> dict[str, Any]:
    return {"Arn": f"{A}:user/{name}", "UserName": name, "UserId": f"AIDA{name}", "Path": "/", **more}


def role(name: str, trust: Any = None, path: str = "/", **more: Any) -> dict[str, Any]:
    principal = {"AWS": f"{A}:root"} if trust is None else trust
    told = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }
    return {"Arn": f"{A}:role{path}{name}", "RoleName": name, "RoleId": f"AROA{name}", "Path": path,
            "AssumeRolePolicyDocument": told, **more}  # fmt: skip


def inline(*statements: dict[str, Any], name: str = "inline") -> list[dict[str, Any]]:
    return [{"PolicyName": name, "PolicyDocument": document(*statements)}]


def managed(name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    versions = [
        {"IsDefaultVersion": False, "Document": document(allow("*"))},
        {"IsDefaultVersion": True, "Document": document(*statements)},
    ]
    return {"Arn": f"{A}:policy/{name}", "PolicyName": name, "PolicyVersionList": versions}


def attached(*arns: str) -> list[dict[str, Any]]:
    return [{"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in arns]


def answer(account: Any, who: str, action: str, resource: str = "*") -> Decision:
    return can(account, account.find(who)[0], Asked(action=action, resource=resource)).decision


def test_user_has_its_own_policies_and_those_of_its_groups_in_the_version_in_force() -> None:
    account = iam_account([
        user("alice", GroupList=["devs"], UserPolicyList=inline(allow("s3:*"))),
        {"Arn": f"{A}:group/devs", "GroupName": "devs", "GroupPolicyList": inline(allow("ec2:*")),
         "AttachedManagedPolicies": attached(f"{A}:policy/queues")},
        managed("queues", allow("sqs:*")),
    ])  # fmt: skip
    assert [answer(account, "alice", each) for each in ("s3:GetObject", "ec2:RunInstances", "sqs:SendMessage", "iam:GetUser")] == [
        Decision.ALLOWED, Decision.ALLOWED, Decision.ALLOWED, Decision.IMPLICIT_DENY,
    ]  # fmt: skip


def test_boundary_binds_roles_too() -> None:
    account = iam_account([
        role("bound", RolePolicyList=inline(allow("*")), PermissionsBoundary={"PermissionsBoundaryArn": f"{A}:policy/edge"}),
        managed("edge", allow("s3:*")),
    ])  # fmt: skip
    assert answer(account, "role/bound", "s3:GetObject") is Decision.ALLOWED
    assert answer(account, "role/bound", "iam:CreateUser") is Decision.IMPLICIT_DENY


def test_policy_that_was_not_told_leaves_unknown_what_the_others_do_not_settle() -> None:
    account = iam_account([user("alice", UserPolicyList=inline(allow("s3:*")), AttachedManagedPolicies=attached("arn:aws:iam::aws:policy/X"))])  # fmt: skip
    assert answer(account, "alice", "s3:GetObject") is Decision.UNKNOWN
    assert account.find("alice")[0].unread[0].reason == "not_told"


def test_policy_known_from_elsewhere_counts() -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnly"
    records = [user("alice", AttachedManagedPolicies=attached(arn))]
    account = iam_account(records, {arn: policy_of("ReadOnly", document(allow("s3:Get*")), arn)})
    assert answer(account, "alice", "s3:GetObject") is Decision.ALLOWED


def test_administrator_access_is_known_without_being_told() -> None:
    account = iam_account(
        [user("alice", AttachedManagedPolicies=attached("arn:aws:iam::aws:policy/AdministratorAccess"))]
    )
    assert answer(account, "alice", "iam:CreateUser") is Decision.ALLOWED


def test_malformed_policy_spoils_only_whom_it_belongs_to() -> None:
    account = iam_account([
        user("alice", UserPolicyList=[{"PolicyName": "bad", "PolicyDocument": "{"}]),
        user("bob", UserPolicyList=inline(allow("s3:*"))),
        {"Arn": f"{A}:policy/bad", "PolicyVersionList": [{"IsDefaultVersion": True, "Document": "[]"}]},
        {"Arn": "nonsense", "UserName": 3},
    ])  # fmt: skip
    assert answer(account, "alice", "s3:GetObject") is Decision.UNKNOWN
    assert answer(account, "bob", "s3:GetObject") is Decision.ALLOWED
    assert {each.reason for each in account.unread} == {"form", "document"}


def test_role_is_assumed_only_by_whom_it_trusts() -> None:
    account = iam_account([
        user("alice", UserPolicyList=inline(allow("sts:AssumeRole"))),
        user("bob"),
        role("open"), role("named", {"AWS": f"{A}:user/bob"}), role("service", {"Service": "ec2.amazonaws.com"}),
    ])  # fmt: skip
    found = {
        name: [who.name for who, each in who_can(account, Asked(action="sts:AssumeRole", resource=f"{A}:role/{name}")) if each.is_allowed]
        for name in ("open", "named", "service")
    }  # fmt: skip
    assert found == {"open": ["alice"], "named": ["bob"], "service": []}


def test_role_of_another_account_may_or_may_not_trust_us() -> None:
    account = iam_account([user("alice", UserPolicyList=inline(allow("sts:AssumeRole")))])
    assert answer(account, "alice", "sts:AssumeRole", "arn:aws:iam::444455556666:role/x") is Decision.UNKNOWN


def test_tags_of_the_principal_are_keys_of_its_requests() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/Team": "blue"}}
    account = iam_account([
        user(name, Tags=[{"Key": "team", "Value": name}], UserPolicyList=inline(allow("s3:*", Condition=condition)))
        for name in ("blue", "red")
    ])  # fmt: skip
    assert [answer(account, name, "s3:GetObject") for name in ("blue", "red")] == [
        Decision.ALLOWED,
        Decision.IMPLICIT_DENY,
    ]


@pytest.mark.parametrize("words", ["role/dep.loy", f"{A}:role/service/dep.loy", "dep.loy", "arn:aws:sts::111122223333:assumed-role/dep.loy/s"])  # fmt: skip
def test_people_name_a_role_in_many_ways(words: str) -> None:
    account = iam_account([role("dep.loy", path="/service/"), user("alice")])
    assert [each.name for each in account.find(words)] == ["dep.loy"]


def test_name_that_a_user_and_a_role_have_means_both() -> None:
    account = iam_account([role("deploy"), user("deploy")])
    assert [len(account.find(words)) for words in ("deploy", "user/deploy", "arn:nonsense")] == [2, 1, 0]


def test_policy_of_a_bucket_bears_on_its_objects() -> None:
    account = iam_account([user("alice", UserPolicyList=inline(allow("s3:*")))])
    locked = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}],
    }
    policies = {"arn:aws:s3:::b": policy_of("b", locked)}
    account = replace(account, resource_policies=policies, assumes_no_resource_policies=True)
    assert answer(account, "alice", "s3:GetObject", "arn:aws:s3:::b/k") is Decision.EXPLICIT_DENY
    assert answer(account, "alice", "s3:GetObject", "arn:aws:s3:::c/k") is Decision.ALLOWED


JSON = st.recursive(st.one_of(st.none(), st.booleans(), st.text(max_size=5)), lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=5), inner, max_size=2)), max_leaves=5)  # fmt: skip
MEMBERS = st.sampled_from([
    "Arn", "UserName", "RoleName", "GroupName", "PolicyVersionList", "UserPolicyList", "AttachedManagedPolicies", "GroupList",
    "PermissionsBoundary", "AssumeRolePolicyDocument", "Tags", "Path", "InstanceProfileList",
])  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.dictionaries(MEMBERS, JSON, max_size=6), max_size=4))
def test_records_of_any_form_raise_nothing(records: list[dict[str, Any]]) -> None:
    good = user("alice", UserPolicyList=inline(allow("s3:*")))
    account = iam_account([*records, good])
    assert answer(account, f"{A}:user/alice", "s3:GetObject") is Decision.ALLOWED


def test_key_of_an_object_may_hold_colons_and_its_bucket_still_bears_on_it() -> None:
    locked = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}  # fmt: skip
    account = iam_account([user("alice", UserPolicyList=inline(allow("*")))])
    account = replace(account, resource_policies={"arn:aws:s3:::b": policy_of("b", locked)})
    assert answer(account, "alice", "s3:GetObject", "arn:aws:s3:::b/a:b:c") is Decision.EXPLICIT_DENY
    unread = replace(account, resource_policies={}, unread_resources=frozenset({"arn:aws:s3:::b"}))
    assert answer(unread, "alice", "s3:GetObject", "arn:aws:s3:::b/a:b:c") is Decision.UNKNOWN


def test_bucket_of_others_is_unknown_where_its_policy_was_not_told() -> None:
    account = iam_account([user("alice", UserPolicyList=inline(allow("*")))])
    asked = Asked(action="s3:GetObject", resource="arn:aws:s3:::theirs/k", resource_account="444455556666")
    assert can(account, account.find("alice")[0], asked).decision is Decision.UNKNOWN


@pytest.mark.parametrize("arn", ["arn:aws:sts::111122223333:federated-user/alice", "arn:aws:iam::111122223333:saml-provider/alice", "arn:aws-cn:iam::111122223333:user/alice"])  # fmt: skip
def test_somebody_else_of_the_same_name_is_not_found(arn: str) -> None:
    assert iam_account([user("alice")]).find(arn) == ()


@pytest.mark.parametrize(
    "record",
    [
        {"UserName": "bob"},
        user("bob", AttachedManagedPolicies=False),
        user("bob", UserPolicyList={"PolicyName": "inline"}),
        user("bob", GroupList="admins"),
        user("bob", PermissionsBoundary="arn"),
        user("bob", Tags=""),
        {"Arn": 5, "UserName": "bob"},
        "bob",
        None,
        [["Arn"]],
    ],
)
def test_record_of_no_known_form_leaves_the_listing_not_whole(record: Any) -> None:
    account = iam_account([user("alice"), record])
    assert not account.is_whole
    assert [each.arn for each in account.users] == [f"{A}:user/alice"]
    named = record.get("Arn", "bob") if isinstance(record, dict) else "#2"
    assert [(each.policy, each.reason) for each in account.unread] == [(str(named), "form")]


def test_policy_that_is_not_understood_leaves_the_listing_whole() -> None:
    account = iam_account([user("alice", UserPolicyList=[{"PolicyName": "p", "PolicyDocument": 5}]), managed("m")])
    assert account.is_whole


def test_boundary_without_its_arn_is_one_that_is_not_known() -> None:
    account = iam_account([user("alice", UserPolicyList=inline(allow("*")), PermissionsBoundary={})])
    assert answer(account, "alice", "s3:GetObject") is Decision.UNKNOWN
