"""Domains of OpenSearch Service."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

# AWS refuses more: "Please provide a maximum of 5 domain names to describe."
_BATCH = 5
LIST = (
    call("opensearch:ListDomainNames", "DomainNames[].DomainName"),
    call("opensearch:DescribeDomains", "DomainStatusList", batch="DomainNames", batch_size=_BATCH),
)


def _is_deleted(record: Record, _context: Context) -> bool:
    return record.get("Deleted") is True


TABLE = table(
    "aws_opensearch_domain",
    "Domains of OpenSearch Service, those of Elasticsearch too.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::OpenSearchService::Domain",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The domain's ARN.", "ARN"),
        col("name", TEXT, "The domain's name.", "DomainName"),
        col("engine_version", TEXT, "OpenSearch_2.19, Elasticsearch_7.10, …", "EngineVersion"),
        col("is_deleted", BOOLEAN, "It is deleted and about to leave the list.", _is_deleted),
        col("vpc_id", TEXT, "The VPC it is in; '' where it is on the internet.", "VPCOptions.VPCId", when_absent=""),
        col("is_encrypted", BOOLEAN, "Its data is encrypted at rest.", "EncryptionAtRestOptions.Enabled"),
        col("encrypts_between_nodes", BOOLEAN, "Its nodes talk to each other by TLS.",
            "NodeToNodeEncryptionOptions.Enabled"),
        col("requires_https", BOOLEAN, "It refuses requests without TLS.", "DomainEndpointOptions.EnforceHTTPS"),
    ],
)  # fmt: skip
