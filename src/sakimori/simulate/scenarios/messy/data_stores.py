"""Shared files, tables, search and backups: of each kind one that was thought of and one that was not."""

from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO

_KEY: Final = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
_VAULT: Final = "awase-vault"


def seed(seeding: Seeding) -> None:
    """They stand in the production subnet, which hands out no public addresses, or in a default one, which does."""
    ec2 = seeding.client("ec2", TOKYO)
    default = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"][0]["SubnetId"]
    production = seeding.names["subnet.production"]
    _file_system(seeding, "shared", "共有フォルダー", production, encrypted=True)
    _file_system(seeding, "old", "<b>旧サーバー</b>", default, encrypted=False)
    _tables(seeding)
    _domains(seeding, production)
    _backups(seeding)


def _file_system(seeding: Seeding, name: str, title: str, subnet: str, *, encrypted: bool) -> None:
    efs = seeding.client("efs", TOKYO)
    tags = [{"Key": "Name", "Value": title}]
    made = efs.create_file_system(CreationToken=name, Encrypted=encrypted, Tags=tags)
    target = efs.create_mount_target(FileSystemId=made["FileSystemId"], SubnetId=subnet)["MountTargetId"]
    seeding.names[f"efs.{name}"] = made["FileSystemArn"]
    seeding.names[f"mount.{name}"] = f"{made['FileSystemArn']}/{target}"


def _tables(seeding: Seeding) -> None:
    for name, region in (("awase-customers", TOKYO), ("awase-sessions", IRELAND)):
        seeding.client("dynamodb", region).create_table(TableName=name, **_KEY)
    seeding.client("dynamodb", TOKYO).update_continuous_backups(
        TableName="awase-customers", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def _domains(seeding: Seeding, subnet: str) -> None:
    opensearch = seeding.client("opensearch", TOKYO)
    settings: dict[str, Any] = {
        "EncryptionAtRestOptions": {"Enabled": True},
        "NodeToNodeEncryptionOptions": {"Enabled": True},
        "VPCOptions": {"SubnetIds": [subnet]},
    }
    opensearch.create_domain(DomainName="awase-search", EngineVersion="OpenSearch_2.19", **settings)
    opensearch.create_domain(DomainName="awase-logs", EngineVersion="Elasticsearch_7.10")


def _backups(seeding: Seeding) -> None:
    """A plan that runs every night, and to which nobody ever assigned anything."""
    backup = seeding.client("backup", TOKYO)
    backup.create_backup_vault(BackupVaultName=_VAULT)
    nightly = {"RuleName": "nightly", "TargetBackupVaultName": _VAULT, "ScheduleExpression": "cron(0 17 * * ? *)"}
    backup.create_backup_plan(BackupPlan={"BackupPlanName": "awase-daily", "Rules": [nightly]})
