"""What runs in an account with a role, as a snapshot holds it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.paths.techniques import Target
from sakimori.analysis.iam.paths.world import Compute, Workload
from sakimori.analysis.iam.snapshot_account import regional_units
from sakimori.collect.catalogue import collected
from sakimori.lake.facts import Facts
from sakimori.lake.table_rows import Row, TableRows

_COLUMNS: Final[Mapping[str, tuple[Target, str]]] = {
    "aws_ec2_instance": (Target.INSTANCE, "instance_profile_arn"),
    "aws_lambda_function": (Target.FUNCTION, "role_arn"),
    "aws_codebuild_project": (Target.BUILD_PROJECT, "service_role_arn"),
    "aws_sagemaker_notebook_instance": (Target.NOTEBOOK, "role_arn"),
}
"""Tables of what runs, and the column that names its role or the profile that gives it one."""
COMPUTE_TABLES: Final = tuple(_COLUMNS)


def compute_of(facts: Facts, account: IamAccount) -> Compute:
    """What runs there; a kind that was not read in every Region is not known, whatever was found of it."""
    roles = {profile: role.arn for role in account.roles for profile in role.instance_profiles}
    rows, workloads, known = TableRows(facts), list[Workload](), set[Target]()
    try:
        for name, (kind, column) in _COLUMNS.items():
            table = collected()[name]
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
