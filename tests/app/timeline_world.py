"""Snapshots of a security group, a bucket and two things of one name, and events as a trail delivers them."""

import gzip
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sakimori.analysis.catalogue import catalogue
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.lake.snapshot import Lake
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, GapKind, Scope

ACCOUNT = Account(id="111122223333", partition="aws", regions=("us-east-1",), selected=("us-east-1",))
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NOW = NOON + 30 * DAY
GROUP_ID = "sg-0123456789abcdef0"
GROUP = f"arn:aws:ec2:us-east-1:{ACCOUNT.id}:security-group/{GROUP_ID}"
BUCKET = "arn:aws:s3:::books"
ROLE = f"arn:aws:iam::{ACCOUNT.id}:role/admin"
USER = f"arn:aws:iam::{ACCOUNT.id}:user/admin"
ALICE = f"arn:aws:iam::{ACCOUNT.id}:user/alice"

Tables = Mapping[str, Iterable[Mapping[str, object]]]


def group(**more: object) -> dict[str, object]:
    return {"arn": GROUP, "group_id": GROUP_ID, "name": "web", "vpc_id": "vpc-1", "is_default": False, **more}


def rule(peer: str, **more: object) -> dict[str, object]:
    told = {"id": f"{GROUP} in tcp 22 {peer}", "group_arn": GROUP, "protocol": "tcp", "from_port": 22, "to_port": 22}
    return {**told, "is_ingress": True, "peer": peer, "is_open_to_world": peer == "0.0.0.0/0", **more}


def snapshot(home: Path, now: datetime, tables: Tables, gaps: Mapping[str, str] | None = None) -> str:
    """A complete snapshot of these tables; `gaps` names tables that were refused, for one parent or ("") wholly."""
    lake = Lake(home)
    request = {"accounts": {ACCOUNT.id: ["us-east-1"]}, "tables": sorted(tables), "at": now.isoformat()}
    try:
        with lake.writer(request, now) as writer:
            writer.accounts([ACCOUNT])
            for name, rows in tables.items():
                table = catalogue()[name]
                region = "us-east-1" if table.scope is Scope.REGION else GLOBAL
                place = {"account_id": ACCOUNT.id, "partition": "aws", "region": region}
                held = [{**place, **row} for row in rows]
                writer.stage([(table, _unit(name, region, now, (gaps or {}).get(name)), held)])
                writer.seal(table, ACCOUNT.id)
            writer.finish(now + timedelta(minutes=10))
            return writer.id
    finally:
        lake.close()


def _unit(table: str, region: str, now: datetime, parent: str | None) -> Unit:
    gap = Gap(table=table, account=ACCOUNT.id, region=region, parent=parent or "", call="x:List", kind=GapKind.DENIED)
    gaps = () if parent is None else (gap,)
    return Unit(table=table, account=ACCOUNT.id, region=region, as_of=now, gaps=gaps)


def event(at: datetime, name: str, parameters: object, **more: Any) -> dict[str, Any]:
    """One event, by Alice and in EC2 unless it says otherwise."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": ALICE, "accountId": ACCOUNT.id, "userName": "alice"},
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15",
        "requestParameters": parameters,
        "responseElements": None,
        "eventID": f"{name}-{at:%d-%H%M}",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT.id,
        "eventCategory": "Management",
        **more,
    }


def ingest_events(home: Path, folder: Path, *events: Mapping[str, Any]) -> None:
    """Bring events into the lake, from one file a day as a trail writes them."""
    for day in sorted({event["eventTime"][:10] for event in events}):
        place = folder / f"AWSLogs/{ACCOUNT.id}/CloudTrail/us-east-1/{day.replace('-', '/')}"
        place.mkdir(parents=True, exist_ok=True)
        records = [event for event in events if event["eventTime"].startswith(day)]
        name = f"{ACCOUNT.id}_CloudTrail_us-east-1_{day.replace('-', '')}T2355Z_a.json.gz"
        (place / name).write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    request = IngestRequest(home=home, kind="cloudtrail", workers=1)
    ingest(request, local_objects(str(folder)), clock=lambda: NOW)


def config_item(
    at: datetime, resource_type: str, identifier: str, configuration: object, **more: Any
) -> dict[str, Any]:
    """One configuration item as a history file has it."""
    return {
        "relatedEvents": [],
        "relationships": [],
        "configuration": configuration,
        "supplementaryConfiguration": {},
        "tags": {},
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": f"{at:%Y-%m-%dT%H:%M:%S.000Z}",
        "configurationStateId": int(at.timestamp()),
        "awsAccountId": ACCOUNT.id,
        "configurationItemStatus": "OK",
        "resourceType": resource_type,
        "resourceId": identifier,
        "awsRegion": "us-east-1",
        **more,
    }


def ingest_items(home: Path, folder: Path, *items: Mapping[str, Any]) -> None:
    """Bring items of AWS Config into the lake."""
    path = folder / f"{ACCOUNT.id}_Config_us-east-1_ConfigHistory_AWS.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"fileVersion": "1.0", "configurationItems": list(items)}))
    request = IngestRequest(home=home, kind="config", workers=1)
    ingest(request, local_objects(str(path)), clock=lambda: NOW)
