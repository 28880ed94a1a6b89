"""Whom and what the statements of a policy name: accounts, organisations, buckets, address ranges, values of keys.

A stranger is somebody who carries only what nobody named, so that a public policy is one that asks for nothing of the kind.
"""

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final, TypeAlias

from sakimori.analysis.iam.conditions import operator_of
from sakimori.analysis.iam.principal import PrincipalKind, principal_of
from sakimori.analysis.iam.readings import as_network
from sakimori.collect.policy_document import Statement
from sakimori.collect.policy_reach import account_in

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_ORGANIZATION: Final = re.compile(r"o-[A-Za-z0-9]+")
_ACCOUNT_PART: Final = 4
# What might fit twelve digits, or a variable in their place.
_ACCOUNT_LIKE: Final = re.compile(r"(?:[0-9*?]|\$\{[^}]*\})+")
_PART_OF_ORGANIZATION: Final = re.compile(r"[^/]*[a-z0-9][*?]|[^/]*\?|[^/]*\$\{")
_SIGNS: Final = frozenset("*?$")
_BUCKET: Final = re.compile(r"arn:[\w-]+:s3:::([^/*?$]+)\Z")
# Source: S3 User Guide, "The meaning of public": ranges of addresses broader than these count as everyone.
_BROADEST_PREFIX: Final = {4: 8, 6: 32}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """`values`: by key in lower case, its values without wildcards; `networks` the ranges narrow enough to name somebody."""

    accounts: frozenset[str]
    principal_accounts: frozenset[str]
    """Those that a Principal or NotPrincipal names."""
    organizations: frozenset[str]
    buckets: frozenset[str]
    networks: tuple[Network, ...]
    values: Mapping[str, frozenset[str]]
    texts: Mapping[str, frozenset[str]]
    """As `values`, with those that have wildcards."""
    members: frozenset[tuple[PrincipalKind, str, str]]
    """Kind, account and name of the users, roles and sessions that a Principal or NotPrincipal names."""

    def of(self, key: str) -> frozenset[str]:
        """The values without wildcards that are named of a key."""
        return self.values.get(key, frozenset())

    def all_of(self, key: str) -> frozenset[str]:
        """All values that are named of a key."""
        return self.texts.get(key, frozenset())

    @property
    def has_parts_of_accounts(self) -> bool:
        """Wildcards or variables stand for some of an account's digits, so that accounts nobody named are not all alike."""
        return any(_is_part(each) for values in self.texts.values() for each in values)

    @property
    def has_parts_of_organizations(self) -> bool:
        """As with accounts; also where the resource's own organisation, which is no name, is asked for."""
        texts = [*self.texts, *(each for values in self.texts.values() for each in values)]
        return any(_PART_OF_ORGANIZATION.match(each) or "aws:resourceorg" in each.lower() for each in texts)

    @property
    def strange_organization(self) -> str:
        """One that nobody named."""
        return next(each for each in _strange_organizations() if each not in self.organizations)

    @property
    def stranger(self) -> str:
        """An account that nobody named."""
        return next(each for each in _strangers() if each not in self.accounts | self.principal_accounts)


def names_of(statements: Iterable[Statement]) -> Names:
    """What all of them name together."""
    by_key, networks, members = defaultdict[str, set[str]](set), dict[Network, None](), set[str]()
    for statement in statements:
        members.update(statement.principals.aws)
        for condition in statement.conditions:
            asked = operator_of(condition.operator)
            by_key[condition.key.lower()].update(condition.values)
            if asked is not None and asked.comparison == "ipaddress":
                networks.update(dict.fromkeys(_narrow(condition.values)))
    texts = {each for values in by_key.values() for each in values}
    accounts = {account_in(each) for each in texts}
    principal_accounts = {account_in(each) for each in members}
    return Names(
        accounts=frozenset(accounts - {""}),
        principal_accounts=frozenset(principal_accounts - {""}),
        organizations=frozenset(match[0] for each in texts if (match := _ORGANIZATION.match(each))),
        buckets=frozenset(match[1] for each in texts if (match := _BUCKET.match(each))),
        networks=tuple(networks),
        values={key: frozenset(each for each in values if is_plain(each)) for key, values in by_key.items()},
        texts={key: frozenset(values) for key, values in by_key.items()},
        members=frozenset(_members(members)),
    )


def is_plain(text: str) -> bool:
    """Whether it has neither wildcards nor variables."""
    return not set(text) & _SIGNS


def _is_part(text: str) -> bool:
    """Digits and wildcards in the place of an account, or in a text that is no ARN."""
    parts = text.split(":")
    place = parts[_ACCOUNT_PART] if len(parts) > _ACCOUNT_PART else text
    return (
        not is_plain(place) and (place.strip("*") != "" or "?" in place) and _ACCOUNT_LIKE.fullmatch(place) is not None
    )


def _members(texts: Iterable[str]) -> Iterable[tuple[PrincipalKind, str, str]]:
    for text in texts:
        try:
            found = principal_of(text)
        except ValueError:
            continue
        kind = PrincipalKind.ROLE if found.has_role else found.kind
        yield kind, found.account, found.name


def _narrow(values: Iterable[str]) -> Iterable[Network]:
    for value in values:
        network = as_network(value)
        if network is not None and network.prefixlen >= _BROADEST_PREFIX[network.version]:
            yield network


def _strangers() -> Iterable[str]:
    yield "999999999999"
    yield from (f"{each:012}" for each in range(999999999998, 0, -1))


def _strange_organizations() -> Iterable[str]:
    yield "o-stranger"
    yield from (f"o-stranger{each}" for each in count())
