"""An exposed service: a server-side request gives away a machine's credentials, and they are used from outside."""

import random
from typing import Final

from sakimori.simulate.month.attacks.hands import Hands
from sakimori.simulate.month.calendar import Day
from sakimori.simulate.month.company import the_company
from sakimori.simulate.month.identities import Role
from sakimori.simulate.month.machines import delivered
from sakimori.simulate.month.sessions import Wish
from sakimori.simulate.month.teller import Caller
from sakimori.simulate.month.truth import Attack

_ROLE: Final = "web-instance"
_BUCKETS: Final = ("example-prod-customer-documents", "example-prod-orders-archive", "example-prod-uploads")
_OBJECTS: Final = 3200


def tell(day: Day, seed: int) -> Attack:
    """The attack that begins in the afternoon of this day."""
    company = the_company()
    hands = Hands("exposed-service", day.at(15.3), random.Random(f"{seed}/exposed-service"))  # noqa: S311
    prod = company.accounts["prod"]
    instance = prod.things["instance"][3]
    wish = Wish(role=Role(account=prod, name=_ROLE), name=instance, seconds=6 * 3600)
    # That AWS gives the instance its credentials is ordinary: the theft itself leaves no event.
    inside, opening = hands.sessions.by_service("ec2.amazonaws.com", wish, hands.at - 900, company.home)
    hands.attack.related += opening
    identity = {key: each for key, each in inside.identity.items() if key != "invokedBy"}
    thief = inside.elsewhere(
        identity=delivered("instance", identity, inside), direct=True,
        address=company.networks["exit"].address(12), agent=company.agents["attack-curl"],
    )  # fmt: skip
    _looks_around(hands, thief)
    _copies(hands, thief)
    _goes_on(hands, thief)
    return hands.attack


def _looks_around(hands: Hands, thief: Caller) -> None:
    known = {"role": _ROLE}
    calls = [
        "sts:GetCallerIdentity",
        "s3:ListBuckets",
        "iam:ListAttachedRolePolicies!AccessDenied",
        "iam:GetRole!AccessDenied",
        "ec2:DescribeInstances",
        "ec2:DescribeSecurityGroups",
        "rds:DescribeDBInstances!AccessDenied",
        "lambda:ListFunctions20150331!AccessDeniedException",
        "secretsmanager:ListSecrets!AccessDeniedException",
        "ssm:DescribeInstanceInformation",
        "ecs:ListClusters",
        "ecs:DescribeTaskDefinition",
        "iam:ListUsers!AccessDenied",
    ]
    hands.does(("credentials of a machine from outside", "credential-access"), thief, calls[:2], known)
    hands.does(("what there is", "discovery"), thief, calls[2:], known)


def _copies(hands: Hands, thief: Caller) -> None:
    copier = thief.elsewhere(agent=the_company().agents["kali"])
    for bucket, count in zip(_BUCKETS, (_OBJECTS // 2, _OBJECTS // 3, _OBJECTS // 6), strict=True):
        begins = hands.at
        events = [
            hands.teller.tell(
                copier, "s3:ListObjects" if number % 900 == 0 else "s3:GetObject", begins + number // 3,
                scope=hands.scope(copier, bucket=bucket),
            )
            for number in range(count)
        ]  # fmt: skip
        hands.told(("a bucket is copied", "exfiltration"), copier, events)
        hands.wait(3)


def _goes_on(hands: Hands, thief: Caller) -> None:
    others = [{"call": "ssm:SendCommand", "fresh": ["instance"], "times": 4}, "ssm:GetCommandInvocation"]
    hands.does(("commands on other machines", "execution"), thief, others)
    known = hands.scope(thief, service="worker", cluster="prod-main")
    hands.does(
        ("a task with another image", "persistence"), thief,
        ["ecs:RegisterTaskDefinition/foreign", "ecs:UpdateService"], known,
    )  # fmt: skip
    known = hands.scope(thief, instance=thief.account.things["instance"][6])
    hands.does(
        ("another start of a machine", "privilege-escalation"), thief,
        ["ec2:DescribeInstanceAttribute", "ec2:StopInstances", {"call": "ec2:ModifyInstanceAttribute/userData", "minutes": 2}, {"call": "ec2:StartInstances", "minutes": 1}],
        known,
    )  # fmt: skip
