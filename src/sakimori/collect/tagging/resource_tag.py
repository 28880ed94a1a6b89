"""Tags of resources, for mutes by tag."""

from collections.abc import Iterator

from sakimori.collect.declaration import TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _tags(record: Record, _context: Context) -> Iterator[Record]:
    for tag in record.get("Tags") or ():
        yield {"arn": record["ResourceARN"], "key": tag["Key"], "value": tag.get("Value", "")}


TABLE = table(
    "aws_resource_tag",
    "Tags of every tagged resource, one row per tag. IAM's tags are not among them.",
    key="id",
    parent="resource_arn",
    parent_key="ResourceARN",
    scope=Scope.REGION,
    rows=call("resourcegroupstaggingapi:GetResources", "ResourceTagMappingList"),
    expand=_tags,
    columns=[
        col("id", TEXT, "The resource's ARN and the tag's key; unique.", lambda tag, _: f"{tag['arn']}/{tag['key']}"),
        col("resource_arn", TEXT, "The resource that carries the tag.", "arn"),
        col("key", TEXT, "The tag's key.", "key"),
        col("value", TEXT, "The tag's value; '' where it has none.", "value"),
    ],
)  # fmt: skip
