"""Which events a trail records, by its basic or its advanced event selectors.

Source: CloudTrail API reference, EventSelector, DataResource and AdvancedFieldSelector.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from moto.cloudtrail.models import Trail

_OBJECTS: Final = "AWS::S3::Object"
_OPERATORS: Final = {
    "Equals": lambda value, wanted: value in wanted,
    "StartsWith": lambda value, wanted: value.startswith(tuple(wanted)),
    "EndsWith": lambda value, wanted: value.endswith(tuple(wanted)),
    "NotEquals": lambda value, wanted: value not in wanted,
    "NotStartsWith": lambda value, wanted: not value.startswith(tuple(wanted)),
    "NotEndsWith": lambda value, wanted: not value.endswith(tuple(wanted)),
}


def records(trail: Trail, event: Mapping[str, Any]) -> bool:
    """The trail's selectors take this event. A trail without any takes every management event."""
    if trail.advanced_event_selectors:
        return any(_fits(each, event) for each in trail.advanced_event_selectors)
    if trail.event_selectors:
        return any(_fits_basic(each, event) for each in trail.event_selectors)
    return bool(event["managementEvent"])


def _fits_basic(selector: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    kind = selector.get("ReadWriteType", "All")
    if kind != "All" and (kind == "ReadOnly") is not event["readOnly"]:
        return False
    if event["managementEvent"]:
        excluded = selector.get("ExcludeManagementEventSources") or ()
        return selector.get("IncludeManagementEvents", True) is not False and event["eventSource"] not in excluded
    prefixes = [
        value
        for resource in selector.get("DataResources") or ()
        if resource.get("Type") == _OBJECTS
        for value in resource.get("Values") or ()
    ]
    return any(_arn_of(event).startswith(prefix) for prefix in prefixes)


def _fits(selector: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    return all(
        _OPERATORS[operator](_field(condition.get("Field", ""), event), wanted)
        for condition in selector.get("FieldSelectors") or ()
        for operator, wanted in condition.items()
        if operator in _OPERATORS and wanted
    )


def _field(name: str, event: Mapping[str, Any]) -> str:
    if name == "readOnly":
        return "true" if event["readOnly"] else "false"
    if name == "resources.type":
        return _first(each.get("type", "") for each in event.get("resources") or ())
    if name == "resources.ARN":
        return _arn_of(event)
    return str(event.get(name, ""))


def _arn_of(event: Mapping[str, Any]) -> str:
    return _first(each.get("ARN") or each.get("ARNPrefix", "") for each in event.get("resources") or ())


def _first(values: Iterable[str]) -> str:
    return next(iter(values), "")
