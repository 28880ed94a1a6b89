"""Copies, certificates, rotations and clearing away that are done now and then, and are in order."""

from collections.abc import Callable, Iterator
from typing import Final

import clock
from company import (
    BUCKETS,
    CLI_LINUX,
    DATA,
    DR,
    GO,
    ORGANISATION,
    PAYER,
    PEOPLE,
    ROLE_OF_PROVIDER,
    SHOP,
    kms_arn,
    secret_arn,
)  # fmt: skip
from record import Caller, Pen, Record, resource, service, session, user
from upkeep import run

_TANAKA, _SUZUKI = PEOPLE["tanaka.k"], PEOPLE["suzuki.m"]


def snapshots_within(pen: Pen) -> Iterator[Record]:
    """Every Wednesday a snapshot of the members' database goes to the data account, and to Osaka."""
    for week in range(4):
        day = 2 + 7 * week
        when, name = clock.Day(day).at("03:10"), f"member-db-weekly-{week}"
        batch = Caller(
            session(SHOP, "batch-server-role", "i-0b1b2b3b4b5b6b7b8", when - 600, delivery="2.0"),
            SHOP,
            "192.0.2.82",
            CLI_LINUX,
        )
        share = {"dBSnapshotIdentifier": name, "attributeName": "restore", "valuesToAdd": [DATA]}
        yield from run(
            pen,
            batch,
            when,
            [
                ("rds:CreateDBSnapshot", {"dBSnapshotIdentifier": name, "dBInstanceIdentifier": "member-db"}),
                ("rds:ModifyDBSnapshotAttribute", share),
            ],
        )
        copier = Caller(
            session(DATA, "snapshot-copier-role", "snapshot-copier", when + 300),
            DATA,
            "192.0.2.97",
            "Boto3/1.40.38 exec-env/AWS_Lambda_python3.12",
        )
        source = f"arn:aws:rds:ap-northeast-1:{SHOP}:snapshot:{name}"
        yield pen.write(
            copier,
            when + 600,
            "rds:CopyDBSnapshot",
            request={
                "sourceDBSnapshotIdentifier": source,
                "targetDBSnapshotIdentifier": name,
                "kmsKeyId": kms_arn(DATA, "copies"),
            },
        )
        yield pen.write(
            copier,
            when + 1500,
            "rds:CopyDBSnapshot",
            request={
                "sourceDBSnapshotIdentifier": source.replace(SHOP, DATA),
                "targetDBSnapshotIdentifier": name,
                "kmsKeyId": "alias/dr",
                "sourceRegion": "ap-northeast-1",
            },
            region=DR,
        )
        snapshot = f"snap-0{pen.rng.getrandbits(64):016x}"
        yield pen.write(
            batch,
            when + 60,
            "ec2:ModifySnapshotAttribute",
            request={
                "snapshotId": snapshot,
                "attributeType": "CREATE_VOLUME_PERMISSION",
                "createVolumePermission": {"add": {"items": [{"userId": DATA}]}},
            },
            response={"_return": True},
        )
        yield pen.write(
            copier,
            when + 1700,
            "ec2:CopySnapshot",
            request={
                "sourceRegion": "ap-northeast-1",
                "sourceSnapshotId": snapshot,
                "encrypted": True,
                "kmsKeyId": "alias/copies",
            },
        )


def image_for_staging(pen: Pen) -> Iterator[Record]:
    when = clock.Day(17).at("17:00")
    yield pen.write(
        _SUZUKI.console(17, when - 60),
        when,
        "ec2:ModifyImageAttribute",
        request={
            "imageId": "ami-0a1b2c3d4e5f6a7b8",
            "attributeType": "launchPermission",
            "launchPermission": {
                "add": {"items": [{"organizationArn": f"arn:aws:organizations::{PAYER}:organization/{ORGANISATION}"}]}
            },
        },
    )


def certificates(pen: Pen) -> Iterator[Record]:
    for day, name in ((5, "shop"), (20, "api")):
        arn = f"arn:aws:acm:ap-northeast-1:{SHOP}:certificate/{name}-example"
        acm = service("acm", SHOP)
        yield pen.write(
            acm,
            clock.Day(day).at("04:31"),
            "acm:RenewCertificate",
            request=None,
            details={"certificateArn": arn},
            kind="AwsServiceEvent",
            read=False,
        )
    yield from run(
        pen,
        _TANAKA.console(6, clock.Day(6).at("11:00")),
        clock.Day(6).at("11:02"),
        [
            ("acm:RequestCertificate", {"domainName": "sale.hinode-shop.example", "validationMethod": "DNS"}),
            (
                "route53:ChangeResourceRecordSets",
                {
                    "hostedZoneId": "Z0EXAMPLESHOP",
                    "changeBatch": {
                        "changes": [
                            {
                                "action": "CREATE",
                                "resourceRecordSet": {"name": "_a.sale.hinode-shop.example", "type": "CNAME"},
                            }
                        ]
                    },
                },
            ),
            (
                "iam:UploadServerCertificate",
                {"serverCertificateName": "old-mail-2026", "certificateBody": "HIDDEN_DUE_TO_SECURITY_REASONS"},
            ),
        ],
    )


def secrets_rotated(pen: Pen) -> Iterator[Record]:
    for day in (1, 8, 15, 22):
        when, arn = clock.Day(day).at("02:00"), secret_arn("prod/order/db")
        lambda_role = Caller(
            session(SHOP, "secret-rotation-role", "secret-rotation", when),
            SHOP,
            "192.0.2.83",
            "Boto3/1.40.38 exec-env/AWS_Lambda_python3.12",
        )
        yield pen.write(
            service("secretsmanager", SHOP),
            when,
            "secretsmanager:RotationStarted",
            details={"secretId": arn},
            kind="AwsServiceEvent",
            read=False,
        )
        yield from run(
            pen,
            lambda_role,
            when + 2,
            [
                ("secretsmanager:DescribeSecret", {"secretId": arn}),
                ("secretsmanager:GetSecretValue", {"secretId": arn, "versionStage": "AWSCURRENT"}),
                ("secretsmanager:GetRandomPassword", {"excludeCharacters": "/@"}),
                ("secretsmanager:PutSecretValue", {"secretId": arn, "clientRequestToken": pen.uuid()}),
                ("secretsmanager:UpdateSecretVersionStage", {"secretId": arn, "versionStage": "AWSCURRENT"}),
            ],
        )


def storage_upkeep(pen: Pen) -> Iterator[Record]:
    """Old builds are deleted in bulk by a person, and lifecycle rules expire objects by themselves."""
    when, bucket = clock.Day(12).at("18:00"), BUCKETS["artifacts"]
    held = [resource(SHOP, "AWS::S3::Bucket", f"arn:aws:s3:::{bucket}")]
    for number in range(120):
        yield pen.write(
            _SUZUKI.key(12),
            when + number,
            "s3:DeleteObject",
            request={"bucketName": bucket, "key": f"builds/shop-web-{number:05d}.zip"},
            resources=held,
            data=True,
        )
    for day in range(clock.DAYS):
        yield pen.write(
            service("s3", SHOP),
            clock.Day(day).at("09:05"),
            "s3:DeleteObject",
            request={"bucketName": BUCKETS["orders"]},
            data=True,
        )
    yield pen.write(
        _SUZUKI.console(23, clock.Day(23).at("17:00")),
        clock.Day(23).at("17:03"),
        "kms:ScheduleKeyDeletion",
        request={"keyId": kms_arn(SHOP, "old-test"), "pendingWindowInDays": 30},
    )


def vendor_block_copies(pen: Pen) -> Iterator[Record]:
    """The MSP's backup tool reads changed blocks of a snapshot, every Saturday."""
    for day in (5, 12, 19, 26):
        when, snapshot = clock.Day(day).at("04:00"), f"snap-0{pen.rng.getrandbits(64):016x}"
        tool = Caller(session(SHOP, "MSP-BlockBackup", "backup", when), SHOP, "192.0.2.116", GO)
        held = [resource(SHOP, "AWS::EC2::Snapshot", f"arn:aws:ec2:ap-northeast-1::snapshot/{snapshot}")]
        yield pen.write(
            tool,
            when,
            "ebs:ListChangedBlocks",
            request={"secondSnapshotId": snapshot, "maxResults": 10000},
            resources=held,
            data=True,
        )
        for number in range(300):
            request = {"snapshotId": snapshot, "blockIndex": number, "blockToken": "EXAMPLEtokenEXAMPLE"}
            yield pen.write(
                tool, when + 2 + number * 0.4, "ebs:GetSnapshotBlock", request=request, resources=held, data=True
            )


def photographers_tokens(pen: Pen) -> Iterator[Record]:
    """An old application hands out federation tokens that may only write photographs."""
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::hinode-shop-images/raw/*"}]}'
    for number in range(clock.DAYS):
        day = clock.Day(number)
        for when in day.moments(pen.rng, 3 if day.working else 0, clock.OFFICE):
            app = Caller(
                user(SHOP, "photo-upload"), SHOP, "192.0.2.37", "aws-sdk-php/3.356.14 ua/2.1 OS/Linux lang/php#8.1.33"
            )
            yield pen.write(
                app,
                when,
                "sts:GetFederationToken",
                request={"name": "photographer", "policy": policy, "durationSeconds": 3600},
                response={
                    "federatedUser": {
                        "arn": f"arn:aws:sts::{SHOP}:federated-user/photographer",
                        "federatedUserId": f"{SHOP}:photographer",
                    },
                    "packedPolicySize": 9,
                },
            )


def broken_pod(pen: Pen) -> Iterator[Record]:
    """A forgotten job asks every quarter of an hour for a role that does not trust it."""
    provider, subject = ROLE_OF_PROVIDER["eks"], "system:serviceaccount:tools:old-report"
    who = {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{subject}",
        "userName": subject,
        "identityProvider": provider,
    }
    pod = Caller(who, SHOP, "192.0.2.82", GO)
    request = {"roleArn": f"arn:aws:iam::{SHOP}:role/irsa-old-report", "roleSessionName": "old-report"}
    refusal = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    for quarter in range(clock.DAYS * 96):
        when = clock.START + quarter * 900 + pen.rng.random() * 20
        yield pen.write(
            pod, when, "sts:AssumeRoleWithWebIdentity", request=request, error=refusal, region="ap-northeast-1"
        )


COPIES: Final[tuple[Callable[[Pen], Iterator[Record]], ...]] = (
    snapshots_within, image_for_staging, certificates, secrets_rotated, storage_upkeep, vendor_block_copies,
    photographers_tokens, broken_pod,
)  # fmt: skip
