"""What only a person can do: what AWS says of it, and that everything a person needs is written down."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, now

from sakimori.actions.catalogue import guides, steps
from sakimori.actions.plan import Planning, Standing, make_plan
from sakimori.actions.site import Site
from sakimori.actions.step import Guide
from sakimori.app.rules import open_rules
from sakimori.model.words import GLOBAL
from sakimori.simulate.state import RootKey, RootMfa
from sakimori.texts.language import Language
from sakimori.texts.sentences import text

GUIDES = ("HB02", "HB04", "HB05", "HB06", "HB09", "HB22", "HB31", "HB33", "HB34", "HB35", "HB36", "HB37")
every_guide = pytest.mark.parametrize("guide", [guides()[each] for each in GUIDES], ids=GUIDES)


def holds(stage: Stage, guide: str) -> bool | None:
    """What AWS says, by no other calls than those that the guide declares."""
    stage.simulated.forget_calls()
    answer = guides()[guide].holds(Site(door=stage.door, region=GLOBAL))
    assert {call.name for call in stage.simulated.calls} <= set(guides()[guide].reads)
    return answer


def standing(stage: Stage, guide: str, *attested: str) -> Standing:
    planning = Planning(
        steps=(), guides=(guides()[guide],), baseline="strict", made_at=now(), attested=frozenset(attested)
    )  # fmt: skip
    (item,) = make_plan(stage.door, planning).items
    return item.standing


# -- what a person reads -------------------------------------------------------------


@every_guide
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_guide_has_its_title_its_reason_and_its_screens_one_by_one(guide: Guide, language: Language) -> None:
    title, why, screens = (text(f"{guide.texts}_{part}").in_(language) for part in ("title", "why", "screens"))
    assert title.strip()
    assert why.strip()
    numbers = [int(found) for found in re.findall(r"^(\d+)\. ", screens, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 4


@every_guide
def test_the_screens_are_as_many_in_both_languages(guide: Guide) -> None:
    screens = text(f"{guide.texts}_screens")
    assert len(screens.en.splitlines()) == len(screens.ja.splitlines())


@every_guide
def test_a_guide_names_rules_and_a_question_that_exist_and_says_how_to_answer_it(guide: Guide) -> None:
    opened = open_rules()
    assert set(guide.rules) <= opened.book.rules.keys()
    if guide.question:
        assert guide.question in opened.frameworks.questions
        screens = text(f"{guide.texts}_screens")
        assert all(f"sakimori attest sign {guide.question} --signer" in words for words in (screens.en, screens.ja))


def test_guides_stand_in_the_order_of_the_baseline_and_share_no_id_with_a_step() -> None:
    assert [guides()[each].order for each in GUIDES] == [10 * int(each.removeprefix("HB")) for each in GUIDES]
    assert not guides().keys() & steps().keys()


def test_the_warning_about_a_region_that_is_off_comes_before_the_first_screen() -> None:
    screens = text("harden_guides.hb22_screens")
    assert screens.en.startswith("WARNING")
    assert screens.ja.startswith("注意")


# -- the root user -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mfa", "expected"), [(RootMfa.NONE, False), (RootMfa.VIRTUAL, True), (RootMfa.HARDWARE, True)]
)
def test_the_root_user_has_mfa_or_not(stage: Stage, mfa: RootMfa, expected: bool) -> None:
    stage.simulated.state.root.mfa = mfa
    assert holds(stage, "HB04") is expected


def test_nobody_vouches_away_that_the_root_user_has_no_mfa(stage: Stage) -> None:
    stage.simulated.state.root.mfa = RootMfa.NONE
    assert standing(stage, "HB04", "root-mfa-device-in-custody") is Standing.BY_HAND
    stage.simulated.state.root.mfa = RootMfa.HARDWARE
    assert standing(stage, "HB04") is Standing.BY_HAND, "where the devices lie nobody has said"
    assert standing(stage, "HB04", "root-mfa-device-in-custody") is Standing.ATTESTED


def test_the_root_user_has_a_key_or_not(stage: Stage) -> None:
    assert standing(stage, "HB05") is Standing.AS_WANTED
    stage.simulated.state.root.access_keys = (RootKey(created_at=datetime(2020, 1, 1, tzinfo=UTC), active=False),)
    assert holds(stage, "HB05") is False, "a key that is inactive can be activated"
    assert standing(stage, "HB05") is Standing.BY_HAND


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ({"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0, "AccountPasswordPresent": 0}, True),
        ({"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 1, "AccountPasswordPresent": 0}, False),
        ({"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0, "AccountPasswordPresent": 1}, False),
        ({"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0}, False),
    ],
)
def test_a_root_user_with_nothing_to_sign_in_with_needs_no_mfa(summary: dict[str, int], expected: bool) -> None:
    class OneAnswer:
        def call(self, *_: object) -> dict[str, Any]:
            return {"SummaryMap": summary}

    assert guides()["HB04"].holds(Site(door=OneAnswer(), region=GLOBAL)) is expected  # type: ignore[arg-type]


# -- what AWS cannot say ---------------------------------------------------------------


@pytest.mark.parametrize("guide", ["HB02", "HB06", "HB09", "HB34", "HB35"])
def test_what_no_call_tells_is_asked_of_nobody_but_a_person(stage: Stage, guide: str) -> None:
    assert holds(stage, guide) is None
    assert not stage.simulated.calls
    assert standing(stage, guide) is Standing.BY_HAND
    assert standing(stage, guide, guides()[guide].question) is Standing.ATTESTED


# -- the rest --------------------------------------------------------------------------


def test_opt_in_regions_are_off_or_somebody_decides(stage: Stage) -> None:
    assert holds(stage, "HB22") is True
    stage.simulated.state.enabled_regions.add("ap-east-1")
    assert holds(stage, "HB22") is None


def test_a_backup_plan_counts_once_something_is_assigned_to_it_and_a_restore_is_vouched_for(stage: Stage) -> None:
    assert holds(stage, "HB31") is None
    backup = stage.client("backup", REGIONS[1])
    backup.create_backup_vault(BackupVaultName="Default")
    rules = [{"RuleName": "daily", "TargetBackupVaultName": "Default"}]
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "daily", "Rules": rules})["BackupPlanId"]
    assert holds(stage, "HB31") is None, "a plan without resources backs up nothing"
    backup.create_backup_selection(
        BackupPlanId=plan,
        BackupSelection={"SelectionName": "tagged", "IamRoleArn": "arn:aws:iam::606060606060:role/backup"},
    )
    assert holds(stage, "HB31") is True
    assert standing(stage, "HB31") is Standing.BY_HAND
    assert standing(stage, "HB31", "restore-drill-done") is Standing.ATTESTED


def test_guardrails_are_policies_of_ones_own_that_are_attached(stage: Stage) -> None:
    assert holds(stage, "HB33") is None, "without an organisation nobody can set any"
    client = stage.client("organizations", "us-east-1")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    assert holds(stage, "HB33") is False
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    assert holds(stage, "HB33") is False, "AWS's own FullAWSAccess limits nothing"
    content = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "organizations:Leave*", "Resource": "*"}}'
    )
    made = client.create_policy(Name="stay", Description="stay", Type="SERVICE_CONTROL_POLICY", Content=content)
    policy = made["Policy"]["PolicySummary"]["Id"]
    assert holds(stage, "HB33") is False
    unit = client.create_organizational_unit(ParentId=root, Name="test")["OrganizationalUnit"]["Id"]
    client.attach_policy(PolicyId=policy, TargetId=unit)
    assert holds(stage, "HB33") is True
    assert standing(stage, "HB33") is Standing.AS_WANTED


def test_every_region_that_is_recorded_has_a_rule(stage: Stage) -> None:
    assert holds(stage, "HB36") is None, "nothing is recorded"
    for region in REGIONS:
        record(stage, region)
    assert holds(stage, "HB36") is False
    for region, expected in zip(REGIONS, (False, True), strict=True):
        stage.client("config", region).put_config_rule(
            ConfigRule={
                "ConfigRuleName": "ssh",
                "Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"},
                "Scope": {"ComplianceResourceTypes": ["AWS::EC2::SecurityGroup"]},
            }
        )
        assert holds(stage, "HB36") is expected


def record(stage: Stage, region: str) -> None:
    config = stage.client("config", region)
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": "arn:aws:iam::606060606060:role/config"}
    )
    stage.client("s3", HOME).create_bucket(
        Bucket=f"config-{region}", CreateBucketConfiguration={"LocationConstraint": HOME}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": f"config-{region}"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


_POLICY = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}}'
)


@pytest.mark.parametrize(
    ("give", "expected"),
    [
        (lambda iam: iam.put_user_policy(UserName="sato", PolicyName="own", PolicyDocument=_POLICY), False),
        (lambda iam: iam.attach_user_policy(UserName="sato", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"), False),
        (lambda iam: iam.put_group_policy(GroupName="staff", PolicyName="own", PolicyDocument=_POLICY), False),
        (lambda iam: iam.attach_group_policy(GroupName="staff", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"), True),
        (lambda iam: iam.put_role_policy(RoleName="deploy", PolicyName="own", PolicyDocument=_POLICY), True),
        (lambda iam: iam.attach_user_policy(UserName="sato", PolicyArn="arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"), True),
        (lambda iam: iam.put_user_policy(UserName="sato", PolicyName="SakimoriQuarantine-SKM-1", PolicyDocument=_POLICY), True),
    ],
    ids=["user inline", "user attached", "group inline", "group attached", "role inline", "quarantine of AWS", "our quarantine"],
)  # fmt: skip
def test_policies_of_users_and_written_into_groups_are_to_be_moved(
    stage: Stage, give: Callable[[Any], object], expected: bool
) -> None:
    iam = stage.client("iam")
    move_into_groups(iam)
    assert holds(stage, "HB37") is True
    iam.create_user(UserName="sato")
    iam.create_group(GroupName="staff")
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=_POLICY)
    give(iam)
    assert holds(stage, "HB37") is expected


def move_into_groups(iam: Any) -> None:
    """Do by hand what the guide says, for those whom every simulated account has."""
    for user in ("owner", "auditor"):
        iam.create_group(GroupName=f"of-{user}")
        iam.add_user_to_group(GroupName=f"of-{user}", UserName=user)
        for policy in iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]:
            iam.attach_group_policy(GroupName=f"of-{user}", PolicyArn=policy["PolicyArn"])
            iam.detach_user_policy(UserName=user, PolicyArn=policy["PolicyArn"])
