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


def statements_of(document: object) -> tuple[Statement, ...]:
    """The statements of a document given as an object, as JSON or as URL-encoded JSON; raises NotUnderstoodError."""
    parsed = _parsed(document)
    if not isinstance(parsed, dict) or "Statement" not in parsed:
        raise NotUnderstoodError("no statement")
    found = parsed["Statement"]
    return tuple(_statement(index, each) for index, each in enumerate(found if isinstance(found, list) else [found]))


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
