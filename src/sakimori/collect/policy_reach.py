"""How far the statements of a resource's policy reach: to anyone, or to which other accounts. Three-valued.

A condition is taken to limit the caller only in the forms named here; one of another form
leaves the answer unknown. A Deny elsewhere in the document is not set against an Allow.
"""

import ipaddress
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from sakimori.collect.kleene import every, opposite, some
from sakimori.collect.policy_document import Condition, Principals, Statement

# Keys whose fixed value names who may call, or from where. The first group names accounts.
# Source: S3 User Guide, "The meaning of public"; "AWS global condition context keys".
_ACCOUNT_KEYS: Final = frozenset(
    {"aws:sourceaccount", "aws:sourceowner", "aws:principalaccount", "kms:calleraccount", "s3:dataaccesspointaccount"}
)
_ARN_KEYS: Final = frozenset({"aws:sourcearn", "aws:principalarn", "s3:dataaccesspointarn"})
_PLACE_KEYS: Final = frozenset(
    {
        "aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths", "aws:resourceorgid",
        "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:userid", "aws:username",
        "lambda:eventsourcetoken",
    }
)  # fmt: skip
# Keys that say how a call is made, not by whom.
# Source: Lambda Developer Guide, "Control access to Lambda function URLs": with AWS_IAM any signed caller is let in.
_MANNER_KEYS: Final = frozenset(
    {
        "aws:securetransport", "aws:currenttime", "aws:epochtime", "aws:useragent", "aws:referer",
        "s3:x-amz-acl", "s3:x-amz-server-side-encryption", "s3:tlsversion", "s3:signatureversion",
        "lambda:functionurlauthtype", "lambda:invokedviafunctionurl",
    }
)  # fmt: skip
_EQUALITIES: Final = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
_ARN_ACCOUNT_PART: Final = 4
# Source: S3 User Guide, "The meaning of public": broader ranges than these count as everyone.
_BROADEST_PREFIX: Final = {4: 8, 6: 32}


def limits_caller(conditions: Iterable[Condition]) -> bool | None:
    """Whether the conditions, which must all hold, keep out callers whom nobody chose."""
    return some(_limits(condition) for condition in conditions)


def is_public(statement: Statement) -> bool | None:
    """Whether the statement lets anyone in."""
    if not statement.is_allow or not statement.principals.reaches_anyone:
        return False
    return opposite(limits_caller(statement.conditions))


def reaches_other_account(statement: Statement, own_account: str) -> bool | None:
    """Whether the statement allows something to a principal of another account than the resource's own."""
    if not statement.is_allow:
        return False
    if statement.principals.reaches_anyone:
        return opposite(some(_keeps_to(condition, own_account) for condition in statement.conditions))
    if external_accounts(statement.principals, own_account):
        return True
    return None if statement.principals.canonical else False


def external_accounts(principals: Principals, own_account: str) -> tuple[str, ...]:
    """The ids of other accounts that are named, each once, in order; AWS's own and deleted principals have none."""
    if principals.is_negated:
        return ()
    found = {account_in(member) for member in principals.aws}
    return tuple(sorted(account for account in found if account and account != own_account))


def account_in(member: str) -> str:
    """The twelve digits in an AWS principal or ARN; "" where it has none.

    >>> account_in("arn:aws:iam::111122223333:role/deploy"), account_in("111122223333"), account_in("AIDAEXAMPLE")
    ('111122223333', '111122223333', '')
    """
    parts = member.split(":")
    account = parts[_ARN_ACCOUNT_PART] if parts[0] == "arn" and len(parts) > _ARN_ACCOUNT_PART else member
    return account if _ACCOUNT.match(account) else ""


def covers(statement: Statement, action: str) -> bool:
    """Whether the statement's actions include this one, wildcards understood; the case of letters has no meaning."""
    return any(_matches(pattern, action) for pattern in statement.actions) != statement.is_not_action


def _limits(condition: Condition) -> bool | None:
    key = condition.key.lower()
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    if key in _MANNER_KEYS:
        return False
    if operator == "ipaddress" and key in {"aws:sourceip", "aws:vpcsourceip"}:
        return every(_is_narrow(value) for value in condition.values)
    if operator in _EQUALITIES and key in _ACCOUNT_KEYS | _ARN_KEYS | _PLACE_KEYS:
        return every(_is_fixed(value, is_arn=key in _ARN_KEYS) for value in condition.values)
    return None


def _is_narrow(cidr: str) -> bool | None:
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return None
    return network.prefixlen >= _BROADEST_PREFIX[network.version]


def _is_fixed(value: str, *, is_arn: bool) -> bool | None:
    """Whether a value names someone: no wildcard, or an ARN whose account is written out; `*` alone names no one."""
    if not value.strip("*"):
        return False
    if not any(sign in value for sign in ("*", "?", "${")):
        return True
    return True if is_arn and account_in(value) else None


def _keeps_to(condition: Condition, own_account: str) -> bool | None:
    """Whether a condition keeps everyone but the account itself out: True, False, or None where it may."""
    key = condition.key.lower()
    if key in _MANNER_KEYS:
        return False
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    if operator in _EQUALITIES and key in _ACCOUNT_KEYS | _ARN_KEYS:
        accounts = [account_in(value) for value in condition.values]
        if all(account == own_account for account in accounts):
            return True
        if any(account and account != own_account for account in accounts):
            return False
    return False if _limits(condition) is False else None


def _matches(pattern: str, action: str) -> bool:
    # Only * and ? are wildcards in a policy; fnmatch also knows brackets.
    return fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))
