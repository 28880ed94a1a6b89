"""Forty legitimate things of the same days, some of which look otherwise, and the ordinary calls around them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.simulate.clock import StoryClock
from sakimori.simulate.drill.attack import code
from sakimori.simulate.drill.hand import HOME, VIRGINIA, Hand, given_in
from sakimori.simulate.scenarios.leaked.company import (
    ADMIN,
    DEVELOPER,
    DEVELOPMENT,
    PRODUCTION,
    VICTIM,
    Company,
    trust_in,
)
from sakimori.simulate.scenarios.leaked.story import CI_ADDRESS, OFFICE_ADDRESS, Decoy

_BOTO: Final = "Boto3/1.38.0 md/Botocore#1.38.0 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.12.9 md/pyimpl#CPython"
_CLI: Final = "aws-cli/2.27.30 md/awscrt#0.26.1 ua/2.1 os/windows#10 md/arch#amd64 lang/python#3.13.3"
_TERRAFORM: Final = "APN/1.0 HashiCorp/1.0 Terraform/1.12.2 terraform-provider-aws/6.3.0"
_OSAKA: Final = "ap-northeast-3"
_DAYS: Final = 12

# Kind, who, name, hours since the key was published. Some names are what an attacker would choose.
_USERS: Final = (
    ("admin", "kato.ren", -70), ("admin", "aws-support-readonly", -30), ("dev-admin", "pentest-2026", -20),
    ("admin", "backup-admin-2", 1.5), ("terraform", "svc-metrics", -50), ("dev-admin", "tmp-admin", 2.0), ("admin", "root-helper", -5),
)  # fmt: skip
_KEYS: Final = (
    ("admin", "kato.ren", -69), ("admin", "aws-support-readonly", -29), ("dev-admin", "pentest-2026", -19),
    ("admin", "backup-admin-2", 1.6), ("terraform", "svc-metrics", -49), ("dev-admin", "tmp-admin", 2.1),
)  # fmt: skip
_PROFILES: Final = (("admin", "kato.ren", -68), ("dev-admin", "tmp-admin", 2.2))
_ROLES: Final = (
    ("terraform", "web-task", -48), ("terraform", "OrganizationAuditRole", 1.7), ("admin", "emergency-access", 1.0),
    ("admin", "external-vendor", -26), ("dev-admin", "sandbox-all", -21), ("dev", "batch-worker", 2.5), ("ci", "deploy-canary", -8),
)  # fmt: skip
_INSTANCES: Final = (
    ("developer", "gpu-benchmark", -10), ("developer", "miner-survey", 1.2), ("ci", "build-agent", -9), ("admin", "bastion-2", -40),
    ("dev", "load-test", 2.4), ("terraform", "web-3", -46),
)  # fmt: skip
_FUNCTIONS: Final = (
    ("ci", "order-events", -7.5), ("ci", "healthcheck", -7.4), ("developer", "exfil-test", -12), ("dev", "image-resize", 0.5),
    ("terraform", "log-forwarder", 2.3),
)  # fmt: skip
_SNAPSHOTS: Final = (("ci", "before-deploy", -7.2), ("developer", "migration", -11), ("admin", "weekly", 1.1), ("admin", "to-be-shared", -28))  # fmt: skip
_BUCKETS: Final = (("ci", "artifacts", -7.0), ("developer", "dump", -13), ("dev", "public-share", 2.6))


@dataclass(slots=True, kw_only=True)
class Days:
    """Plays the company's days before and during the attack; `clock` is set to the time of each deed."""

    company: Company
    clock: StoryClock
    began_at: datetime
    chance: random.Random

    def pass_by(self) -> tuple[Decoy, ...]:
        """Everything; the clock is left wherever the last deed was done."""
        hands = self._hands()
        self._routine(hands)
        makers: tuple[tuple[tuple[tuple[str, str, float], ...], Callable[[Hand, str], tuple[str, str, str, str]]], ...] = (
            (_USERS, _user), (_KEYS, _key), (_PROFILES, _profile), (_ROLES, _role), (_INSTANCES, _instance),
            (_FUNCTIONS, _function), (_SNAPSHOTS, _snapshot), (_BUCKETS, _bucket),
        )  # fmt: skip
        deeds = [(hours, who, name, make) for listed, make in makers for who, name, hours in listed]
        found: list[Decoy] = []
        for hours, who, name, make in sorted(deeds, key=lambda deed: deed[0]):
            at = self.began_at + timedelta(hours=hours, minutes=self.chance.uniform(0, 5))
            self.clock.set(at)
            hand = self._as_role(hands) if who == "terraform" else hands[who]
            caller = hand.does("sts", "get_caller_identity")
            kind, thing, arn, region = make(hand, name)
            arn = arn.replace("{account}", caller["Account"])
            found.append(Decoy(kind=kind, id=thing, arn=arn, account=caller["Account"], region=region, by=caller["Arn"], at=at))  # fmt: skip
        return tuple(found)

    def _hands(self) -> dict[str, Hand]:
        people = self.company.people

        def hand(account: int, name: str, address: str, agent: str) -> Hand:
            return Hand(bench=self.company.bench, credentials=people[account, name], address=address,
                        agent=agent, chance=self.chance, pause=self.clock.wait)  # fmt: skip

        return {
            "admin": hand(PRODUCTION, ADMIN, OFFICE_ADDRESS, _CLI),
            "developer": hand(PRODUCTION, DEVELOPER, OFFICE_ADDRESS, _BOTO),
            "ci": hand(PRODUCTION, VICTIM, CI_ADDRESS, _BOTO),
            "dev-admin": hand(DEVELOPMENT, ADMIN, OFFICE_ADDRESS, _CLI),
            "dev": hand(DEVELOPMENT, DEVELOPER, OFFICE_ADDRESS, _BOTO),
        }

    def _as_role(self, hands: dict[str, Hand]) -> Hand:
        """Terraform works by the role that the attacker will assume too."""
        arn = f"arn:aws:iam::{self.company.ids[PRODUCTION]}:role/terraform"
        given = hands["admin"].does("sts", "assume_role", RoleArn=arn, RoleSessionName="sato.kenji")
        return hands["admin"].other(given_in(given), agent=_TERRAFORM)

    def _routine(self, hands: dict[str, Hand]) -> None:
        """What the build service and the people do day by day."""
        for day in range(_DAYS, 0, -1):
            self.clock.set(self.began_at - timedelta(days=day, minutes=self.chance.uniform(-30, 30)))
            ci, people = hands["ci"], hands["admin"]
            ci.does("sts", "get_caller_identity")
            ci.does("s3", "list_objects_v2", Bucket=self.company.buckets["web"])
            ci.does("s3", "put_object", Bucket=self.company.buckets["web"], Key="index.html", Body=b"<!doctype html>")
            ci.does("lambda", "list_functions")
            ci.does("ec2", "describe_instances")
            people.does("ec2", "describe_instances")
            people.does("cloudwatch", "describe_alarms")
            hands["developer"].does("s3", "list_objects_v2", Bucket=self.company.buckets["data"])


def _user(hand: Hand, name: str) -> tuple[str, str, str, str]:
    made = hand.does("iam", "create_user", UserName=name)["User"]
    hand.tries("iam", "attach_user_policy", UserName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    return "AWS::IAM::User", name, made["Arn"], VIRGINIA


def _key(hand: Hand, name: str) -> tuple[str, str, str, str]:
    key = hand.does("iam", "create_access_key", UserName=name)["AccessKey"]["AccessKeyId"]
    return "AWS::IAM::AccessKey", key, f"arn:aws:iam::{{account}}:user/{name}", VIRGINIA


def _profile(hand: Hand, name: str) -> tuple[str, str, str, str]:
    hand.does("iam", "create_login_profile", UserName=name, Password=f"First-{hand.chance.getrandbits(60):x}!A")
    return "AWS::IAM::LoginProfile", name, f"arn:aws:iam::{{account}}:user/{name}", VIRGINIA


def _role(hand: Hand, name: str) -> tuple[str, str, str, str]:
    made = hand.does("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust_in(Service="ecs-tasks.amazonaws.com"))["Role"]  # fmt: skip
    return "AWS::IAM::Role", name, made["Arn"], VIRGINIA


def _instance(hand: Hand, name: str) -> tuple[str, str, str, str]:
    region = _OSAKA if name == "web-3" else HOME
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]
    size = "g5.xlarge" if name == "gpu-benchmark" else "t3.large"
    made = hand.does("ec2", "run_instances", region=region, ImageId="ami-12345678", InstanceType=size, MinCount=1,
                     MaxCount=1, TagSpecifications=tags)  # fmt: skip
    thing = made["Instances"][0]["InstanceId"]
    return "AWS::EC2::Instance", thing, f"arn:aws:ec2:{region}:{{account}}:instance/{thing}", region


def _function(hand: Hand, name: str) -> tuple[str, str, str, str]:
    account = hand.does("sts", "get_caller_identity")["Account"]
    role = f"arn:aws:iam::{account}:role/{'web-instance' if name == 'image-resize' else 'order-events-function'}"
    made = hand.does("lambda", "create_function", FunctionName=name, Runtime="python3.12", Role=role,
                     Handler="index.handler", Code={"ZipFile": code()})  # fmt: skip
    return "AWS::Lambda::Function", name, made["FunctionArn"], HOME


def _snapshot(hand: Hand, name: str) -> tuple[str, str, str, str]:
    volume: Any = hand.does("ec2", "describe_volumes")["Volumes"][0]["VolumeId"]
    made = hand.does("ec2", "create_snapshot", VolumeId=volume, Description=name)["SnapshotId"]
    return "AWS::EC2::Snapshot", made, f"arn:aws:ec2:{HOME}::snapshot/{made}", HOME


def _bucket(hand: Hand, name: str) -> tuple[str, str, str, str]:
    account = hand.does("sts", "get_caller_identity")["Account"]
    bucket = f"awase-{name}-{account}"
    hand.does("s3", "create_bucket", Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME})
    return "AWS::S3::Bucket", bucket, f"arn:aws:s3:::{bucket}", HOME
