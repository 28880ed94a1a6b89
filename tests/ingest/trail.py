"""CloudTrail events and files for tests: small, whole, and different from each other."""

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"


def event(number: int = 1, **more: Any) -> dict[str, Any]:
    """One event as a trail writes it; the number tells it from others."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLEEXAMPLE000:session",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/session",
            "accountId": ACCOUNT,
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLEEXAMPLE000",
                    "arn": f"arn:aws:iam::{ACCOUNT}:role/deploy",
                    "accountId": ACCOUNT,
                    "userName": "deploy",
                },
                "webIdFederationData": {},
                "attributes": {"creationDate": "2026-10-01T00:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": f"2026-10-01T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutBucketPolicy",
        "awsRegion": "ap-northeast-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15",
        "requestParameters": {"bucketName": f"bucket-{number}", "n": 1.50},
        "responseElements": None,
        "requestID": f"request-{number}",
        "eventID": f"00000000-0000-4000-8000-{number:012d}",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        **more,
    }


def document(events: Iterable[Mapping[str, Any]]) -> bytes:
    """The document that a trail delivers."""
    return json.dumps({"Records": list(events)}, separators=(",", ":"), ensure_ascii=False).encode()


def deliver(folder: Path, name: str, events: Iterable[Mapping[str, Any]], *, region: str = "ap-northeast-1") -> Path:
    """A file as a trail delivers it, under the folder."""
    place = folder / f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/10/01"
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{ACCOUNT}_CloudTrail_{region}_20261001T0005Z_{name}.json.gz"
    path.write_bytes(gzip.compress(document(events), mtime=0))
    return path
