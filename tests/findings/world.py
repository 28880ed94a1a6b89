"""A small world of rules, places and verdicts from which tests of findings are built."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sakimori.findings.scope import JudgedRule, RunScope
from sakimori.lake.table import Table
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.gap import Gap
from sakimori.model.verdict import Text, Verdict
from sakimori.model.words import Confidence, GapKind, Scope, Severity, Status

ONE = "111111111111"
TWO = "222222222222"
TOKYO = "ap-northeast-1"
OSAKA = "ap-northeast-3"
REGIONS = (TOKYO, OSAKA)

VOLUME = Table(name="aws_ec2_volume", sentence="", key="arn", scope=Scope.REGION, own_columns=())
BUCKET = Table(name="aws_s3_bucket", sentence="", key="arn", scope=Scope.RESOURCE_REGION, own_columns=())
USER = Table(name="aws_iam_user", sentence="", key="arn", scope=Scope.ACCOUNT, own_columns=())
STATEMENT = Table(
    name="aws_iam_policy_statement", sentence="", key="id", scope=Scope.ACCOUNT, own_columns=(), parent="policy_arn"
)

FAIL, PASS, UNKNOWN = Status.FAIL, Status.PASS, Status.UNKNOWN


def at(hour: float) -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hour)


def rule(table: Table, **parameters: object) -> JudgedRule:
    return JudgedRule(id=f"aws.test.{table.name}", parameters=parameters, subject=table)


def verdict(status: Status, of: JudgedRule, resource: str = "r", region: str = TOKYO, account: str = ONE) -> Verdict:
    return Verdict(
        rule=of.id,
        status=status,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        partition="aws",
        account=account,
        region=region,
        resource=resource,
        resource_type="AWS::Test::Thing",
        message=Text(en=f"{resource} is open.", ja=f"{resource} は公開されています。"),
        parameters=of.parameters,
        evidence={"name": resource},
    )


def account(identifier: str = ONE, selected: tuple[str, ...] = REGIONS) -> Account:
    return Account(id=identifier, partition="aws", regions=REGIONS, selected=selected)


def unit(table: Table, region: str = TOKYO, account: str = ONE) -> Unit:
    return Unit(table=table.name, account=account, region=region, as_of=at(0))


def with_gap(unit: Unit, parent: str = "") -> Unit:
    gap = Gap(table=unit.table, account=unit.account, region=unit.region, parent=parent, kind=GapKind.DENIED)
    return Unit(table=unit.table, account=unit.account, region=unit.region, as_of=unit.as_of, gaps=(gap,))


def run(
    hour: float,
    rules: Iterable[JudgedRule],
    units: Iterable[Unit],
    accounts: tuple[Account, ...] = (account(),),
    name: str = "",
) -> RunScope:
    return RunScope(run=name or f"run-{hour}", at=at(hour), accounts=accounts, rules=tuple(rules), units=tuple(units))
