"""The frame of every event: class, activity, times, cloud, metadata, and what found no attribute.

Source: Open Cybersecurity Schema Framework 1.8.0, events/base_event.json, profiles/cloud.json, profiles/datetime.json.
A log says what happened and judges nothing: every event's severity is Informational.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sakimori.model.version import __version__
from sakimori.outputs.log_ocsf.row_values import Left, known, milliseconds, moment, rest_of, spelled, text

VERSION: Final = "1.8.0"
OTHER: Final = 99
UNKNOWN: Final = "unknown"
"""What stands where OCSF demands a text and the log has none."""
SUCCESS: Final = (1, "Success")
FAILURE: Final = (2, "Failure")
UNTOLD: Final = (0, "Unknown")

Profile = Literal["host", "load_balancer", "security_control"]

_NOWHERE: Final = frozenset({"unknown", "global"})
_MAPPED_BY: Final = {"name": "sakimori", "vendor_name": "sakimori", "version": __version__}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventClass:
    """A class of OCSF with its category and the names of its activities."""

    uid: int
    name: str
    category_uid: int
    category_name: str
    activities: Mapping[int, str]

    def head(self, activity: int, own_name: str | None = None) -> dict[str, object]:
        """What all events of one activity say; an activity that OCSF does not know (99) has its own name."""
        name = self.activities[activity]
        return {
            "activity_id": activity,
            "activity_name": (own_name or name) if activity == OTHER else name,
            "category_uid": self.category_uid,
            "category_name": self.category_name,
            "class_uid": self.uid,
            "class_name": self.name,
            "type_uid": self.uid * 100 + activity,
            "type_name": f"{self.name}: {name}",
            "severity_id": 1,
            "severity": "Informational",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When it was: `at` is the event's time; beginning and end where the log tells them."""

    at: datetime
    start: datetime | None = None
    end: datetime | None = None

    def attributes(self) -> dict[str, Any]:
        """Each time in milliseconds, and as text by the profile `datetime`."""
        told: dict[str, Any] = {"time": milliseconds(self.at), "time_dt": spelled(self.at)}
        for name, value in (("start_time", self.start), ("end_time", self.end)):
            if value is not None:
                told[name] = milliseconds(value)
                told[f"{name}_dt"] = spelled(value)
        if self.start and self.end and self.end >= self.start:
            told["duration"] = milliseconds(self.end) - milliseconds(self.start)
        return told


def time_of(left: Left, name: str) -> datetime:
    """The event's own time; ValueError where the row has none."""
    found = moment(left, name)
    if found is None:
        raise ValueError(name)
    return found


def cloud_of(left: Left, zone: str | None = None) -> dict[str, Any]:
    """Where in AWS it happened; the account and Region of a row that does not know them stay out."""
    account, region = text(left, "account_id"), text(left, "region")
    return known(
        provider="AWS",
        account=aws_account(account) if account and account not in _NOWHERE else None,
        region=region if region and region not in _NOWHERE else None,
        zone=zone,
        cloud_partition=text(left, "partition"),
    )


def aws_account(uid: str) -> dict[str, Any]:
    """An account of AWS."""
    return {"uid": uid, "type_id": 10, "type": "AWS Account"}


def metadata_of(product: str, *profiles: Profile, feature: str | None = None, **more: object) -> dict[str, Any]:
    """Which product of AWS reported the event, and that this program brought it into this form."""
    reporter = known(name=product, vendor_name="AWS", feature={"name": feature} if feature else None)
    return known(
        version=VERSION,
        profiles=["cloud", "datetime", *profiles],
        product=reporter,
        transformation_info_list=[{"name": "sakimori", "product": _MAPPED_BY}],
        **more,
    )


def finished(event: dict[str, Any], left: Left) -> dict[str, Any]:
    """The event without what is not known, and with what is left of the row."""
    event["unmapped"] = rest_of(left)
    return {name: value for name, value in event.items() if value is not None}
