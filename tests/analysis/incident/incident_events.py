"""Events of a made-up theft, by the dozen: who calls, and what each call hands out."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sakimori.analysis.incident.form import Credential, CredentialKind, Event
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects

ACCOUNT = "111122223333"
OTHER = "444455556666"
STRANGER = "999988887777"
T0 = datetime(2026, 10, 1, 2, 22, tzinfo=UTC)
NOW = T0 + timedelta(hours=6)
HOUR = timedelta(hours=1)
VICTIM = f"arn:aws:iam::{ACCOUNT}:user/victim"
KEY = "AKIAIOSFODNN7EXAMPLE"
SEED = Credential(id=KEY, kind=CredentialKind.USER_KEY)


def user(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:user/{name}"


def role(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def session(name: str, own: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{name}/{own}"


@dataclass
class Tale:
    """Events that follow each other, a minute apart."""

    events: list[Event] = field(default_factory=list)
    at: datetime = T0
    _ids: Any = field(default_factory=count)

    def tell(
        self,
        name: str,
        key: str = KEY,
        principal: str = VICTIM,
        *,
        service: str = "iam",
        request: Mapping[str, object] | None = None,
        response: Mapping[str, object] | None = None,
        **more: Any,
    ) -> Event:
        self.at += timedelta(minutes=1)
        told: dict[str, Any] = {
            "at": self.at, "account": ACCOUNT, "region": "us-east-1", "source": f"{service}.amazonaws.com", "name": name, "key_id": key,
            "principal": principal, "event_id": f"e{next(self._ids)}", "request": request or {}, "response": response or {},
            "caller_account": ACCOUNT,
        }  # fmt: skip
        self.events.append(Event(**{**told, **more}))
        return self.events[-1]

    def assumes(self, key: str, principal: str, of: str, gets: str, **more: Any) -> Event:
        """A key assumes a role and gets another."""
        account, name = of.split(":")[4], of.rsplit("/", 1)[-1]
        response = {
            "credentials": {"accessKeyId": gets, "expiration": (self.at + HOUR).strftime("%b %d, %Y, %I:%M:%S %p")},
            "assumedRoleUser": {"arn": session(name, "s", account)},
        }
        return self.tell(
            "AssumeRole",
            key,
            principal,
            service="sts",
            request={"roleArn": of},
            response=response,
            resources=(of,),
            read_only=True,
            **more,
        )

    def makes_key(self, of: str, key_id: str, by: str = KEY, principal: str = VICTIM) -> Event:
        return self.tell(
            "CreateAccessKey",
            by,
            principal,
            request={"userName": of},
            response={"accessKey": {"accessKeyId": key_id, "userName": of}},
        )

    def makes_user(self, name: str, by: str = KEY, principal: str = VICTIM) -> Event:
        return self.tell(
            "CreateUser",
            by,
            principal,
            request={"userName": name},
            response={"user": {"userName": name, "arn": user(name)}},
        )


def record(event: Event) -> dict[str, Any]:
    """The event as CloudTrail delivers it."""
    context: dict[str, Any] = {}
    if event.session_issuer:
        kind = "Role" if ":role/" in event.session_issuer else "IAMUser"
        context["sessionIssuer"] = {"type": kind, "arn": event.session_issuer}
    if event.session_at:
        context["attributes"] = {"creationDate": f"{event.session_at:%Y-%m-%dT%H:%M:%SZ}", "mfaAuthenticated": "false"}
    told = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": event.identity_type or "IAMUser", "arn": event.principal, "accountId": event.caller_account,
            "accessKeyId": event.key_id, "sessionContext": context,
        },
        "eventTime": f"{event.at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": event.region,
        "sourceIPAddress": event.ip,
        "userAgent": event.agent,
        "requestParameters": dict(event.request),
        "responseElements": dict(event.response),
        "eventID": event.event_id,
        "sharedEventID": event.shared_event_id or None,
        "readOnly": event.read_only,
        "resources": [{"ARN": each} for each in event.resources],
        "eventType": "AwsApiCall",
        "managementEvent": not event.is_data,
        "recipientAccountId": event.account,
        "eventCategory": "Data" if event.is_data else "Management",
        "errorCode": event.error or None,
        "sessionCredentialFromConsole": "true" if event.is_console else None,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def keep(home: Path, folder: Path, events: Sequence[Event]) -> None:
    """Bring the events into the lake of a home, one file for each account, Region and day."""
    places: dict[tuple[str, str, str], list[Event]] = {}
    for event in events:
        places.setdefault((event.account, event.region, f"{event.at:%Y/%m/%d}"), []).append(event)
    for (account, region, day), those in places.items():
        place = folder / f"AWSLogs/{account}/CloudTrail/{region}/{day}"
        place.mkdir(parents=True, exist_ok=True)
        name = f"{account}_CloudTrail_{region}_{day.replace('/', '')}T2355Z_a.json.gz"
        (place / name).write_bytes(gzip.compress(json.dumps({"Records": [record(each) for each in those]}).encode()))
    request = IngestRequest(home=home, kind="cloudtrail", workers=1)
    ingest(request, local_objects(str(folder)), clock=lambda: NOW)


def theft() -> Tale:
    """A theft with all the ways in which one credential leads to the next."""
    tale = Tale()
    tale.tell("GetCallerIdentity", service="sts", read_only=True, ip="203.0.113.9")
    tale.makes_user("mallory")
    tale.makes_key("mallory", "AKIA2")
    tale.tell("ConsoleLogin", "", user("mallory"), service="signin", response={"ConsoleLogin": "Success"})
    begun = tale.at + timedelta(seconds=3)
    tale.tell(
        "DescribeInstances", "ASIA8", user("mallory"), session_at=begun, is_console=True, read_only=True, service="ec2"
    )
    tale.tell(
        "AssumeRole",
        "AKIA2",
        user("mallory"),
        service="sts",
        request={"roleArn": role("guest", OTHER)},
        shared_event_id="shared",
    )
    tale.assumes(
        "", "AIDA", role("guest", OTHER), "ASIA1", account=OTHER, shared_event_id="shared", identity_type="AWSAccount"
    )
    tale.tell(
        "CreateRole",
        "ASIA1",
        session("guest", "s", OTHER),
        request={"roleName": "backdoor"},
        account=OTHER,
        caller_account=OTHER,
    )
    tale.assumes(
        "", "AIDA", role("backdoor", OTHER), "ASIA2", account=OTHER, caller_account=STRANGER, identity_type="AWSAccount"
    )
    items = {"instancesSet": {"items": [{"instanceId": "i-1", "instanceType": "p4d.24xlarge"}, {"instanceId": "i-2"}]}}
    profile = {"iamInstanceProfile": {"name": "admin"}, "instanceType": "p4d.24xlarge"}
    tale.tell(
        "RunInstances", "AKIA2", user("mallory"), service="ec2", request=profile, response=items, region="us-west-2"
    )
    tale.tell(
        "ListBuckets",
        "ASIA3",
        session("admin", "i-1"),
        session_issuer=role("admin"),
        session_at=tale.at,
        service="s3",
        read_only=True,
    )
    tale.tell("CreateUser", "AKIACI", user("ci"), request={"userName": "decoy"})
    tale.assumes("AKIACI", user("ci"), role("guest", OTHER), "ASIA9")
    tale.tell(
        "ListBuckets",
        "ASIA9",
        session("guest", "ci", OTHER),
        session_issuer=role("guest", OTHER),
        service="s3",
        read_only=True,
    )
    return tale
