"""A made-up estate's findings, and two what runs over it say from day to day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sakimori.findings.scope import JudgedRule, RunScope
from sakimori.lake.table import Table
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.verdict import Text, Verdict
from sakimori.model.words import Confidence, Scope, Severity, Status

REGIONS: Final = ("ap-northeast-1", "ap-northeast-3", "us-east-1", "eu-west-1")
ACCOUNTS: Final = tuple(f"{111_111_111_111 + number}" for number in range(20))
THING: Final = Table(name="aws_ec2_volume", sentence="", key="arn", scope=Scope.REGION, own_columns=())
RULES: Final = tuple(
    JudgedRule(id=f"aws.made-up.rule-{number:03}", parameters={"max_age_days": 90}, subject=THING)
    for number in range(200)
)
CHANGED: Final = 100
"""Every hundredth finding changes: in turn it passes, says something else, or is gone and another is there."""
_SEVERITIES: Final = tuple(Severity)
_BEGAN: Final = datetime(2026, 11, 1, tzinfo=UTC)


def scope(day: int) -> RunScope:
    """A run of that day that read everything."""
    at = _BEGAN + timedelta(days=day)
    return RunScope(
        run=f"run-{day}",
        at=at,
        accounts=tuple(Account(id=each, partition="aws", regions=REGIONS, selected=REGIONS) for each in ACCOUNTS),
        rules=RULES,
        units=tuple(
            Unit(table=THING.name, account=account, region=region, as_of=at)
            for account in ACCOUNTS
            for region in REGIONS
        ),
    )


def verdicts(count: int, day: int) -> Iterator[Verdict]:
    """So many verdicts of that day: all fail on days 0 and 1, one in a hundred has changed on day 2."""
    for number in range(count):
        turn = number // CHANGED % 3 if day >= 2 and number % CHANGED == 0 else None
        yield _verdict(number, turn, day)


def _verdict(number: int, turn: int | None, day: int) -> Verdict:
    account, region = ACCOUNTS[number % len(ACCOUNTS)], REGIONS[number // 7 % len(REGIONS)]
    name = f"vol-{number:017x}" if turn != 2 else f"vol-{day:02x}{number:015x}"
    arn = f"arn:aws:ec2:{region}:{account}:volume/{name}"
    size = 8 + number % 500 + (1 if turn == 1 else 0)
    return Verdict(
        rule=RULES[number // 3 % len(RULES)].id,
        status=Status.PASS if turn == 0 else Status.FAIL,
        severity=_SEVERITIES[number // 11 % len(_SEVERITIES)],
        confidence=Confidence.HIGH,
        partition="aws",
        account=account,
        region=region,
        resource=arn,
        resource_type="AWS::EC2::Volume",
        message=Text(
            en=f"Volume {name} of {size} GiB is not encrypted, and nothing says that it need not be.",
            ja=f"ボリューム {name}（{size} GiB）は暗号化されておらず、不要とする記録もありません。",
        ),
        parameters={"max_age_days": 90},
        evidence={
            "name": name,
            "size_gib": size,
            "encrypted": False,
            "key": None,
            "tags": {"Owner": f"team-{number % 30}"},
        },
    )
