"""A plan of AWS Backup counts once something is assigned to it, in whatever Region."""

from pathlib import Path

import pytest
from tests.app.company import assess_company, use_credentials

from sakimori.model.words import Status
from sakimori.simulate.server import SimulatedAccount

RULE = "aws.backup.plan-exists"
IRELAND = "eu-west-1"


def status_of(account: SimulatedAccount, home: Path) -> Status:
    result = assess_company(account, home, rules=(RULE,))
    [verdict] = result.assessment.verdicts
    return verdict.status


@pytest.mark.slow
def test_a_plan_counts_once_something_is_assigned_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SimulatedAccount() as account:
        use_credentials(account, "owner", monkeypatch)
        assert status_of(account, tmp_path / "none") is Status.FAIL
        backup = account.client("backup", region=IRELAND)
        backup.create_backup_vault(BackupVaultName="v")
        rule = {"RuleName": "r", "TargetBackupVaultName": "v"}
        plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule]})["BackupPlanId"]
        assert status_of(account, tmp_path / "empty") is Status.FAIL
        role = f"arn:aws:iam::{account.state.account_id}:role/backup"
        backup.create_backup_selection(
            BackupPlanId=plan,
            BackupSelection={"SelectionName": "tagged", "IamRoleArn": role, "Resources": ["*"]},
        )
        assert status_of(account, tmp_path / "assigned") is Status.PASS
