"""The company's people and machines: a leaver, passwords without MFA, old keys, a policy that allows everything."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from moto.iam.models import AccessKeyLastUsed, IAMBackend, User, iam_backends

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO
from sakimori.simulate.stand_ins.iam import give_root_virtual_mfa
from sakimori.simulate.state import RootKey

_EVERYTHING: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_READ_ONE_BUCKET: Final = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::awase-web-assets/*"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """One access key: ages in days; `used` None where it was never used."""

    age: float
    used: float | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """One user; `signed_in` is the age in days of the last use of the password, None for never."""

    name: str
    age: float
    group: str = ""
    console: bool = False
    signed_in: float | None = None
    mfa: bool = False
    keys: tuple[_Key, ...] = ()
    department: str = "開発部"


_PEOPLE: Final = (
    _Person(name="sato.kenji", age=900, group="administrators", console=True, signed_in=1, mfa=True,
            keys=(_Key(age=20, used=1),), department="情報システム部"),
    _Person(name="suzuki.hanako", age=500, group="developers", console=True, signed_in=2),
    _Person(name="tanaka.ichiro", age=1100, group="administrators", console=True, signed_in=400,
            keys=(_Key(age=700, used=400),), department="退職者"),
    _Person(name="yamada.jiro", age=300, group="developers", console=True),
    _Person(name="kobayashi.mei", age=250, group="developers", console=True, signed_in=5, mfa=True),
    _Person(name="ito.aya", age=60, group="accounting", console=True, signed_in=10, mfa=True, department="経理部"),
    _Person(name="mori.yuto", age=40, group="developers", console=True, signed_in=3, mfa=True, keys=(_Key(age=40),)),
    _Person(name="watanabe.sho", age=365, group="developers", keys=(_Key(age=365),)),
    _Person(name="kato.ren", age=30, group="developers"),
    _Person(name="ci-deploy", age=500, keys=(_Key(age=500, used=0.1),)),
    _Person(name="backup-batch", age=900, keys=(_Key(age=900, used=600, active=False), _Key(age=30, used=1))),
    _Person(name="mailer", age=100, keys=(_Key(age=100, used=0.5),)),
    _Person(name="legacy-ftp", age=1000, keys=(_Key(age=1000, used=3), _Key(age=800, used=500))),
)  # fmt: skip

_POLICIES: Final[Mapping[str, Any]] = {
    "everything": _EVERYTHING,
    "everything-in-a-list": {"Effect": "Allow", "Action": ["ec2:Describe*", "*"], "Resource": ["*"]},
    "everything-on-one-bucket": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::awase-backup/*"},
    "deny-leaving-japan": {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": [TOKYO, "us-east-1"]}},
    },
    "s3-everything": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    "deploy": {
        "Effect": "Allow",
        "Action": ["lambda:UpdateFunctionCode", "codebuild:StartBuild", "s3:PutObject"],
        "Resource": "*",
    },
}

_TRUST_OF_SERVICES: Final = {
    "app-web": "ec2",
    "app-batch": "ec2",
    "bastion": "ec2",
    "lambda-thumbnail": "lambda",
    "lambda-webhook": "lambda",
    "codebuild-service": "codebuild",
    "trail-to-logs": "cloudtrail",
    "flow-logs": "vpc-flow-logs",
    "rds-monitoring": "monitoring.rds",
}
_VENDOR: Final = "222222222222"


def seed(seeding: Seeding) -> None:
    """Root, groups, policies, users with their ages, and roles."""
    _root(seeding)
    _policies(seeding)
    iam = seeding.client("iam")
    for group in ("administrators", "developers", "accounting"):
        iam.create_group(GroupName=group)
    iam.attach_group_policy(GroupName="administrators", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.attach_group_policy(GroupName="accounting", PolicyArn="arn:aws:iam::aws:policy/job-function/Billing")
    developers = _document({"Effect": "Allow", "Action": ["dynamodb:*", "logs:Get*"], "Resource": "*"})
    iam.put_group_policy(GroupName="developers", PolicyName="tables", PolicyDocument=developers)
    for person in _PEOPLE:
        _person(seeding, person)
    iam.put_user_policy(UserName="ci-deploy", PolicyName="temporary", PolicyDocument=_document(_EVERYTHING))
    _attach(seeding, "ci-deploy", "deploy")
    _attach(seeding, "backup-batch", "s3-everything")
    _roles(seeding)
    iam.update_account_password_policy(MinimumPasswordLength=8, RequireNumbers=True, AllowUsersToChangePassword=True)
    iam.create_account_alias(AccountAlias="awase-shoji")
    contact = {"AlternateContactType": "BILLING", "EmailAddress": "keiri@example.jp", "Name": "経理部"}
    seeding.client("account").put_alternate_contact(**contact, PhoneNumber="+81-3-0000-0000", Title="経理")


def _root(seeding: Seeding) -> None:
    root = seeding.state.root
    root.created_at = seeding.days_ago(1200)
    root.password_last_used_at = seeding.days_ago(12)
    root.access_keys = (RootKey(created_at=seeding.days_ago(1190), last_used_at=seeding.days_ago(200)),)
    give_root_virtual_mfa(seeding.state)


def _policies(seeding: Seeding) -> None:
    for name, statement in _POLICIES.items():
        seeding.client("iam").create_policy(PolicyName=name, PolicyDocument=_document(statement))


def _person(seeding: Seeding, person: _Person) -> None:
    iam = seeding.client("iam")
    tags = [{"Key": "部署", "Value": person.department}]
    iam.create_user(UserName=person.name, Tags=tags)
    if person.group:
        iam.add_user_to_group(UserName=person.name, GroupName=person.group)
    if person.console:
        iam.create_login_profile(UserName=person.name, Password=f"Not-a-secret-{len(person.name)}!")
    if person.mfa:
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=person.name)["VirtualMFADevice"]
        codes = {"AuthenticationCode1": "000000", "AuthenticationCode2": "000001"}
        iam.enable_mfa_device(UserName=person.name, SerialNumber=device["SerialNumber"], **codes)
    for key in person.keys:
        made = iam.create_access_key(UserName=person.name)["AccessKey"]["AccessKeyId"]
        if not key.active:
            iam.update_access_key(UserName=person.name, AccessKeyId=made, Status="Inactive")
    _age(seeding, person)


def _age(seeding: Seeding, person: _Person) -> None:
    """Set back what only time can do."""
    user: User = _iam(seeding).users[person.name]
    user.create_date = seeding.days_ago(person.age)
    seeding.state.password_changed_at[person.name] = user.create_date
    if person.signed_in is not None:
        vars(user)["password_last_used"] = seeding.days_ago(person.signed_in)
    for key, made in zip(person.keys, user.access_keys, strict=True):
        made.create_date = seeding.days_ago(key.age)
        if key.used is not None:
            made.last_used = AccessKeyLastUsed(seeding.days_ago(key.used), "s3", TOKYO)


def _roles(seeding: Seeding) -> None:
    iam = seeding.client("iam")
    # By hand, since moto's own service-linked role would bear the name "AWSServiceRoleForconfig".
    linked = {"Path": "/aws-service-role/config.amazonaws.com/", "RoleName": "AWSServiceRoleForConfig"}
    trust = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(**linked, AssumeRolePolicyDocument=_document(trust))
    for name, service in _TRUST_OF_SERVICES.items():
        _role(seeding, name, {"Service": f"{service}.amazonaws.com"})
    _role(seeding, "vendor-monitoring", {"AWS": f"arn:aws:iam::{_VENDOR}:root"}, external_id="awase-4711")
    _role(seeding, "break-glass", {"AWS": seeding.state.root_arn})
    iam.attach_role_policy(RoleName="break-glass", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.attach_role_policy(RoleName="vendor-monitoring", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.attach_role_policy(RoleName="bastion", PolicyArn=_arn(seeding, "everything"))
    narrow = _document(_READ_ONE_BUCKET)
    iam.put_role_policy(RoleName="lambda-thumbnail", PolicyName="read-assets", PolicyDocument=narrow)
    sqs = _document({"Effect": "Allow", "Action": ["sqs:*"], "Resource": "*"})
    iam.put_role_policy(RoleName="app-batch", PolicyName="queues", PolicyDocument=sqs)
    # AWS found the old key in somebody's public repository; the mail went to an address that nobody reads.
    quarantine = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
    iam.attach_user_policy(UserName="legacy-ftp", PolicyArn=quarantine)
    used = _iam(seeding).get_role("app-web")
    used.last_used = seeding.days_ago(1)
    setattr(used, "last_used_region", TOKYO)  # noqa: B010 - moto declares it as always None


def _role(seeding: Seeding, name: str, principal: Mapping[str, str], *, external_id: str = "") -> None:
    trust: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if external_id:
        trust["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    seeding.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
    _iam(seeding).get_role(name).create_date = seeding.days_ago(400)


def _attach(seeding: Seeding, user: str, policy: str) -> None:
    seeding.client("iam").attach_user_policy(UserName=user, PolicyArn=_arn(seeding, policy))


def _arn(seeding: Seeding, policy: str) -> str:
    return f"arn:aws:iam::{seeding.state.account_id}:policy/{policy}"


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _iam(seeding: Seeding) -> IAMBackend:
    return iam_backends[seeding.state.account_id][seeding.state.partition]
