"""Policy documents in one normal form: what may be one or many is many, and what is not understood is refused.

Source: "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy language".
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from sakimori.texts.sentences import say_both, text

# The longest policy of any service is 20 KB (S3); URL encoding makes at most three of one.
_MAX_CHARACTERS: Final = 200_000
_LONGEST_NUMBER: Final = 400
# AWS compares the names of elements letter by letter: the grammar has them as literal strings.
_OF_DOCUMENT: Final = frozenset({"Version", "Id", "Statement"})
_OF_STATEMENT: Final = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_VERSIONS: Final = ("2008-10-17", "2012-10-17")
_EITHER: Final = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
# A trust policy speaks of its role without a word, a repository's of the repository; the others must say of what they speak.
# Sources: IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements: Resource"; Amazon ECR User Guide,
# "Private repository policy examples"; CodeArtifact User Guide, "Repository policies".
_RESOURCELESS: Final = ("sts:", "ecr:", "ecr-public:", "codeartifact:")
_KINDS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_TEXT: Final[frozenset[type]] = frozenset({str})
_OBJECT: Final[frozenset[type]] = frozenset({dict})
_NONE: Final = object()
_SHOWN: Final = re.compile(r"[A-Za-z0-9:_.-]{1,60}\Z")


class NotUnderstoodError(ValueError):
    """The text is no policy document; `told` says why in both languages, the message in English.

    `reason` names a sentence of the catalogue `policy`.
    """

    def __init__(self, reason: str, **values: object) -> None:
        self.told = say_both(f"policy.{reason}", **values)
        super().__init__(self.told.en)


class Principals(msgspec.Struct, frozen=True, kw_only=True):
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


_NOBODY: Final = Principals()


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One operator on one key; `values` are alternatives, as texts."""

    operator: str
    key: str
    values: tuple[str, ...]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
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
    names_resource: bool = True
    """It has Resource or NotResource. An empty list of resources names none, and the statement applies to nothing."""

    @property
    def may_leave_out_resource(self) -> bool:
        """All its actions are of policies that say nothing of the resource that they are attached to."""
        return not self.is_not_action and all(each.lower().startswith(_RESOURCELESS) for each in self.actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole policy. `has_variables`: its version is one in which ${…} in a value stands for a key of the request."""

    statements: tuple[Statement, ...]
    has_variables: bool


def document_of(document: object) -> Document:
    """A policy given as an object, as JSON or as URL-encoded JSON; raises NotUnderstoodError.

    What AWS would refuse is not understood either: a name that is no element's may be that of a condition that was meant.
    Source: "IAM JSON policy elements: Version" (left out it is 2008-10-17, which knows no variables).
    """
    parsed = _parsed(document)
    if not isinstance(parsed, dict) or "Statement" not in parsed:
        raise NotUnderstoodError("no_statement")
    _only(parsed, _OF_DOCUMENT, "policy")
    if "Version" in parsed and str(parsed["Version"]) not in _VERSIONS:
        raise NotUnderstoodError("version")
    found = parsed["Statement"]
    statements = enumerate(found if isinstance(found, list) else [found])
    return Document(
        statements=tuple(_statement(index, each) for index, each in statements),
        has_variables=str(parsed.get("Version")) == _VERSIONS[1],
    )


def plain_statement(statement: Statement) -> dict[str, Any]:
    """The statement as JSON has it, in the one normal form: every list written as a list."""
    told: dict[str, Any] = {"Sid": statement.sid} if statement.sid else {}
    told["Effect"] = "Allow" if statement.is_allow else "Deny"
    told |= _plain_principals(statement.principals)
    told["NotAction" if statement.is_not_action else "Action"] = list(statement.actions)
    if statement.names_resource:
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
        raise NotUnderstoodError("too_long")
    for form in (document, unquote(document)):
        try:
            return json.loads(form, object_pairs_hook=members_once, parse_float=Decimal, parse_constant=_no_number)
        except NotUnderstoodError:
            raise
        except (ValueError, RecursionError):
            continue
    raise NotUnderstoodError("not_json")


def members_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """AWS takes no name twice in one element; a reader that kept the last one would lose what the first one says."""
    found = dict(pairs)
    if len(found) < len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise NotUnderstoodError("twice", name=_shown(name))
    return found


def _no_number(words: str) -> float:
    raise NotUnderstoodError("no_number", words=words)


def _only(raw: Mapping[str, Any], names: frozenset[str], of: str) -> None:
    if not raw.keys() <= names:
        name = next(each for each in raw if each not in names)
        raise NotUnderstoodError(f"no_element_of_{of}", name=_shown(name))


def _shown(name: object) -> object:
    return repr(name) if isinstance(name, str) and _SHOWN.match(name) else text("policy.a_name")


def _statement(index: int, raw: Any) -> Statement:
    if not isinstance(raw, dict) or raw.get("Effect") not in ("Allow", "Deny"):
        raise NotUnderstoodError("no_effect")
    told: dict[str, Any] = raw
    _only(told, _OF_STATEMENT, "statement")
    is_not_action, is_not_resource = "NotAction" in told, "NotResource" in told
    _refuse_both(told, is_not_action=is_not_action, is_not_resource=is_not_resource)
    sid, conditions = told.get("Sid", ""), told.get("Condition", _NONE)
    return Statement(
        index=index,
        sid=sid if isinstance(sid, str) else "",
        is_allow=told["Effect"] == "Allow",
        actions=_texts(told["NotAction" if is_not_action else "Action"]),
        is_not_action=is_not_action,
        resources=_texts(told["NotResource"] if is_not_resource else told.get("Resource", [])),
        is_not_resource=is_not_resource,
        principals=_principals(told) if "Principal" in told or "NotPrincipal" in told else _NOBODY,
        conditions=() if conditions is _NONE else tuple(_conditions(conditions)),
        names_resource=is_not_resource or "Resource" in told,
    )


def _refuse_both(raw: Mapping[str, Any], *, is_not_action: bool, is_not_resource: bool) -> None:
    """What a statement must have one of, and what it must not have both of."""
    if (
        (is_not_action and "Action" in raw)
        or (is_not_resource and "Resource" in raw)
        or ("NotPrincipal" in raw and "Principal" in raw)
    ):
        one, other = next((one, other) for one, other in _EITHER if one in raw and other in raw)
        raise NotUnderstoodError("both", one=one, other=other)
    if not is_not_action and "Action" not in raw:
        raise NotUnderstoodError("no_action")
    if (is_not_action and raw["NotAction"] == []) or (is_not_resource and raw["NotResource"] == []):
        # Access Analyzer says of an empty list that the statement has no effect; left out, nothing would be everything.
        raise NotUnderstoodError("empty_not")


def _texts(raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        return (raw,)
    values: tuple[Any, ...] = tuple(raw) if isinstance(raw, list) else (raw,)
    if set(map(type, values)) <= _TEXT:
        return values
    raise NotUnderstoodError("not_texts")


def _principals(raw: Mapping[str, object]) -> Principals:
    is_negated = "NotPrincipal" in raw
    found = raw["NotPrincipal" if is_negated else "Principal"]
    if found == "*":
        return Principals(is_everyone=True, is_negated=is_negated)
    if not isinstance(found, dict):
        raise NotUnderstoodError("principal_form")
    members: dict[str, tuple[str, ...]] = {kind: _texts(value) for kind, value in found.items()}
    if not members.keys() <= _KINDS:
        raise NotUnderstoodError("principal_kind")
    aws = members.get("AWS", ())
    is_everyone = "*" in aws
    return Principals(
        is_everyone=is_everyone,
        aws=tuple(member for member in aws if member != "*") if is_everyone else aws,
        services=members.get("Service", ()),
        federated=members.get("Federated", ()),
        canonical=members.get("CanonicalUser", ()),
        is_negated=is_negated,
    )


def _conditions(raw: object) -> Iterator[Condition]:
    if not isinstance(raw, dict) or not set(map(type, raw.values())) <= _OBJECT:
        raise NotUnderstoodError("condition_form")
    named: dict[str, dict[str, Any]] = raw
    for operator, keys in named.items():
        if len(keys) > 1 and len({str(key).lower() for key in keys}) < len(keys):
            # Access Analyzer calls it an error, "Duplicate keys with different case".
            raise NotUnderstoodError("condition_twice")
        for key, values in keys.items():
            alternatives = values if isinstance(values, list) else [values]
            yield Condition(operator=str(operator), key=str(key), values=tuple(map(_scalar, alternatives)))


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _number(Decimal(repr(value)) if isinstance(value, float) else value)
    raise NotUnderstoodError("condition_values")


def _number(value: int | Decimal) -> str:
    """Written out, as a policy would have it between quotation marks."""
    is_small = (
        value.bit_length() <= _LONGEST_NUMBER
        if isinstance(value, int)
        else isfinite(value) and abs(value.adjusted()) <= _LONGEST_NUMBER
    )
    if not is_small or (isinstance(value, Decimal) and len(value.as_tuple().digits) > _LONGEST_NUMBER):
        raise NotUnderstoodError("condition_number")
    return format(value, "f") if isinstance(value, Decimal) else str(value)
