"""Realistic logs to measure with: CloudTrail files as a trail delivers them, and flow-log files with their header.

    python generate.py cloudtrail OUT --events 2000000
    python generate.py vpc-flow OUT --records 10000000

The same seed gives the same bytes. Shapes and proportions are those of a busy web company: most calls are made by
roles of services and of instances, a tenth are refused or fail, and a few principals make most of the noise.
"""

import argparse
import gzip
import itertools
import json
import random
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

ACCOUNTS = ("111122223333", "444455556666", "777788889999")
REGIONS = (("ap-northeast-1", 70), ("us-east-1", 20), ("us-west-2", 6), ("eu-west-1", 4))
FIRST_DAY = datetime(2026, 10, 1, tzinfo=UTC)
PER_FILE = 2_000

# service, operation, weight, read only, error share, kind of parameters
CALLS = (
    ("sts", "AssumeRole", 190, True, 0.01, "assume"),
    ("kms", "Decrypt", 160, True, 0.01, "kms"),
    ("s3", "GetObject", 150, True, 0.04, "object"),
    ("s3", "PutObject", 60, False, 0.01, "object"),
    ("s3", "ListObjects", 30, True, 0.05, "bucket"),
    ("s3", "GetBucketAcl", 30, True, 0.02, "bucket"),
    ("kms", "GenerateDataKey", 60, True, 0.0, "kms"),
    ("ec2", "DescribeInstances", 80, True, 0.03, "empty"),
    ("ec2", "DescribeSecurityGroups", 25, True, 0.02, "empty"),
    ("ec2", "DescribeVolumes", 25, True, 0.02, "empty"),
    ("ec2", "RunInstances", 3, False, 0.2, "run"),
    ("ec2", "CreateTags", 6, False, 0.01, "tags"),
    ("ec2", "AuthorizeSecurityGroupIngress", 1, False, 0.05, "ingress"),
    ("logs", "CreateLogStream", 50, False, 0.02, "stream"),
    ("logs", "DescribeLogGroups", 15, True, 0.02, "empty"),
    ("ssm", "UpdateInstanceInformation", 60, False, 0.0, "ssm"),
    ("ssm", "GetParameter", 20, True, 0.05, "parameter"),
    ("dynamodb", "DescribeTable", 20, True, 0.02, "table"),
    ("lambda", "GetFunction20150331v2", 15, True, 0.03, "function"),
    ("lambda", "UpdateFunctionCode20150331v2", 1, False, 0.02, "function"),
    ("secretsmanager", "GetSecretValue", 15, True, 0.05, "secret"),
    ("iam", "GetRole", 12, True, 0.1, "role"),
    ("iam", "ListAttachedRolePolicies", 8, True, 0.05, "role"),
    ("iam", "CreateAccessKey", 1, False, 0.3, "user"),
    ("signin", "ConsoleLogin", 1, False, 0.2, "login"),
    ("ecr", "BatchGetImage", 10, True, 0.0, "image"),
    ("elasticloadbalancing", "DescribeTargetHealth", 20, True, 0.0, "empty"),
    ("autoscaling", "DescribeAutoScalingGroups", 15, True, 0.0, "empty"),
    ("monitoring", "DescribeAlarms", 12, True, 0.0, "empty"),
    ("config", "PutEvaluations", 6, False, 0.0, "empty"),
    ("cloudtrail", "LookupEvents", 2, True, 0.1, "empty"),
    ("cloudtrail", "StopLogging", 1, False, 0.5, "trail"),
)
AGENTS = (
    "aws-cli/2.15.30 Python/3.11.8 Linux/5.10.210-201.852.amzn2.x86_64 exe/x86_64.amzn.2 prompt/off command/s3.cp",
    "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#5.15.0 md/arch#x86_64 lang/python#3.11.8 cfg/retry-mode#standard Botocore/1.34.69",
    "aws-sdk-java/2.25.11 Linux/5.10.209-198.812.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/17.0.10+7-LTS Java/17.0.10 vendor/Amazon.com_Inc. io/sync http/Apache cfg/retry-mode/legacy",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.5 (+https://www.terraform.io) terraform-provider-aws/5.42.0 aws-sdk-go-v2/1.26.0 os/linux lang/go#1.21.8",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
    "aws-sdk-nodejs/2.1583.0 linux/v20.11.1 exec-env/AWS_Lambda_nodejs20.x promise",
)
SERVICES = ("ecs-tasks", "lambda", "ec2", "config", "autoscaling", "states", "cloudformation", "events")
ERRORS = (
    "AccessDenied",
    "Client.UnauthorizedOperation",
    "ThrottlingException",
    "NoSuchKey",
    "ResourceNotFoundException",
    "ValidationException",
)


class Company:
    """Principals and resources of the invented company; everything drawn from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.sessions: dict[int, bytes] = {}
        rnd = self.random
        self.roles = [
            f"{name}-{part}"
            for name in ("shop", "batch", "search", "pay", "mail")
            for part in ("api", "worker", "deploy", "reader")
        ]
        self.users = [
            f"{name}.{family}" for name in ("taro", "hanako", "ken", "yui") for family in ("sato", "suzuki", "tanaka")
        ]
        self.buckets = [
            f"awase-{name}-{self.hex(6)}" for name in ("assets", "logs", "backup", "uploads", "reports", "lake")
        ]
        self.keys = [f"{self.hex(8)}-{self.hex(4)}-{self.hex(4)}-{self.hex(4)}-{self.hex(12)}" for _ in range(12)]
        self.addresses = [
            f"{rnd.randint(3, 220)}.{rnd.randint(0, 255)}.{rnd.randint(0, 255)}.{rnd.randint(1, 254)}"
            for _ in range(400)
        ]
        self.call_weights = list(itertools.accumulate(call[2] for call in CALLS))

    def hex(self, digits: int) -> str:
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def key_id(self, kind: str) -> str:
        return kind + "".join(self.random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))

    def identity(self, account: str, when: datetime) -> dict[str, object]:
        rnd = self.random
        draw = rnd.random()
        if draw < 0.22:
            return {"type": "AWSService", "invokedBy": f"{rnd.choice(SERVICES)}.amazonaws.com"}
        if draw < 0.30:
            name = rnd.choice(self.users)
            found: dict[str, object] = {
                "type": "IAMUser",
                "principalId": "AIDA" + name.upper().replace(".", "")[:12].ljust(16, "X"),
                "arn": f"arn:aws:iam::{account}:user/{name}",
                "accountId": account,
                "accessKeyId": "AKIA" + name.upper().replace(".", "")[:12].ljust(16, "X"),
                "userName": name,
            }
            if rnd.random() < 0.4:
                found["sessionContext"] = {
                    "attributes": {
                        "creationDate": f"{when:%Y-%m-%dT}00:10:00Z",
                        "mfaAuthenticated": rnd.choice(("true", "false")),
                    }
                }
            return found
        if draw < 0.302:
            return {
                "type": "Root",
                "principalId": account,
                "arn": f"arn:aws:iam::{account}:root",
                "accountId": account,
                "accessKeyId": "",
            }
        # A session lives an hour and makes many calls.
        role = rnd.choice(self.roles)
        number = min(int(rnd.expovariate(1 / 6)), 40)
        slot = (account, role, number, when.day, when.hour)
        own = random.Random(repr(slot))
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
        principal = "AROA" + "".join(random.Random(role + account).choices(letters, k=16))
        session = f"i-{own.getrandbits(68):017x}"
        return {
            "type": "AssumedRole",
            "principalId": f"{principal}:{session}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
            "accountId": account,
            "accessKeyId": "ASIA" + "".join(own.choices(letters, k=16)),
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": principal,
                    "arn": f"arn:aws:iam::{account}:role/{role}",
                    "accountId": account,
                    "userName": role,
                },
                "webIdFederationData": {},
                "attributes": {
                    "creationDate": f"{when:%Y-%m-%dT%H}:{own.randint(0, 9):02d}:{own.randint(0, 59):02d}Z",
                    "mfaAuthenticated": "false",
                },
                **({"ec2RoleDelivery": "2.0"} if number % 2 else {}),
            },
        }

    def parameters(  # noqa: PLR0911 - one kind of call after the other
        self, kind: str, account: str, region: str
    ) -> tuple[object, object, list[dict[str, str]]]:
        rnd = self.random
        if kind == "assume":
            role = rnd.choice(self.roles)
            arn = f"arn:aws:iam::{account}:role/{role}"
            session = f"i-0{self.hex(16)}"
            return (
                {"roleArn": arn, "roleSessionName": session, "durationSeconds": 3600},
                {
                    "credentials": {
                        "accessKeyId": self.key_id("ASIA"),
                        "sessionToken": "HIDDEN_" + self.hex(120),
                        "expiration": "Oct 7, 2026, 5:12:10 AM",
                    },
                    "assumedRoleUser": {
                        "assumedRoleId": f"AROAXXXXXXXXXXXXXXXXX:{session}",
                        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
                    },
                },
                [{"accountId": account, "type": "AWS::IAM::Role", "ARN": arn}],
            )
        if kind == "kms":
            key = rnd.choice(self.keys)
            bucket = rnd.choice(self.buckets)
            return (
                {
                    "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::{bucket}/data/{self.hex(10)}.parquet"},
                    "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
                },
                None,
                [{"accountId": account, "type": "AWS::KMS::Key", "ARN": f"arn:aws:kms:{region}:{account}:key/{key}"}],
            )
        if kind == "object":
            bucket, key = rnd.choice(self.buckets), f"data/2026/{rnd.randint(1, 12):02d}/{self.hex(12)}.parquet"
            return (
                {"bucketName": bucket, "Host": f"{bucket}.s3.{region}.amazonaws.com", "key": key},
                None,
                [
                    {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
                    {"accountId": account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
                ],
            )
        if kind == "bucket":
            bucket = rnd.choice(self.buckets)
            return (
                {"bucketName": bucket, "Host": f"{bucket}.s3.amazonaws.com", "acl": ""},
                None,
                [{"accountId": account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}],
            )
        if kind == "run":
            return (
                {
                    "instancesSet": {
                        "items": [{"imageId": f"ami-0{self.hex(16)}", "minCount": 1, "maxCount": rnd.randint(1, 20)}]
                    },
                    "instanceType": rnd.choice(("m5.large", "c5.4xlarge", "p3.8xlarge")),
                    "monitoring": {"enabled": False},
                },
                {
                    "requestId": self.uuid(),
                    "reservationId": f"r-0{self.hex(16)}",
                    "instancesSet": {
                        "items": [
                            {
                                "instanceId": f"i-0{self.hex(16)}",
                                "currentState": {"code": 0, "name": "pending"},
                                "privateIpAddress": "10.0.1.12",
                            }
                        ]
                    },
                },
                [],
            )
        if kind == "login":
            return (None, {"ConsoleLogin": rnd.choice(("Success", "Success", "Failure"))}, [])
        if kind == "empty":
            return ({"maxResults": 1000, "filterSet": {}}, None, [])
        if kind == "stream":
            return (
                {
                    "logGroupName": f"/aws/lambda/{rnd.choice(self.roles)}",
                    "logStreamName": f"2026/10/01/[$LATEST]{self.hex(32)}",
                },
                None,
                [],
            )
        names = {
            "ssm": "instanceId",
            "parameter": "name",
            "table": "tableName",
            "function": "functionName",
            "secret": "secretId",
            "role": "roleName",
            "user": "userName",
            "image": "repositoryName",
            "trail": "name",
            "tags": "resourceId",
            "ingress": "groupId",
        }
        return ({names[kind]: f"{rnd.choice(self.roles)}-{rnd.randint(1, 40)}"}, None, [])

    def event(self, account: str, region: str, when: datetime) -> dict[str, object]:
        rnd = self.random
        service, name, _, read_only, error_share, kind = rnd.choices(CALLS, cum_weights=self.call_weights)[0]
        asked, answered, resources = self.parameters(kind, account, region)
        identity = self.identity(account, when)
        data = kind == "object" or name == "ListObjects"
        event: dict[str, object] = {
            "eventVersion": rnd.choice(("1.08", "1.09", "1.11")),
            "userIdentity": identity,
            "eventTime": f"{when:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": identity.get("invokedBy") or rnd.choice(self.addresses),
            "userAgent": identity.get("invokedBy") or rnd.choice(AGENTS),
        }
        if rnd.random() < error_share:
            code = rnd.choice(ERRORS)
            event |= {
                "errorCode": code,
                "errorMessage": f"User: {identity.get('arn', 'service')} is not authorized to perform: {service}:{name} on resource: arn:aws:{service}:{region}:{account}:* with an explicit deny"
                if "A" in code[:1]
                else f"The request failed: {code}",
            }
            answered = None
        event |= {"requestParameters": asked, "responseElements": answered}
        if service == "s3":
            event["additionalEventData"] = {
                "SignatureVersion": "SigV4",
                "CipherSuite": "TLS_AES_128_GCM_SHA256",
                "bytesTransferredIn": 0,
                "AuthenticationMethod": "AuthHeader",
                "x-amz-id-2": self.hex(76),
                "bytesTransferredOut": rnd.randint(0, 10**7),
            }
        elif name == "ConsoleLogin":
            event["additionalEventData"] = {
                "LoginTo": "https://console.aws.amazon.com/console/home",
                "MobileVersion": "No",
                "MFAUsed": rnd.choice(("Yes", "No")),
            }
        event |= {"requestID": self.uuid(), "eventID": self.uuid(), "readOnly": read_only}
        if resources:
            event["resources"] = resources
        event |= {
            "eventType": "AwsConsoleSignIn" if name == "ConsoleLogin" else "AwsApiCall",
            "managementEvent": not data,
            "recipientAccountId": account,
            "eventCategory": "Data" if data else "Management",
        }
        if identity["type"] == "AWSService" and rnd.random() < 0.5:
            event["sharedEventID"] = self.uuid()
        elif identity["type"] != "AWSService":
            event["tlsDetails"] = {
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": f"{service}.{region}.amazonaws.com",
            }
        return event


def write_cloudtrail(out: Path, events: int, days: int, seed: int, per_file: int = PER_FILE) -> None:
    """Files under AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD, events in no order inside a file, as AWS says of them."""
    company = Company(seed)
    rnd = company.random
    files = max(events // per_file, 1)
    step = timedelta(days=days) / files
    for number in range(files):
        account = rnd.choices(ACCOUNTS, (6, 3, 1))[0]
        region = rnd.choices([region for region, _ in REGIONS], [weight for _, weight in REGIONS])[0]
        start = FIRST_DAY + step * number
        records = [
            company.event(account, region, start + timedelta(seconds=rnd.randint(0, 300)))
            for _ in range(min(per_file, events))
        ]
        folder = out / f"AWSLogs/{account}/CloudTrail/{region}/{start:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{account}_CloudTrail_{region}_{start:%Y%m%dT%H%MZ}_{company.hex(16)}.json.gz"
        data = json.dumps({"Records": records}, separators=(",", ":")).encode()
        (folder / name).write_bytes(gzip.compress(data, 6, mtime=0))
        if number % 100 == 0:
            print(f"\r{number * per_file:,} events", end="", file=sys.stderr)
    print(file=sys.stderr)


FLOW_FIELDS = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)


def write_flow(out: Path, records: int, seed: int, per_file: int = 100_000) -> None:
    """Flow logs of version 2 as delivered to S3: gz, with their header, one file for each five minutes."""
    rnd = random.Random(seed)
    interfaces = [f"eni-0{rnd.getrandbits(64):016x}" for _ in range(60)]
    inside = [f"10.0.{rnd.randint(0, 8)}.{rnd.randint(4, 250)}" for _ in range(200)]
    outside = [
        f"{rnd.randint(3, 220)}.{rnd.randint(0, 255)}.{rnd.randint(0, 255)}.{rnd.randint(1, 254)}"
        for _ in range(20_000)
    ]
    ports = (443, 443, 443, 80, 5432, 3306, 6379, 22, 53, 123)
    files = max(records // per_file, 1)
    for number in range(files):
        account = ACCOUNTS[0] if rnd.random() < 0.7 else ACCOUNTS[1]
        start = FIRST_DAY + timedelta(minutes=5) * number
        second = int(start.timestamp())
        lines = [FLOW_FIELDS]
        for _ in range(min(per_file, records)):
            if rnd.random() < 0.004:
                lines.append(f"2 {account} {rnd.choice(interfaces)} - - - - - - - {second} {second + 60} - NODATA")
                continue
            begin = second + rnd.randint(0, 239)
            ends = [rnd.choice(inside), rnd.choice(outside)]
            port = [
                str(rnd.randint(1024, 65535)),
                str(rnd.choice(ports) if rnd.random() < 0.9 else rnd.randint(1, 65535)),
            ]
            if rnd.random() < 0.5:
                ends.reverse(), port.reverse()
            packets = int(rnd.expovariate(1 / 20)) + 1
            lines.append(
                f"2 {account} {rnd.choice(interfaces)} {ends[0]} {ends[1]} {port[0]} {port[1]} {'6' if rnd.random() < 0.9 else '17'} {packets} "
                f"{packets * rnd.randint(40, 1400)} {begin} {begin + rnd.randint(1, 60)} {'ACCEPT' if rnd.random() < 0.9 else 'REJECT'} OK"
            )
        folder = out / f"AWSLogs/{account}/vpcflowlogs/ap-northeast-1/{start:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{account}_vpcflowlogs_ap-northeast-1_fl-0123456789abcdef0_{start:%Y%m%dT%H%MZ}_{rnd.getrandbits(32):08x}.log.gz"
        (folder / name).write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), 6, mtime=0))
        print(f"\r{(number + 1) * per_file:,} records", end="", file=sys.stderr)
    print(file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["cloudtrail", "vpc-flow"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.kind == "cloudtrail":
        write_cloudtrail(given.out, given.events, given.days, given.seed)
    else:
        write_flow(given.out, given.records, given.seed)


if __name__ == "__main__":
    main()
