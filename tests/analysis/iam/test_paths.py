from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.iam.path_account import (
    HERE,
    THERE,
    Record,
    account_of_records,
    allow,
    arn,
    deny,
    group,
    policy,
    role,
    service,
    trusted,
    user,
)

from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.paths.finder import Surroundings, find_paths
from sakimori.analysis.iam.paths.found import Path, PathsFound
from sakimori.analysis.iam.paths.goals import Goal, goal_of
from sakimori.analysis.iam.paths.search import Limits
from sakimori.analysis.iam.paths.techniques import Target
from sakimori.analysis.iam.paths.world import Compute, Workload, policy_versions
from sakimori.analysis.iam.policy import policy_of
from sakimori.model.errors import UsageError

ROOT = f"arn:aws:iam::{HERE}:root"
FULL = [{"Version": "2012-10-17", "Statement": [allow("*")]}]
LAMBDA = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]


def paths(
    *records: Record, start: str = "alice", goal: str = "admin", around: Surroundings | None = None, **more: Any
) -> PathsFound:
    account = account_of_records(*records)
    return found_in(account, start, goal, around, **more)


def found_in(
    account: IamAccount, start: str, goal: str = "admin", around: Surroundings | None = None, **more: Any
) -> PathsFound:
    (who,) = account.find(f"user/{start}") or account.find(f"role/{start}")
    return find_paths(account, who, goal_of(goal), around, **more)


def methods(path: Path) -> list[str]:
    return [each.method for each in path.edges]


def told(found: PathsFound) -> list[tuple[str, list[str]]]:
    return [(str(path.certainty), methods(path)) for path in found.paths]


def under(account: IamAccount, *statements: Record) -> IamAccount:
    scp = policy_of("scp", {"Version": "2012-10-17", "Statement": list(statements)})
    return replace(account, scp=((policy_of("FullAWSAccess", FULL[0]),), (scp,)))


# -- the ways -----------------------------------------------------------------------------------


def test_a_role_passed_to_a_function_is_reached() -> None:
    found = paths(user("alice", allow(LAMBDA)), role("powerful", service("lambda"), allow("*")))
    assert told(found) == [("proven", ["lambda_create_function_invoke"])]
    assert found.paths[0].as_json() == {
        "from": arn("user/alice"),
        "to": arn("role/powerful"),
        "goal": "admin",
        "certainty": "proven",
        "edges": [
            {
                "from": arn("user/alice"),
                "to": arn("role/powerful"),
                "method": "lambda_create_function_invoke",
                "actions": LAMBDA,
            }
        ],
    }


def test_a_role_that_does_not_trust_the_service_is_not_reached() -> None:
    assert told(paths(user("alice", allow(LAMBDA)), role("powerful", service("ec2"), allow("*")))) == []


@pytest.mark.parametrize("missing", LAMBDA)
def test_without_one_of_the_actions_there_is_no_edge(missing: str) -> None:
    rest = [each for each in LAMBDA if each != missing]
    assert told(paths(user("alice", allow(rest)), role("powerful", service("lambda"), allow("*")))) == []


def test_the_service_to_which_a_role_may_be_passed_counts() -> None:
    to_ec2 = allow("iam:PassRole", "*", {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})
    powerful = role("powerful", service("lambda"), allow("*"))
    assert told(paths(user("alice", to_ec2, allow(LAMBDA[1:])), powerful)) == []
    to_lambda = allow("iam:PassRole", "*", {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})
    assert len(paths(user("alice", to_lambda, allow(LAMBDA[1:])), powerful).paths) == 1


def test_a_function_may_be_made_under_any_name_that_the_policy_lets_pass() -> None:
    named = allow(LAMBDA[1:], f"arn:aws:lambda:us-east-1:{HERE}:function:team-*")
    found = paths(user("alice", allow("iam:PassRole"), named), role("powerful", service("lambda"), allow("*")))
    assert found.paths[0].edges[0].on[1:] == (f"arn:aws:lambda:us-east-1:{HERE}:function:team-new",) * 2


def test_the_same_name_must_do_for_every_call() -> None:
    made = allow("lambda:CreateFunction", f"arn:aws:lambda:us-east-1:{HERE}:function:a-*")
    invoked = allow("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{HERE}:function:b-*")
    assert (
        told(paths(user("alice", allow("iam:PassRole"), made, invoked), role("p", service("lambda"), allow("*")))) == []
    )


@pytest.mark.parametrize(
    ("action", "on", "method"),
    [
        ("iam:PutUserPolicy", "user/alice", "iam_put_user_policy"),
        ("iam:AttachUserPolicy", "user/alice", "iam_attach_user_policy"),
        ("iam:PutGroupPolicy", "group/staff", "iam_put_group_policy"),
        ("iam:AttachGroupPolicy", "group/staff", "iam_attach_group_policy"),
        ("iam:CreatePolicyVersion", "policy/staff", "iam_create_policy_version"),
        ("iam:AddUserToGroup", "group/admins", "iam_add_user_to_group"),
        ("iam:CreateAccessKey", "user/root-like", "iam_create_access_key"),
    ],
)
def test_a_single_action_of_iam_leads_to_admin(action: str, on: str, method: str) -> None:
    found = paths(
        policy("staff", allow("s3:ListBucket")), group("admins", allow("*")), group("staff", attached=[arn("policy/staff")]),
        user("alice", allow(action, arn(on)), groups=["staff"]), user("root-like", allow("*")),
    )  # fmt: skip
    assert told(found) == [("proven", [method])]


@pytest.mark.parametrize(
    ("action", "has_password", "expected"),
    [
        ("CreateLoginProfile", None, "possible"), ("CreateLoginProfile", False, "proven"), ("CreateLoginProfile", True, ""),
        ("UpdateLoginProfile", None, "possible"), ("UpdateLoginProfile", True, "proven"), ("UpdateLoginProfile", False, ""),
    ],
)  # fmt: skip
def test_a_password_is_made_for_who_has_none_and_changed_for_who_has_one(
    action: str, has_password: bool | None, expected: str
) -> None:
    account = account_of_records(user("alice", allow(f"iam:{action}")), user("root-like", allow("*")))
    passwords = {} if has_password is None else {arn("user/root-like"): has_password}
    alice = account.identities[arn("user/alice")]
    found = find_paths(account, alice, Goal(), Surroundings(passwords=passwords))
    assert [certainty for certainty, _ in told(found)] == ([expected] if expected else [])


def test_the_same_action_on_another_thing_leads_nowhere() -> None:
    records = [user("alice", allow(["iam:PutUserPolicy", "iam:AttachUserPolicy"], arn("user/bob"))), user("bob")]
    assert told(paths(*records)) == []


def test_what_others_may_be_given_helps_who_can_become_them() -> None:
    found = paths(
        user("alice", allow("iam:PutRolePolicy"), allow("sts:AssumeRole")), role("dev", trusted(ROOT), allow("s3:*"))
    )
    assert told(found) == [("proven", ["sts_assume_role", "iam_put_role_policy"])]
    assert told(paths(user("alice", allow("iam:PutRolePolicy")), role("dev", trusted(ROOT), allow("s3:*")))) == []


def test_a_trust_rewritten_opens_the_role() -> None:
    found = paths(user("alice", allow("iam:UpdateAssumeRolePolicy")), role("powerful", service("ec2"), allow("*")))
    assert told(found) == [("proven", ["iam_update_assume_role_policy"])]
    refused = user("alice", allow("iam:UpdateAssumeRolePolicy"), deny("sts:AssumeRole"))
    assert told(paths(refused, role("powerful", service("ec2"), allow("*")))) == []


def test_roles_are_assumed_one_after_another() -> None:
    found = paths(
        user("alice", allow("sts:AssumeRole")), role("first", trusted(ROOT), allow("sts:AssumeRole")),
        role("second", trusted(arn("role/first")), allow("*")),
    )  # fmt: skip
    assert told(found) == [("proven", ["sts_assume_role", "sts_assume_role"])]


def test_a_trust_in_the_whole_account_needs_the_permission_and_a_trust_by_name_does_not() -> None:
    assert told(paths(user("alice", allow("s3:*")), role("powerful", trusted(ROOT), allow("*")))) == []
    named = role("powerful", trusted(arn("user/alice")), allow("*"))
    assert told(paths(user("alice", allow("s3:*")), named)) == [("proven", ["sts_assume_role"])]


def test_a_new_identity_escapes_the_boundary_of_its_maker_but_not_one_that_is_asked_for() -> None:
    records = [policy("limit", allow(["iam:CreateUser", "iam:PutUserPolicy", "iam:CreateAccessKey"]))]
    maker = user("alice", allow("iam:*"), boundary=arn("policy/limit"))
    assert told(paths(*records, maker)) == [("proven", ["iam_create_user_put_policy"])]
    only = {"StringEquals": {"iam:PermissionsBoundary": arn("policy/limit")}}
    bound = user("alice", allow(["iam:CreateUser", "iam:PutUserPolicy"], "*", only), allow("iam:CreateAccessKey"))
    assert told(paths(*records, bound)) == []


def test_an_older_version_of_a_policy_is_put_back() -> None:
    records = [
        policy("staff", allow("iam:SetDefaultPolicyVersion"), older=[allow("*")]),
        user("alice", attached=[arn("policy/staff")]),
    ]
    found = paths(*records, around=Surroundings(versions=policy_versions(records)))
    assert told(found) == [("proven", ["iam_set_default_policy_version"])]
    assert told(paths(*records)) == []


def test_a_policy_that_may_be_attached_brings_what_it_allows() -> None:
    only = {"ArnEquals": {"iam:PolicyARN": arn("policy/passing")}}
    found = paths(
        policy("passing", allow(LAMBDA)), user("alice", allow("iam:AttachUserPolicy", arn("user/alice"), only)),
        role("powerful", service("lambda"), allow("*")),
    )  # fmt: skip
    assert told(found) == [("proven", ["iam_attach_user_policy_of_account", "lambda_create_function_invoke"])]


def test_a_group_that_was_joined_and_may_be_given_permissions_leads_to_admin() -> None:
    found = paths(
        user("alice", allow(["iam:AddUserToGroup", "iam:PutGroupPolicy"], arn("group/g"))), group("g", allow("s3:*"))
    )
    assert told(found) == [("proven", ["iam_add_user_to_group", "iam_put_group_policy"])]


# -- what holds back ----------------------------------------------------------------------------


def test_an_explicit_deny_takes_the_edge_away() -> None:
    denied = user("alice", allow(LAMBDA), deny("iam:PassRole", arn("role/powerful")))
    assert told(paths(denied, role("powerful", service("lambda"), allow("*")))) == []


def test_a_boundary_of_the_source_takes_the_edge_away() -> None:
    records = [policy("limit", allow("lambda:*")), role("powerful", service("lambda"), allow("*"))]
    assert told(paths(user("alice", allow(LAMBDA), boundary=arn("policy/limit")), *records)) == []


def test_permissions_given_under_a_boundary_reach_only_what_it_allows() -> None:
    narrow, wide = policy("limit", allow("iam:PutUserPolicy"), allow("s3:*")), policy("limit", allow("*"))
    alice = user("alice", allow("iam:PutUserPolicy"), boundary=arn("policy/limit"))
    assert told(paths(narrow, alice)) == []
    assert told(paths(wide, alice)) == [("proven", ["iam_put_user_policy"])]
    reached = paths(narrow, alice, goal="arn:aws:s3:::amzn-s3-demo-bucket")
    # The bucket may have a policy that denies it, and none was told.
    assert told(reached) == [("possible", ["iam_put_user_policy", "access"])]


def test_a_boundary_that_may_be_removed_does_not_hold() -> None:
    alice = user(
        "alice", allow(["iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary"]), boundary=arn("policy/limit")
    )
    limit = policy("limit", allow(["iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary"]))
    (path,) = paths(limit, alice).paths
    assert sorted(methods(path)) == ["iam_delete_user_permissions_boundary", "iam_put_user_policy"]


def test_an_scp_takes_edges_and_administrators_away() -> None:
    records = [user("alice", allow(LAMBDA)), role("powerful", service("lambda"), allow("*"))]
    account = account_of_records(*records)
    assert len(found_in(under(account, allow("*")), "alice").paths) == 1
    assert told(found_in(under(account, allow("*"), deny("lambda:CreateFunction")), "alice")) == []
    assert found_in(under(account, allow("*"), deny("iam:*")), "powerful").at_goal == ()


def test_an_scp_that_binds_calls_to_regions_hides_no_path_within_them() -> None:
    records = [user("alice", allow(LAMBDA)), role("powerful", service("lambda"), allow("*"))]
    elsewhere = {
        "Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["ap-northeast-1"]}},
    }  # fmt: skip
    found = found_in(under(account_of_records(*records), allow("*"), elsewhere), "alice")
    assert told(found) == [("proven", ["lambda_create_function_invoke"])]
    assert all(":ap-northeast-1:" in name for name in found.paths[0].edges[0].on[1:])


def test_a_tag_of_the_target_decides_where_a_condition_asks_for_it() -> None:
    only = allow("iam:UpdateAssumeRolePolicy", "*", {"StringEquals": {"iam:ResourceTag/team": "a"}})
    records = [
        user("alice", only),
        *({**role(name, service("ec2"), allow("*")), "Tags": [{"Key": "team", "Value": name}]} for name in "ab"),
    ]
    assert [path.target for path in paths(*records).paths] == [arn("role/a")]


# -- what is not known --------------------------------------------------------------------------


def test_what_hangs_on_an_unknown_condition_is_possible() -> None:
    with_mfa = allow(LAMBDA, "*", {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    found = paths(user("alice", with_mfa), role("powerful", service("lambda"), allow("*")))
    assert told(found) == [("possible", ["lambda_create_function_invoke"])]


def test_a_policy_that_was_not_told_makes_a_path_possible_and_is_counted() -> None:
    unread = user("alice", attached=["arn:aws:iam::aws:policy/PowerUserAccess"])
    found = paths(unread, role("powerful", service("lambda"), allow("*")), start="alice")
    assert found.maybe_at_goal == (arn("user/alice"),)
    assert found.unread == 1
    assert "proven" not in {certainty for certainty, _ in told(found)}


def test_proven_paths_come_before_possible_ones_that_are_shorter() -> None:
    found = paths(
        user("alice", allow(LAMBDA, "*", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}), allow("sts:AssumeRole")),
        role("powerful", service("lambda"), allow("*")), role("first", trusted(ROOT), allow("sts:AssumeRole")),
        role("second", trusted(arn("role/first")), allow("*")),
    )  # fmt: skip
    assert [certainty for certainty, _ in told(found)] == ["proven", "possible"]


def test_compute_that_was_not_told_is_possible_and_what_was_told_is_proven_or_not_there() -> None:
    records = [user("alice", allow(["ssm:StartSession"])), role("powerful", service("ec2"), allow("*"), profile=True)]
    assert told(paths(*records)) == [("possible", ["ssm_start_session"])]
    none = Compute(known=frozenset({Target.INSTANCE}))
    assert told(paths(*records, around=Surroundings(compute=none))) == []
    instance = f"arn:aws:ec2:us-east-1:{HERE}:instance/i-0123456789abcdef0"
    there = replace(none, workloads=(Workload(kind=Target.INSTANCE, arn=instance, role=arn("role/powerful")),))
    assert told(paths(*records, around=Surroundings(compute=there))) == [("proven", ["ssm_start_session"])]


def test_without_a_role_that_could_run_it_unknown_compute_is_no_way() -> None:
    assert told(paths(user("alice", allow("ssm:StartSession")), role("powerful", service("ec2"), allow("*")))) == []


def test_a_role_of_an_account_that_was_not_told_is_possibly_reached() -> None:
    target = arn("role/there", THERE)
    found = paths(user("alice", allow("sts:AssumeRole", target)), goal=target)
    assert told(found) == [("possible", ["sts_assume_role"])]


@pytest.mark.parametrize(("trust", "expected"), [(HERE, ["proven"]), (THERE, [])])
def test_a_role_of_an_account_that_was_told_is_reached_if_it_trusts(trust: str, expected: list[str]) -> None:
    other = account_of_records(role("there", trusted(trust), allow("*"), account=THERE))
    found = paths(user("alice", allow("sts:AssumeRole")), around=Surroundings(others=(other,)))
    assert [certainty for certainty, _ in told(found)] == expected


# -- goals, cuts, limits ------------------------------------------------------------------------


def test_an_administrator_needs_no_path() -> None:
    found = paths(user("alice", allow("*")))
    assert (found.at_goal, found.paths) == ((arn("user/alice"),), ())


@pytest.mark.parametrize(
    "statements", [[allow("s3:*")], [allow("iam:*")], [allow("*"), deny("iam:*")], [allow("*", "arn:aws:s3:::x")]]
)
def test_who_may_not_do_everything_is_no_administrator(statements: list[Record]) -> None:
    assert paths(user("alice", *statements)).at_goal == ()


def test_an_identity_is_a_goal() -> None:
    found = paths(user("alice", allow("iam:CreateAccessKey")), user("bob"), goal=arn("user/bob"))
    assert told(found) == [("proven", ["iam_create_access_key"])]


@pytest.mark.parametrize("words", ["nothing", "arn:aws:unheard:us-east-1:123456789012:thing/x"])
def test_a_goal_that_means_nothing_is_refused(words: str) -> None:
    with pytest.raises(UsageError):
        goal_of(words)


def test_a_goal_of_any_service_may_be_given_with_its_actions() -> None:
    goal = goal_of("arn:aws:unheard:us-east-1:123456789012:thing/x", ("unheard:Read",))
    account = account_of_records(user("alice", allow("unheard:*")))
    assert find_paths(account, None, goal).at_goal == (arn("user/alice"),)


def test_the_cheapest_cut_takes_the_permission_that_all_ways_share() -> None:
    found = paths(
        user("alice", allow([*LAMBDA, "lambda:AddPermission"])), role("powerful", service("lambda"), allow("*"))
    )
    cut = found.paths[0].cut
    assert cut is not None
    assert [(each.action, each.holder, each.policy) for each in cut.removals] == [
        ("iam:PassRole", arn("user/alice"), "inline")
    ]


def test_the_cheapest_cut_disturbs_the_fewest() -> None:
    shared = policy("shared", allow("sts:AssumeRole"))
    others = [user(f"user{number}", attached=[arn("policy/shared")]) for number in range(5)]
    found = paths(
        shared, *others, user("alice", attached=[arn("policy/shared")]), role("first", trusted(ROOT), allow(LAMBDA)),
        role("powerful", service("lambda"), allow("*")),
    )  # fmt: skip
    cut = found.paths[0].cut
    assert cut is not None
    assert (cut.edge, cut.removals[0].holder, cut.affected) == (1, arn("role/first"), 1)


def test_taking_the_cut_away_breaks_the_path() -> None:
    first = role("first", trusted(ROOT), allow(LAMBDA))
    records = [user("alice", allow("sts:AssumeRole")), role("powerful", service("lambda"), allow("*"))]
    cut = paths(*records, first).paths[0].cut
    assert cut is not None
    (removal,) = cut.removals
    assert removal.action == "sts:AssumeRole"
    assert told(paths(user("alice"), records[1], first)) == []


def test_the_edge_cut_breaks_every_path_with_the_fewest_edges() -> None:
    found = paths(
        user("alice", allow("sts:AssumeRole", arn("role/gate"))), role("gate", trusted(ROOT), allow(LAMBDA)),
        role("one", service("lambda"), allow("*")), role("two", service("lambda"), allow("*")),
    )  # fmt: skip
    assert len(found.paths) == 2
    assert found.edge_cut is not None
    assert [(each.source, each.target) for each in found.edge_cut.edges] == [(arn("user/alice"), arn("role/gate"))]


def test_a_limit_that_ends_the_search_is_told() -> None:
    chain = [role(f"r{number}", trusted(arn(f"role/r{number - 1}"))) for number in range(1, 6)]
    records = [
        user("alice"),
        role("r0", trusted(arn("user/alice"))),
        *chain,
        role("end", trusted(arn("role/r5")), allow("*")),
    ]
    assert len(paths(*records).paths) == 1
    found = paths(*records, limits=Limits(length=3))
    assert (found.paths, found.cut_short) == ((), (arn("user/alice"),))


def test_the_number_of_paths_is_bounded_and_the_shortest_are_kept() -> None:
    many = [role(f"powerful{number:02}", service("lambda"), allow("*")) for number in range(30)]
    found = paths(user("alice", allow(LAMBDA)), *many, limits=Limits(paths=5))
    assert [path.target for path in found.paths] == [arn(f"role/powerful{number:02}") for number in range(5)]
    assert found.cut_short == (arn("user/alice"),)


def test_everybody_is_asked_where_no_start_is_named() -> None:
    account = account_of_records(
        user("alice", allow(LAMBDA)), user("bob"), role("powerful", service("lambda"), allow("*"))
    )
    found = find_paths(account, None, Goal())
    assert (found.starts, [path.source for path in found.paths]) == (3, [arn("user/alice")])


# -- properties ---------------------------------------------------------------------------------

_ACTIONS = [
    *LAMBDA,
    "sts:AssumeRole",
    "iam:PutUserPolicy",
    "iam:PutRolePolicy",
    "iam:AddUserToGroup",
    "iam:CreateAccessKey",
    "*",
    "s3:GetObject",
]
_STATEMENTS = st.builds(
    lambda effect, actions, resource: {"Effect": effect, "Action": actions, "Resource": resource},
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    st.lists(st.sampled_from(_ACTIONS), min_size=1, max_size=3),
    st.sampled_from(["*", arn("user/u0"), arn("role/r0"), arn("role/r*"), arn("group/g0"), "arn:aws:s3:::x"]),
)
_LISTS = st.lists(_STATEMENTS, max_size=3)
_TRUSTS = st.sampled_from([trusted(ROOT), service("lambda"), trusted(arn("user/u0")), trusted(arn("role/r0"))])


@st.composite
def _accounts(draw: st.DrawFn) -> list[Record]:
    users = [user(f"u{number}", *draw(_LISTS), groups=draw(st.sampled_from([(), ("g0",)]))) for number in range(2)]
    roles = [role(f"r{number}", draw(_TRUSTS), *draw(_LISTS)) for number in range(3)]
    return [group("g0", *draw(_LISTS)), *users, *roles]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(_accounts())
def test_the_same_account_gives_the_same_paths_in_whatever_order_it_is_told(records: list[Record]) -> None:
    once = find_paths(account_of_records(*records), None, Goal())
    again = find_paths(account_of_records(*reversed(records)), None, Goal())
    assert [path.as_json() for path in once.paths] == [path.as_json() for path in again.paths]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(_accounts())
def test_every_path_starts_at_its_start_and_each_edge_where_the_attacker_already_is(records: list[Record]) -> None:
    for path in find_paths(account_of_records(*records), None, Goal()).paths:
        held = {path.source}
        for edge in path.edges:
            assert edge.source in held
            held.add(edge.target)
        assert path.target in held


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(_accounts())
def test_a_deny_for_everybody_only_takes_paths_away(records: list[Record]) -> None:
    account = account_of_records(*records)
    before = {path.source for path in find_paths(account, None, Goal()).paths} | set(
        find_paths(account, None, Goal()).at_goal
    )
    less = under(account, allow("*"), deny("lambda:*"))
    assert {path.source for path in find_paths(less, None, Goal()).paths} <= before


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(_accounts())
def test_asking_for_everybody_at_once_finds_what_asking_one_by_one_finds(records: list[Record]) -> None:
    account = account_of_records(*records)
    one_by_one = [
        path.as_json() for who in (*account.users, *account.roles) for path in find_paths(account, who, Goal()).paths
    ]
    assert [path.as_json() for path in find_paths(account, None, Goal()).paths] == one_by_one


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(_accounts())
def test_what_the_cut_takes_away_breaks_the_path_at_its_step(records: list[Record]) -> None:
    account = account_of_records(*records)
    for path in find_paths(account, None, Goal()).paths:
        if path.cut is None or any(removal.is_trust for removal in path.cut.removals):
            continue
        edge = path.edges[path.cut.edge]
        taken = deny([removal.action for removal in path.cut.removals])
        less = [_with(record, edge.source, taken) for record in records]
        (who,) = account.find(path.source)
        after = find_paths(account_of_records(*less), account_of_records(*less).identities[who.arn], Goal()).paths
        assert (path.edges[: path.cut.edge + 1], path.target) not in [
            (each.edges[: path.cut.edge + 1], each.target) for each in after
        ]


def _with(record: Record, holder: str, statement: Record) -> Record:
    if record["Arn"] != holder:
        return record
    key = "RolePolicyList" if "RoleName" in record else "UserPolicyList"
    more = {"PolicyName": "taken", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    return {**record, key: [*record[key], more]}
