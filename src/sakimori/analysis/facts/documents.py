"""The policy documents that a request gives, wherever they stand in it, as statements."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

from sakimori.analysis.facts.event_parts import pairs_in, request, text_in
from sakimori.analysis.facts.fact import Event
from sakimori.collect.policy_document import Statement, statements_of

_LONGEST: Final = 262_144
_MOST: Final = 50
_READING: Final = ("Get", "List", "Describe", "Head", "Search", "Lookup", "BatchGet")
# Operations that are given a policy only to judge or to narrow: it grants nothing.
# Source: IAM and IAM Access Analyzer API References; STS: a session policy limits the session.
_JUDGING: Final = ("Simulate", "Validate", "Check", "Test", "AssumeRole", "CreateAccessPreview")
# Without a policy such a token may do next to nothing: what it is given is its permissions, as far as its user has them.
# Source: STS API Reference, GetFederationToken.
_GRANTING: Final = "GetFederationToken"
_TRUSTING: Final = frozenset({"CreateRole", "UpdateAssumeRolePolicy"})


class Documents(NamedTuple):
    """The statements of all documents; `is_whole` is false where one could not be read."""

    statements: tuple[Statement, ...]
    is_whole: bool


_NONE: Final = Documents((), is_whole=True)


def granting_statements(event: Event) -> Documents:
    """The statements of the policies that the event puts in force; trust policies are not among them.

    An endpoint's policy and a policy of an organization limit what others grant, and a permission boundary does too.
    """
    name = text_in(event.get("eventName"))
    if name in _TRUSTING or name.endswith("VpcEndpoint") or event.get("eventSource") == "organizations.amazonaws.com":
        return _NONE
    return _statements(event, name)


def trusting_statements(event: Event) -> Documents:
    """The statements of the trust policy that the event gives a role."""
    name = text_in(event.get("eventName"))
    return _statements(event, name) if name in _TRUSTING else _NONE


def _statements(event: Event, name: str) -> Documents:
    if name.startswith((*_READING, *_JUDGING)) and name != _GRANTING:
        return _NONE
    asked = request(event)
    if not asked:
        return Documents((), is_whole=not _promises_policy(name))
    found = [_read(document) for document, _ in zip(_documents(asked), range(_MOST), strict=False)]
    if not found:
        return Documents((), is_whole=not _hides_policy(name, asked))
    statements = tuple(statement for each in found if each is not None for statement in each)
    return Documents(statements, is_whole=None not in found)


def _promises_policy(name: str) -> bool:
    return name.startswith(("Put", "Set", "Update", "Create")) and "Policy" in name


def _hides_policy(name: str, asked: Mapping[str, Any]) -> bool:
    """Whether a policy was given but is masked, or left out as too large."""
    return _promises_policy(name) and any(
        key == "omitted" or ("olicy" in key and isinstance(value, str) and value and not text_in(value))
        for key, value in asked.items()
    )


def _documents(asked: Mapping[str, Any]) -> Iterator[object]:
    """Texts and objects that are policies: IAM, KMS, ECR, Lambda and others each give theirs another name."""
    for _, value in pairs_in(asked):
        if isinstance(value, str):
            if len(value) <= _LONGEST and ('"Statement"' in value or "%22Statement%22" in value):
                yield value
        elif isinstance(value, dict) and "Statement" in value:
            yield cast("dict[str, object]", value)


def _read(document: object) -> tuple[Statement, ...] | None:
    if isinstance(document, str):
        return _read_text(document)
    return _understood(document)


@lru_cache(maxsize=512)
def _read_text(document: str) -> tuple[Statement, ...] | None:
    return _understood(document)


def _understood(document: object) -> tuple[Statement, ...] | None:
    try:
        return statements_of(document)
    except ValueError:  # NotUnderstoodError, or a number too long to be written
        return None
