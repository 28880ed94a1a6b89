"""General purpose buckets with the settings that decide who reaches them."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
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


def _acl_opens_to_everyone(record: Record, _context: Context) -> bool:
    grants = record.get("Grants") or []
    return any(grant.get("Grantee", {}).get("URI") in _ACL_GROUPS for grant in grants)


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
            _acl_opens_to_everyone, needs=["Grants"]),
        col("acls_are_disabled", BOOLEAN, "Bucket owner enforced: ACLs have no effect at all.",
            lambda record, _: any(rule.get("ObjectOwnership") == "BucketOwnerEnforced"
                                  for rule in (record.get("OwnershipControls") or {}).get("Rules", ())),
            needs=["OwnershipControls"]),
        col("versioning_is_enabled", BOOLEAN, "Overwritten and deleted objects are kept as versions.",
            lambda record, _: (record.get("Versioning") or {}).get("Status") == "Enabled", needs=["Versioning"]),
        col("default_encryption", TEXT, "AES256, aws:kms or aws:kms:dsse; '' where none is set.",
            lambda record, _: next((rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm")
                                    for rule in (record.get("ServerSideEncryptionConfiguration") or {}).get("Rules", ())), ""),
            needs=["ServerSideEncryptionConfiguration"]),
        col("access_log_bucket", TEXT, "The bucket that gets its server access logs; '' where none does.",
            "LoggingEnabled.TargetBucket", when_absent=""),
    ],
)  # fmt: skip
