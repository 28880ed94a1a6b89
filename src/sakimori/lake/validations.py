"""How the last validation of a trail's files by their digests ended, kept beside what the lake holds."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sakimori.lake.manifest import Manifest

_NAME: Final = "validation:"
"""The beginning of the names under which they stand in the manifest's cursors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One trail in one account and Region. `state`: verified, partial or failed; both counts are of log files."""

    account: str
    region: str
    trail: str
    state: str
    verified_count: int
    listed_count: int
    at: datetime


def keep(manifest: Manifest, validation: Validation) -> None:
    """Put it in the place of an earlier one of the same trail, account and Region."""
    name = f"{_NAME}{validation.account}:{validation.region}:{validation.trail}"
    value = json.dumps({**asdict(validation), "at": validation.at.isoformat()}, ensure_ascii=False)
    with manifest.begin() as connection:
        connection.execute(
            "insert or replace into log_cursor values (?, ?, ?)", (name, value, validation.at.isoformat())
        )


def validations(manifest: Manifest) -> tuple[Validation, ...]:
    """The last one of every trail, account and Region."""
    rows = manifest.query("select value from log_cursor where substr(name, 1, ?) = ? order by name", len(_NAME), _NAME)
    found: list[dict[str, Any]] = [json.loads(value) for (value,) in rows]
    times = [datetime.fromisoformat(each.pop("at")) for each in found]
    return tuple(Validation(**each, at=at) for each, at in zip(found, times, strict=True))
