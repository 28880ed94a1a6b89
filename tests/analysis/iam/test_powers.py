"""Who holds dangerous powers, and what the quarantine policies leave."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.iam.power_world import (
    ADMIN,
    READ_ONLY,
    allow,
    deny,
    document,
    managed,
    policy_arn,
    role,
    user,
    user_arn,
)

from sakimori.analysis.iam.account import IamAccount, iam_account
from sakimori.analysis.iam.action_table import action_table
from sakimori.analysis.iam.ask import PolicyKind
from sakimori.analysis.iam.can import Asked, can
from sakimori.analysis.iam.policy import policy_of
from sakimori.analysis.iam.power_catalogue import load_powers, power_catalogue
from sakimori.analysis.iam.powers import HeldAction, Level, PrincipalPowers, powers_of
from sakimori.analysis.iam.quarantine import quarantines
from sakimori.model.errors import RuleError

TOKYO = "ap-northeast-1"


def of(*records: dict[str, Any]) -> IamAccount:
    return iam_account(records)


def one(*records: dict[str, Any]) -> PrincipalPowers:
    """The powers of the only identity among the records."""
    (found,) = powers_of(of(*records))
    return found


def by_id(found: PrincipalPowers) -> dict[str, dict[str, HeldAction]]:
    return {each.power.id: {action.action: action for action in each.actions} for each in found.held}


class TestLevels:
    def test_an_administrator_holds_every_power_and_is_strong(self) -> None:
        found = one(user("alice", attached=[ADMIN]))
        assert (found.level, found.at_most) == (Level.STRONG, Level.STRONG)
        held = {power for power, actions in by_id(found).items() if any(each.is_allowed for each in actions.values())}
        # Of keys nothing is told, and a key's own policy decides.
        assert held == {each.id for each in power_catalogue().powers} - {"decrypt"}

    def test_who_may_write_a_policy_into_itself_escalates(self) -> None:
        found = one(user("alice", allow("iam:PutUserPolicy", user_arn("alice"))))
        assert found.level is Level.ESCALATING
        assert by_id(found)["write_inline_policy"]["iam:PutUserPolicy"].resource == user_arn("alice")

    def test_a_key_of_ones_own_is_no_escalation(self) -> None:
        found = one(user("alice", allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")))
        assert found.level is Level.ORDINARY
        assert "act_as_other_user" not in by_id(found)
        assert by_id(found)["own_key"]["iam:CreateAccessKey"].is_allowed

    def test_a_key_for_anybody_is_one(self) -> None:
        assert one(user("alice", allow("iam:CreateAccessKey"))).level is Level.ESCALATING

    def test_passing_a_role_counts_with_something_to_pass_it_to_alone(self) -> None:
        assert one(user("alice", allow("iam:PassRole"))).held == ()
        found = one(user("alice", allow(["iam:PassRole", "lambda:CreateFunction"])))
        assert "run_function_as_role" in by_id(found)
        assert "run_instance_as_role" not in by_id(found)

    def test_a_role_that_may_be_passed_to_another_service_only_does_not_count(self) -> None:
        only_ec2 = allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})
        found = one(user("alice", only_ec2, allow("lambda:CreateFunction")))
        assert "run_function_as_role" not in by_id(found)

    def test_who_has_nothing_has_no_power(self) -> None:
        found = one(user("alice"))
        assert (found.level, found.at_most, found.held) == (Level.NONE, Level.NONE, ())


class TestWhatIsNotKnown:
    def test_a_policy_that_was_not_told_leaves_everything_possible(self) -> None:
        found = one(user("alice", attached=[READ_ONLY]))
        assert (found.level, found.at_most) == (Level.ORDINARY, Level.STRONG)
        told = {action: one.is_allowed for actions in by_id(found).values() for action, one in actions.items()}
        # For a session token no permission is needed.
        assert told.pop("sts:GetSessionToken") is True
        assert set(told.values()) == {None}

    def test_a_permission_that_hangs_on_mfa_is_unknown_and_says_so(self) -> None:
        found = one(user("alice", allow("iam:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})))
        assert not found.is_certain
        action = by_id(found)["make_user"]["iam:CreateUser"]
        assert (action.is_allowed, action.keys) == (None, ("aws:MultiFactorAuthPresent",))

    def test_an_scp_that_could_not_be_read_makes_it_unknown(self) -> None:
        account = replace(of(user("alice", attached=[ADMIN])), unread_kinds=frozenset({PolicyKind.SCP}))
        (found,) = powers_of(account)
        assert (found.level, found.at_most) == (Level.ORDINARY, Level.STRONG)
        assert by_id(found)["make_user"]["iam:CreateUser"].unread == (PolicyKind.SCP,)

    def test_policies_of_resources_that_could_not_be_read_do_not_blur_a_made_up_resource(self) -> None:
        account = replace(of(user("alice", allow("iam:CreateUser"))), unread_kinds=frozenset({PolicyKind.RESOURCE}))
        (found,) = powers_of(account)
        assert by_id(found).keys() == {"make_user"}
        assert by_id(found)["make_user"]["iam:CreateUser"].is_allowed is True

    def test_a_key_whose_policy_is_not_known_is_unknown_and_one_that_lets_the_account_in_is_not(self) -> None:
        account = of(user("alice", allow("kms:Decrypt")))
        (found,) = powers_of(account)
        assert by_id(found)["decrypt"]["kms:Decrypt"].is_allowed is None
        root = {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
        key = f"arn:aws:kms:{TOKYO}:111122223333:key/1234"
        (found,) = powers_of(replace(account, resource_policies={key: policy_of("key", document(root))}))
        action = by_id(found)["decrypt"]["kms:Decrypt"]
        assert (action.is_allowed, action.resource, action.is_any) == (True, key, False)


class TestLimits:
    def test_a_boundary_counts(self) -> None:
        boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy_arn("edge")}
        found = one(managed("edge", allow("s3:*")), user("alice", attached=[ADMIN], PermissionsBoundary=boundary))
        assert "make_user" not in by_id(found)
        assert "open_bucket" in by_id(found)

    def test_an_scp_counts_but_not_for_a_service_linked_role(self) -> None:
        path = "/aws-service-role/ec2.amazonaws.com/"
        account = of(user("alice", allow("iam:*")), role("linked", allow("iam:*"), path=path))
        scp = policy_of("guard", document(allow("*"), deny("iam:*")))
        alice, linked = powers_of(replace(account, scp=((scp,),)))
        assert alice.held == ()
        assert "make_user" in by_id(linked)

    def test_regions_that_are_not_denied_are_tried(self) -> None:
        only = deny("*", Condition={"StringNotEquals": {"aws:RequestedRegion": TOKYO}})
        found = one(user("alice", allow("ec2:RunInstances"), only))
        assert by_id(found)["run_servers"]["ec2:RunInstances"].resource.split(":")[3] == TOKYO

    def test_what_a_policy_names_is_asked_about_where_not_everything_is_allowed(self) -> None:
        found = one(user("alice", allow("s3:*", ["arn:aws:s3:::ledger", "arn:aws:s3:::ledger/*"])))
        action = by_id(found)["read_objects"]["s3:GetObject"]
        assert (action.is_any, action.resource.startswith("arn:aws:s3:::ledger/")) == (False, True)

    def test_what_a_denial_spares_is_asked_about(self) -> None:
        spared = {"Effect": "Deny", "Action": "iam:*", "NotResource": "arn:aws:iam::111122223333:user/dev-*"}
        found = one(user("alice", allow("iam:CreateUser"), spared))
        assert by_id(found)["make_user"]["iam:CreateUser"].resource.startswith("arn:aws:iam::111122223333:user/dev-")

    def test_more_resources_than_are_tried_make_it_unknown_not_denied(self) -> None:
        names = [f"arn:aws:s3:::bucket-{number}/*" for number in range(60)]
        found = one(user("alice", allow("s3:GetObject", names), deny("s3:GetObject", names[:59])))
        assert by_id(found)["read_objects"]["s3:GetObject"].is_allowed is None


class TestSharing:
    def test_identities_with_the_same_policies_get_the_same_answers_as_alone(self) -> None:
        own = allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")
        records = [user("alice", own), user("bob", own), user("carol", allow("s3:*")), user("dave", allow("s3:*"))]
        for found in powers_of(of(*records)):
            (alone,) = powers_of(of(next(each for each in records if each["Arn"] == found.who.arn)))
            assert by_id(found) == by_id(alone)
            assert found.who.arn == alone.who.arn

    def test_a_tag_that_a_policy_looks_at_is_not_shared(self) -> None:
        admins = allow("iam:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "admin"}})
        tags = {name: [{"Key": "team", "Value": name}] for name in ("admin", "sales")}
        boss, clerk = powers_of(of(user("boss", admins, Tags=tags["admin"]), user("clerk", admins, Tags=tags["sales"])))
        assert boss.level is not Level.ORDINARY
        assert clerk.held == ()


class TestQuarantine:
    def test_it_denies_what_it_names_and_leaves_the_rest(self) -> None:
        found = by_id(one(user("alice", attached=[ADMIN])))
        assert found["make_user"]["iam:CreateUser"].stays == {"V2": False, "V3": False}
        assert found["read_secrets"]["secretsmanager:GetSecretValue"].stays == {"V2": True, "V3": True}
        assert found["leave_organization"]["organizations:LeaveOrganization"].stays == {"V2": True, "V3": False}

    def test_a_way_is_closed_where_one_of_its_steps_is_denied(self) -> None:
        found = by_id(one(user("alice", allow(["iam:PassRole", "cloudformation:CreateStack"]))))
        assert found["deploy_as_role"]["cloudformation:CreateStack"].stays == {"V2": False, "V3": False}

    def test_a_grant_is_denied_under_v3_to_who_calls_kms_itself(self) -> None:
        found = by_id(one(user("alice", allow("kms:CreateGrant"))))
        assert found["decrypt"]["kms:CreateGrant"].stays == {"V2": None, "V3": False}

    def test_what_is_unknown_stays_unknown(self) -> None:
        found = by_id(one(user("alice", attached=[READ_ONLY])))
        assert found["read_secrets"]["secretsmanager:GetSecretValue"].stays == {"V2": None, "V3": None}

    def test_a_quarantine_that_is_there_already_is_named(self) -> None:
        found = one(user("alice", attached=["arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"]))
        assert found.quarantined == ("AWSCompromisedKeyQuarantineV2",)

    def test_each_document_bears_its_version_and_day_and_only_denies(self) -> None:
        for each in quarantines():
            assert each.version.startswith("v")
            assert each.updated_at > "2024"
            assert each.policy.denies
            assert not each.policy.allows


_ACTIONS = sorted(power_catalogue().actions)
_PATTERNS = st.one_of(
    st.sampled_from(_ACTIONS), st.sampled_from(["*", "iam:*", "s3:*", "iam:Create*", "ec2:*", "kms:*"])
)
_RESOURCES = st.sampled_from(
    [
        "*",
        user_arn("alice"),
        "arn:aws:s3:::ledger/*",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::*:role/app-*",
    ]
)
_STATEMENTS = st.builds(
    lambda effect, action, resource: {"Effect": effect, "Action": action, "Resource": resource},
    st.sampled_from(["Allow", "Allow", "Deny"]), st.lists(_PATTERNS, min_size=1, max_size=4), _RESOURCES,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(_STATEMENTS, min_size=1, max_size=4))
def test_what_is_held_is_not_denied_by_the_whole_evaluation_and_no_quarantine_adds_to_it(statements: list[Any]) -> None:
    account = of(user("alice", *statements))
    (found,) = powers_of(account)
    for power in found.held:
        for action in power.actions:
            if not power.power.also:
                answer = can(account, found.who, Asked(action=action.action, resource=action.resource))
                assert answer.is_allowed is not False
            assert all(answer in {False, None, action.is_allowed} for answer in action.stays.values())


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.lists(_STATEMENTS, min_size=1, max_size=3), _STATEMENTS)
def test_one_more_denial_never_gives_a_power(statements: list[Any], more: dict[str, Any]) -> None:
    before = one(user("alice", *statements))
    after = one(user("alice", *statements, {**more, "Effect": "Deny"}))
    sure = {power.power.id for power in after.held if power.is_certain}
    assert sure <= {power.power.id for power in before.held if power.is_certain}


class TestCatalogue:
    def test_every_action_is_one_that_aws_documents_in_its_own_spelling(self) -> None:
        for name in power_catalogue().actions:
            action = action_table().find(name)
            assert action is not None
            assert action.full_name == name

    def test_every_category_has_powers_and_each_power_its_two_sentences(self) -> None:
        known = power_catalogue()
        assert {each.category for each in known.powers} == set(known.categories)
        assert all(each.text.en.endswith(".") and each.text.ja.endswith("。") for each in known.powers)

    @pytest.mark.parametrize(
        ("power", "what"),
        [
            ("{id: abc, category: a, actions: [iam:NoSuchAction], en: x, ja: y, source: 'https://a'}", "iam:NoSuchAction"),
            ("{id: abc, category: b, actions: [iam:CreateUser], en: x, ja: y, source: 'https://a'}", "abc"),
            ("{id: abc, category: a, actions: [iam:CreateUser on bucket], en: x, ja: y, source: 'https://a'}", "iam:CreateUser on bucket"),
            ("{id: abc, category: a, actions: [], en: x, ja: y, source: 'https://a'}", "actions"),
            ("just words", "power"),
        ],
    )  # fmt: skip
    def test_a_malformed_file_is_refused_with_the_line(self, tmp_path: Path, power: str, what: str) -> None:
        file = tmp_path / "powers.yaml"
        file.write_text(
            f"strong_from: {{categories: 1, powers: 1}}\ncategories: {{a: {{en: A, ja: A}}}}\npowers:\n  - {power}\n",
            encoding="utf-8",
        )
        with pytest.raises(RuleError) as refused:
            load_powers(file)
        assert refused.value.values["what"] == what
        assert refused.value.values["line"] == 4
