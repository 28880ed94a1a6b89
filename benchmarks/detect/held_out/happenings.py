"""What happens once in the month, and is in order: reviews, rotations, a game day, a new region, people who come and go."""

import random
from collections.abc import Callable, Iterator
from typing import Final

import clock
from company import (
    FIREFOX,
    PAYER,
    PEOPLE,
    SHOP,
)  # fmt: skip
from copying import COPIES
from people import sign_in
from record import Caller, Pen, Record, credentials, key_id, resource, root, session
from upkeep import UPKEEP, Calls, run

_TANAKA, _SUZUKI, _OGAWA = PEOPLE["tanaka.k"], PEOPLE["suzuki.m"], PEOPLE["ogawa.d"]


def _accountant_as_root(pen: Pen) -> Iterator[Record]:
    when = clock.Day(3).at("13:40")
    plain = Caller(root(PAYER), PAYER, "192.0.2.3", FIREFOX)
    extra = {"LoginTo": "https://console.aws.amazon.com/billing/home", "MobileVersion": "No", "MFAUsed": "Yes"}
    yield pen.write(
        plain,
        when,
        "signin:ConsoleLogin",
        response={"ConsoleLogin": "Success"},
        extra=extra,
        kind="AwsConsoleSignIn",
        region="us-east-1",
        read=False,
    )
    inside = Caller(root(PAYER, when, mfa=True), PAYER, "192.0.2.3", FIREFOX, console=True)
    yield from run(
        pen,
        inside,
        when + 30,
        [
            ("ce:GetCostAndUsage", None),
            ("tax:PutTaxRegistration", None),
            ("budgets:DescribeBudgets", {"accountId": PAYER}),
            ("account:GetContactInformation", None),
            ("payments:ListPaymentPreferences", None),
        ],
    )


def _key_rotation(pen: Pen) -> Iterator[Record]:
    when = clock.Day(16).at("10:00")
    old, new = key_id(f"{SHOP} sftp-batch", "AKIA"), key_id(f"{SHOP} sftp-batch rotated", "AKIA")
    console, name = _TANAKA.console(16, when - 300), {"userName": "sftp-batch"}
    created = {
        "accessKey": {
            "accessKeyId": new,
            "status": "Active",
            "userName": "sftp-batch",
            "createDate": clock.long_text(when),
        }
    }
    yield pen.write(console, when, "iam:CreateAccessKey", request=name, response=created)
    yield pen.write(
        console, when + 5400, "iam:UpdateAccessKey", request={**name, "accessKeyId": old, "status": "Inactive"}
    )
    yield pen.write(console, when + 90_000, "iam:DeleteAccessKey", request={**name, "accessKeyId": old})


def _own_key(pen: Pen) -> Iterator[Record]:
    """A developer rotates her own key."""
    person, when = PEOPLE["watanabe.h"], clock.Day(8).at("15:05")
    caller, name = person.console(8, when - 120), {"userName": person.name}
    new = {"accessKey": {"accessKeyId": key_id("watanabe second", "AKIA"), "status": "Active", "userName": person.name}}
    yield pen.write(caller, when, "iam:CreateAccessKey", request=name, response=new)
    yield from run(
        pen,
        caller,
        when + 300,
        [
            ("iam:UpdateAccessKey", {**name, "accessKeyId": key_id("watanabe second", "AKIA"), "status": "Inactive"}),
            ("iam:DeleteAccessKey", {**name, "accessKeyId": key_id("watanabe second", "AKIA")}),
        ],
    )


def _newcomer(pen: Pen) -> Iterator[Record]:
    when, name = clock.Day(9).at("09:40"), {"userName": "hayashi.n"}
    yield from run(
        pen,
        _SUZUKI.console(9, when - 60),
        when,
        [
            ("iam:CreateUser", name),
            ("iam:CreateLoginProfile", {**name, "passwordResetRequired": True}),
            ("iam:AddUserToGroup", {"groupName": "developers", **name}),
            ("iam:CreateAccessKey", name),
        ],
    )
    own = PEOPLE["hayashi.n"].console(9, when + 1500)
    yield from run(
        pen,
        own,
        when + 1600,
        [
            ("iam:ChangePassword", None),
            ("iam:CreateVirtualMFADevice", {"virtualMFADeviceName": "hayashi.n"}),
            ("iam:EnableMFADevice", {**name, "serialNumber": f"arn:aws:iam::{SHOP}:mfa/hayashi.n"}),
        ],
    )


def _leaver(pen: Pen) -> Iterator[Record]:
    when, name = clock.Day(18).at("11:10"), {"userName": "mori.s"}
    key = {"accessKeyId": key_id(f"{SHOP} mori.s", "AKIA")}
    yield from run(
        pen,
        _TANAKA.console(18, when - 60),
        when,
        [
            ("iam:UpdateAccessKey", {**name, **key, "status": "Inactive"}),
            ("iam:DeleteLoginProfile", name),
            ("iam:DeactivateMFADevice", {**name, "serialNumber": f"arn:aws:iam::{SHOP}:mfa/mori.s"}),
            ("iam:DeleteVirtualMFADevice", {"serialNumber": f"arn:aws:iam::{SHOP}:mfa/mori.s"}),
            ("iam:RemoveUserFromGroup", {"groupName": "developers", **name}),
            ("iam:DeleteAccessKey", {**name, **key}),
            ("iam:DeleteUser", name),
        ],
    )


def _lost_phone(pen: Pen) -> Iterator[Record]:
    when, who = (
        clock.Day(22).at("10:20"),
        {"userName": "kobayashi.t", "serialNumber": f"arn:aws:iam::{SHOP}:mfa/kobayashi.t"},
    )
    yield from run(
        pen,
        _TANAKA.console(22, when - 60),
        when,
        [
            ("iam:DeactivateMFADevice", who),
            ("iam:DeleteVirtualMFADevice", {"serialNumber": who["serialNumber"]}),
            ("iam:UpdateLoginProfile", {"userName": "kobayashi.t", "passwordResetRequired": True}),
        ],
    )
    own = PEOPLE["kobayashi.t"].console(22, when + 900)
    yield from run(
        pen,
        own,
        when + 960,
        [("iam:CreateVirtualMFADevice", {"virtualMFADeviceName": "kobayashi.t"}), ("iam:EnableMFADevice", who)],
    )


def _game_day(pen: Pen) -> Iterator[Record]:
    """Instances, a database and a rule are switched off, on purpose, and on again."""
    when, several = (
        clock.Day(10).at("14:00"),
        {"items": [{"instanceId": f"i-0{pen.rng.getrandbits(64):016x}"} for _ in range(6)]},
    )
    yield from run(
        pen,
        _TANAKA.console(10, when - 60),
        when,
        [
            ("ec2:StopInstances", {"instancesSet": several, "force": True}),
            ("rds:FailoverDBCluster", {"dBClusterIdentifier": "shop-aurora"}),
            ("fis:StartExperiment", {"experimentTemplateId": "EXT1EXAMPLE", "clientToken": pen.uuid()}),
            ("events:DisableRule", {"name": "stock-sync-hourly"}),
            ("ec2:StartInstances", {"instancesSet": several}),
            ("events:EnableRule", {"name": "stock-sync-hourly"}),
            ("ec2:TerminateInstances", {"instancesSet": {"items": several["items"][:2]}}),
        ],
    )


def _forgotten_password(pen: Pen) -> Iterator[Record]:
    person = PEOPLE["yamamoto.r"]
    for day, times in ((1, 4), (15, 3), (23, 6)):
        for number in range(times):
            yield sign_in(pen, person, day, clock.Day(day).at("9:01") + 35 * number, failed=True)


def _business_trip(pen: Pen) -> Iterator[Record]:
    """An admin works from a hotel in Taipei for two days."""
    when = clock.Day(11).at("20:30")
    home = PEOPLE["fujita.c"].console(11, when)
    away = Caller(home.identity, home.account, "198.51.100.52", home.agent, console=True)
    calls: Calls = [
        ("logs:DescribeLogGroups", {"limit": 50}),
        ("ec2:DescribeInstances", {"instancesSet": {}, "filterSet": {}}),
        ("monitoring:DescribeAlarms", {"maxRecords": 100}),
        ("rds:DescribeDBClusters", {}),
    ]
    yield from run(pen, away, when + 5, calls * 12)
    cli = Caller(PEOPLE["suzuki.m"].key(12).identity, SHOP, "198.51.100.52", "aws-cli/2.31.5")
    yield from run(pen, cli, clock.Day(12).at("19:30"), [("sts:GetCallerIdentity", None), *calls])


def _denied_by_scp(pen: Pen) -> Iterator[Record]:
    """Somebody looks into a region that the organisation forbids; the console asks ten services."""
    rng = pen.rng
    for day, name in ((4, "sato.y"), (9, "fujita.c"), (15, "ext-tran"), (24, "kato.e")):
        when = clock.Day(day).at("15:30") + rng.random() * 1800
        caller = PEOPLE[name].console(day, when - 200)
        for number, api in enumerate(
            (
                "ec2:DescribeInstances",
                "ec2:DescribeVpcs",
                "ec2:DescribeVolumes",
                "ec2:DescribeSecurityGroups",
                "monitoring:DescribeAlarms",
                "autoscaling:DescribeAutoScalingGroups",
                "ec2:DescribeKeyPairs",
                "elasticloadbalancing:DescribeLoadBalancers",
            )
        ):
            yield pen.write(caller, when + number * 0.2, api, request={}, denied="scp", region="us-west-2")
    for day, name in ((6, "ext-nguyen"), (20, "sato.y")):
        when = clock.Day(day).at("16:10")
        yield pen.write(PEOPLE[name].console(day, when - 300), when, "iam:CreateRole", denied="identity")


def _break_glass(pen: Pen) -> Iterator[Record]:
    """On a Sunday of the sale an admin takes the emergency role: a process is killed by hand."""
    when = clock.Day(20).at("21:12")
    ip, arn = "192.0.2.69", f"arn:aws:iam::{SHOP}:role/break-glass"
    identity = session(SHOP, "break-glass", "tanaka.k", when, mfa=True)
    yield pen.write(
        Caller(_TANAKA.key(20).identity, SHOP, ip, "aws-cli/2.30.2"),
        when,
        "sts:AssumeRole",
        request={"roleArn": arn, "roleSessionName": "tanaka.k", "serialNumber": f"arn:aws:iam::{SHOP}:mfa/tanaka.k"},
        response=credentials(identity, when),
        resources=[resource(SHOP, "AWS::IAM::Role", arn)],
    )
    yield from run(
        pen,
        Caller(identity, SHOP, ip, "aws-cli/2.30.2"),
        when + 20,
        [
            ("rds:DescribeDBClusters", {}),
            (
                "rds:ModifyDBCluster",
                {
                    "dBClusterIdentifier": "shop-aurora",
                    "applyImmediately": True,
                    "serverlessV2ScalingConfiguration": {"maxCapacity": 64.0},
                },
            ),
            ("autoscaling:UpdateAutoScalingGroup", {"autoScalingGroupName": "shop-web", "maxSize": 80}),
            ("ssm:StartSession", {"target": "i-0b1b2b3b4b5b6b7b8"}),
            ("ssm:TerminateSession", {"sessionId": "tanaka.k-0a1b2c3d"}),
        ],
    )


HAPPENINGS: Final[tuple[Callable[[Pen], Iterator[Record]], ...]] = (
    _accountant_as_root, _key_rotation, _own_key, _newcomer, _leaver, _lost_phone, _game_day, _forgotten_password,
    _business_trip, _denied_by_scp, _break_glass, *UPKEEP, *COPIES,
)  # fmt: skip


def events(seed: int) -> Iterator[Record]:
    """All of them."""
    for happening in HAPPENINGS:
        yield from happening(Pen(random.Random(f"{seed} {happening.__name__}")))
