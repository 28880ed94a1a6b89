"""Whom a statement lets in, as seen from one's own accounts and organizations."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sakimori.analysis.facts.event_parts import account_of
from sakimori.analysis.facts.fact import Event, Surroundings
from sakimori.collect.policy_document import Condition, Statement
from sakimori.collect.policy_reach import account_in, is_public

EVERYONE: Final = "all"
ORGANIZATION: Final = "organization:"
_EQUALITIES: Final = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_ORGANIZATION_KEYS: Final = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
_ACCOUNT_KEYS: Final = frozenset(
    {
        "aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "aws:sourceowner", "aws:sourcearn",
        "kms:calleraccount",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Who counts as ourselves for one event."""

    accounts: frozenset[str]
    organizations: frozenset[str]

    def holds(self, name: str) -> bool:
        """Whether an account id or `organization:…` is ours."""
        if name.startswith(ORGANIZATION):
            return name.removeprefix(ORGANIZATION).partition("/")[0] in self.organizations
        return name in self.accounts


def own_of(event: Event, surroundings: Surroundings) -> Own:
    """What is configured, and the account in which the event took place."""
    account = account_of(event)
    accounts = surroundings.own_accounts | {account} if account else surroundings.own_accounts
    return Own(accounts=accounts, organizations=surroundings.own_organizations)


def organizations_of(statement: Statement) -> tuple[str, ...]:
    """The organizations to which its conditions keep the callers, as `organization:o-…`; empty where they do not."""
    return tuple(
        f"{ORGANIZATION}{value.partition('/')[0]}"
        for condition in statement.conditions
        if _keeps(condition, _ORGANIZATION_KEYS)
        for value in condition.values
        if value.startswith("o-") and not set(value.partition("/")[0]) & {"*", "?", "$"}
    )


def admitted(statement: Statement, own: Own) -> Iterator[str]:
    """Who is let in beside the account itself: account ids, `organization:o-…`, and `all` for everyone.

    Canonical user ids and deleted principals are not told apart from one's own and left out.
    """
    if not statement.is_allow:
        return
    organizations = organizations_of(statement)
    if organizations and all(own.holds(each) for each in organizations):
        return
    named = tuple(account for member in statement.principals.aws if (account := account_in(member)))
    if not statement.principals.is_negated:
        yield from named
    if not statement.principals.reaches_anyone:
        return
    if is_public(statement):
        yield EVERYONE
        return
    yield from organizations
    if not organizations:
        yield from _accounts_in_conditions(statement)


def public(statement: Statement, own: Own) -> bool | None:
    """Whether everyone is let in; None where a condition is not understood."""
    organizations = organizations_of(statement)
    if organizations and all(own.holds(each) for each in organizations):
        return False
    return is_public(statement)


def _accounts_in_conditions(statement: Statement) -> Iterator[str]:
    for condition in statement.conditions:
        if _keeps(condition, _ACCOUNT_KEYS):
            yield from (account for value in condition.values if (account := account_in(value)))


def _keeps(condition: Condition, keys: frozenset[str]) -> bool:
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    return operator in _EQUALITIES and condition.key.lower() in keys
