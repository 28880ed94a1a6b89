"""Which management events the event selectors of a trail let through.

Source: CloudTrail API reference, EventSelector, AdvancedEventSelector and PutEventSelectors
("By default, trails created without specific event selectors are configured to log all
read and write management events").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


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
