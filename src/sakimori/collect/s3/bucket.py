"""General purpose buckets with the settings that decide who reaches them, and what is kept of what happens there."""

from typing import Final

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Derive, Record, call, col, table
from sakimori.collect.s3.policy_claims import allows_public_read, allows_public_write, receives_logs, requires_tls
from sakimori.model.words import Scope


def arn(record: Record, context: Context) -> str:
    """A bucket's ARN has neither Region nor account."""
    return f"arn:{context.partition}:s3:::{record['Name']}"


def region(record: Record, _context: Context) -> str | None:
    """As of 2025 ListBuckets says each bucket's Region when it is asked page by page (MaxBuckets)."""
    found = record.get("BucketRegion")
    return str(found) if found else None


LIST = call("s3:ListBuckets", "Buckets", MaxBuckets=1000)
POLICY = call("s3:GetBucketPolicy", "Policy", with_={"Bucket": "Name"}, absent=("NoSuchBucketPolicy",))

_ACL_GROUPS = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)


# Source: S3 User Guide, "Access control list (ACL) overview", what each permission allows on a bucket.
_ANY: Final = frozenset({"READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"})
_READS: Final = frozenset({"READ", "FULL_CONTROL"})
_WRITES: Final = frozenset({"WRITE", "WRITE_ACP", "FULL_CONTROL"})


def _acl_grants_everyone(permissions: frozenset[str]) -> Derive:
    def derive(record: Record, _context: Context) -> bool | None:
        grants = record.get("Grants")
        if not isinstance(grants, list):
            return None
        return any(
            grant["Grantee"].get("URI") in _ACL_GROUPS and grant["Permission"] in permissions for grant in grants
        )

    return derive


def _versioning(member: str) -> Derive:
    """AWS leaves both members out of the answer where they were never set."""

    def derive(record: Record, _context: Context) -> bool:
        return (record.get("Versioning") or {}).get(member) == "Enabled"

    return derive


TABLE = table(
    "aws_s3_bucket",
    "General purpose buckets that the account owns.",
    key="arn",
    scope=Scope.RESOURCE_REGION,
    resource_type="AWS::S3::Bucket",
    row_region=region,
    rows=LIST,
    each=[
        call("s3:GetPublicAccessBlock", "PublicAccessBlockConfiguration", with_={"Bucket": "Name"},
             absent=("NoSuchPublicAccessBlockConfiguration",)),
        POLICY,
        call("s3:GetBucketPolicyStatus", "PolicyStatus", with_={"Bucket": "Name"}, absent=("NoSuchBucketPolicy",)),
        call("s3:GetBucketAcl", "Grants", with_={"Bucket": "Name"}),
        call("s3:GetBucketOwnershipControls", "OwnershipControls", with_={"Bucket": "Name"},
             absent=("OwnershipControlsNotFoundError",)),
        call("s3:GetBucketVersioning", "@", with_={"Bucket": "Name"}, name="Versioning"),
        call("s3:GetBucketEncryption", "ServerSideEncryptionConfiguration", with_={"Bucket": "Name"},
             absent=("ServerSideEncryptionConfigurationNotFoundError",)),
        call("s3:GetBucketLogging", "LoggingEnabled", with_={"Bucket": "Name"}),
        call("s3:GetBucketLifecycleConfiguration", "Rules", with_={"Bucket": "Name"}, name="LifecycleRules",
             absent=("NoSuchLifecycleConfiguration",)),
        call("s3:GetObjectLockConfiguration", "ObjectLockConfiguration", with_={"Bucket": "Name"},
             absent=("ObjectLockConfigurationNotFoundError",)),
    ],
    columns=[
        col("arn", TEXT, "The bucket's ARN.", arn),
        col("name", TEXT, "The bucket's name, unique within the partition.", "Name"),
        col("created_at", TIMESTAMP, "When the bucket was made, or its policy last changed.", "CreationDate"),
        col("block_public_acls", BOOLEAN, "New public ACLs are refused by the bucket's own setting.",
            "PublicAccessBlockConfiguration.BlockPublicAcls", when_absent=False),
        col("ignore_public_acls", BOOLEAN, "Public ACLs have no effect by the bucket's own setting.",
            "PublicAccessBlockConfiguration.IgnorePublicAcls", when_absent=False),
        col("block_public_policy", BOOLEAN, "New public policies are refused by the bucket's own setting.",
            "PublicAccessBlockConfiguration.BlockPublicPolicy", when_absent=False),
        col("restrict_public_buckets", BOOLEAN, "A public policy reaches no one outside the account, by the bucket's own setting.",
            "PublicAccessBlockConfiguration.RestrictPublicBuckets", when_absent=False),
        col("has_policy", BOOLEAN, "A bucket policy is attached.", lambda record, _: "Policy" in record, needs=["Policy"]),
        col("policy_is_public", BOOLEAN, "AWS calls the bucket policy public.", "PolicyStatus.IsPublic", when_absent=False),
        col("acl_is_public", BOOLEAN, "The ACL grants something to everyone or to every AWS customer.",
            _acl_grants_everyone(_ANY), needs=["Grants"]),
        col("acls_are_disabled", BOOLEAN, "Bucket owner enforced: ACLs have no effect at all.",
            lambda record, _: any(rule.get("ObjectOwnership") == "BucketOwnerEnforced"
                                  for rule in (record.get("OwnershipControls") or {}).get("Rules", ())),
            needs=["OwnershipControls"]),
        col("versioning_is_enabled", BOOLEAN, "Overwritten and deleted objects are kept as versions.",
            _versioning("Status"), needs=["Versioning"]),
        col("default_encryption", TEXT, "AES256, aws:kms or aws:kms:dsse; '' where none is set.",
            lambda record, _: next((rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm")
                                    for rule in (record.get("ServerSideEncryptionConfiguration") or {}).get("Rules", ())), ""),
            needs=["ServerSideEncryptionConfiguration"]),
        col("policy_allows_public_read", BOOLEAN, "The policy lets anyone read or list; NULL where its conditions do not tell.",
            allows_public_read, needs=["Policy", "PolicyStatus"]),
        col("policy_allows_public_write", BOOLEAN, "The policy lets anyone change something; NULL where its conditions do not tell.",
            allows_public_write, needs=["Policy", "PolicyStatus"]),
        col("acl_allows_public_read", BOOLEAN, "The ACL lets everyone, or every AWS customer, list the objects.",
            _acl_grants_everyone(_READS), needs=["Grants"]),
        col("acl_allows_public_write", BOOLEAN, "The ACL lets everyone, or every AWS customer, put objects or change the ACL.",
            _acl_grants_everyone(_WRITES), needs=["Grants"]),
        col("requires_tls", BOOLEAN, "The policy refuses every request without TLS, to the bucket and to its objects.",
            requires_tls, needs=["Policy"]),
        col("receives_logs", BOOLEAN, "The policy lets an AWS service that delivers logs write into it.",
            receives_logs, needs=["Policy"]),
        col("mfa_delete_is_enabled", BOOLEAN, "A version is deleted only with a code of the root user's MFA device.",
            _versioning("MFADelete"), needs=["Versioning"]),
        col("access_logging_is_enabled", BOOLEAN, "Requests to it are logged (server access logs).",
            lambda record, _: bool((record.get("LoggingEnabled") or {}).get("TargetBucket")), needs=["LoggingEnabled"]),
        col("access_log_bucket", TEXT, "The bucket that gets those logs; '' where there are none.",
            "LoggingEnabled.TargetBucket", when_absent=""),
        col("has_lifecycle_rules", BOOLEAN, "Objects are moved or deleted by age.",
            lambda record, _: bool(record.get("LifecycleRules")), needs=["LifecycleRules"]),
        col("object_lock_is_enabled", BOOLEAN, "Versions can be locked against deletion.",
            lambda record, _: (record.get("ObjectLockConfiguration") or {}).get("ObjectLockEnabled") == "Enabled",
            needs=["ObjectLockConfiguration"]),
        col("object_lock_default_mode", TEXT, "How new objects are locked: GOVERNANCE or COMPLIANCE; '' where they are not.",
            "ObjectLockConfiguration.Rule.DefaultRetention.Mode", when_absent=""),
    ],
)  # fmt: skip
