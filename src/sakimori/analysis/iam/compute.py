"""What runs in an account with a role, as a snapshot holds it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.paths.techniques import Target
from sakimori.analysis.iam.paths.world import Compute, Workload
from sakimori.analysis.iam.read_tables import COMPUTE_TABLES
from sakimori.analysis.iam.snapshot_account import regional_units
from sakimori.collect.catalogue import collected
from sakimori.lake.facts import Facts
from sakimori.lake.table_rows import Row, TableRows

_KINDS: Final[Mapping[str, Target]] = {
    "aws_ec2_instance": Target.INSTANCE,
    "aws_lambda_function": Target.FUNCTION,
    "aws_codebuild_project": Target.BUILD_PROJECT,
    "aws_sagemaker_notebook_instance": Target.NOTEBOOK,
}


def compute_of(facts: Facts, account: IamAccount) -> Compute:
    """What runs there; a kind that was not read in every Region is not known, whatever was found of it."""
    roles = {profile: role.arn for role in account.roles for profile in role.instance_profiles}
    rows, workloads, known = TableRows(facts), list[Workload](), set[Target]()
    try:
        for name, column in COMPUTE_TABLES.items():
            table, kind = collected()[name], _KINDS[name]
            units = [unit for _, unit in regional_units(facts, table, account.account)]
            if all(unit is not None and not unit.gaps for unit in units):
                known.add(kind)
            mine = (row for row in rows.of(table) if row["account_id"] == account.account)
            workloads.extend(_workloads(mine, kind, column, lambda named: roles.get(named, named)))
    finally:
        rows.close()
    return Compute(workloads=tuple(workloads), known=frozenset(known))


def _workloads(rows: Iterator[Row], kind: Target, column: str, role_of: Callable[[str], str]) -> Iterator[Workload]:
    for row in rows:
        named = str(row[column] or "")
        if ":role/" in (role := role_of(named)):
            yield Workload(kind=kind, arn=str(row["arn"]), role=role)
