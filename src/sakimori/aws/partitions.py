"""Partitions and their Regions, from botocore's own data."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sakimori.aws.data_files import data_loader

_FIRST: Final = "aws"

# The Regions of `aws` that need no opting in. Every commercial Region since 2019-03-20 is opt-in,
# so this list does not grow. Source: Account Management reference guide, "AWS Regions".
_ENABLED_BY_DEFAULT: Final = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One partition: `aws`, `aws-cn`, `aws-us-gov`, ….

    `regions` are all that botocore knows, in alphabetical order; `default_regions` those
    that an account has without opting in; `global_region` is where global services live.
    """

    id: str
    regions: tuple[str, ...]
    default_regions: tuple[str, ...]
    global_region: str
    region_pattern: str

    def has(self, region: str) -> bool:
        """Whether `region` is, by its name, one of this partition; also one that botocore does not know yet."""
        return region in self.regions or re.fullmatch(self.region_pattern, region) is not None


@cache
def partitions() -> Mapping[str, Partition]:
    """All partitions by id."""
    entries = data_loader().load_data("partitions")["partitions"]
    return {entry["id"]: _partition(entry) for entry in entries}


def usual_regions(seen: Collection[str]) -> frozenset[str]:
    """The Regions that are on in every account of the partitions in which something was seen."""
    return frozenset(
        region
        for partition in partitions().values()
        if any(each in partition.default_regions for each in seen)
        for region in partition.default_regions
    )


def silent_regions(seen: Collection[str]) -> tuple[str, ...]:
    """The Regions that are on in every account, of which nothing was seen.

    The Region in which the calls of IAM and other global services are recorded comes before the others.
    """
    silent = usual_regions(seen).difference(seen)
    return tuple(sorted(silent, key=lambda each: (each != partition_of_region(each).global_region, each)))


def partition_of_region(region: str) -> Partition:
    """The partition of `region`; that of the commercial Regions for "" or a name of no known form."""
    return next((one for one in partitions().values() if region and one.has(region)), partitions()[_FIRST])


def global_region_of(service: str, partition: Partition) -> str:
    """The Region that signs and answers the calls of `service` that belong to no Region.

    In China some global services live in Beijing and some in Ningxia, so the endpoint data
    of the service decides; the partition's own global Region serves all others.
    """
    scope = _scopes(partition.id).get(_endpoint_prefix(service), "")
    return scope if partition.has(scope) else partition.global_region


def is_left_out(service: str, region: str, partition: Partition) -> bool:
    """Whether botocore's data has endpoints of `service` in this partition, and none in `region`.

    That data may be older than the Region: alone it says nothing of what is there.
    """
    known = _endpoints(partition.id).get(_endpoint_prefix(service), frozenset())
    return bool(known) and region not in known


@cache
def _endpoints(partition: str) -> Mapping[str, frozenset[str]]:
    """By endpoint prefix: where it has an endpoint; a service of one endpoint for all Regions is not in it."""
    entries = data_loader().load_data("endpoints")["partitions"]
    services = next((entry["services"] for entry in entries if entry["partition"] == partition), {})
    return {
        prefix: frozenset(service.get("endpoints", {}))
        for prefix, service in services.items()
        if "partitionEndpoint" not in service
    }


@cache
def _scopes(partition: str) -> Mapping[str, str]:
    """By endpoint prefix: the Region that the one endpoint (`aws-global`) of a global service signs for."""
    entries = data_loader().load_data("endpoints")["partitions"]
    services = next((entry["services"] for entry in entries if entry["partition"] == partition), {})
    return {
        prefix: service["endpoints"].get(service["partitionEndpoint"], {}).get("credentialScope", {}).get("region", "")
        for prefix, service in services.items()
        if "partitionEndpoint" in service
    }


@cache
def _endpoint_prefix(service: str) -> str:
    return str(data_loader().load_service_model(service, "service-2")["metadata"]["endpointPrefix"])


def _partition(entry: Mapping[str, Any]) -> Partition:
    regions = tuple(sorted(name for name in entry["regions"] if not name.endswith("-global")))
    return Partition(
        id=entry["id"],
        regions=regions,
        default_regions=_ENABLED_BY_DEFAULT if entry["id"] == _FIRST else regions,
        global_region=entry["outputs"]["implicitGlobalRegion"],
        region_pattern=entry["regionRegex"],
    )
