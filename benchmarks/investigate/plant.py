"""Files of a thief's 5,000 events, as a trail delivers them, to lie among the ordinary ones of `benchmarks/lake/generate.py`.

    python benchmarks/investigate/plant.py OUT --day 2026-10-20 --events 5000

One key, a user and a key of his made with it, three roles one after the other over two accounts, machines in three Regions,
and reads in fifteen. The same seed, the same bytes.
"""

import argparse
import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

HOME: Final = "111122223333"
OTHER: Final = "444455556666"
KEY: Final = "AKIAIOSFODNN7EXAMPLE"
_REGIONS: Final = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-central-1", "eu-north-1", "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-south-1", "ca-central-1", "sa-east-1",
)  # fmt: skip
_READS: Final = (
    ("ec2", "DescribeInstances"),
    ("iam", "ListUsers"),
    ("s3", "ListBuckets"),
    ("lambda", "ListFunctions20150331"),
    ("rds", "DescribeDBInstances"),
)
Record = dict[str, Any]


class Thief:
    """Tells his events one after the other."""

    def __init__(self, begin: datetime, chance: random.Random) -> None:
        self.at = begin
        self.records: list[Record] = []
        self._chance = chance

    def does(self, who: tuple[str, str, str], call: tuple[str, str], region: str, **more: Any) -> None:
        """One event by an account, ARN and key."""
        account, arn, key = who
        self.at += timedelta(seconds=self._chance.randint(1, 3))
        kind = "AssumedRole" if ":assumed-role/" in arn else "IAMUser"
        identity: Record = {
            "type": kind,
            "arn": arn,
            "accountId": account,
            "accessKeyId": key,
            "principalId": "AIDAEXAMPLE",
        }
        if kind == "AssumedRole":
            issuer = {"type": "Role", "arn": f"arn:aws:iam::{account}:role/{arn.split('/')[1]}", "accountId": account}
            identity["sessionContext"] = {
                "sessionIssuer": issuer,
                "attributes": {"creationDate": f"{self.at:%Y-%m-%dT%H:%M:%SZ}"},
            }
        self.records.append(
            {
                "eventVersion": "1.11", "userIdentity": identity, "eventTime": f"{self.at:%Y-%m-%dT%H:%M:%SZ}", "eventSource": f"{call[0]}.amazonaws.com",
                "eventName": call[1], "awsRegion": region, "sourceIPAddress": "203.0.113.18", "userAgent": "aws-cli/2.17.0", "requestParameters": None,
                "responseElements": None, "eventID": f"{self._chance.getrandbits(128):032x}", "readOnly": True, "eventType": "AwsApiCall",
                "managementEvent": True, "recipientAccountId": account, "eventCategory": "Management", **more,
            }
        )  # fmt: skip


def records(day: str, count: int, seed: int) -> list[Record]:
    """The events in the order of time."""
    chance = random.Random(seed)
    thief = Thief(datetime.fromisoformat(day).replace(hour=2, tzinfo=UTC), chance)
    victim = (HOME, f"arn:aws:iam::{HOME}:user/deploy-legacy", KEY)
    own = (HOME, f"arn:aws:iam::{HOME}:user/aws-support", "AKIAI44QH8DHBEXAMPLE")
    thief.does(
        victim,
        ("iam", "CreateUser"),
        "us-east-1",
        readOnly=False,
        requestParameters={"userName": "aws-support"},
        responseElements={"user": {"arn": own[1], "userName": "aws-support"}},
    )
    made = {"accessKey": {"accessKeyId": own[2], "userName": "aws-support"}}
    thief.does(
        victim,
        ("iam", "CreateAccessKey"),
        "us-east-1",
        readOnly=False,
        requestParameters={"userName": "aws-support"},
        responseElements=made,
    )
    callers, last = [victim, own], victim
    for number, account in enumerate((HOME, OTHER, OTHER)):
        role = f"arn:aws:iam::{account}:role/step{number}"
        session = (account, f"arn:aws:sts::{account}:assumed-role/step{number}/s", f"ASIAIOSFODNN{number}EXAMPLE")
        answer = {
            "credentials": {
                "accessKeyId": session[2],
                "expiration": f"{thief.at + timedelta(hours=1):%b %d, %Y, %I:%M:%S %p}",
            },
            "assumedRoleUser": {"arn": session[1]},
        }
        thief.does(
            last,
            ("sts", "AssumeRole"),
            "us-east-1",
            requestParameters={"roleArn": role},
            responseElements=answer,
            resources=[{"ARN": role}],
        )
        callers.append(session)
        last = session
    for region in ("us-west-2", "eu-central-1", "ap-south-1"):
        items = {"instancesSet": {"items": [{"instanceId": f"i-{chance.getrandbits(68):017x}"} for _ in range(4)]}}
        thief.does(
            own,
            ("ec2", "RunInstances"),
            region,
            readOnly=False,
            requestParameters={"instanceType": "p4d.24xlarge"},
            responseElements=items,
        )
    while len(thief.records) < count:
        thief.does(
            chance.choice(callers),
            chance.choice(_READS),
            chance.choice(_REGIONS),
            **({"errorCode": "AccessDenied"} if chance.random() < 0.3 else {}),
        )
    return thief.records


def write(folder: Path, events: list[Record]) -> None:
    """One file for each account, Region and day."""
    places: dict[tuple[str, str, str], list[Record]] = {}
    for event in events:
        places.setdefault((event["recipientAccountId"], event["awsRegion"], event["eventTime"][:10]), []).append(event)
    for (account, region, day), those in places.items():
        place = folder / f"AWSLogs/{account}/CloudTrail/{region}/{day.replace('-', '/')}"
        place.mkdir(parents=True, exist_ok=True)
        name = f"{account}_CloudTrail_{region}_{day.replace('-', '')}T2355Z_thief.json.gz"
        (place / name).write_bytes(gzip.compress(json.dumps({"Records": those}).encode(), mtime=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--day", default="2026-10-20")
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    write(given.out, records(given.day, given.events, given.seed))


if __name__ == "__main__":
    main()
