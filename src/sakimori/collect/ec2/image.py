"""Machine images (AMIs) that the account owns."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope


def arn(record: Record, context: Context) -> str | None:
    """An image's ARN holds no account id."""
    found = record.get("ImageId")
    return f"arn:{context.partition}:ec2:{context.region}::image/{found}" if found else None


LIST = call("ec2:DescribeImages", "Images", Owners=["self"], MaxResults=1000)


TABLE = table(
    "aws_ec2_image",
    "Machine images (AMIs) that the account owns; disabled ones, which nobody can share, are not listed.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::Image",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The image's ARN.", arn),
        col("image_id", TEXT, "ami-…", "ImageId"),
        col("name", TEXT, "The image's name.", "Name", when_absent=""),
        col("description", TEXT, "What its maker wrote.", "Description", when_absent=""),
        col("state", TEXT, "available, pending, failed, error, …", "State"),
        col("is_public", BOOLEAN, "Any AWS account may start instances from it.", "Public"),
        col("created_at", TIMESTAMP, "When it was made.", "CreationDate"),
    ],
)  # fmt: skip
