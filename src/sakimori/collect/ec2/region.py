"""Settings of EC2 that hold for a whole Region."""

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, ITSELF, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _tokens(record: Record, _context: Context) -> str | None:
    """AWS answers only the defaults that were set: an answer without tokens says that none was."""
    level = record.get("AccountLevel")
    return (level.get("HttpTokens") or "") if isinstance(level, dict) else None


def _is_enforced(record: Record, _context: Context) -> bool | None:
    level = record.get("AccountLevel")
    return level.get("HttpTokensEnforced") == "enabled" if isinstance(level, dict) else None


TABLE = table(
    "aws_ec2_region",
    "Settings of EC2 that hold for a whole Region, one row each.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[
        call("ec2:GetEbsEncryptionByDefault", "EbsEncryptionByDefault"),
        call("ec2:GetSnapshotBlockPublicAccessState", "State"),
        call("ec2:GetImageBlockPublicAccessState", "ImageBlockPublicAccessState"),
        call("ec2:GetInstanceMetadataDefaults", "AccountLevel"),
        call("ec2:DescribeVpcBlockPublicAccessOptions", "VpcBlockPublicAccessOptions"),
    ],
    columns=[
        col("arn", TEXT, "The account's root ARN; with `region` it names the account in this Region.", root_arn),
        col("ebs_encryption_by_default", BOOLEAN, "New volumes and copies of snapshots are encrypted.",
            "EbsEncryptionByDefault"),
        col("snapshot_public_sharing", TEXT,
            "Whether snapshots may be public: unblocked, block-new-sharing or block-all-sharing.",
            "State"),
        col("image_public_sharing", TEXT, "Whether images may be made public: unblocked or block-new-sharing.",
            "ImageBlockPublicAccessState"),
        col("metadata_tokens_by_default", TEXT,
            "What new instances use for IMDS unless told otherwise: optional, required, or '' for no preference.",
            _tokens, needs=["AccountLevel"]),
        col("imdsv2_is_enforced", BOOLEAN, "No instance can be launched that does not require IMDSv2.",
            _is_enforced, needs=["AccountLevel"]),
        col("vpc_internet_block_mode", TEXT,
            "What VPC Block Public Access stops at internet gateways: off, block-ingress or block-bidirectional.",
            "VpcBlockPublicAccessOptions.InternetGatewayBlockMode"),
    ],
)  # fmt: skip
