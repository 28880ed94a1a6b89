"""Grants of KMS keys as statements beside those of the key's policy: what both allow, and what the policy denies, is then one answer.

Source: KMS Developer Guide, "Grants in AWS KMS": a grant allows its grantee some operations, those on data only with an encryption
context where it is constrained by one; KMS API Reference, "CreateGrant" (whoever may retire it) and "GrantConstraints".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from sakimori.analysis.iam.principal import PrincipalKind, principal_of
from sakimori.lake.table_rows import Row

# What is left of a principal that was deleted.
_DELETED: Final = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{10,}\Z")
_CONTEXTS: Final = frozenset({"EncryptionContextEquals", "EncryptionContextSubset"})
_ON_DATA: Final = re.compile(r"Decrypt|Encrypt|ReEncrypt\w+|GenerateDataKey\w*")
_OPERATION: Final = re.compile(r"[A-Za-z]{1,60}")
_LONGEST_ID: Final = 64


class GrantNotUnderstoodError(ValueError):
    """Whom or what a grant allows cannot be told."""


def statements_of_grant(row: Row) -> Iterator[Mapping[str, Any]]:
    """Of a row of `aws_kms_grant`; GrantNotUnderstoodError where it cannot be told whom or what it allows."""
    if row["grantee_principal"] is None or row["operations"] is None or row["constraints"] is None:
        raise GrantNotUnderstoodError
    operations = [each for each in re.split(r"[,\s]+", str(row["operations"])) if each]
    if not all(map(_OPERATION.fullmatch, operations)):
        raise GrantNotUnderstoodError
    name = f"Grant {row['grant_id']}"[:_LONGEST_ID]
    grantee, retiring = str(row["grantee_principal"]), str(row["retiring_principal"] or "")
    condition = _condition(str(row["constraints"]))
    bound = [each for each in operations if condition and _ON_DATA.fullmatch(each)]
    free = [each for each in operations if each not in bound]
    yield from _statement(name, grantee, free, {})
    yield from _statement(name, grantee, bound, condition)
    yield from _statement(name, retiring, ["RetireGrant"] if retiring else [], {})


def _statement(name: str, who: str, operations: list[str], condition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if not operations or not who or _DELETED.fullmatch(who):
        return
    yield {
        "Sid": name,
        "Effect": "Allow",
        "Principal": _principal(who),
        "Action": [f"kms:{each}" for each in operations],
        "Resource": "*",
        **({"Condition": condition} if condition else {}),
    }


def _principal(who: str) -> Mapping[str, str]:
    try:
        kind = principal_of(who).kind
    except ValueError:
        raise GrantNotUnderstoodError from None
    if kind in {PrincipalKind.ANONYMOUS, PrincipalKind.WEB}:
        raise GrantNotUnderstoodError
    return {"Service" if kind is PrincipalKind.SERVICE else "AWS": who}


def _condition(constraints: str) -> Mapping[str, Any]:
    """That the pairs are there; where they must be all of the context, more of it would not be let through."""
    if not constraints:
        return {}
    try:
        told = msgspec.json.decode(constraints, type=dict[str, dict[str, str]])
    except msgspec.DecodeError:
        raise GrantNotUnderstoodError from None
    if not set(told) <= _CONTEXTS:
        raise GrantNotUnderstoodError
    pairs = {key: value for each in told.values() for key, value in each.items()}
    return {"StringEquals": {f"kms:EncryptionContext:{key}": value for key, value in pairs.items()}} if pairs else {}
