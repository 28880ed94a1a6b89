"""Filters of GuardDuty: saved searches, and those that archive what they match before anyone sees it.

Sources: GuardDuty API reference, CreateFilter (the attributes of a criterion, the operators and their
deprecated forms); GuardDuty user guide, "Suppression rules" (an archived finding is not sent on).
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Derive, Record, call, col, table
from sakimori.collect.guardduty.detector import LIST
from sakimori.model.words import Scope

_TYPE: Final = "type"
_EQUAL: Final = ("Equals", "Eq")
_NAMES_OF_RESOURCES: Final = frozenset(
    f"resource.{name}"
    for name in (
        "accessKeyDetails.accessKeyId", "accessKeyDetails.principalId", "accessKeyDetails.userIdentity.arn",
        "accessKeyDetails.userIdentity.principalId",
        "accessKeyDetails.userIdentity.sessionContext.sessionIssuer.arn",
        "accessKeyDetails.userIdentity.sessionContext.sessionIssuer.userName",
        "accessKeyDetails.userIdentity.userName", "accessKeyDetails.userName", "containerDetails.id",
        "containerDetails.name", "ebsVolumeDetails.scannedVolumeDetails.volumeArn", "ecsClusterDetails.arn",
        "ecsClusterDetails.name", "eksClusterDetails.arn", "eksClusterDetails.name", "instanceDetails.imageId",
        "instanceDetails.instanceId", "instanceDetails.networkInterfaces.networkInterfaceId",
        "instanceDetails.tags.value", "kubernetesDetails.kubernetesUserDetails.username",
        "kubernetesDetails.kubernetesWorkloadDetails.name", "lambdaDetails.functionArn",
        "lambdaDetails.functionName", "rdsDbInstanceDetails.dbClusterIdentifier",
        "rdsDbInstanceDetails.dbInstanceArn", "rdsDbInstanceDetails.dbInstanceIdentifier", "s3BucketDetails.arn",
        "s3BucketDetails.name",
    )
)  # fmt: skip
"""An image and the value of a tag count too: AWS's own examples name hosts by them."""


def _arn(record: Record, context: Context) -> str | None:
    """The ARN that GuardDuty gives to a filter's tags, and nowhere tells."""
    name, detector = record.get("value"), record.get("detector_id")
    if not name or not detector:
        return None
    return f"arn:{context.partition}:guardduty:{context.region}:{context.account_id}:detector/{detector}/filter/{name}"


def _criterion(record: Record) -> Mapping[str, Mapping[str, Any]] | None:
    found = record.get("Filter", {}).get("FindingCriteria")
    return None if found is None else cast("Mapping[str, Mapping[str, Any]]", found.get("Criterion") or {})


def _names(attributes: frozenset[str]) -> Derive:
    """Whether one of the attributes must be one of the values that the filter lists; what `*` stands in, names nothing."""

    def derive(record: Record, _context: Context) -> bool | None:
        criterion = _criterion(record)
        if criterion is None:
            return None
        found = [test for name, test in criterion.items() if name in attributes]
        values = [tuple(value for operator in _EQUAL for value in test.get(operator) or ()) for test in found]
        return any(listed and not any("*" in str(value) for value in listed) for listed in values)

    return derive


def _archives(record: Record, _context: Context) -> bool | None:
    return {"ARCHIVE": True, "NOOP": False}.get(record.get("Filter", {}).get("Action"))


TABLE = table(
    "aws_guardduty_filter",
    "Filters of GuardDuty: saved searches and suppression rules.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::GuardDuty::Filter",
    rows=[
        LIST,
        call("guardduty:ListFilters", "FilterNames", with_={"DetectorId": "@"}, keep={"detector_id": "@"}),
    ],
    each=[
        call("guardduty:GetFilter", "@", name="Filter", with_={"DetectorId": "detector_id", "FilterName": "value"}),
    ],
    columns=[
        col("arn", TEXT, "The filter's ARN.", _arn),
        col("name", TEXT, "The filter's name, unique within its detector.", "value"),
        col("detector_id", TEXT, "The detector that it filters.", "detector_id"),
        col("action", TEXT, "ARCHIVE (a suppression rule) or NOOP (a saved search).", "Filter.Action"),
        col("archives", BOOLEAN, "It archives what it matches, which is then sent nowhere.", _archives, needs=["Filter"]),
        col("rank", INTEGER, "Its place among the filters; the first that matches acts.", "Filter.Rank"),
        col("description", TEXT, "What somebody wrote of it; '' where nothing.", "Filter.Description", when_absent=""),
        col("criteria", TEXT, "What a finding must be like, as JSON in the form of CreateFilter.",
            "Filter.FindingCriteria"),
        col("names_type", BOOLEAN, "It says which finding types it is for.", _names(frozenset({_TYPE})), needs=["Filter"]),
        col("names_resource", BOOLEAN, "It says by name which resources or principals it is for.",
            _names(_NAMES_OF_RESOURCES), needs=["Filter"]),
        col("tags", TEXT, "Its tags as JSON; {} where it has none.", lambda record, _: record.get("Filter", {}).get("Tags") or {},
            needs=["Filter"]),
        col("created_at", TIMESTAMP, "When it was made; NULL where AWS does not say.", "Filter.CreatedAt"),
        col("updated_at", TIMESTAMP, "When it was last changed; NULL where AWS does not say.", "Filter.UpdatedAt"),
    ],
)  # fmt: skip
