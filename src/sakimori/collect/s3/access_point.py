"""Access points of S3, and the bucket behind each."""

from sakimori.collect.declaration import ACCOUNT_ID, BOOLEAN, TEXT, call, col, table
from sakimori.model.words import Scope

LIST = call("s3control:ListAccessPoints", "AccessPointList", AccountId=ACCOUNT_ID)
_BLOCK = "Whole.PublicAccessBlockConfiguration"

TABLE = table(
    "aws_s3_access_point",
    "Access points of S3 and the buckets behind them.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::S3::AccessPoint",
    rows=LIST,
    each=[call("s3control:GetAccessPoint", "@", name="Whole", with_={"Name": "Name"}, AccountId=ACCOUNT_ID)],
    columns=[
        col("arn", TEXT, "The access point's ARN.", "AccessPointArn"),
        col("name", TEXT, "Its name.", "Name"),
        col("bucket_name", TEXT, "The bucket behind it.", "Bucket"),
        col("bucket_account_id", TEXT, "The account of that bucket; '' where AWS does not tell.", "BucketAccountId",
            when_absent=""),
        col("is_internet_reachable", BOOLEAN, "It takes requests from the internet (false: from one VPC alone).",
            lambda record, _: None if not record.get("NetworkOrigin") else record["NetworkOrigin"] == "Internet"),
        col("restrict_public_buckets", BOOLEAN, "A public policy of it reaches no one outside the account.",
            f"{_BLOCK}.RestrictPublicBuckets", when_absent=False),
    ],
)  # fmt: skip
