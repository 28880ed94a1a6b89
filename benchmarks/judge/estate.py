"""Made-up estates: accounts full of resources, written into a lake as a collection writes them."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from synthetic_rows import (
    CREDENTIALS_A_USER,
    FIRST_ACCOUNT,
    REGIONS,
    RULES_A_GROUP,
    STATEMENTS_A_POLICY,
    synthetic_rows,
)

from sakimori.analysis.catalogue import catalogue
from sakimori.lake.rows import Row
from sakimori.lake.snapshot import Lake, SnapshotWriter
from sakimori.lake.table import Table
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, GapKind, Scope

RESOURCES: Final[Mapping[str, int]] = {
    "aws_s3_bucket": 1000,
    "aws_ec2_security_group": 1000,
    "aws_iam_credential": 500 * len(CREDENTIALS_A_USER),
    "aws_iam_policy": 500,
    "aws_ec2_instance": 300,
    "aws_ec2_snapshot": 300,
    "aws_lambda_function": 300,
    "aws_rds_instance": 100,
}
"""The resources of one account of a large estate."""

CHILDREN: Final[Mapping[str, tuple[str, int]]] = {
    "aws_s3_bucket_policy_statement": ("aws_s3_bucket", 1),
    "aws_ec2_security_group_rule": ("aws_ec2_security_group", RULES_A_GROUP),
    "aws_iam_policy_statement": ("aws_iam_policy", STATEMENTS_A_POLICY),
    "aws_lambda_policy_statement": ("aws_lambda_function", 1),
}
"""Child tables with their parent and the rows that each parent has."""

RESOURCES_AN_ACCOUNT: Final = sum(RESOURCES.values())
SINGLE: Final = frozenset({"aws_account", "aws_account_alternate_contact", "aws_iam_account", "aws_s3_account"})
"""Tables with one row an account."""
SINGLE_A_REGION: Final = frozenset({"aws_region", "aws_ec2_region"})
"""Tables with one row in each Region."""
ALL_REGIONS: Final = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip
"""The 17 Regions that an account has unless somebody enables more."""
OPENING: Final = frozenset({"aws_account", "aws_region"})
"""Tables without which nothing else would have been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """Accounts alike; `rows` is the number of rows of each table in one account.

    A share `denied_ratio` of all units was refused; in the child tables that were read, so
    was the same share of the parents. The tables of `OPENING` are always read.
    """

    account_count: int
    regions: tuple[str, ...]
    selected: tuple[str, ...]
    rows: Mapping[str, int]
    denied_ratio: float = 0.0

    @property
    def row_count(self) -> int:
        """The rows of all accounts, before any is refused."""
        return self.account_count * sum(self.rows.values())

    def accounts(self) -> tuple[Account, ...]:
        """All accounts, with the Regions that they have and those that were read."""
        return tuple(
            Account(id=f"{FIRST_ACCOUNT + number}", partition="aws", regions=self.regions, selected=self.selected)
            for number in range(self.account_count)
        )

    def readings(self, account: int, as_of: datetime) -> Iterator[tuple[Table, Unit, Sequence[Row]]]:
        """What a collection reads in one account: each table in each of its units, those without rows too."""
        chance = random.Random(account)
        for name, count in self.rows.items():
            table = catalogue()[name]
            for region, rows in self._units(table, account, count).items():
                gaps = tuple(self._gaps(table, f"{FIRST_ACCOUNT + account}", region, rows, chance))
                lost = {gap.parent for gap in gaps}
                kept = [row for row in rows if "" not in lost and row.get(table.parent) not in lost]
                unit = Unit(
                    table=name, account=f"{FIRST_ACCOUNT + account}", region=region, as_of=as_of,
                    row_count=len(kept), gaps=gaps,
                )  # fmt: skip
                yield table, unit, kept

    def _units(self, table: Table, account: int, count: int) -> Mapping[str, Sequence[Row]]:
        rows = synthetic_rows(table, count, account=account, regions=self.selected)
        if table.scope is not Scope.REGION:
            return {GLOBAL: list(rows)}
        by_region: dict[str, list[Row]] = {region: [] for region in self.selected}
        for row in rows:
            by_region[str(row["region"])].append(row)
        return by_region

    def _gaps(
        self, table: Table, account: str, region: str, rows: Sequence[Row], chance: random.Random
    ) -> Iterator[Gap]:
        if table.name in OPENING or not self.denied_ratio:
            return
        lost = [""] if chance.random() < self.denied_ratio else []
        if table.parent and not lost:
            parents = dict.fromkeys(str(row[table.parent]) for row in rows)
            lost = [parent for parent in parents if chance.random() < self.denied_ratio]
        for parent in lost:
            yield Gap(
                table=table.name, account=account, region=region, parent=parent,
                call=f"{table.name.split('_')[1]}:Describe", kind=GapKind.DENIED, code="AccessDenied",
                message=f"User: arn:aws:iam::{account}:user/audit is not authorized to perform this",
            )  # fmt: skip


def large(resources: int) -> Estate:
    """Few Regions, many resources: as many accounts as it takes."""
    rows = {name: 1 if name in SINGLE else len(REGIONS) for name in catalogue()}
    rows |= RESOURCES
    rows |= {name: RESOURCES[parent] * children for name, (parent, children) in CHILDREN.items()}
    accounts = max(1, round(resources / RESOURCES_AN_ACCOUNT))
    return Estate(account_count=accounts, regions=REGIONS, selected=REGIONS, rows=rows)


def wide(accounts: int, rows_a_region: int, *, selected: int = len(ALL_REGIONS), denied_ratio: float = 0.0) -> Estate:
    """All Regions, and in each that is selected a few rows of every table."""
    rows = {name: _few(table, rows_a_region, selected) for name, table in catalogue().items()}
    return Estate(
        account_count=accounts, regions=ALL_REGIONS, selected=ALL_REGIONS[:selected], rows=rows,
        denied_ratio=denied_ratio,
    )  # fmt: skip


def _few(table: Table, rows_a_region: int, regions: int) -> int:
    if table.name in SINGLE:
        return 1
    if table.name in SINGLE_A_REGION:
        return regions
    return rows_a_region * (1 if table.scope is Scope.ACCOUNT else regions)


def write_snapshot(estate: Estate, home: Path, at: datetime) -> str:
    """Write the estate as one snapshot, unit by unit and sealed table by table; its id."""
    lake = Lake(home)
    try:
        request = {
            "accounts": {account.id: account.selected for account in estate.accounts()},
            "tables": sorted(estate.rows),
        }
        with lake.writer(request, at) as writer:
            writer.accounts(estate.accounts())
            for number in range(estate.account_count):
                _write_account(writer, tuple(estate.readings(number, at)))
            writer.finish(at)
            return writer.id
    finally:
        lake.close()


def _write_account(writer: SnapshotWriter, readings: Sequence[tuple[Table, Unit, Sequence[Row]]]) -> None:
    # A collection stages the tables of one service in one Region together.
    for _, task in groupby(sorted(readings, key=_service_and_region), key=_service_and_region):
        writer.stage(list(task))
    for name in dict.fromkeys(unit.table for _, unit, _ in readings):
        writer.seal(catalogue()[name], readings[0][1].account)


def _service_and_region(reading: tuple[Table, Unit, Sequence[Row]]) -> tuple[str, str]:
    table, unit, _ = reading
    return table.name.split("_")[1], unit.region
