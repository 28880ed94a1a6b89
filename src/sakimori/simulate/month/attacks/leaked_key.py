"""A leaked access key: tried out by a program eight minutes after it was published, then used by hand for some hours."""

import random
from typing import Final

from sakimori.simulate.month.attacks.hands import Hands
from sakimori.simulate.month.calendar import Day
from sakimori.simulate.month.company import the_company
from sakimori.simulate.month.identities import Role, of_user
from sakimori.simulate.month.sessions import Wish
from sakimori.simulate.month.teller import Caller
from sakimori.simulate.month.truth import Attack
from sakimori.simulate.month.who import called

_VICTIM: Final = "deploy-legacy"
_NEW_USER: Final = "aws-support-backup"
_FOREIGN: Final = "123456789012"
_UNUSED: Final = ("us-west-2", "eu-central-1", "ap-south-1")
_EVERY_REGION: Final = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-central-1", "eu-north-1", "ap-northeast-1",
    "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-south-1", "ca-central-1", "sa-east-1",
)  # fmt: skip
_LOOKS: Final = (
    "iam:ListUsers", "iam:ListRoles", "iam:ListAttachedUserPolicies", "iam:ListUserPolicies", "iam:ListGroupsForUser",
    "iam:GetAccountAuthorizationDetails!AccessDenied", "iam:GetAccountSummary", "s3:ListBuckets", "ses:GetSendQuota",
    "ses:GetAccount!AccessDeniedException", "sns:GetSMSAttributes!AuthorizationError", "organizations:DescribeOrganization!AccessDeniedException",
    "organizations:ListAccounts!AccessDeniedException", "ce:GetCostAndUsage!AccessDeniedException", "route53domains:ListDomains!AccessDeniedException",
    "support:DescribeCases!SubscriptionRequiredException",
)  # fmt: skip
_LOOKS_EVERYWHERE: Final = (
    "ec2:DescribeInstances", "ec2:DescribeVpcs", "lambda:ListFunctions20150331", "rds:DescribeDBInstances",
    "secretsmanager:ListSecrets!AccessDeniedException", "ecs:ListClusters", "eks:ListClusters!AccessDeniedException",
    "dynamodb:ListTables", "sagemaker:ListNotebookInstances!AccessDeniedException", "bedrock:ListFoundationModels!AccessDeniedException",
    "lightsail:GetInstances!AccessDeniedException", "servicequotas:GetServiceQuota", "ec2:DescribeAccountAttributes",
    "cloudtrail:DescribeTrails", "guardduty:ListDetectors",
)  # fmt: skip
_EMPTY: Final = ("elasticbeanstalk:DescribeEnvironments", "elasticbeanstalk:DescribeApplications")
_OPEN_TRUST: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},'
    '"Action":"sts:AssumeRole"}]}'
)


def tell(day: Day, seed: int) -> Attack:
    """The attack that begins in the night of this day."""
    company = the_company()
    hands = Hands("leaked-key", day.at(2 + 22 / 60), random.Random(f"{seed}/leaked-key"))  # noqa: S311
    prod = company.accounts["prod"]
    thief = Caller(
        identity=of_user(prod, _VICTIM, company.key_of("prod", _VICTIM)), account=prod,
        address=company.networks["rented"].address(17), agent=company.agents["kali"], region="us-east-1",
    )  # fmt: skip
    _looks_around(hands, thief)
    _stays(hands, thief)
    _moves(hands, thief)
    _takes(hands, thief)
    _is_stopped(hands, thief)
    return hands.attack


def _looks_around(hands: Hands, thief: Caller) -> None:
    company = the_company()
    trier = thief.elsewhere(address=company.networks["relay"].address(5), agent=company.agents["validator"])
    hands.does(("a program tries the key", "discovery"), trier, ["sts:GetCallerIdentity"])
    hands.wait(6)
    hands.does(("who am I", "discovery"), thief, ["sts:GetCallerIdentity", "iam:GetUser"], {"user": _VICTIM})
    hands.runs(("what there is", "discovery"), thief, _LOOKS, ["us-east-1"], a_second=3)
    hands.runs(("what there is in every region", "discovery"), thief, _LOOKS_EVERYWHERE, _EVERY_REGION, a_second=4)
    beanstalk = [*_EMPTY, "elasticbeanstalk:DescribeApplicationVersions", "elasticbeanstalk:ListPlatformVersions"]
    hands.runs(("answers with nothing in them", "discovery"), thief, beanstalk, _EVERY_REGION[:14], a_second=5)
    hands.wait(4)


def _stays(hands: Hands, thief: Caller) -> None:
    own_key = the_company().key_of("prod", _NEW_USER)
    known = hands.scope(thief, new_user=_NEW_USER, user=_NEW_USER, new_key=own_key, policy="AdministratorAccess")
    quarantine = thief.elsewhere(address="AWS Internal", agent="aws-internal/3", direct=False)
    hands.does(
        ("a user of their own", "persistence"), thief,
        ["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile/kept"], known,
    )  # fmt: skip
    hands.does(("all rights for it", "privilege-escalation"), thief, ["iam:AttachUserPolicy"], known)
    scope = hands.scope(thief, role="batch-instance", trust=_OPEN_TRUST)
    hands.does(("a role trusts another account", "persistence"), thief, ["iam:UpdateAssumeRolePolicy"], scope)
    # AWS attaches the policy in the name of the user whose key was found.
    scope = hands.scope(quarantine, new_user=_VICTIM, policy="AWSCompromisedKeyQuarantineV3")
    hands.attack.related.append(hands.teller.tell(quarantine, "iam:AttachUserPolicy", hands.at, scope=scope))
    hands.wait(2)
    denied = [
        "iam:CreateUser!AccessDenied",
        "iam:CreateAccessKey!AccessDenied",
        "ec2:RunInstances/large!Client.UnauthorizedOperation",
    ]
    hands.does(("the quarantine denies", "persistence"), thief, denied)


def _moves(hands: Hands, thief: Caller) -> None:
    accounts = the_company().accounts
    step = ("from role to role", "lateral-movement")
    prod, dev = accounts["prod"], accounts["dev"]
    one = hands.comes_in(
        step,
        hands.sessions.chained(
            thief, Wish(role=Role(account=prod, name="terraform"), name="botocore-session-1"), hands.at
        ),
    )
    hands.does(("what the role sees", "discovery"), one, ["sts:GetCallerIdentity", "iam:ListRoles", "s3:ListBuckets"])
    two = hands.comes_in(
        step,
        hands.sessions.chained(
            one, Wish(role=Role(account=dev, name="terraform"), name="botocore-session-2"), hands.at
        ),
    )
    hands.does(
        ("what the other account has", "discovery"),
        two,
        [
            "sts:GetCallerIdentity",
            "ec2:DescribeInstances",
            "secretsmanager:ListSecrets",
            "secretsmanager:GetSecretValue",
        ],
    )
    three = hands.comes_in(
        step,
        hands.sessions.chained(
            two, Wish(role=Role(account=dev, name="ops-admin"), name="botocore-session-3"), hands.at
        ),
    )
    hands.does(
        ("an administrator's role there", "privilege-escalation"),
        three,
        ["iam:ListUsers", {"call": "iam:AttachRolePolicy/admin", "with": {"name": "web-instance"}}],
    )
    hands.wait(7)


def _takes(hands: Hands, thief: Caller) -> None:
    company, own = the_company(), thief.account
    made = thief.elsewhere(
        identity=of_user(own, _NEW_USER, company.key_of("prod", _NEW_USER)),
        address=company.networks["exit"].address(33),
    )
    for region in _UNUSED:
        hands.does(
            ("large machines", "impact"), made.elsewhere(region=region),
            ["ec2:DescribeInstanceTypes", "ec2:RunInstances/large!Client.DryRunOperation", "ec2:CreateKeyPair",
             "ec2:RunInstances/large!Client.VcpuLimitExceeded", {"call": "ec2:RunInstances/large", "times": 1 if region == "us-west-2" else 2}],
        )  # fmt: skip
    hands.does(
        ("more of them are asked for", "impact"),
        made.elsewhere(region="us-west-2"),
        ["servicequotas:RequestServiceQuotaIncrease"],
    )
    known = hands.scope(made, name="healthcheck", role="order-events-function")
    hands.does(
        ("a function with an address", "persistence"), made.elsewhere(region="us-east-1"),
        ["lambda:CreateFunction20150331", "lambda:CreateFunctionUrlConfig", "lambda:AddPermission20150331v2/anyone"], known,
    )  # fmt: skip
    hands.does(
        ("mail in the company's name", "impact"),
        made,
        ["ses:GetSendQuota", "ses:VerifyEmailIdentity", "ses:UpdateAccountSendingEnabled"],
    )
    known = hands.scope(made, shared_with=_FOREIGN)
    hands.does(
        ("a disk for another account", "exfiltration"), made.elsewhere(region=company.home),
        ["ec2:DescribeVolumes", "ec2:CreateSnapshot", {"call": "ec2:ModifySnapshotAttribute/share", "minutes": 4}], known,
    )  # fmt: skip
    hands.does(
        ("no more records", "defense-evasion"),
        made.elsewhere(region=company.home),
        ["cloudtrail:StopLogging", "ec2:DeleteFlowLogs"],
    )
    hands.does(
        ("no more guard", "defense-evasion"), made.elsewhere(region=company.home),
        ["guardduty:ListDetectors", "guardduty:CreateFilter", "guardduty:DeleteDetector", "config:StopConfigurationRecorder"],
    )  # fmt: skip


def _is_stopped(hands: Hands, thief: Caller) -> None:
    hands.wait(240)
    victim = {"user": _VICTIM, "old_key": thief.key}
    caller, events = called({"sso": "kenji.sato", "in": "prod", "console": True}, hands.sessions, hands.at)
    hands.attack.related += events
    hands.answer(
        caller, ["iam:ListAccessKeys", "iam:UpdateAccessKey", "iam:PutUserPolicy", "cloudtrail:StartLogging"], victim
    )
    # From here on AWS does not know the key any more, and records nothing of it.
