"""Private repositories of ECR."""

from collections.abc import Mapping

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = call("ecr:DescribeRepositories", "repositories", maxResults=1000)

# Exclusions leave only the tags that they name mutable.
_MUTABLE: Mapping[str, bool] = {
    "MUTABLE": True,
    "MUTABLE_WITH_EXCLUSION": True,
    "IMMUTABLE": False,
    "IMMUTABLE_WITH_EXCLUSION": False,
}


def _tags_are_immutable(record: Record, _context: Context) -> bool | None:
    mutable = _MUTABLE.get(record.get("imageTagMutability", ""))
    return None if mutable is None else not mutable


TABLE = table(
    "aws_ecr_repository",
    "Private repositories of container images.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::ECR::Repository",
    rows=LIST,
    each=[
        call("ecr:BatchGetRepositoryScanningConfiguration", "scanningConfigurations[0]", name="Scanning",
             with_={"repositoryNames": "[repositoryName]"}),
    ],
    columns=[
        col("arn", TEXT, "The repository's ARN.", "repositoryArn"),
        col("name", TEXT, "The repository's name.", "repositoryName"),
        col("uri", TEXT, "Where images are pushed to and pulled from.", "repositoryUri"),
        # Source: API reference, ImageScanningConfiguration: without a value images are not scanned.
        col("own_setting_scans_on_push", BOOLEAN,
            "Its own setting scans each pushed image; this counts only while the registry's scan type is BASIC.",
            "imageScanningConfiguration.scanOnPush", when_absent=False),
        col("scan_frequency", TEXT, "What the registry's filters give it: SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL.",
            "Scanning.scanFrequency"),
        col("tags_are_immutable", BOOLEAN, "A tag once pushed cannot be moved to another image.", _tags_are_immutable),
        col("encryption_type", TEXT, "AES256, KMS or KMS_DSSE.", "encryptionConfiguration.encryptionType"),
        col("created_at", TIMESTAMP, "When it was made.", "createdAt"),
    ],
)  # fmt: skip
