"""The organization as an account that may look at it told: who stands where in its tree, and which policies reach whom.

Source: AWS Organizations User Guide, "SCP evaluation" and "RCP evaluation": at each level from the root to the account something
must allow, and what is attached to a root or unit holds for all that is under it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.analysis.iam.read_tables import ORGANIZATION, ORGANIZATION_TABLES
from sakimori.collect.catalogue import collected
from sakimori.collect.policy_document import NotUnderstoodError
from sakimori.lake.facts import Facts
from sakimori.lake.table_rows import Row, TableRows

SCP: Final = "SERVICE_CONTROL_POLICY"
RCP: Final = "RESOURCE_CONTROL_POLICY"
_WORKS: Final = {SCP: "lets_service_control_policies_work", RCP: "lets_resource_control_policies_work"}
_UNITS, _ACCOUNTS, _POLICIES, _TARGETS = ORGANIZATION_TABLES
_DEEPEST: Final = 10
Levels = tuple[tuple[Policy, ...], ...]


class UnreadError(ValueError):
    """Which policies reach an account is not known: a part of the tree, an attachment or a policy could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """What one account was told of its organization. Parents by the id of a unit or account; "" for a root."""

    management_account: str
    units: Mapping[str, Row] = field(repr=False)
    parents: Mapping[str, str]
    accounts: Mapping[str, str]
    """The names of the accounts."""
    attached: Mapping[tuple[str, str], tuple[str, ...]] = field(repr=False)
    """ARNs of policies by what they are attached to, and their kind."""
    documents: Mapping[str, Row] = field(repr=False)
    is_tree_whole: bool
    """Every unit and account is here."""
    are_policies_whole: bool

    def levels(self, account: str, kind: str) -> Levels | None:
        """The policies of the kind that reach the account, the root's first; None where the kind is turned off.

        UnreadError where that is not known.
        """
        above = self._above(account)
        works = self.units[above[0]][_WORKS[kind]]
        if works is None or not self.are_policies_whole:
            raise UnreadError(account)
        if not works:
            return None
        levels = tuple(tuple(self._policies(place, kind)) for place in above)
        if kind == SCP and not all(levels):
            # AWS does not let the last one of a level be detached.
            raise UnreadError(account)
        return levels

    def _above(self, account: str) -> list[str]:
        """From the root to the account itself."""
        found = [account]
        while (parent := self.parents.get(found[-1])) and len(found) <= _DEEPEST:
            found.append(parent)
        if found[-1] not in self.units or self.parents.get(found[-1]) != "":
            raise UnreadError(account)
        return found[::-1]

    def _policies(self, place: str, kind: str) -> Iterator[Policy]:
        for arn in self.attached.get((place, kind), ()):
            row = self.documents.get(arn)
            if row is None or row["document"] is None:
                raise UnreadError(arn)
            try:
                yield policy_of(str(row["name"]), str(row["document"]), arn)
            except NotUnderstoodError as error:
                raise UnreadError(arn) from error

    def unit(self, words: str) -> str | None:
        """The id of the root or unit that is meant by id, by path (`/Workloads/Prod`) or as `o-…/r-…/ou-…/`."""
        if words in self.units:
            return words
        if words.startswith("o-"):
            last = words.rstrip("/*").rpartition("/")[2]
            return last if last in self.units else None
        path = "/" + words.strip("/")
        found = [key for key, row in self.units.items() if row["path"] == path]
        return found[0] if len(found) == 1 else None

    def members(self, unit: str) -> tuple[str, ...]:
        """The accounts in the root or unit and in all units below it."""
        return tuple(sorted(each for each in self.accounts if unit in self._chain(each)))

    def _chain(self, account: str) -> list[str]:
        found = [account]
        while (parent := self.parents.get(found[-1])) and len(found) <= _DEEPEST:
            found.append(parent)
        return found


def organizations(facts: Facts, rows: TableRows) -> tuple[Organization, ...]:
    """Those that accounts of the snapshot could look at, as their management accounts told first."""
    lookers = dict.fromkeys(str(row["account_id"]) for row in rows.of(collected()[_UNITS]))
    managing = {
        str(row["account_id"]): str(row["management_account_id"] or "") for row in rows.of(collected()[ORGANIZATION])
    }
    ordered = sorted(lookers, key=lambda each: (managing.get(each) != each, each))
    return tuple(_told(facts, rows, each, managing.get(each, "")) for each in ordered)


def organization_of(facts: Facts, rows: TableRows, account: str) -> Organization | None:
    """The one that the account is in; None where none of the snapshot's accounts told of it."""
    return next((each for each in organizations(facts, rows) if account in each.accounts), None)


def _told(facts: Facts, rows: TableRows, looker: str, managing: str) -> Organization:
    def of(name: str) -> list[Row]:
        return [row for row in rows.of(collected()[name]) if row["account_id"] == looker]

    attached: dict[tuple[str, str], list[str]] = {}
    for row in of(_TARGETS):
        attached.setdefault((str(row["target_id"]), str(row["policy_kind"])), []).append(str(row["policy_arn"]))
    units, accounts = {str(row["id"]): row for row in of(_UNITS)}, of(_ACCOUNTS)
    return Organization(
        management_account=managing,
        units=units,
        parents={key: str(row["parent_id"] or "") for key, row in units.items()}
        | {str(row["member_account_id"]): str(row["parent_id"] or "") for row in accounts},
        accounts={str(row["member_account_id"]): str(row["name"] or "") for row in accounts},
        attached={key: tuple(sorted(arns)) for key, arns in attached.items()},
        documents={str(row["arn"]): row for row in of(_POLICIES)},
        is_tree_whole=all(_is_read(facts, name, looker) for name in (_UNITS, _ACCOUNTS)),
        # A single policy that could not be read has a row without its document.
        are_policies_whole=all(_is_read(facts, name, looker) for name in (_POLICIES, _TARGETS)),
    )


def _is_read(facts: Facts, table: str, account: str) -> bool:
    units = [unit for (name, of, _), unit in facts.units.items() if (name, of) == (table, account)]
    return bool(units) and all(unit.is_read for unit in units)
