"""An account's IAM as a snapshot holds it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sakimori.analysis.iam.access_points import access_points_of
from sakimori.analysis.iam.account import IamAccount, iam_account
from sakimori.analysis.iam.ask import PolicyKind
from sakimori.analysis.iam.key_grants import GrantNotUnderstoodError, statements_of_grant
from sakimori.analysis.iam.organization_tree import RCP, SCP, Levels, Organization, UnreadError, organization_of
from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.analysis.iam.read_tables import (
    ACCESS_POINTS,
    AWS_POLICIES,
    BUCKETS,
    CREDENTIALS,
    DETAILS,
    GRANTS,
    ORGANIZATION,
    RESOURCE_POLICIES,
)
from sakimori.collect.catalogue import collected
from sakimori.collect.policy_document import NotUnderstoodError
from sakimori.lake.facts import Facts
from sakimori.lake.table import Table
from sakimori.lake.table_rows import Row, TableRows
from sakimori.lake.unit import Unit
from sakimori.model.words import GLOBAL, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotAccount:
    """The account, and what is missing of it: `scp_unread`, `resource_policies_unread`.

    `credentials` are rows of `aws_iam_credential`, None where they could not be read.
    """

    account: IamAccount
    as_of: datetime
    missing: tuple[str, ...] = ()
    organization: str = ""
    """`o-…`; "" for none, or where it is not known."""
    credentials: tuple[Row, ...] | None = None
    records: tuple[Mapping[str, Any], ...] = ()
    """What IAM told, item by item."""


def read_snapshot(facts: Facts, account: str) -> SnapshotAccount | None:
    """One account of a snapshot; None where its users, roles and policies were not read whole."""
    rows = TableRows(facts)
    try:
        return _FromFacts(facts, account, rows).read()
    finally:
        rows.close()


def passwords_of(credentials: Iterable[Row] | None) -> Mapping[str, bool]:
    """By ARN of the user, whether there is a console password, from rows of `aws_iam_credential`."""
    told = {str(row["user_arn"]): row["user_has_password"] for row in credentials or ()}
    return {arn: bool(found) for arn, found in told.items() if found is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarding:
    """SCPs and RCPs that reach an account, from the root; `unread` names the kinds of which that is not known."""

    scp: Levels | None = None
    rcp: Levels | None = None
    unread: frozenset[PolicyKind] = frozenset()


def guarding(organization: Organization | None, account: str) -> Guarding:
    """What of the organization's policies reaches the account."""
    found, unread = dict[str, Levels | None](), set[PolicyKind]()
    for kind, name in ((PolicyKind.SCP, SCP), (PolicyKind.RCP, RCP)):
        try:
            found[name] = organization.levels(account, name) if organization else None
        except UnreadError:
            unread.add(kind)
        if organization is None:
            unread.add(kind)
    return Guarding(scp=found.get(SCP), rcp=found.get(RCP), unread=frozenset(unread))


@dataclass(frozen=True)
class _FromFacts:
    facts: Facts
    account: str
    rows: TableRows
    unread_grants: set[str] = field(default_factory=set[str])

    def read(self) -> SnapshotAccount | None:
        if not self._is_whole(DETAILS):
            return None
        managed = dict(self._aws_managed())
        records = [json.loads(str(row["detail"])) for row in self._of(DETAILS)]
        known = iam_account(records, managed)
        unread = set[PolicyKind]()
        unread_resources = frozenset(self._unread_resources())
        is_managing, is_guarded = self._organization()
        missing, levels = list[str](), Guarding()
        if is_guarded:
            levels = guarding(organization_of(self.facts, self.rows, self.account), self.account)
            unread |= levels.unread
            if levels.unread:
                missing.append("scp_unread")
        if unread_resources:
            missing.append("resource_policies_unread")
        policies = dict(self._resource_policies())
        return SnapshotAccount(
            account=replace(
                known, account=self.account, resource_policies=policies,
                keys_with_grants=frozenset(self._keys_with_grants_read(policies)),
                scp=levels.scp, rcp=levels.rcp, is_management_account=is_managing, unread_kinds=frozenset(unread), unread_resources=unread_resources,
                read_places=frozenset(self._read_places()), buckets=frozenset(str(row["arn"]) for row in self._of(BUCKETS)),
                access_points=access_points_of(self._of(ACCESS_POINTS)),
            ),
            as_of=self.facts.as_of,
            missing=tuple(missing),
            organization=next((str(row["organization_id"] or "") for row in self._of(ORGANIZATION)), ""),
            records=tuple(records),
            credentials=tuple(self._of(CREDENTIALS)) if self._is_whole(CREDENTIALS) else None,
        )  # fmt: skip

    def _of(self, name: str) -> Iterator[Row]:
        return (row for row in self.rows.of(collected()[name]) if row["account_id"] == self.account)

    def _is_whole(self, name: str) -> bool:
        units = [
            unit for (table, account, _), unit in self.facts.units.items() if (table, account) == (name, self.account)
        ]
        return bool(units) and all(not unit.gaps for unit in units)

    def _aws_managed(self) -> Iterator[tuple[str, Policy]]:
        for row in self._of(AWS_POLICIES):
            try:
                yield str(row["arn"]), policy_of(str(row["name"]), str(row["document"]), str(row["arn"]))
            except NotUnderstoodError:
                continue

    def _organization(self) -> tuple[bool | None, bool]:
        """Whether the account manages its organisation, and whether SCPs may reach it that a member cannot read."""
        if not self._is_whole(ORGANIZATION):
            return None, True
        found = next(iter(self._of(ORGANIZATION)), None)
        if found is None:
            return False, False
        is_managing = bool(found["is_management_account"])
        return is_managing, not is_managing and found["has_all_features"] is not False

    def _resource_policies(self) -> Iterator[tuple[str, Policy]]:
        for name, table in RESOURCE_POLICIES.items():
            statements: dict[str, list[Row]] = {}
            for row in self._of(name):
                statements.setdefault(str(row[table.column]), []).append(row)
            for arn, rows in statements.items():
                ordered = sorted(rows, key=lambda row: int(str(row["statement_index"])))
                document = {
                    "Version": "2012-10-17" if ordered[0]["has_variables"] else "2008-10-17",
                    "Statement": [*(json.loads(str(row["statement"])) for row in ordered), *self._granted(arn)],
                }
                yield arn, policy_of(arn, document)

    def _granted(self, key: str) -> Iterator[Mapping[str, Any]]:
        """Of a KMS key, what its grants allow, as statements."""
        for row in self._grants.get(key, ()):
            try:
                yield from statements_of_grant(row)
            except GrantNotUnderstoodError:
                self.unread_grants.add(key)

    @cached_property
    def _grants(self) -> Mapping[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._of(GRANTS):
            found.setdefault(str(row["key_arn"]), []).append(row)
        return found

    def _keys_with_grants_read(self, policies: Mapping[str, Policy]) -> Iterator[str]:
        """ARNs of the keys of whose policies are told and whose grants are all among their statements."""
        units = dict(regional_units(self.facts, collected()[GRANTS], self.account))
        unread = {gap.parent for unit in units.values() if unit for gap in unit.gaps} | self.unread_grants
        for arn in policies:
            parts = arn.split(":", 5)
            if parts[2] == "kms" and arn not in unread and (unit := units.get(parts[3])) and unit.is_read:
                yield arn

    def _read_places(self) -> Iterator[str]:
        """`service/Region` where the listing of policies was read to its end."""
        for name, table in RESOURCE_POLICIES.items():
            for region, unit in regional_units(self.facts, collected()[name], self.account):
                if unit is not None and unit.is_read:
                    yield f"{table.service}/{'' if region == GLOBAL else region}"

    def _unread_resources(self) -> Iterator[str]:
        """ARNs whose policy is not known, and `service/Region` where the listing itself is not."""
        for name, table in RESOURCE_POLICIES.items():
            for region, unit in regional_units(self.facts, collected()[name], self.account):
                where = "" if region == GLOBAL else region
                if unit is None or not unit.is_read:
                    yield f"{table.service}/{where}"
                else:
                    yield from (gap.parent for gap in unit.gaps)


def regional_units(facts: Facts, table: Table, account: str) -> Iterator[tuple[str, Unit | None]]:
    """The units that a whole reading of the table has in this account, by Region; None for one that was not tried."""
    known = next((each for each in facts.accounts if each.id == account), None)
    regions = known.regions if known and table.scope is Scope.REGION else (GLOBAL,)
    for region in regions:
        yield region, facts.units.get((table.name, account, region))
