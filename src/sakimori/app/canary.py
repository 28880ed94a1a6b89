"""A canary: one harmless, marked event whose way to people is followed.

It asks IAM for a role that does not exist. Planted as a file it belongs to the account 000000000000, which is nobody's, so
that it enters no account's coverage, habits or cases; called for real it belongs to whoever asked.
"""

import gzip
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from sakimori.aws.door import Door
from sakimori.aws.partitions import partitions
from sakimori.aws.refusal import Refusal
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.engines.duck import Engine
from sakimori.lake.log_mentions import Mentions, mentioning
from sakimori.lake.log_reader import LogReader, Where
from sakimori.model.errors import UsageError
from sakimori.model.words import GLOBAL, GapKind

RULE: Final = "sakimori-canary"
"""The detection that sees it."""
ACCOUNT: Final = "000000000000"
"""Whose a planted event is: nobody's. AWS gives no such account id; who copies examples uses others."""
OPERATION: Final = "iam:GetRole"
"""What is called for real: it reads, and of a role that does not exist there is nothing to read."""
_REGION: Final = "us-east-1"
_ORIGIN: Final = "192.0.2.1"
"""An address for documents (RFC 5737): no machine has it."""
_MISSING: Final = frozenset({"NoSuchEntity", "NoSuchEntityException"})
_RECORDED: Final = frozenset({GapKind.DENIED, GapKind.DENIED_BY_ORGANIZATION})
"""Refusals that CloudTrail records like any answer."""
_EARLIER: Final = timedelta(minutes=5)
"""How far the clocks of AWS and of this machine may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One event. `marker` is the name of the role that it asks for, `region` where CloudTrail records it."""

    marker: str
    account: str
    region: str
    planted_at: datetime


def new_marker() -> str:
    """A name that no role and no canary before it has."""
    return f"{RULE}-{secrets.token_hex(6)}"


def home_region(partition: str) -> str:
    """Where the calls of IAM are recorded: its partition's own Region."""
    known = partitions()
    return known.get(partition, known["aws"]).global_region


def plant_file(directory: Path, marker: str, now: datetime) -> tuple[Canary, Path]:
    """Put a file of CloudTrail's form with one event there, whole at once; UsageError where it cannot be written."""
    at = now.astimezone(UTC).replace(microsecond=0)
    name = f"{ACCOUNT}_CloudTrail_{_REGION}_{at:%Y%m%dT%H%MZ}_{marker.removeprefix(RULE + '-')}.json.gz"
    data = gzip.compress(json.dumps({"Records": [_event(marker, at)]}, separators=(",", ":")).encode(), mtime=0)
    path = directory / name
    # Hidden files are passed over by whoever watches the folder.
    hidden = directory / f".{name}"
    try:
        hidden.write_bytes(data)
        hidden.replace(path)
    except OSError as error:
        raise UsageError("verify.cannot_plant", path=directory, reason=error.strerror or str(error)) from error
    return Canary(marker=marker, account=ACCOUNT, region=_REGION, planted_at=now), path


def call_for_real(door: Door, marker: str) -> str:
    """Ask the account for the role: the code with which AWS answered, "" where there is such a role.

    Refusal where the call did not get so far that CloudTrail records it.
    """
    try:
        door.call(OPERATION, GLOBAL, {"RoleName": marker})
    except Refusal as refusal:
        if refusal.code in _MISSING or refusal.kind in _RECORDED:
            return refusal.code
        raise
    return ""


def is_in_lake(home: Path, canary: Canary) -> bool:
    """Whether the lake holds its event."""
    reader, engine = LogReader(home), Engine(threads=1)
    asked = Mentions(
        table=TABLE,
        texts=frozenset({canary.marker}),
        among=("request_parameters", "error_message"),
        wanted=("event_id",),
        limit=1,
        where=Where(since=canary.planted_at - _EARLIER, accounts=(canary.account,)),
    )
    try:
        return any(True for _ in mentioning(engine, reader, asked))
    finally:
        engine.close()
        reader.close()


def _event(marker: str, at: datetime) -> Mapping[str, Any]:
    """As CloudTrail writes a GetRole of a role that does not exist.

    Source: CloudTrail User Guide, "CloudTrail record contents" (event version 1.11).
    """
    name = RULE
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDASAKIMORICANARY", "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
            "accountId": ACCOUNT, "userName": name,
        },
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "eventSource": "iam.amazonaws.com", "eventName": "GetRole",
        "awsRegion": _REGION, "sourceIPAddress": _ORIGIN, "userAgent": name, "errorCode": "NoSuchEntityException",
        "errorMessage": f"The role with name {marker} cannot be found.", "requestParameters": {"roleName": marker},
        "responseElements": None, "requestID": str(uuid4()), "eventID": str(uuid4()), "readOnly": True,
        "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": ACCOUNT, "eventCategory": "Management",
    }  # fmt: skip
