"""Launch templates, as their default version stands: what instances are made from when nobody names a version."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str | None:
    found = record.get("LaunchTemplateId")
    return (
        f"arn:{context.partition}:ec2:{context.region}:{context.account_id}:launch-template/{found}" if found else None
    )


def _options(record: Record) -> Record | None:
    """What the template says of metadata: {} where it says nothing, None where it was not told at all."""
    data = record.get("LaunchTemplateData")
    return (data.get("MetadataOptions") or {}) if isinstance(data, dict) else None


def _tokens(record: Record, _context: Context) -> str | None:
    options = _options(record)
    return None if options is None else options.get("HttpTokens") or ""


def _requires_imdsv2(record: Record, _context: Context) -> bool | None:
    options = _options(record)
    if options is None:
        return None
    return options.get("HttpTokens") == "required" or options.get("HttpEndpoint") == "disabled"


TABLE = table(
    "aws_ec2_launch_template",
    "Launch templates, each as its default version stands.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::LaunchTemplate",
    rows=call("ec2:DescribeLaunchTemplateVersions", "LaunchTemplateVersions", Versions=["$Default"], MaxResults=200),
    columns=[
        col("arn", TEXT, "The launch template's ARN.", _arn),
        col("launch_template_id", TEXT, "lt-…", "LaunchTemplateId"),
        col("name", TEXT, "The template's name.", "LaunchTemplateName"),
        col("default_version", INTEGER, "The number of its default version.", "VersionNumber"),
        col("image_id", TEXT, "The image it starts; '' where whoever launches must say.",
            "LaunchTemplateData.ImageId", when_absent=""),
        col("metadata_tokens", TEXT,
            "optional or required; '' where it does not say, so that the Region's default or the image decides.", _tokens),
        col("imdsv2_is_required", BOOLEAN, "It requires IMDSv2, or turns the metadata endpoint off.", _requires_imdsv2),
        col("created_at", TIMESTAMP, "When that version was made.", "CreateTime"),
    ],
)  # fmt: skip
