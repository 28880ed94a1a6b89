"""A stolen password: an administrator's user without MFA, signed in to from abroad; secrets and data leave."""

import random
from typing import Final

from sakimori.simulate.month.attacks.hands import Hands
from sakimori.simulate.month.calendar import Day
from sakimori.simulate.month.company import the_company
from sakimori.simulate.month.identities import of_user
from sakimori.simulate.month.teller import Caller
from sakimori.simulate.month.truth import Attack
from sakimori.simulate.month.who import called

_VICTIM: Final = "yuki.tanaka"
_SECOND_KEY: Final = "yuki.tanaka/2"
_FOREIGN: Final = "999900001111"
_BUCKET: Final = "example-prod-customer-documents"


def tell(day: Day, seed: int) -> Attack:
    """The attack that begins in the evening of this day."""
    company = the_company()
    hands = Hands("stolen-password", day.at(23.4), random.Random(f"{seed}/stolen-password"))  # noqa: S311
    who = {
        "user": _VICTIM,
        "in": "prod",
        "from": "proxy",
        "number": 41,
        "console": True,
        "fails": 6,
        "agent": "windows",
    }
    thief = hands.comes_in(
        ("the password is tried, then right", "initial-access"), called(who, hands.sessions, hands.at + 90)
    )
    _looks_and_stays(hands, thief)
    key = thief.elsewhere(
        identity=of_user(thief.account, _VICTIM, company.key_of("prod", _SECOND_KEY)), console=False,
        agent=company.agents["attack-boto"], address=company.networks["proxy"].address(44),
    )  # fmt: skip
    _reads_secrets(hands, thief, key)
    _takes_data(hands, thief, key)
    return hands.attack


def _looks_and_stays(hands: Hands, thief: Caller) -> None:
    pages = [
        "iam:GetAccountSummary",
        "iam:ListUsers",
        "iam:ListRoles",
        "ec2:DescribeInstances",
        "s3:ListBuckets",
        "rds:DescribeDBInstances",
        "secretsmanager:ListSecrets",
        "organizations:DescribeOrganization",
        "ce:GetCostAndUsage",
        "cloudtrail:DescribeTrails",
    ]
    hands.does(("what there is", "discovery"), thief, pages)
    hands.wait(5)
    known = hands.scope(thief, user=_VICTIM, new_key=the_company().key_of("prod", _SECOND_KEY))
    hands.does(("a second key", "persistence"), thief, ["iam:ListAccessKeys", "iam:CreateAccessKey"], known)
    known = hands.scope(thief, user="kenji.sato")
    hands.does(
        ("another's second factor goes", "persistence"),
        thief,
        ["iam:ListMFADevices", "iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice", "iam:UpdateLoginProfile"],
        known,
    )


def _reads_secrets(hands: Hands, thief: Caller, key: Caller) -> None:
    hands.wait(9)
    hands.does(("the new key works", "discovery"), key, ["sts:GetCallerIdentity"])
    passwords = [{"call": "ec2:GetPasswordData", "fresh": ["instance"], "times": 14}]
    hands.does(("passwords of Windows", "credential-access"), key, passwords)
    secrets = [
        call
        for _ in range(4)
        for call in (
            "secretsmanager:GetSecretValue",
            "secretsmanager:GetSecretValue",
            "secretsmanager:GetSecretValue",
            "ssm:GetParametersByPath",
            "secretsmanager:GetSecretValue!AccessDeniedException",
        )
    ]
    hands.runs(("every secret", "credential-access"), key, secrets, [the_company().home, "us-east-1"], a_second=2)
    hands.does(
        ("the logs are read", "discovery"),
        thief,
        ["cloudtrail:LookupEvents", "guardduty:ListDetectors", "guardduty:ListFindings"],
    )


def _takes_data(hands: Hands, thief: Caller, key: Caller) -> None:
    known = hands.scope(key, shared_with=_FOREIGN, name="rds-maintenance")
    hands.does(
        ("the data base for another account", "exfiltration"), key,
        ["rds:DescribeDBInstances", "rds:CreateDBSnapshot", {"call": "rds:ModifyDBSnapshotAttribute", "minutes": 12}], known,
    )  # fmt: skip
    known = hands.scope(key, shared_with=_FOREIGN)
    hands.does(
        ("a disk for another account", "exfiltration"), key,
        ["ec2:DescribeVolumes", "ec2:CreateSnapshot", {"call": "ec2:ModifySnapshotAttribute/share", "minutes": 5}], known,
    )  # fmt: skip
    known = hands.scope(thief, bucket=_BUCKET)
    hands.does(
        ("a bucket for everybody", "exfiltration"),
        thief,
        ["s3:GetBucketPolicy", "s3:DeleteBucketPublicAccessBlock", "s3:PutBucketPolicy/public"],
        known,
    )
    alarms = [
        {"call": "cloudwatch:DisableAlarmActions", "fresh": ["alarm"], "times": 5},
        {"call": "cloudwatch:DeleteAlarms", "with": {"alarm": "root-login"}},
    ]
    hands.does(("no more alarms", "defense-evasion"), thief, ["cloudwatch:DescribeAlarms", *alarms])
    hands.does(
        ("a port for everybody", "persistence"),
        thief,
        ["ec2:DescribeSecurityGroups", "ec2:AuthorizeSecurityGroupIngress/world"],
    )
