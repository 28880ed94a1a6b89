"""A month's files told as if they came now: a day that lies behind, and the files that a trail delivers from here on.

Some of them bear one event of an attacker who has never been seen. Each attacker acts once, so that each is one detection.
"""

import gzip
import json
import random
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

_NAME: Final = re.compile(
    r"(?P<head>.+)/\d{4}/\d{2}/\d{2}/(?P<name>\d{12}_CloudTrail_[a-z0-9-]+)_\d{8}T\d{4}Z_(?P<mark>\w+)\.json\.gz\Z"
)
_DELIVERED: Final = re.compile(r"_(\d{8}T\d{4})Z_")
_BEHIND: Final = timedelta(hours=26)
_LATE_SECONDS: Final = 240.0
"""Trails deliver an event within some five minutes; these are at most so old when their file comes."""
_STOPPED: Final = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One file: its key, its bytes, its events, and which of them is an attacker's."""

    key: str
    body: bytes
    event_ids: tuple[str, ...]
    attack: str = ""


class Arrivals:
    """The files of a month from one of its moments on. The same seed, the same attackers."""

    def __init__(self, month: Path, begin: datetime, seed: int) -> None:
        self._month = month
        self._begin = begin
        self._rng = random.Random(seed)
        found = ((datetime.strptime(match[1], "%Y%m%dT%H%M").replace(tzinfo=UTC), path) for path in (month / "AWSLogs").rglob("*.json.gz") if (match := _DELIVERED.search(path.name)))  # fmt: skip
        self._files = sorted(found)

    def behind(self, target: Path, now: datetime) -> int:
        """Write the day that lies behind; gives how many events it has."""
        shift = now - self._begin
        total = 0
        for at, path in self._files:
            if self._begin - _BEHIND < at <= self._begin:
                records = _records(path)
                for record in records:
                    _move(record, _moment(record["eventTime"]) + shift)
                place = target / _key(path.relative_to(self._month), at + shift)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(_packed(records))
                total += len(records)
        return total

    def ahead(self, clock: Any, attack_every: int) -> Iterator[Arrival]:
        """The files that come, each made when it is asked for; an attacker's event in every so many."""
        number = count(1)
        for at, path in self._files:
            if at <= self._begin:
                continue
            now = clock()
            records = _records(path)
            ages = sorted((self._rng.uniform(1, _LATE_SECONDS) for _ in records), reverse=True)
            for record, age in zip(records, ages, strict=True):
                _move(record, now - timedelta(seconds=age))
            attack = ""
            if next(number) % attack_every == 0:
                records.append(self._attack(records[0], now))
                attack = records[-1]["eventID"]
            key = _key(path.relative_to(self._month), now)
            ids = tuple(record["eventID"] for record in records)
            yield Arrival(key=key, body=_packed(records), event_ids=ids, attack=attack)

    def _attack(self, beside: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """A trail is stopped by somebody new, in the account and Region of the file."""
        account, name = beside["recipientAccountId"], f"intruder-{self._rng.getrandbits(32):08x}"
        return {
            **_STOPPED, "eventVersion": "1.11", "eventTime": _told(now), "awsRegion": beside["awsRegion"],
            "sourceIPAddress": "203.0.113.77", "userAgent": "aws-cli/2.30.0", "eventType": "AwsApiCall", "readOnly": False,
            "managementEvent": True, "eventCategory": "Management", "recipientAccountId": account,
            "eventID": str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
            "userIdentity": {
                "type": "IAMUser", "principalId": f"AIDA{name.upper()}", "arn": f"arn:aws:iam::{account}:user/{name}",
                "accountId": account, "userName": name,
            },
            "requestParameters": {"name": "organisation-trail"}, "responseElements": None,
        }  # fmt: skip


def _records(path: Path) -> list[dict[str, Any]]:
    return json.loads(gzip.decompress(path.read_bytes()))["Records"]


def _packed(records: list[dict[str, Any]]) -> bytes:
    return gzip.compress(json.dumps({"Records": records}, separators=(",", ":")).encode(), 6)


def _move(record: dict[str, Any], to: datetime) -> None:
    shift = to - _moment(record["eventTime"])
    record["eventTime"] = _told(to)
    identity = record.get("userIdentity")
    session = identity.get("sessionContext") if isinstance(identity, dict) else None
    attributes = session.get("attributes") if isinstance(session, dict) else None
    if isinstance(attributes, dict) and "creationDate" in attributes:
        attributes["creationDate"] = _told(_moment(attributes["creationDate"]) + shift)


def _key(relative: Path, at: datetime) -> str:
    match = _NAME.match(relative.as_posix())
    if match is None:
        raise ValueError(f"{relative}: not a trail's file")
    return f"{match['head']}/{at:%Y/%m/%d}/{match['name']}_{at:%Y%m%dT%H%MZ}_{match['mark']}.json.gz"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
