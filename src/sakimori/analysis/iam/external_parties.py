"""Who outside an account the Allow statements of a resource's policy speak of, by name or by what they ask for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sakimori.analysis.iam.conditions import operator_of
from sakimori.analysis.iam.principal import PrincipalKind
from sakimori.analysis.iam.smt.callers import BUILT_IN_PROVIDERS, Caller, named, provider_of
from sakimori.analysis.iam.smt.names import is_plain
from sakimori.collect.policy_document import Condition, Statement
from sakimori.collect.policy_reach import account_in

# What is left in a policy of a principal that was deleted.
_DELETED: Final = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{10,}\Z")
_ACCOUNT_FORM: Final = re.compile(r"(?:arn:[\w-]+:iam::)?([0-9]{12})(?::root)?\Z")
_UNNAMED_SERVICES: Final = ("sns.amazonaws.com", "s3.amazonaws.com", "events.amazonaws.com")
# Keys whose values name someone or somewhere.
_NAMING: Final = frozenset(
    {
        "aws:principalaccount", "kms:calleraccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
        "aws:sourceaccount", "aws:sourceowner", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceip",
        "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid",
        "aws:userid", "aws:principalservicename",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """`accounts` by their ids; `members` and `providers` with the names that the policy gives them."""

    accounts: tuple[str, ...]
    members: tuple[tuple[str, Caller], ...]
    services: tuple[Caller, ...]
    unnamed_services: tuple[Caller, ...]
    providers: tuple[tuple[str, Caller], ...]
    pins: tuple[tuple[str, Condition], ...]
    """What statements for everyone ask for, each value as a condition of its own."""
    unknown: tuple[str, ...]
    """Principals of which it cannot be told whose they are."""
    is_everyone: bool
    has_role_services: bool

    @property
    def is_nobody(self) -> bool:
        """No statement allows anything to anyone outside."""
        others = (self.accounts, self.members, self.services, self.providers, self.unknown)
        return not self.is_everyone and not any(others)


def parties_of(
    statements: Iterable[Statement], account: str, service: str, guards: Iterable[Statement] = ()
) -> Parties:  # fmt: skip
    """Of a policy of a resource of this account and service; `iam` for the trust of a role. `guards`: what RCPs deny."""
    every, is_role = tuple(statements), service == "iam"
    allows = [each for each in every if each.is_allow]
    is_everyone = any(each.principals.reaches_anyone for each in allows)
    # Where everyone is allowed, a Deny or NotPrincipal that names somebody makes another case of them and their account.
    plain = [each.principals for each in (every if is_everyone else allows)]
    accounts, members, unknown = dict[str, None](), dict[str, Caller](), dict[str, None]()
    for member in (member for each in plain for member in each.aws):
        _sort(member, account, accounts, members, unknown)
    if is_everyone:
        accounts.update(dict.fromkeys(each.account for each in members.values()))
    unknown.update(dict.fromkeys(member for each in plain for member in each.canonical))
    services = {member: None for each in plain for member in each.services}
    providers = {member: None for each in plain for member in each.federated}
    if is_everyone and is_role:
        providers.update(dict.fromkeys(BUILT_IN_PROVIDERS))
    return Parties(
        accounts=tuple(accounts),
        members=tuple(members.items()),
        services=() if is_role else tuple(_callers(services, PrincipalKind.SERVICE, unknown)),
        unnamed_services=() if is_role else tuple(_unnamed(every, services)),
        providers=tuple(
            (str(each.told.arn), each) for each in _callers(providers, PrincipalKind.WEB, unknown) if each.told
        ),
        pins=tuple(dict(_pins((*every, *guards), account)).items()) if is_everyone else (),
        unknown=tuple(unknown),
        is_everyone=is_everyone,
        has_role_services=is_role and bool(services),
    )


def _sort(
    member: str, own: str, accounts: dict[str, None], members: dict[str, Caller], unknown: dict[str, None]
) -> None:  # fmt: skip
    whole = _ACCOUNT_FORM.match(member)
    if whole is not None:
        if whole[1] != own:
            accounts[whole[1]] = None
        return
    if account_in(member) == own or _DELETED.match(member):
        return
    try:
        members[member] = named(member)
    except ValueError:
        # Such as the identity of a CloudFront distribution, which may be anyone's.
        unknown[member] = None


def _callers(members: Iterable[str], kind: PrincipalKind, unknown: dict[str, None]) -> Iterator[Caller]:
    for member in members:
        try:
            yield provider_of(member) if kind is PrincipalKind.WEB else named(member, kind)
        except ValueError:
            unknown[member] = None


def _unnamed(statements: Iterable[Statement], services: Iterable[str]) -> Iterator[Caller]:
    """Services of which no Principal speaks: those that conditions name, and one that nothing names."""
    conditions = [
        each for one in statements for each in one.conditions if each.key.lower() == "aws:principalservicename"
    ]
    told = {value for each in conditions for value in each.values if is_plain(value)}
    stranger = next((each for each in _UNNAMED_SERVICES if each not in told | set(services)), _UNNAMED_SERVICES[0])
    yield from _callers(sorted(told | {stranger}), PrincipalKind.SERVICE, {})


def _pins(statements: Iterable[Statement], own: str) -> Iterator[tuple[str, Condition]]:
    for statement in statements:
        for condition in statement.conditions:
            asked = operator_of(condition.operator)
            if condition.key.lower() not in _NAMING or asked is None or asked.comparison == "null":
                continue
            operator = f"foranyvalue:{asked.comparison}" if asked.quantifier else asked.comparison
            for value in condition.values:
                if account_in(value) != own and "${" not in value:
                    yield value, Condition(operator=operator, key=condition.key, values=(value,))
