"""Whom the ACL of a bucket or object lets in.

Source: S3 User Guide, "Access control list (ACL) overview"; recorded events (`x-amz-acl`, `AccessControlPolicy`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sakimori.analysis.facts.event_parts import lowered, mapping_in, members_of, part, text_in, texts_in

AUTHENTICATED: Final = "authenticated"
"""Anyone who has any AWS account at all."""

_GROUPS: Final = {"AllUsers": "all", "AuthenticatedUsers": AUTHENTICATED}
_CANNED: Final = {"public-read": "all", "public-read-write": "all", "authenticated-read": AUTHENTICATED}
_GRANT: Final = "x-amz-grant-"


def grantees_in(asked: Mapping[str, Any]) -> Iterator[str]:
    """`all`, `authenticated`, `canonical:…` for others than the owner, and `email:…`."""
    yield from _canned(asked.get("x-amz-acl"))
    for name, value in asked.items():
        if name.lower().startswith(_GRANT):
            for text in texts_in(value):
                yield from (found for each in text.split(",") if (found := _in_header(each)))
    policy = mapping_in(asked.get("AccessControlPolicy")) or mapping_in(asked.get("accessControlPolicy"))
    if policy:
        yield from _granted(lowered(policy))


def _canned(value: object) -> Iterator[str]:
    yield from (_CANNED[text] for text in texts_in(value) if text in _CANNED)


def _in_header(grant: str) -> str:
    """One grantee of a header such as `uri="http://acs.amazonaws.com/groups/global/AllUsers"`."""
    kind, _, value = grant.strip().partition("=")
    return _grantee({kind.strip().lower(): value.strip().strip('"')}, owner="")


def _granted(policy: Mapping[str, Any]) -> Iterator[str]:
    owner = text_in(lowered(policy.get("owner")).get("id"))
    grants = part(lowered(policy.get("accesscontrollist")), "grant")
    for each in members_of(grants)[:200]:
        grantee = _grantee(lowered(lowered(each).get("grantee")), owner=owner)
        if grantee:
            yield grantee


def _grantee(given: Mapping[str, Any], *, owner: str) -> str:
    if group := text_in(given.get("uri")):
        return _GROUPS.get(group.rpartition("/")[2], "")
    if (identity := text_in(given.get("id"))) and identity != owner:
        return f"canonical:{identity}"
    email = text_in(given.get("emailaddress"))
    return f"email:{email}" if email else ""
