"""A month taken into a lake and judged as `sakimori detect` does it: what was found, and when and by whom events were."""

import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.dataset
from measured import SAKIMORI, environment

from sakimori.app.clock import utc_now
from sakimori.app.detect import Detected, DetectRequest, detect
from sakimori.app.detect_setting import surroundings_of

EVENTS = "aws_cloudtrail_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """When an event was, and who is named in it."""

    at: datetime
    principal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One month: what was found, over how many accounts and days."""

    found: Detected
    accounts: int
    days: int

    @property
    def account_days(self) -> int:
        """Accounts times days."""
        return self.accounts * self.days


def ingested(month: Path, home: Path) -> Path:
    """The home, with the month's events in its lake; one that holds a lake already is taken for it."""
    if not (home / "lake" / "manifest.db").exists():
        home.mkdir(parents=True, exist_ok=True)
        command = (*SAKIMORI, "ingest", "cloudtrail", str(month / "AWSLogs"), "--format", "json")
        subprocess.run(command, env=environment(home), check=True, stdout=subprocess.DEVNULL)
    return home


def judged(month: Path, home: Path) -> Judged:
    """All rules over the month, with the address table that lies beside it; the accounts that the lake holds are one's own."""
    surroundings = surroundings_of(home, (), (), (month / "networks.csv",))
    found = detect(DetectRequest(home=home, surroundings=surroundings), clock=utc_now)
    table = _events(home).to_table(columns=["account_id", "event_time"])
    span = pc.min_max(table["event_time"]).as_py()  # pyright: ignore[reportAttributeAccessIssue]
    return Judged(
        found=found,
        accounts=len(pc.unique(table["account_id"])),  # pyright: ignore[reportAttributeAccessIssue]
        days=max(1, round((span["max"] - span["min"]).total_seconds() / 86_400)),
    )


def events_of(home: Path, event_ids: Collection[str]) -> Mapping[str, Event]:
    """These events as the lake has them."""
    columns = ["event_id", "event_time", "principal_root", "user_identity_arn"]
    rows = _events(home).to_table(columns=columns, filter=pc.field("event_id").isin(list(event_ids))).to_pylist()
    return {
        row["event_id"]: Event(
            at=row["event_time"], principal=row["principal_root"] or row["user_identity_arn"] or ""
        )
        for row in rows
    }  # fmt: skip


def _events(home: Path) -> pyarrow.dataset.Dataset:
    return pyarrow.dataset.dataset(home / "lake" / EVENTS, format="parquet")
