"""Policy documents in one normal form: what may be one or many is many, and what is not understood is refused.

Source: "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy language".
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

# The longest policy of any service is 20 KB (S3); URL encoding makes at most three of one.
_MAX_CHARACTERS: Final = 200_000


class NotUnderstoodError(ValueError):
    """The text is no policy document; the message says where, in our own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principals:
    """Who a statement speaks of. `is_negated`: everyone but them (NotPrincipal)."""

    is_everyone: bool = False
    aws: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    is_negated: bool = False

    @property
    def reaches_anyone(self) -> bool:
        """Someone nobody chose may be among them."""
        return self.is_everyone or self.is_negated

    @property
    def names(self) -> tuple[str, ...]:
        """All members by name, `*` first where everyone is among them."""
        members = sorted((*self.aws, *self.services, *self.federated, *self.canonical))
        return ("*", *members) if self.is_everyone else tuple(members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One operator on one key; `values` are alternatives, as texts."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, `index` from 0. With `is_not_action` the `actions` are those left out; so with resources."""

    index: int
    sid: str
    is_allow: bool
    actions: tuple[str, ...]
    is_not_action: bool
    resources: tuple[str, ...]
    is_not_resource: bool
    principals: Principals
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole policy. `has_variables`: its version is one in which ${…} in a value stands for a key of the request."""

    statements: tuple[Statement, ...]
    has_variables: bool


def document_of(document: object) -> Document:
    """A policy given as an object, as JSON or as URL-encoded JSON; raises NotUnderstoodError.

    Source: "IAM JSON policy elements: Version" (left out it is 2008-10-17, which knows no variables).
    """
    parsed = _parsed(document)
    if not isinstance(parsed, dict) or "Statement" not in parsed:
        raise NotUnderstoodError("no statement")
    found = parsed["Statement"]
    statements = enumerate(found if isinstance(found, list) else [found])
    return Document(
        statements=tuple(_statement(index, each) for index, each in statements),
        has_variables=parsed.get("Version") == "2012-10-17",
    )


def plain_statement(statement: Statement) -> dict[str, Any]:
    """The statement as JSON has it, in the one normal form: every list written as a list."""
    told: dict[str, Any] = {"Sid": statement.sid} if statement.sid else {}
    told["Effect"] = "Allow" if statement.is_allow else "Deny"
    told |= _plain_principals(statement.principals)
    told["NotAction" if statement.is_not_action else "Action"] = list(statement.actions)
    if statement.resources or statement.is_not_resource:
        told["NotResource" if statement.is_not_resource else "Resource"] = list(statement.resources)
    for each in statement.conditions:
        told.setdefault("Condition", {}).setdefault(each.operator, {})[each.key] = list(each.values)
    return told


def _plain_principals(principals: Principals) -> dict[str, Any]:
    kinds = {
        "AWS": [*(["*"] if principals.is_everyone else []), *principals.aws],
        "Service": list(principals.services),
        "Federated": list(principals.federated),
        "CanonicalUser": list(principals.canonical),
    }
    members = {kind: names for kind, names in kinds.items() if names}
    if not members and not principals.is_negated:
        return {}
    return {"NotPrincipal" if principals.is_negated else "Principal": members}


def statements_of(document: object) -> tuple[Statement, ...]:
    """The statements of a policy in any form; raises NotUnderstoodError."""
    return document_of(document).statements


def _parsed(document: object) -> object:
    if not isinstance(document, str):
        return document
    if len(document) > _MAX_CHARACTERS:
        raise NotUnderstoodError("too long for a policy")
    for text in (document, unquote(document)):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            continue
    raise NotUnderstoodError("not JSON")


def _statement(index: int, raw: Any) -> Statement:
    if not isinstance(raw, dict) or raw.get("Effect") not in ("Allow", "Deny"):
        raise NotUnderstoodError("a statement without effect")
    if ("Action" in raw) == ("NotAction" in raw):
        raise NotUnderstoodError("a statement without action, or with both kinds")
    sid = raw.get("Sid", "")
    return Statement(
        index=index,
        sid=sid if isinstance(sid, str) else "",
        is_allow=raw["Effect"] == "Allow",
        actions=_texts(raw.get("Action", raw.get("NotAction"))),
        is_not_action="NotAction" in raw,
        resources=_texts(raw.get("Resource", raw.get("NotResource", []))),
        is_not_resource="NotResource" in raw,
        principals=_principals(raw),
        conditions=tuple(_conditions(raw.get("Condition", {}))),
    )


def _texts(raw: object) -> tuple[str, ...]:
    values = raw if isinstance(raw, list) else [raw]
    texts = tuple(value for value in values if isinstance(value, str))
    if len(texts) != len(values):
        raise NotUnderstoodError("a list with something other than texts")
    return texts


def _principals(raw: Mapping[str, object]) -> Principals:
    is_negated = "NotPrincipal" in raw
    found = raw.get("NotPrincipal", raw.get("Principal", {}))
    if found == "*":
        return Principals(is_everyone=True, is_negated=is_negated)
    if not isinstance(found, dict):
        raise NotUnderstoodError("a principal of no known form")
    members = {kind: _texts(value) for kind, value in found.items()}
    if members.keys() - {"AWS", "Service", "Federated", "CanonicalUser"}:
        raise NotUnderstoodError("a principal of no known kind")
    aws = members.get("AWS", ())
    return Principals(
        is_everyone="*" in aws,
        aws=tuple(member for member in aws if member != "*"),
        services=members.get("Service", ()),
        federated=members.get("Federated", ()),
        canonical=members.get("CanonicalUser", ()),
        is_negated=is_negated,
    )


def _conditions(raw: object) -> Iterator[Condition]:
    if not isinstance(raw, dict) or not all(isinstance(keys, dict) for keys in raw.values()):
        raise NotUnderstoodError("a condition of no known form")
    for operator, keys in raw.items():
        for key, values in keys.items():
            alternatives = values if isinstance(values, list) else [values]
            yield Condition(operator=operator, key=key, values=tuple(_scalar(value) for value in alternatives))


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise NotUnderstoodError("a condition with something other than plain values")
