"""Where Security Hub CSPM gathers the findings of other Regions."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.collect.securityhub.hub import NOT_SUBSCRIBED
from sakimori.model.words import Scope


def _links_regions(record: Record, _context: Context) -> bool | None:
    found = record.get("Aggregator", {})
    listed = bool(found.get("Regions"))
    linking = {
        "ALL_REGIONS": True, "ALL_REGIONS_EXCEPT_SPECIFIED": True, "SPECIFIED_REGIONS": listed, "NO_REGIONS": False,
    }  # fmt: skip
    return linking.get(found.get("RegionLinkingMode", ""))


TABLE = table(
    "aws_securityhub_finding_aggregator",
    "The finding aggregator of Security Hub CSPM, once for each Region from which it is seen.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::SecurityHub::FindingAggregator",
    rows=call("securityhub:ListFindingAggregators", "FindingAggregators", absent=NOT_SUBSCRIBED),
    each=[
        call("securityhub:GetFindingAggregator", "@", name="Aggregator",
             with_={"FindingAggregatorArn": "FindingAggregatorArn"}),
    ],
    columns=[
        col("arn", TEXT, "The aggregator's ARN.", "FindingAggregatorArn"),
        col("home_region", TEXT, "The Region where the findings of the others are gathered.",
            "Aggregator.FindingAggregationRegion"),
        col("linking_mode", TEXT, "ALL_REGIONS, ALL_REGIONS_EXCEPT_SPECIFIED, SPECIFIED_REGIONS or NO_REGIONS.",
            "Aggregator.RegionLinkingMode"),
        col("links_regions", BOOLEAN, "It gathers from other Regions at all.", _links_regions, needs=["Aggregator"]),
    ],
)  # fmt: skip
