"""Parts of an event, read without trust: what is missing or of another type is empty, never an error."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

EMPTY: Final[Mapping[str, Any]] = {}
# More than any request has; what lies beyond is not looked at.
_MOST_NODES: Final = 2_000
_MASKS: Final = frozenset({"HIDDEN_DUE_TO_SECURITY_REASONS", "<sensitiveDataRemoved>", "***", "****"})


def mapping_in(value: object) -> Mapping[str, Any]:
    """The value if it is an object."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else EMPTY


def part(value: object, *names: str) -> Any:
    """What stands at the path of names; None where the path ends early."""
    for name in names:
        # An event itself may be any mapping: that over the columns of the lake reads them when asked.
        # Nearly all are plain objects, and to ask for their type is a fifth of the cost.
        if type(value) is not dict and not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, object]", value).get(name)
    return value


def text_in(value: object) -> str:
    """The value if it is a text that is not masked, or a number or truth as JSON writes it; "" for all else."""
    if isinstance(value, str):
        return "" if value in _MASKS else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 128 else ""  # noqa: PLR2004 - an IPv6 address is the largest number
    return ""


def text_at(value: object, *names: str) -> str:
    """`text_in` of what stands at the path."""
    return text_in(part(value, *names))


def is_true(value: object) -> bool:
    """True, or one of the texts with which CloudTrail writes it."""
    return value is True or (isinstance(value, str) and value.lower() in {"true", "yes"})


def members_of(value: object) -> tuple[Any, ...]:
    """The members of a list in any of CloudTrail's forms: a list, `{"items": [...]}`, or one member alone.

    Source: records of EC2 wrap lists in `items`; those of its newer operations give one member without a list.
    """
    if isinstance(value, dict):
        found = cast("dict[str, object]", value)
        for name in ("items", "item", "member"):
            if name in found:
                return members_of(found[name])
        return (found,) if found else ()
    if isinstance(value, list):
        return tuple(cast("list[Any]", value))
    return () if value is None else (value,)


def texts_in(value: object) -> tuple[str, ...]:
    """The texts among the members of a list."""
    return tuple(text for text in map(text_in, members_of(value)) if text)


def lowered(value: object) -> Mapping[str, Any]:
    """An object with its names in lower case: EC2's older operations write `cidrIp`, the newer ones `CidrIp`."""
    return {name.lower(): found for name, found in mapping_in(value).items()}


def pairs_in(value: object) -> Iterator[tuple[str, Any]]:
    """Every named value at any depth, outer ones first, and each member of a list under the list's name."""
    waiting: list[tuple[str, Any]] = [("", value)]
    left = _MOST_NODES
    for name, found in waiting:
        left -= 1
        if left < 0:
            return
        if name:
            yield name, found
        if isinstance(found, dict):
            waiting.extend(cast("dict[str, Any]", found).items())
        elif isinstance(found, list):
            waiting.extend((name, each) for each in cast("list[Any]", found))


def request(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of the request."""
    return mapping_in(event.get("requestParameters"))


def account_of(event: Mapping[str, Any]) -> str:
    """The account in which the event took place.

    The caller's account stands in only where the record does not say: in a call from
    another account the caller is exactly who must not count as one's own.
    """
    return text_in(event.get("recipientAccountId")) or text_at(event, "userIdentity", "accountId")
