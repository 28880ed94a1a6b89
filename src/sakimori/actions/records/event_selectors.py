"""Event selectors of a trail in normal form, and what they lack to let all management events through.

Data events and all else that a trail records stay as they are. Source: CloudTrail API reference, EventSelector,
AdvancedEventSelector and PutEventSelectors.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.collect.cloudtrail.selectors import recorded

Selectors = Mapping[str, Sequence[Mapping[str, Any]]]
"""`basic` or `advanced`, as CloudTrail has one or the other."""

_MOST_BASIC: Final = 5
_EVERYTHING: Final = {"ReadWriteType": "All", "IncludeManagementEvents": True}
_ADVANCED: Final = {
    "Name": "All management events", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
}  # fmt: skip


def normal_selectors(answer: Mapping[str, Any]) -> Selectors:
    """Of GetEventSelectors' answer, without what is empty."""
    advanced = answer.get("AdvancedEventSelectors") or ()
    if advanced:
        return {"advanced": [_without_empty(each) for each in advanced]}
    return {"basic": [_without_empty(each) for each in answer.get("EventSelectors") or (_EVERYTHING,)]}


def records_all(selectors: Selectors) -> bool:
    """Whether reads and writes of all services are let through."""
    names = {"basic": "EventSelectors", "advanced": "AdvancedEventSelectors"}
    found = recorded({names[kind]: listed for kind, listed in selectors.items()}, has_custom_selectors=True)
    return found is not None and found.reads_and_writes_of_all_services


def completed_selectors(selectors: Selectors) -> Selectors:
    """The same where they let everything through; else with one selector for all management events in the place of those in part."""
    if records_all(selectors):
        return selectors
    if "advanced" in selectors:
        kept = [each for each in selectors["advanced"] if not _is_of_management(each)]
        return {"advanced": [_ADVANCED, *kept]}
    # The kind (reads, writes) of a selector is that of its data events too: these keep theirs.
    data = [{**each, "IncludeManagementEvents": False} for each in selectors["basic"] if each.get("DataResources")]
    kept = [{key: value for key, value in each.items() if key != "ExcludeManagementEventSources"} for each in data]
    if len(kept) >= _MOST_BASIC:
        return selectors
    return {"basic": [_EVERYTHING, *kept]}


def _is_of_management(selector: Mapping[str, Any]) -> bool:
    return any(
        each.get("Field") == "eventCategory" and each.get("Equals") == ["Management"]
        for each in selector.get("FieldSelectors") or ()
    )


def _without_empty(selector: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in selector.items() if value not in ([], None, "")}
