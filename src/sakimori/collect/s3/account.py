"""S3 Block Public Access of the whole account."""

from sakimori.collect.declaration import ACCOUNT_ID, BOOLEAN, ITSELF, TEXT, call, col, table
from sakimori.model.words import Scope

TABLE = table(
    "aws_s3_account",
    "Settings of S3 for the whole account; they override every bucket's own.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::S3::AccountPublicAccessBlock",
    rows=ITSELF,
    each=[
        call("s3control:GetPublicAccessBlock", "PublicAccessBlockConfiguration", AccountId=ACCOUNT_ID,
             absent=("NoSuchPublicAccessBlockConfiguration",)),
    ],
    columns=[
        col("arn", TEXT, "The account's root ARN.", lambda _, account: f"arn:{account.partition}:iam::{account.account_id}:root"),
        col("block_public_acls", BOOLEAN, "New public ACLs are refused in every bucket.",
            "PublicAccessBlockConfiguration.BlockPublicAcls", when_absent=False),
        col("ignore_public_acls", BOOLEAN, "Public ACLs have no effect in any bucket.",
            "PublicAccessBlockConfiguration.IgnorePublicAcls", when_absent=False),
        col("block_public_policy", BOOLEAN, "New public policies are refused in every bucket.",
            "PublicAccessBlockConfiguration.BlockPublicPolicy", when_absent=False),
        col("restrict_public_buckets", BOOLEAN, "A public policy reaches no one outside the account.",
            "PublicAccessBlockConfiguration.RestrictPublicBuckets", when_absent=False),
    ],
)  # fmt: skip
