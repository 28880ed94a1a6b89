"""Who called: what a `userIdentity` says, and who stands behind its session.

Thousands of events share one userIdentity, so each different one is read once and its rows point to it.
"""

import ipaddress
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

import msgspec
from msgspec import Struct

from sakimori.ingest.cloudtrail.moments import micros_of
from sakimori.ingest.rows import as_time
from sakimori.lake.instants import micros_since_epoch


class Identity(NamedTuple):
    """The typed columns of one userIdentity, in the order of the table."""

    principal_root: str | None = None
    user_identity_type: str | None = None
    user_identity_principal_id: str | None = None
    user_identity_arn: str | None = None
    user_identity_account_id: str | None = None
    user_identity_access_key_id: str | None = None
    user_identity_user_name: str | None = None
    user_identity_invoked_by: str | None = None
    session_issuer_type: str | None = None
    session_issuer_arn: str | None = None
    session_issuer_user_name: str | None = None
    session_issuer_account_id: str | None = None
    mfa_authenticated: bool | None = None
    session_created_at: int | None = None
    """Microseconds since 1970."""
    source_identity: str | None = None
    federated_provider: str | None = None


class _Issuer(Struct, gc=False, frozen=True):
    type: str | None = None
    arn: str | None = None
    userName: str | None = None  # noqa: N815 - CloudTrail's names
    accountId: str | None = None  # noqa: N815


class _Attributes(Struct, gc=False, frozen=True):
    mfaAuthenticated: str | None = None  # noqa: N815
    creationDate: str | None = None  # noqa: N815


class _Federation(Struct, gc=False, frozen=True):
    federatedProvider: str | None = None  # noqa: N815


class _Session(Struct, gc=False, frozen=True):
    sessionIssuer: _Issuer = _Issuer()  # noqa: N815
    attributes: _Attributes = _Attributes()
    webIdFederationData: _Federation = _Federation()  # noqa: N815
    sourceIdentity: str | None = None  # noqa: N815


class _OnBehalfOf(Struct, gc=False, frozen=True):
    userId: str | None = None  # noqa: N815


class _UserIdentity(Struct, gc=False, frozen=True):
    type: str | None = None
    principalId: str | None = None  # noqa: N815
    arn: str | None = None
    accountId: str | None = None  # noqa: N815
    accessKeyId: str | None = None  # noqa: N815
    userName: str | None = None  # noqa: N815
    invokedBy: str | None = None  # noqa: N815
    identityProvider: str | None = None  # noqa: N815
    sessionContext: _Session = _Session()  # noqa: N815
    onBehalfOf: _OnBehalfOf = _OnBehalfOf()  # noqa: N815


_NOBODY: Final = Identity()
_typed: Final = msgspec.json.Decoder(_UserIdentity)
_untyped: Final = msgspec.json.Decoder(dict[str, Any])


@lru_cache(maxsize=2_000)
def identity_of(raw: bytes) -> Identity:
    """What this userIdentity says; a member of another type than CloudTrail's is NULL (the text itself stays in `user_identity`)."""
    try:
        found = _typed.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        try:
            found = msgspec.convert(_of_known_types(_untyped.decode(raw)), _UserIdentity)
        except (msgspec.DecodeError, RecursionError):
            return _NOBODY
    session, issuer, attributes = (
        found.sessionContext,
        found.sessionContext.sessionIssuer,
        found.sessionContext.attributes,
    )
    return Identity._make(
        (
            _root_of(found),
            found.type,
            found.principalId,
            found.arn,
            found.accountId,
            found.accessKeyId,
            found.userName,
            found.invokedBy,
            issuer.type,
            issuer.arn,
            issuer.userName,
            issuer.accountId,
            _flag(attributes.mfaAuthenticated),
            _created_at(attributes.creationDate),
            session.sourceIdentity,
            found.identityProvider or session.webIdFederationData.federatedProvider,
        )
    )


def _created_at(text: str | None) -> int | None:
    if text is None:
        return None
    usual = micros_of(text)
    if usual is None and (moment := as_time(text)):
        return micros_since_epoch(moment)
    return usual


def _root_of(found: _UserIdentity) -> str | None:
    """The ARN of the role or user that issued the session, or the caller's own; for callers without an ARN what names them.

    A session of a role that another role assumed has that last role as its issuer: the chain before it stands in the
    AssumeRole events, by their access keys.
    """
    return (
        found.sessionContext.sessionIssuer.arn
        or found.arn
        or found.invokedBy
        or found.onBehalfOf.userId
        or found.principalId
        or found.accountId
    )


_OBJECTS: Final = frozenset({"sessionContext", "sessionIssuer", "attributes", "webIdFederationData", "onBehalfOf"})


def _of_known_types(found: dict[str, Any]) -> dict[str, Any]:
    """Texts where texts belong and objects where objects do; a boolean becomes the text that CloudTrail writes for it."""
    kept: dict[str, Any] = {}
    for name, value in found.items():
        if name in _OBJECTS:
            if isinstance(value, dict):
                kept[name] = _of_known_types(cast("dict[str, Any]", value))
        elif isinstance(value, bool):
            kept[name] = str(value).lower()
        elif isinstance(value, str):
            kept[name] = value
    return kept


def _flag(text: str | None) -> bool | None:
    """CloudTrail writes this one as a text."""
    return {"true": True, "false": False}.get(text or "")


@lru_cache(maxsize=10_000)
def address_of(origin: str) -> str | None:
    """The IP address in its usual spelling, None where the origin is a service or anything else."""
    try:
        return str(ipaddress.ip_address(origin))
    except ValueError:
        return None
