"""What a log keeps of a measure or a credential that is named to a person: ids and values, said when they are read."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sakimori.actions.catalogue import every_step

_BETWEEN: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def place_words(step: str, where: str, *, is_open: bool = False) -> Mapping[str, Any]:
    """A measure and where; `is_open`: that it is not taken there."""
    known = every_step().get(step)
    what: Any = {"text": f"{known.texts}_title", "values": {}} if known else step
    return {
        "text": "respond.measure_open" if is_open else "respond.measure_at",
        "values": {"what": what, "where": where},
    }


def kind_words(kind: str) -> Mapping[str, Any] | str:
    """`AWS::IAM::AccessKey` as "IAM access key"; what the catalogue has no type for is something else."""
    parts = kind.split("::")
    if len(parts) != 3:  # noqa: PLR2004 - the form of a type name
        return {"text": "respond.kind_other", "values": {}}
    words = _BETWEEN.sub(" ", parts[2]).split()
    return " ".join([parts[1], *(each if each.isupper() else each.lower() for each in words)])
