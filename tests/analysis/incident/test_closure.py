import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.incident.incident_events import (
    ACCOUNT,
    HOUR,
    KEY,
    NOW,
    OTHER,
    SEED,
    STRANGER,
    T0,
    VICTIM,
    Tale,
    role,
    session,
    user,
)

from sakimori.analysis.incident.closure import MOST_ROUNDS, closure_events, closure_of
from sakimori.analysis.incident.events import ALL, HeldEvents
from sakimori.analysis.incident.form import Closure, CredentialKind, Looked
from sakimori.analysis.incident.seeds import seed_of_key


def followed(tale: Tale, accounts: tuple[str, ...] = (ACCOUNT,)) -> Closure:
    return closure_of(HeldEvents(tale.events, [Looked(source="lake", accounts=accounts)]), [SEED], NOW)


def ids(closure: Closure) -> set[str]:
    return {each.id for each in closure.credentials}


def test_a_chain_of_roles_is_followed_to_its_end_with_the_moment_at_which_each_session_dies() -> None:
    tale = Tale()
    tale.assumes(KEY, VICTIM, role("one"), "ASIA1")
    tale.assumes("ASIA1", session("one", "s"), role("two", OTHER), "ASIA2")
    tale.assumes("ASIA2", session("two", "s", OTHER), role("three", OTHER), "ASIA3", account=OTHER)
    closure = followed(tale)
    assert [each.id for each in closure.credentials] == [KEY, "ASIA1", "ASIA2", "ASIA3"]
    assert [each.issued_by for each in closure.credentials] == ["", KEY, "ASIA1", "ASIA2"]
    assert set(closure.roles) == {role("one"), role("two", OTHER), role("three", OTHER)}
    assert [each.id for each in closure.live(T0 + 2 * HOUR)] == [KEY]
    assert {each.id for each in closure.live(T0 + timedelta(minutes=50))} == ids(closure)


def test_a_session_whose_end_no_event_tells_counts_as_alive_for_as_long_as_aws_allows() -> None:
    tale = Tale()
    tale.tell("GetSessionToken", service="sts", response={"credentials": {"accessKeyId": "ASIA1"}})
    (_, token) = followed(tale).credentials
    assert token.kind is CredentialKind.SESSION_TOKEN
    assert not token.expiry_is_told
    assert token.issued_at
    assert token.expires_at == token.issued_at + timedelta(hours=36)


@pytest.mark.parametrize(
    ("more", "is_outlived"),
    [({}, True), ({"error": "ExpiredToken"}, False), ({"invoked_by": "cloudformation.amazonaws.com"}, False)],
)
def test_a_session_that_is_used_after_its_latest_end_counts_as_alive_and_says_so(
    more: dict[str, str], *, is_outlived: bool
) -> None:
    tale, key = Tale(), "ASIA" + "0" * 15 + "1"
    used: dict[str, Any] = {
        "key": key, "principal": session("ops", "bob"), "session_issuer": role("ops"), "session_at": T0,
        "service": "s3", "ip": "203.0.113.9",
    }  # fmt: skip
    tale.tell("ListBuckets", **used)
    seed = seed_of_key(key, HeldEvents(tale.events), ALL)
    tale.at = T0 + 13 * HOUR
    assert closure_of(HeldEvents(tale.events), [seed], tale.at).live(tale.at) == ()
    tale.tell("ListBuckets", **{**used, **more})
    (found,) = closure_of(HeldEvents(tale.events), [seed], tale.at).credentials
    assert (found.is_outlived, found.expires_at is None, found.expiry_is_told) == (is_outlived, is_outlived, False)


def test_what_was_refused_hands_out_nothing() -> None:
    tale = Tale()
    tale.assumes(KEY, VICTIM, role("one"), "ASIA1", error="AccessDenied")
    tale.makes_user("mallory")
    tale.events[-1] = replace(tale.events[-1], error="AccessDenied")
    tale.tell("ListUsers", "AKIAOTHER", user("mallory"))
    assert ids(followed(tale)) == {KEY}


def test_both_events_of_a_call_into_another_account_belong_together_although_one_has_no_key() -> None:
    tale = Tale()
    tale.tell("AssumeRole", service="sts", request={"roleArn": role("guest", OTHER)}, shared_event_id="shared")
    tale.assumes(
        "",
        f"arn:aws:iam::{ACCOUNT}:root",
        role("guest", OTHER),
        "ASIA1",
        account=OTHER,
        shared_event_id="shared",
        identity_type="AWSAccount",
    )
    tale.assumes("", "", role("guest", OTHER), "ASIA9", account=OTHER, shared_event_id="another")
    closure = followed(tale)
    assert ids(closure) == {KEY, "ASIA1"}
    assert closure.external_accounts == ()


def test_a_role_in_an_account_that_no_log_tells_of_is_named_as_external() -> None:
    tale = Tale()
    tale.assumes(KEY, VICTIM, role("guest", STRANGER), "ASIA1")
    closure = followed(tale)
    assert closure.external_accounts == (STRANGER,)
    assert closure.credentials[1].account_is_ours is None


def test_all_that_a_user_does_whom_the_thief_made_is_his() -> None:
    tale = Tale()
    tale.makes_user("mallory")
    tale.tell("ConsoleLogin", "", user("mallory"), service="signin", response={"ConsoleLogin": "Success"})
    begun = tale.at + timedelta(seconds=3)
    for key in ("ASIA1", "ASIA2"):
        tale.tell("DescribeInstances", key, user("mallory"), session_at=begun, is_console=True)
    tale.tell(
        "GetSessionToken", "AKIA2", user("mallory"), service="sts", response={"credentials": {"accessKeyId": "ASIA3"}}
    )
    closure = followed(tale)
    console = f"console:{user('mallory')}@{begun:%Y-%m-%dT%H:%M:%SZ}"
    assert ids(closure) == {KEY, console, "ASIA1", "ASIA2", "AKIA2", "ASIA3"}
    assert closure.users == (user("mallory"),)
    assert closure.suspects == ()


def test_a_user_is_known_by_his_name_where_an_event_leaves_out_the_path() -> None:
    tale = Tale()
    tale.makes_user("mallory")
    tale.tell("ListUsers", "AKIA2", f"arn:aws:iam::{ACCOUNT}:user/hidden/deep/mallory")
    tale.tell("ListUsers", "AKIA3", user("mallory", OTHER))
    assert ids(followed(tale)) == {KEY, "AKIA2"}


def test_a_key_made_for_a_user_whom_others_use_is_the_thiefs_and_the_users_other_keys_are_not() -> None:
    tale = Tale()
    tale.makes_key("alice", "AKIANEW")
    tale.tell("ListUsers", "AKIAOLD", user("alice"))
    closure = followed(tale)
    assert ids(closure) == {KEY, "AKIANEW"}
    assert closure.suspects == (user("alice"),)


def test_sign_ins_with_a_password_that_the_thief_set_are_his_until_somebody_else_sets_another() -> None:
    tale = Tale()
    tale.tell("ConsoleLogin", "", user("alice"), service="signin", response={"ConsoleLogin": "Success"})
    before = tale.at
    tale.at += HOUR
    tale.tell("UpdateLoginProfile", request={"userName": "alice"})
    tale.tell("ConsoleLogin", "", user("alice"), service="signin", response={"ConsoleLogin": "Success"})
    his = tale.at
    tale.tell("CreateUser", "AKIACI", user("ci"), request={"userName": "by-hand"})
    tale.tell("UpdateLoginProfile", "AKIAADMIN", user("admin"), request={"userName": "alice"})
    tale.tell("ConsoleLogin", "", user("alice"), service="signin", response={"ConsoleLogin": "Success"})
    closure = followed(tale)
    assert ids(closure) == {KEY, f"console:{user('alice')}@{his:%Y-%m-%dT%H:%M:%SZ}"}
    assert before < his
    assert [each.at for each in closure_events(closure, HeldEvents(tale.events)) if each.name == "ConsoleLogin"] == [
        his
    ]


def test_who_assumes_a_role_that_the_thief_made_is_the_thief() -> None:
    tale = Tale()
    tale.tell("CreateRole", request={"roleName": "backdoor"}, response={"role": {"arn": role("backdoor")}})
    tale.assumes("", "AIDASTRANGER", role("backdoor"), "ASIA1", caller_account=STRANGER, identity_type="AWSAccount")
    closure = followed(tale)
    assert ids(closure) == {KEY, "ASIA1"}
    assert closure.made_roles == (role("backdoor"),)


def test_of_a_role_that_was_opened_to_another_account_only_who_comes_from_there_is_the_thief() -> None:
    tale = Tale()
    tale.assumes("AKIACI", user("ci"), role("deploy"), "ASIA0")
    document = f'{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": ["arn:aws:iam::{STRANGER}:root"]}}, "Action": "sts:AssumeRole"}}]}}'
    tale.tell("UpdateAssumeRolePolicy", request={"roleName": "deploy", "policyDocument": document})
    tale.assumes("AKIACI", user("ci"), role("deploy"), "ASIA8")
    tale.assumes("", "AIDASTRANGER", role("deploy"), "ASIA1", caller_account=STRANGER, identity_type="AWSAccount")
    closure = followed(tale)
    assert ids(closure) == {KEY, "ASIA1"}
    assert closure.suspects == (role("deploy"),)


def test_a_machine_started_with_a_role_acts_for_the_thief() -> None:
    tale = Tale()
    tale.tell(
        "RunInstances",
        service="ec2",
        request={"iamInstanceProfile": {"name": "admin"}},
        response={"instancesSet": {"items": [{"instanceId": "i-1"}]}},
    )
    tale.tell("ListBuckets", "ASIA1", session("admin", "i-1"), session_issuer=role("admin"), session_at=tale.at)
    tale.tell("ListBuckets", "ASIA2", session("admin", "i-2"), session_issuer=role("admin"), session_at=tale.at)
    assert ids(followed(tale)) == {KEY, "ASIA1"}


def test_a_console_session_out_of_a_federated_one_is_found_by_its_principal_and_moment() -> None:
    tale = Tale()
    tale.assumes(KEY, VICTIM, role("admin"), "ASIA1")
    tale.tell("GetSigninToken", "ASIA1", session("admin", "s"), service="signin")
    tale.tell(
        "DescribeInstances",
        "ASIA2",
        session("admin", "s"),
        session_issuer=role("admin"),
        session_at=tale.at,
        is_console=True,
    )
    tale.tell(
        "DescribeInstances",
        "ASIA3",
        session("admin", "other"),
        session_issuer=role("admin"),
        session_at=tale.at,
        is_console=True,
    )
    closure = followed(tale)
    assert {"ASIA1", "ASIA2"} <= ids(closure)
    assert "ASIA3" not in ids(closure)


def test_a_person_of_identity_center_whose_name_is_hidden_is_told_as_not_followed() -> None:
    tale = Tale()
    tale.tell(
        "CreateUser",
        service="identitystore",
        request={"userName": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        response={"userId": "u-1"},
    )
    closure = followed(tale)
    assert "person" in closure.unread
    assert closure.users == ("arn:aws:identitystore:::user/u-1",)


def test_a_chain_longer_than_the_bounds_says_that_it_was_cut() -> None:
    tale = Tale()
    keys = [KEY, *(f"ASIA{number}" for number in range(MOST_ROUNDS + 5))]
    for one, other in pairwise(keys):
        tale.assumes(one, session("x", "s"), role("x"), other)
    closure = followed(tale)
    assert closure.is_cut
    assert closure.rounds == MOST_ROUNDS


_NODES = st.integers(0, 14)


@pytest.mark.slow
@given(
    st.lists(st.tuples(_NODES, _NODES, st.sampled_from(["role", "key", "user"])), max_size=60),
    st.randoms(use_true_random=False),
)
def test_the_closure_is_what_can_be_reached_and_nothing_else_whatever_the_order_of_events(
    edges: list[tuple[int, int, str]], chance: random.Random
) -> None:
    tale = Tale()
    reach: dict[str, set[str]] = {}
    # No key is used before it is there, and none is handed out twice; from ten on they were there before.
    there = {0, *range(10, 15)}
    for number, (one, other, way) in enumerate(edges):
        signer, who = f"AKIA{one}", user(f"n{one}")
        if one not in there or (way != "role" and other in there):
            continue
        gets = f"ASIA{number}" if way == "role" else f"AKIAMADE{number}"
        if way == "role":
            tale.assumes(signer, who, role(f"r{other}"), gets)
        elif way == "user":
            tale.makes_user(f"made{number}", signer, who)
        by, principal = {
            "role": (gets, session(f"r{other}", "s")),
            "user": (gets, user(f"made{number}")),
            "key": (signer, who),
        }[way]
        if by == gets:
            reach.setdefault(signer, set()).add(gets)
            tale.tell("ListUsers", gets, principal)
        if other not in there:
            tale.makes_key(f"n{other}", f"AKIA{other}", by, principal)
            reach.setdefault(by, set()).add(f"AKIA{other}")
            there.add(other)
    wanted, todo = {"AKIA0"}, ["AKIA0"]
    while todo:
        new = reach.get(todo.pop(), set()) - wanted
        wanted |= new
        todo += new
    seed = replace(SEED, id="AKIA0")
    closure = closure_of(HeldEvents(tale.events), [seed], NOW)
    assert ids(closure) == wanted
    shuffled = list(tale.events)
    chance.shuffle(shuffled)
    again = closure_of(HeldEvents(shuffled), [seed], NOW)
    assert again == closure
