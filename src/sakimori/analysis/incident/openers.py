"""Who opened a session of a role: the event that gave its key out, and whom that event names.

Sources: CloudTrail User Guide, "CloudTrail userIdentity element" (AWSService, SAMLUser, WebIdentityUser, AWSAccount); IAM User
Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail" (the `principalId` of a web identity: provider, audience, subject).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from sakimori.analysis.incident.events import Events
from sakimori.analysis.incident.form import Credential, CredentialKind, Event
from sakimori.analysis.incident.issued import issued
from sakimori.analysis.incident.json_paths import text_at

_FROM_PROVIDERS: Final = frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
_OIDC: Final = re.compile(r"arn:[\w-]+:iam::[0-9]{12}:oidc-provider/([^:]+):")
_MOST: Final = 50
"""Of how many roles is asked who opened their sessions: a question about an address may be about thousands."""


class OpenerKind(StrEnum):
    """Who gave the session."""

    SERVICE = "service"
    PROVIDER = "provider"
    PRINCIPAL = "principal"


def opened_by(events: Events, roles: Iterable[str]) -> Mapping[str, Event]:
    """The events that opened sessions of these roles, by the key that each gave out."""
    found = events.by_roles(sorted(roles))
    return {
        key: each for each in found if not each.error and (key := text_at(each.response, "credentials.accessKeyId"))
    }


def opener(event: Event) -> tuple[OpenerKind, str]:
    """What kind, and its name: a service's, what a provider calls somebody (`NAME @ PROVIDER`), an ARN or an account."""
    if event.identity_type == "AWSService":
        return OpenerKind.SERVICE, event.invoked_by or event.ip
    if event.name in _FROM_PROVIDERS:
        provider = _OIDC.match(event.principal)
        name = event.caller_name
        return OpenerKind.PROVIDER, f"{name} @ {provider[1]}" if provider and name else event.principal or name
    if event.identity_type == "AWSAccount":
        return OpenerKind.PRINCIPAL, event.caller_account
    return OpenerKind.PRINCIPAL, event.session_issuer or event.principal or event.caller_account


def with_openers(seeds: tuple[Credential, ...], events: Events) -> tuple[Credential, ...]:
    """The same; sessions with who opened them, since when and until when, where an event tells."""
    roles = {each.role for each in seeds if each.kind is CredentialKind.ROLE_SESSION and each.role}
    if len(roles) > _MOST:
        return seeds
    found: Mapping[str, Event] = opened_by(events, roles) if roles else {}
    return tuple(_with(each, found.get(each.id)) for each in seeds)


def _with(seed: Credential, event: Event | None) -> Credential:
    if event is None:
        is_users = seed.kind in {CredentialKind.FEDERATION, CredentialKind.SESSION_TOKEN}
        return replace(seed, opened_by=seed.user) if is_users else seed
    given = next((each for each in issued(event, "") if each.id == seed.id), None)
    if given is None:
        return seed
    return replace(
        seed, issued_at=given.issued_at, expires_at=given.expires_at, expiry_is_told=given.expiry_is_told,
        opened_by=opener(event)[1],
    )  # fmt: skip
