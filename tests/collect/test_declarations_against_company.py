"""Every table read from the simulated company, whole and with each of its calls refused in turn.

Slow: every table is read once for each of its calls.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from tests.app.company import open_company, use_credentials
from tests.held_company import held_company

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.catalogue import declarations
from sakimori.collect.declaration import Declaration
from sakimori.model.words import GLOBAL, GapKind, Scope

pytestmark = pytest.mark.slow

USED = ("ap-northeast-1", "us-east-1", "eu-west-1")
# The company's support plan does not serve the API: its table is a gap.
UNANSWERED = {"support:DescribeTrustedAdvisorChecks", "support:DescribeTrustedAdvisorCheckSummaries"}
# moto keeps no policies of DynamoDB streams and of consumers of Kinesis streams: those are read from scripted answers alone.
EMPTY = {
    "aws_trustedadvisor_check", "aws_dynamodb_stream_policy_statement", "aws_kinesis_consumer_policy_statement",
}  # fmt: skip


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    with pytest.MonkeyPatch.context() as patch:
        company = held_company()
        use_credentials(company, "owner", patch)
        yield open_company(company, regions=USED)[0]


class Refusing:
    """The door with one operation denied."""

    def __init__(self, door: Door, operation: str) -> None:
        self.account = door.account
        self.refusals: tuple[Refusal, ...] = ()
        self._door = door
        self._operation = operation
        self.count = 0

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        self._check(operation)
        return self._door.call(operation, region, parameters)

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        self._check(operation)
        yield from self._door.pages(operation, region, parameters)

    def _check(self, operation: str) -> None:
        if operation == self._operation:
            self.count += 1
            raise Refusal(call=operation, kind=GapKind.DENIED, code="AccessDenied", message="no")


every_table = pytest.mark.parametrize("declaration", declarations().values(), ids=lambda each: each.table.name)


def _region_with_rows(declaration: Declaration, door: Door, read: Callable[..., Any]) -> str:
    """Where the company has some; every table must stand on something that the simulated account holds."""
    if declaration.table.scope is not Scope.REGION:
        return GLOBAL
    return next((region for region in USED if read(declaration, door, region).rows), USED[0])


@every_table
def test_a_table_is_read_whole_and_a_refused_call_only_takes_values_away(
    declaration: Declaration, door: Door, read: Callable[..., Any]
) -> None:
    region = _region_with_rows(declaration, door, read)
    found = read(declaration, door, region)
    whole = found.rows
    assert {gap.call for gap in found.unit.gaps} <= UNANSWERED, found.unit.gaps
    assert bool(whole) == (declaration.table.name not in EMPTY)
    assert {row["account_id"] for row in whole.values()} <= {door.account.id}
    assert {row["partition"] for row in whole.values()} <= {"aws"}
    # The list of Regions is read before any table.
    for operation in set(declaration.operations) - {"ec2:DescribeRegions"}:
        _is_honest_without(operation, declaration, door, read, region)


def _is_honest_without(
    operation: str, declaration: Declaration, door: Door, read: Callable[..., Any], region: str
) -> None:
    whole = read(declaration, door, region).rows
    refusing = Refusing(door, operation)
    found = read(declaration, refusing, region)
    assert bool(found.unit.gaps) == bool(refusing.count) or operation in UNANSWERED, operation
    assert set(found.rows) <= set(whole)
    for key, row in found.rows.items():
        changed = {name for name, value in row.items() if value is not None and value != whole[key][name]}
        assert not changed, (operation, changed)
    parents = {gap.parent for gap in found.unit.gaps}
    lost = [row for key, row in whole.items() if key not in found.rows]
    if found.unit.is_read:
        assert all(row[declaration.table.parent] in parents for row in lost)
