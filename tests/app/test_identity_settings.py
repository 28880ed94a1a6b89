"""Rules with one subject an account: what the messy company shows from one side alone, here from both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.company import assess_company, use_credentials

from sakimori.model.words import Status
from sakimori.simulate.server import SimulatedAccount
from sakimori.simulate.state import RootMfa

PASSWORDS = tuple(
    f"aws.iam.password-policy-{part}"
    for part in (
        "expiry-set",
        "lowercase-required",
        "minimum-length",
        "number-required",
        "reuse-prevented",
        "symbol-required",
        "uppercase-required",
    )
)
SUPPORT, CLOUDSHELL = "aws.iam.support-role-exists", "aws.iam.cloudshell-full-access-detached"
TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'  # fmt: skip


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as simulated:
        use_credentials(simulated, "owner", monkeypatch)
        yield simulated


def _verdicts(
    account: SimulatedAccount, home: Path, rules: tuple[str, ...], thresholds: str = "seed"
) -> dict[str, Status]:
    result = assess_company(account, home, regions=("us-east-1",), rules=rules, thresholds=thresholds)
    return {each.rule: each.status for each in result.assessment.verdicts}


@pytest.mark.slow
def test_the_password_policy_is_judged_part_by_part(account: SimulatedAccount, tmp_path: Path) -> None:
    assert _verdicts(account, tmp_path / "1", PASSWORDS) == dict.fromkeys(PASSWORDS, Status.FAIL)
    iam = account.client("iam")
    strong = {
        "MinimumPasswordLength": 14,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "PasswordReusePrevention": 24,
    }
    iam.update_account_password_policy(**strong, MaxPasswordAge=90)
    assert _verdicts(account, tmp_path / "2", PASSWORDS) == dict.fromkeys(PASSWORDS, Status.PASS)
    iam.update_account_password_policy(**{**strong, "RequireSymbols": False}, MaxPasswordAge=91)
    found = _verdicts(account, tmp_path / "3", PASSWORDS)
    failing = {"aws.iam.password-policy-expiry-set", "aws.iam.password-policy-symbol-required"}
    assert {rule for rule, status in found.items() if status is Status.FAIL} == failing


@pytest.mark.slow
def test_support_and_cloudshell_follow_who_holds_the_policies(account: SimulatedAccount, tmp_path: Path) -> None:
    rules = (SUPPORT, CLOUDSHELL)
    assert _verdicts(account, tmp_path / "1", rules) == {SUPPORT: Status.FAIL, CLOUDSHELL: Status.PASS}
    iam = account.client("iam")
    iam.create_group(GroupName="operators")
    for policy in ("AWSSupportAccess", "AWSCloudShellFullAccess"):
        iam.attach_group_policy(GroupName="operators", PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    assert _verdicts(account, tmp_path / "2", rules) == {SUPPORT: Status.PASS, CLOUDSHELL: Status.FAIL}
    assert _verdicts(account, tmp_path / "3", (SUPPORT,), "cis-5.0") == {SUPPORT: Status.FAIL}
    iam.create_role(RoleName="support", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="support", PolicyArn="arn:aws:iam::aws:policy/AWSSupportAccess")
    assert _verdicts(account, tmp_path / "4", (SUPPORT,), "cis-5.0") == {SUPPORT: Status.PASS}


@pytest.mark.slow
def test_a_well_kept_account_passes_what_the_company_fails(account: SimulatedAccount, tmp_path: Path) -> None:
    rules = (
        "aws.iam.root-access-key-absent", "aws.iam.root-hardware-mfa-enabled", "aws.iam.root-mfa-enabled",
        "aws.iam.password-policy-strong", "aws.s3.account-public-access-blocked",
    )  # fmt: skip
    account.client("iam").update_account_password_policy(
        MinimumPasswordLength=16, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, PasswordReusePrevention=24, MaxPasswordAge=90,
    )  # fmt: skip
    block = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    account.client("s3control").put_public_access_block(
        AccountId=account.account_id, PublicAccessBlockConfiguration=dict.fromkeys(block, True)
    )
    assert _verdicts(account, tmp_path / "kept", rules) == dict.fromkeys(rules, Status.PASS)
    account.state.root.mfa = RootMfa.NONE
    found = _verdicts(account, tmp_path / "bare", rules)
    assert {rule for rule, status in found.items() if status is Status.FAIL} == set(rules[1:3])
