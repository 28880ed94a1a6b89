"""The one topic that all alarms go to, and where it lies: at home, and where the partition keeps its global services.

EventBridge calls a topic of its own Region alone, and events of IAM, of the root user's sign-in and of Organizations
arrive only in the partition's global Region: so there are two topics of one name, and everybody confirms twice.
"""

from typing import Final

from sakimori.actions.site import Site
from sakimori.aws.partitions import partitions

TOPIC: Final = "sakimori-alerts"
NO_TOPIC: Final = ("NotFound", "NotFoundException")
"""By these codes SNS says that a topic is not there."""


def global_region(site: Site) -> str:
    """Where the partition keeps its global services."""
    return partitions()[site.account.partition].global_region


def alert_regions(site: Site) -> tuple[str, ...]:
    """The Regions that the topic lies in, home first."""
    return tuple(dict.fromkeys((site.home, global_region(site))))


def topic_arn(site: Site, region: str) -> str:
    """The ARN that the topic has, or will have."""
    return f"arn:{site.account.partition}:sns:{region}:{site.account.id}:{TOPIC}"
