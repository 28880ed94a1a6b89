"""Tables that are worked out of a snapshot: made with it, and unknown where what they stand on was not read."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.held_company import held_company

from sakimori.analysis.catalogue import catalogue
from sakimori.analysis.derived import derived_tables, needs_of
from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.collecting import CollectRequest, collect_snapshot
from sakimori.collect.catalogue import collected
from sakimori.lake.facts import Facts
from sakimori.lake.snapshot import Lake
from sakimori.lake.table_rows import Row, TableRows
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

TABLES = ("iam_effective_access", "iam_path", "iam_external_access")


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> SimulatedAccount:
    found = held_company()
    for name, value in found.environment("owner").items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    return found


def collect(home: Path, company: SimulatedAccount, region: str = "us-east-1") -> Facts:
    doors = open_doors(AccessRequest(regions=(region,), endpoint_url=company.endpoint_url))
    identifier = collect_snapshot(CollectRequest(home=home, tables=TABLES), doors, clock=lambda: datetime.now(UTC))  # noqa: TID251
    lake = Lake(home)
    try:
        return lake.open(identifier)
    finally:
        lake.close()


def rows(facts: Facts, name: str) -> dict[str, Row]:
    reader = TableRows(facts)
    try:
        key = "principal_name" if name == TABLES[0] else catalogue()[name].key
        return {str(row[key]): row for row in reader.of(catalogue()[name])}
    finally:
        reader.close()


@pytest.mark.slow
def test_who_rules_the_account_and_who_can_get_there_is_told(tmp_path: Path, company: SimulatedAccount) -> None:
    facts = collect(tmp_path, company)
    access = rows(facts, "iam_effective_access")
    assert access["sato.kenji"]["is_admin"] is True
    assert access["watanabe.sho"]["is_admin"] is False
    assert access["watanabe.sho"]["becomes_admin"] is True
    assert access["watanabe.sho"]["first_step"] == "sts_assume_role"
    outside = rows(facts, "iam_external_access")
    assert outside["arn:aws:iam::123456789012:role/webhook-anyone"]["is_public"] is True
    assert outside["arn:aws:iam::123456789012:role/break-glass"]["is_closed"] is True
    paths = rows(facts, "iam_path").values()
    assert {(str(row["from_arn"]).rpartition("/")[2], row["is_proven"]) for row in paths} >= {("watanabe.sho", True)}


@pytest.mark.slow
def test_what_is_passed_on_beside_the_great_services_is_told(tmp_path: Path, company: SimulatedAccount) -> None:
    """Slow: the company's own Region is read, in which it has hundreds of things, each with a question to the solver."""
    found = rows(collect(tmp_path, company, "ap-northeast-1"), "iam_external_access")
    verdicts = {arn.split(":", 2)[2]: str(row["verdict"]) for arn, row in found.items()}
    ends = {
        "layer:awase-common:1": "public", "identity/awase.example": "cross_account", "repository/awase/shared": "cross_account",
        "domain/awase": "closed",
    }  # fmt: skip
    for end, verdict in ends.items():
        assert [each for arn, each in verdicts.items() if arn.endswith(end)] == [verdict], end
    for service, verdict in {"acm-pca": "closed", "kafka": "cross_account"}.items():
        assert [each for arn, each in verdicts.items() if arn.startswith(service)] == [verdict], service
    shared = [row for arn, row in found.items() if ":subnet/" in arn]
    assert [(row["verdict"], row["principals"], row["witness"]) for row in shared] == [
        ("cross_account", "444455556666", "")
    ]


@pytest.mark.slow
def test_account_whose_identities_cannot_be_read_leaves_the_tables_unread(
    tmp_path: Path, company: SimulatedAccount
) -> None:
    company.faults.add(Fault(kind=Kind.DENY, match="iam:GetAccountAuthorizationDetails"))
    facts = collect(tmp_path, company)
    account = facts.accounts[0].id
    for name in TABLES:
        unit = facts.units[name, account, "global"]
        assert (unit.is_read, unit.row_count) == (False, 0)
        assert unit.gaps[0].call == "iam:GetAccountAuthorizationDetails"


def test_derived_table_stands_on_collected_ones_alone() -> None:
    for name in derived_tables():
        assert needs_of([name]) <= set(collected())
    assert needs_of(["aws_s3_bucket"]) == {"aws_s3_bucket"}


@pytest.mark.slow
def test_looking_up_what_tables_there_are_loads_nothing_that_works_them_out() -> None:
    code = "import sys, sakimori.analysis.catalogue as c; c.catalogue(); print([n for n in sys.modules if 'analysis.iam.paths' in n or n.endswith(('iam.ask', 'iam.external'))])"  # fmt: skip
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
