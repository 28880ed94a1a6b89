"""Two ordinary weeks in the company, as CloudTrail told them, and one stranger: some hundred events, the same each time.

Everybody does what their part of the scenario says of them. Addresses are those that are kept for documentation
(RFC 5737): the office is 198.51.100.10, the build service 203.0.113.20; nobody knows 192.0.2.66.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from moto.iam.models import IAMBackend, iam_backends

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO, VIRGINIA
from sakimori.simulate.scenarios.messy.storage import full_name
from sakimori.simulate.trail.identity import Identity, of_role, of_user
from sakimori.simulate.trail.names import is_read_only

_DAYS: Final = 14
_OFFICE, _BUILDS, _SERVER, _STRANGER = "198.51.100.10", "203.0.113.20", "198.51.100.77", "192.0.2.66"
_BROWSER: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0"
_CLI: Final = "aws-cli/2.27.30 md/awscrt#0.26.1 ua/2.1 os/windows#10 md/arch#amd64 lang/python#3.13.3 exec-env/none"
_SDK: Final = "aws-sdk-java/1.11.1000 Linux/5.10 OpenJDK_64-Bit_Server_VM/11.0.16 java/11.0.16"
_BOTO: Final = "Boto3/1.38.0 md/Botocore#1.38.0 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.12.9 md/pyimpl#CPython"
_OLD_SCRIPT: Final = "aws-cli/1.16.10 Python/2.7.15 Linux/3.10 botocore/1.11.10"
_FOREIGN: Final = "aws-cli/2.17.0 md/awscrt#0.20.11 ua/2.0 os/linux#6.6.15-kali3 md/arch#x86_64 lang/python#3.11.8"
_CONSOLE_KEY: Final = "ASIAIOSFODNN7EXAMPLE"
_DENIED: Final = "AccessDenied"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """One call: `name` of the event, the service before its colon."""

    name: str
    region: str = TOKYO
    parameters: Mapping[str, Any] | None = None
    response: Mapping[str, Any] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Routine:
    """What somebody does on certain days before now (0 is today), from an hour of the day on (UTC), some minutes between."""

    who: str
    days: tuple[int, ...]
    hour: float
    deeds: tuple[_Deed, ...]
    address: str = _OFFICE
    agent: str = _CLI
    signs_in: bool = False
    uses_mfa: bool = False
    role: bool = False
    minutes: float = 3.0


_EVERY_DAY: Final = tuple(range(1, _DAYS))
_WORKDAYS: Final = tuple(day for day in _EVERY_DAY if day % 7 not in (5, 6))


def seed(seeding: Seeding) -> None:
    """The events into CloudTrail's history, and so into the files of the trails that can write."""
    teller = _Teller(seeding)
    events = [event for routine in _routines(seeding) for event in teller.tell(routine)]
    seeding.state.history.seed(sorted(events, key=lambda event: str(event["eventTime"])))


def _routines(seeding: Seeding) -> Iterator[_Routine]:
    yield from _people(seeding)
    yield from _machines(seeding)
    yield from _strangers(seeding)


def _people(seeding: Seeding) -> Iterator[_Routine]:
    look = (_Deed(name="ec2:DescribeInstances"), _Deed(name="ec2:DescribeInstanceStatus"))
    yield _Routine(
        who="sato.kenji", days=_WORKDAYS, hour=0.5, agent=_BROWSER, signs_in=True, uses_mfa=True,
        deeds=(*look, _Deed(name="cloudwatch:DescribeAlarms"), _Deed(name="s3:ListBuckets", region=VIRGINIA)),
    )  # fmt: skip
    group = _id(seeding, "sg.web-443")
    port = {
        "items": [
            {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
        ]
    }
    yield _Routine(
        who="sato.kenji", days=(6, 9), hour=5,
        deeds=(
            _Deed(name="ec2:DescribeSecurityGroups"),
            _Deed(name="ec2:AuthorizeSecurityGroupIngress", parameters={"groupId": group, "ipPermissions": port},
                  response={"_return": True}),
            _Deed(name="iam:CreateUser", region=VIRGINIA, parameters={"userName": "kato.ren"}),
            _Deed(name="iam:AddUserToGroup", region=VIRGINIA, parameters={"userName": "kato.ren", "groupName": "developers"}),
        ),
    )  # fmt: skip
    yield _Routine(
        who="suzuki.hanako", days=(2, 4, 7, 11), hour=1.2, agent=_BROWSER, signs_in=True,
        deeds=(_Deed(name="dynamodb:ListTables"), _Deed(name="dynamodb:DescribeTable", parameters={"tableName": "orders"}),
               _Deed(name="logs:DescribeLogGroups"), _Deed(name="ec2:DescribeInstances", error="Client.UnauthorizedOperation")),
    )  # fmt: skip
    yield _Routine(
        who="kobayashi.mei", days=(5, 8), hour=2, agent=_BROWSER, signs_in=True, uses_mfa=True,
        deeds=(_Deed(name="dynamodb:ListTables"), _Deed(name="logs:GetLogEvents", parameters={"logGroupName": "trail"})),
    )  # fmt: skip
    yield _Routine(
        who="ito.aya", days=(10,), hour=3, agent=_BROWSER, signs_in=True, uses_mfa=True,
        deeds=(_Deed(name="ce:GetCostAndUsage", region=VIRGINIA), _Deed(name="budgets:DescribeBudgets", region=VIRGINIA),
               _Deed(name="ec2:DescribeInstances", error="Client.UnauthorizedOperation")),
    )  # fmt: skip
    yield _Routine(
        who="mori.yuto", days=(3, 6, 12), hour=4, agent=_BROWSER, signs_in=True, uses_mfa=True,
        deeds=(_Deed(name="dynamodb:DescribeTable", parameters={"tableName": "orders"}), _Deed(name="logs:DescribeLogStreams"),
               _Deed(name="lambda:ListFunctions20150331", error=_DENIED)),
    )  # fmt: skip


def _machines(seeding: Seeding) -> Iterator[_Routine]:
    yield _Routine(
        who="ci-deploy", days=_WORKDAYS, hour=7, address=_BUILDS, agent=_BOTO, minutes=1,
        deeds=(
            _Deed(name="sts:GetCallerIdentity", region=VIRGINIA),
            _Deed(name="codebuild:StartBuild", parameters={"projectName": "web"}),
            _Deed(name="lambda:UpdateFunctionCode20150331v2", parameters={"functionName": "thumbnail", "publish": True},
                  response={"functionName": "thumbnail", "runtime": "python3.12"}),
            _Deed(name="lambda:GetFunction20150331v2", parameters={"functionName": "thumbnail"}),
        ),
    )  # fmt: skip
    volume = _id(seeding, "volume.data")
    yield _Routine(
        who="backup-batch", days=_EVERY_DAY, hour=17, address=_SERVER, agent=_BOTO, minutes=2,
        deeds=(
            _Deed(name="ec2:DescribeVolumes"),
            _Deed(name="ec2:CreateSnapshot", parameters={"volumeId": volume, "description": "nightly"}, error="Client.UnauthorizedOperation"),
            _Deed(name="s3:ListBuckets", region=VIRGINIA),
            _Deed(name="s3:GetBucketLocation", parameters={"bucketName": full_name(seeding, "backup")}),
        ),
    )  # fmt: skip
    yield _Routine(
        who="mailer", days=_EVERY_DAY, hour=23, address=_SERVER, agent=_SDK,
        deeds=(_Deed(name="ses:GetSendQuota"), _Deed(name="ses:GetSendStatistics")),
    )  # fmt: skip
    yield _Routine(
        who="vendor-monitoring", role=True, days=_EVERY_DAY, hour=12, address="203.0.113.150", agent=_BOTO, minutes=0.2,
        deeds=(_Deed(name="ec2:DescribeInstances"), _Deed(name="rds:DescribeDBInstances"),
               _Deed(name="cloudwatch:DescribeAlarms"), _Deed(name="ec2:DescribeInstances", region=VIRGINIA)),
    )  # fmt: skip
    yield _Routine(
        who="app-web", role=True, days=_EVERY_DAY, hour=15.5, address=_SERVER, agent=_BOTO, minutes=10,
        deeds=(_Deed(name="ssm:UpdateInstanceInformation"), _Deed(name="ssm:ListInstanceAssociations")),
    )  # fmt: skip


def _strangers(seeding: Seeding) -> Iterator[_Routine]:
    yield _Routine(
        who="legacy-ftp", days=(3, 5, 7, 9, 11), hour=18, address=_SERVER, agent=_OLD_SCRIPT,
        deeds=(_Deed(name="s3:ListBuckets", region=VIRGINIA),),
    )  # fmt: skip
    # The key that lay in a public repository is tried out; AWS's quarantine turns most of it away.
    yield _Routine(
        who="legacy-ftp", days=(3,), hour=20.4, address=_STRANGER, agent=_FOREIGN, minutes=0.3,
        deeds=(
            _Deed(name="sts:GetCallerIdentity", region=VIRGINIA),
            _Deed(name="s3:ListBuckets", region=VIRGINIA),
            _Deed(name="iam:ListUsers", region=VIRGINIA, error=_DENIED),
            _Deed(name="iam:CreateAccessKey", region=VIRGINIA, error=_DENIED),
            _Deed(name="ec2:DescribeRegions", region=VIRGINIA, error="Client.UnauthorizedOperation"),
            _Deed(name="ec2:RunInstances", region="us-west-2", error="Client.UnauthorizedOperation",
                  parameters={"instanceType": "g5.12xlarge", "minCount": 1, "maxCount": 10}),
            _Deed(name="ec2:RunInstances", region=TOKYO, error="Client.UnauthorizedOperation",
                  parameters={"instanceType": "g5.12xlarge", "minCount": 1, "maxCount": 10}),
            _Deed(name="ses:GetSendQuota", region=VIRGINIA, error=_DENIED),
            _Deed(name="bedrock:ListFoundationModels", region=VIRGINIA, error=_DENIED),
        ),
    )  # fmt: skip
    yield _Routine(
        who="root", days=(12,), hour=10, agent=_BROWSER, signs_in=True, uses_mfa=True,
        deeds=(_Deed(name="iam:GetAccountSummary", region=VIRGINIA), _Deed(name="s3:ListBuckets", region=VIRGINIA),
               _Deed(name="s3:DeleteBucketPolicy", parameters={"bucketName": full_name(seeding, "trail")})),
    )  # fmt: skip


@dataclass(slots=True)
class _Teller:
    """Makes events; what chance decides is the same each time."""

    seeding: Seeding
    chance: random.Random = field(default_factory=lambda: random.Random(20))  # noqa: S311 - a story, no secret

    def tell(self, routine: _Routine) -> Iterator[dict[str, Any]]:
        for day in routine.days:
            midnight = self.seeding.days_ago(day).replace(hour=0, minute=0, second=0, microsecond=0)
            at = midnight + timedelta(hours=routine.hour, seconds=self.chance.randrange(900))
            if routine.signs_in:
                yield self._sign_in(routine, at)
            for deed in routine.deeds:
                at += timedelta(minutes=routine.minutes, seconds=self.chance.randrange(50))
                yield self._event(routine, deed, at)

    def _event(self, routine: _Routine, deed: _Deed, at: datetime) -> dict[str, Any]:
        service, _, name = deed.name.partition(":")
        denied = {"errorCode": deed.error, "errorMessage": f"not authorized to perform: {service}:{name}"}
        return {
            **self._beginning(routine, at),
            "eventSource": f"{_SOURCES.get(service, service)}.amazonaws.com",
            "eventName": name,
            "awsRegion": deed.region,
            "sourceIPAddress": routine.address,
            "userAgent": routine.agent,
            **(denied if deed.error else {}),
            "requestParameters": deed.parameters,
            "responseElements": deed.response,
            **self._end(read_only=is_read_only(name), kind="AwsApiCall"),
            **({"sessionCredentialFromConsole": "true"} if routine.signs_in else {}),
        }

    def _sign_in(self, routine: _Routine, at: datetime) -> dict[str, Any]:
        mfa = "Yes" if routine.uses_mfa else "No"
        return {
            **self._beginning(routine, at),
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
            "awsRegion": VIRGINIA if routine.who == "root" else TOKYO,
            "sourceIPAddress": routine.address,
            "userAgent": routine.agent,
            "requestParameters": None,
            "responseElements": {"ConsoleLogin": "Success"},
            "additionalEventData": {
                "LoginTo": "https://console.aws.amazon.com/console/home",
                "MobileVersion": "No",
                "MFAUsed": mfa,
            },
            **self._end(read_only=False, kind="AwsConsoleSignIn"),
        }

    def _beginning(self, routine: _Routine, at: datetime) -> dict[str, Any]:
        identity = dict(self._identity(routine, at))
        return {"eventVersion": "1.11", "userIdentity": identity, "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"}

    def _end(self, *, read_only: bool, kind: str) -> dict[str, Any]:
        return {
            "requestID": self._id(),
            "eventID": self._id(),
            "readOnly": read_only,
            "eventType": kind,
            "managementEvent": True,
            "recipientAccountId": self.seeding.state.account_id,
            "eventCategory": "Management",
        }

    def _identity(self, routine: _Routine, at: datetime) -> Identity:
        account = self.seeding.state.account_id
        iam: IAMBackend = iam_backends[account][self.seeding.state.partition]
        if routine.who == "root":
            return {"type": "Root", "principalId": account, "arn": self.seeding.state.root_arn, "accountId": account}
        if routine.role:
            session = {"name": routine.who, "access_key_id": _CONSOLE_KEY, "created_at": f"{at:%Y-%m-%dT%H:00:00Z}"}
            return of_role(iam, routine.who, session, account)
        keys = iam.users[routine.who].access_keys
        key = _CONSOLE_KEY if routine.signs_in else keys[-1 if routine.who == "backup-batch" else 0].access_key_id
        return of_user(iam, routine.who, account, key)

    def _id(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128), version=4))


_SOURCES: Final = {"cloudwatch": "monitoring"}


def _id(seeding: Seeding, name: str) -> str:
    """The id at the end of an ARN."""
    return seeding.names[name].rpartition("/")[2]
