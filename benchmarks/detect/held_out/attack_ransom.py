"""Ransom: objects under the thief's own key, and no way back."""

from typing import Final

import clock
from company import BUCKETS, PEOPLE, SHOP, kms_arn
from shapes import one_object, s3_resources
from story import Story, hijacked, new_id, scenario, stolen

BROWSER: Final = "S3 Browser/11.6.7 (https://s3browser.com)"


@scenario
def ransom_with_customer_key(story: Story) -> None:
    """Objects are overwritten under a key that only the thief has, and then they expire."""
    thief = stolen("jenkins-deploy", "198.51.100.74", BROWSER)
    bucket, held = BUCKETS["orders"], s3_resources(BUCKETS["orders"], "", SHOP)[1:]
    story.at(25, "02:30", (0.3, 2))
    story.several(
        "which bucket",
        thief,
        [
            ("s3:ListBuckets", {"Host": "s3.amazonaws.com"}),
            ("s3:GetBucketVersioning", {"bucketName": bucket, "versioning": ""}),
            ("s3:GetBucketLifecycle", {"bucketName": bucket, "lifecycle": ""}),
            ("s3:GetBucketObjectLockConfiguration", {"bucketName": bucket, "object-lock": ""}),
        ],
    )
    story.do(
        "no versions",
        thief,
        "s3:PutBucketVersioning",
        request={"bucketName": bucket, "versioning": "", "VersioningConfiguration": {"Status": "Suspended"}},
    )
    story.do(
        "list", thief, "s3:ListObjects", request={"bucketName": bucket, "list-type": "2"}, resources=held, data=True
    )
    for number in range(90):
        key = f"daily/orders-{number:05d}.csv.gz"
        same = {"x-amz-copy-source": f"{bucket}/{key}", "x-amz-server-side-encryption-customer-algorithm": "AES256"}
        extra = {"SSEApplied": "SSE_C", "SignatureVersion": "SigV4", "bytesTransferredIn": 0}
        story.do(
            "copied onto itself under the thief's key",
            thief,
            "s3:CopyObject",
            extra=extra,
            **one_object(bucket, key, SHOP, **same),
        )
    story.do(
        "gone in a week",
        thief,
        "s3:PutBucketLifecycle",
        request={
            "bucketName": bucket,
            "lifecycle": "",
            "LifecycleConfiguration": {
                "Rule": {
                    "ID": "7d",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "Expiration": {"Days": 7},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
                }
            },
        },
    )
    story.do("the letter", thief, "s3:PutObject", **one_object(bucket, "RECOVER_FILES.txt", SHOP))


@scenario
def backups_destroyed(story: Story) -> None:
    """Before the letter, the way back is destroyed: recovery points, snapshots, databases, keys."""
    thief = hijacked(PEOPLE["tanaka.k"], clock.Day(27).at("01:20"), "198.51.100.69", PEOPLE["tanaka.k"].browser)
    story.at(27, "02:05", (0.5, 6))
    story.several(
        "where are the backups",
        thief,
        [
            ("backup:ListBackupVaults", {}),
            ("backup:ListRecoveryPointsByBackupVault", {"backupVaultName": "Default"}),
            ("rds:DescribeDBClusterSnapshots", {}),
        ],
    )
    story.do(
        "the vault's lock", thief, "backup:DeleteBackupVaultLockConfiguration", request={"backupVaultName": "Default"}
    )
    story.do(
        "the vault's policy", thief, "backup:DeleteBackupVaultAccessPolicy", request={"backupVaultName": "Default"}
    )
    for number in range(24):
        story.do(
            "recovery points",
            thief,
            "backup:DeleteRecoveryPoint",
            request={
                "backupVaultName": "Default",
                "recoveryPointArn": f"arn:aws:ec2:ap-northeast-1::snapshot/{new_id(story, 'snap')}",
            },
            error=("InvalidRequestException", "Recovery point is under legal hold.") if number % 8 == 7 else None,
        )
    story.do("the plan", thief, "backup:DeleteBackupPlan", request={"backupPlanId": story.pen.uuid()})
    story.do(
        "its protection",
        thief,
        "rds:ModifyDBCluster",
        request={
            "dBClusterIdentifier": "shop-aurora",
            "deletionProtection": False,
            "backupRetentionPeriod": 1,
            "applyImmediately": True,
            "allowMajorVersionUpgrade": False,
        },
    )
    story.do(
        "the database",
        thief,
        "rds:DeleteDBInstance",
        request={"dBInstanceIdentifier": "member-db", "skipFinalSnapshot": True, "deleteAutomatedBackups": True},
    )
    for number in range(12):
        story.do(
            "snapshots",
            thief,
            "ec2:DeleteSnapshot",
            request={"snapshotId": new_id(story, "snap")},
            error=("Client.InvalidSnapshot.InUse", "The snapshot is currently in use by an AMI")
            if number == 5
            else None,
        )
    for name in ("shop", "orders", "ebs"):
        story.do(
            "keys", thief, "kms:ScheduleKeyDeletion", request={"keyId": kms_arn(SHOP, name), "pendingWindowInDays": 7}
        )
    story.do("a key at once", thief, "kms:DisableKey", request={"keyId": kms_arn(SHOP, "lambda")})
    story.do("the logs too", thief, "s3:DeleteBucket", request={"bucketName": BUCKETS["logs"]}, denied="scp")
    story.do(
        "machines",
        thief,
        "ec2:TerminateInstances",
        request={"instancesSet": {"items": [{"instanceId": new_id(story, "i")} for _ in range(18)]}},
    )
