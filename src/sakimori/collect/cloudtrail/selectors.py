"""Which management events, and which data events of S3 objects, the event selectors of a trail let through.

Source: CloudTrail API reference, EventSelector, DataResource, AdvancedEventSelector and
PutEventSelectors ("By default, trails created without specific event selectors are configured
to log all read and write management events").
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_OBJECT: Final = "AWS::S3::Object"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagementEvents:
    """What is recorded: reads and writes of some services at least, and both of all services."""

    reads: bool
    writes: bool
    reads_and_writes_of_all_services: bool


def recorded(answer: Mapping[str, Any], *, has_custom_selectors: bool) -> ManagementEvents | None:
    """What GetEventSelectors' answer lets through, by all selectors together; None where it does not tell."""
    parts = tuple(_parts(answer))
    if not answer.get("EventSelectors") and not answer.get("AdvancedEventSelectors"):
        if has_custom_selectors:
            return None
        parts = (_Part(reads=True, writes=True, is_of_all_services=True),)
    whole = [part for part in parts if part.is_of_all_services]
    return ManagementEvents(
        reads=any(part.reads for part in parts),
        writes=any(part.writes for part in parts),
        reads_and_writes_of_all_services=any(part.reads for part in whole) and any(part.writes for part in whole),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Management events that one selector lets through."""

    reads: bool
    writes: bool
    is_of_all_services: bool


def _parts(answer: Mapping[str, Any]) -> Iterator[_Part]:
    for selector in answer.get("EventSelectors") or ():
        if selector.get("IncludeManagementEvents", True):
            kind = selector.get("ReadWriteType", "All")
            yield _Part(
                reads=kind in {"All", "ReadOnly"},
                writes=kind in {"All", "WriteOnly"},
                is_of_all_services=not selector.get("ExcludeManagementEventSources"),
            )
    for selector in answer.get("AdvancedEventSelectors") or ():
        fields = {field.get("Field"): field for field in selector.get("FieldSelectors") or ()}
        if (fields.pop("eventCategory", None) or {}).get("Equals") == ["Management"]:
            read_only = (fields.pop("readOnly", None) or {}).get("Equals") or ["true", "false"]
            # Any further field (eventSource, eventName, …) lets only a part of the events through.
            yield _Part(reads="true" in read_only, writes="false" in read_only, is_of_all_services=not fields)


# -- data events of S3 objects ---------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEvents:
    """What is recorded of a bucket's objects."""

    reads: bool
    writes: bool


def recorded_of_objects(answer: Mapping[str, Any], bucket_arn: str = "") -> ObjectEvents:
    """What is let through of every object in the bucket, or without a name in all buckets, future ones too."""
    parts = tuple(_object_parts(answer, bucket_arn))
    return ObjectEvents(reads=any(part.reads for part in parts), writes=any(part.writes for part in parts))


def _object_parts(answer: Mapping[str, Any], bucket_arn: str) -> Iterator[ObjectEvents]:
    for selector in answer.get("EventSelectors") or ():
        resources = selector.get("DataResources") or ()
        prefixes = [value for each in resources if each.get("Type") == _OBJECT for value in each.get("Values") or ()]
        if _covers(prefixes, bucket_arn):
            kind = selector.get("ReadWriteType", "All")
            yield ObjectEvents(reads=kind in {"All", "ReadOnly"}, writes=kind in {"All", "WriteOnly"})
    for selector in answer.get("AdvancedEventSelectors") or ():
        fields = {field.get("Field"): field for field in selector.get("FieldSelectors") or ()}
        category, kind = (fields.pop(name, None) or {} for name in ("eventCategory", "resources.type"))
        if category.get("Equals") != ["Data"] or kind.get("Equals") != [_OBJECT]:
            continue
        read_only = (fields.pop("readOnly", None) or {}).get("Equals") or ["true", "false"]
        place = fields.pop("resources.ARN", None)
        # Any further field (eventName, userIdentity.arn, …) lets only a part of the events through.
        if not fields and (place is None or _is_place_of(place, bucket_arn)):
            yield ObjectEvents(reads="true" in read_only, writes="false" in read_only)


def _is_place_of(field: Mapping[str, Any], bucket_arn: str) -> bool:
    operators = {name for name, values in field.items() if name != "Field" and values}
    return operators == {"StartsWith"} and _covers(field["StartsWith"], bucket_arn)


def _covers(prefixes: Iterable[str], bucket_arn: str) -> bool:
    """Whether a prefix stands before every object of the bucket; `arn:aws:s3` and `arn:aws:s3:::` mean all buckets."""
    return any(
        (len(parts := prefix.split(":")) >= 3 and parts[2] == "s3" and not any(parts[3:]))  # noqa: PLR2004 - arn:aws:s3
        or (bool(bucket_arn) and prefix == f"{bucket_arn}/")
        for prefix in prefixes
    )
