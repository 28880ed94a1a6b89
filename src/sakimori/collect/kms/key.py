"""KMS keys, those that AWS manages for its services too."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.collect.kleene import every
from sakimori.model.words import Scope

LIST = call("kms:ListKeys", "Keys")
DESCRIBE = call("kms:DescribeKey", "KeyMetadata", with_={"KeyId": "KeyId"})

# What KMS can rotate by itself: other keys answer GetKeyRotationStatus with UnsupportedOperationException,
# and one that waits for its deletion says false whatever was set.
# Source: KMS API reference, GetKeyRotationStatus.
_ROTATES = (
    ("KeyManager", "CUSTOMER"),
    ("KeySpec", "SYMMETRIC_DEFAULT"),
    ("KeyUsage", "ENCRYPT_DECRYPT"),
    ("Origin", "AWS_KMS"),
)
_PENDING = ("PendingDeletion", "PendingReplicaDeletion")
_HAS_STATUS = " && ".join(
    [
        *(f"KeyMetadata.{member} == '{value}'" for member, value in _ROTATES),
        "(KeyMetadata.KeyState == 'Enabled' || KeyMetadata.KeyState == 'Disabled')",
    ]
)


def _is(record: Record, member: str, *values: str) -> bool | None:
    found = record.get("KeyMetadata", {}).get(member)
    return None if found is None else found in values


def _can_rotate(record: Record, _context: Context) -> bool | None:
    return every(_is(record, member, value) for member, value in _ROTATES)


TABLE = table(
    "aws_kms_key",
    "KMS keys of the account, those that AWS manages for its services too.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::KMS::Key",
    rows=LIST,
    each=[
        DESCRIBE,
        call("kms:GetKeyRotationStatus", "@", name="Rotation", with_={"KeyId": "KeyId"}, when=_HAS_STATUS),
    ],
    columns=[
        col("arn", TEXT, "The key's ARN.", "KeyArn"),
        col("key_id", TEXT, "The key's id.", "KeyId"),
        col("description", TEXT, "What somebody wrote of the key; '' where nothing.", "KeyMetadata.Description"),
        col("manager", TEXT, "CUSTOMER or AWS.", "KeyMetadata.KeyManager"),
        col("is_customer_managed", BOOLEAN, "The account itself manages it.",
            lambda record, _: _is(record, "KeyManager", "CUSTOMER"), needs=["KeyMetadata"]),
        col("state", TEXT, "Enabled, Disabled, PendingDeletion, PendingImport, …", "KeyMetadata.KeyState"),
        col("is_pending_deletion", BOOLEAN, "It waits for its deletion and serves nobody meanwhile.",
            lambda record, _: _is(record, "KeyState", *_PENDING), needs=["KeyMetadata"]),
        col("deletion_at", TIMESTAMP, "When it will be deleted; NULL where it will not.", "KeyMetadata.DeletionDate"),
        col("spec", TEXT, "SYMMETRIC_DEFAULT, RSA_2048, HMAC_256, …", "KeyMetadata.KeySpec"),
        col("usage", TEXT, "ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, …", "KeyMetadata.KeyUsage"),
        col("origin", TEXT, "Where its material is from: AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE.",
            "KeyMetadata.Origin"),
        col("is_multi_region", BOOLEAN, "It has, or may have, replicas in other Regions.", "KeyMetadata.MultiRegion"),
        col("can_rotate", BOOLEAN, "KMS can rotate it: customer managed, symmetric, with KMS's own material.",
            _can_rotate, needs=["KeyMetadata"]),
        col("rotation_is_enabled", BOOLEAN,
            "KMS rotates it; NULL where it cannot be rotated or waits for its deletion.",
            "Rotation.KeyRotationEnabled"),
        col("created_at", TIMESTAMP, "When it was made.", "KeyMetadata.CreationDate"),
    ],
)  # fmt: skip
