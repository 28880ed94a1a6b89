"""The credentials that one event hands out, and for how long they work.

Where an event does not tell when they end, it is the longest that AWS allows. Sources: AWS STS API reference, AssumeRole
(900 s to 12 h, 1 h by default; 1 h at most for one role after another), GetSessionToken and GetFederationToken (36 h at most
and 12 h by default; 1 h for the root user), AssumeRoot (15 min at most); IAM user guide, "Compare AWS STS credentials" (all of
these beside each other) and "Enable custom identity broker access to the AWS console" (a console session of 12 h at most).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sakimori.analysis.incident.events import assumed_role, user_key
from sakimori.analysis.incident.form import Credential, CredentialKind, Event
from sakimori.analysis.incident.json_paths import all_at, text_at
from sakimori.analysis.incident.reading import moment
from sakimori.model.arn import Arn

CONSOLE_LASTS: Final = timedelta(hours=12)
_LONGEST: Final[Mapping[CredentialKind, timedelta]] = {
    CredentialKind.ROLE_SESSION: timedelta(hours=12),
    CredentialKind.SESSION_TOKEN: timedelta(hours=36),
    CredentialKind.FEDERATION: timedelta(hours=36),
    CredentialKind.ROOT: timedelta(minutes=15),
    CredentialKind.CONSOLE: CONSOLE_LASTS,
}
_KINDS: Final[Mapping[str, CredentialKind]] = {
    "AssumeRole": CredentialKind.ROLE_SESSION,
    "AssumeRoleWithSAML": CredentialKind.ROLE_SESSION,
    "AssumeRoleWithWebIdentity": CredentialKind.ROLE_SESSION,
    "AssumeRoot": CredentialKind.ROOT,
    "GetSessionToken": CredentialKind.SESSION_TOKEN,
    "GetFederationToken": CredentialKind.FEDERATION,
    "GetRoleCredentials": CredentialKind.ROLE_SESSION,
    "GetCredentialsForIdentity": CredentialKind.ROLE_SESSION,
    "GetDataAccess": CredentialKind.ROLE_SESSION,
    "CreateSession": CredentialKind.ROLE_SESSION,
    "CreateOAuth2Token": CredentialKind.CONSOLE,
}
"""Calls that answer with temporary credentials; `CreateSession` is that of IAM Roles Anywhere and of S3 Express."""
_PLACES: Final = ("credentials", "credentialSet[].credentials", "roleCredentials", "accessToken")
LONG_LIVED: Final = frozenset({"CreateAccessKey", "CreateServiceSpecificCredential"})
HANDING_OUT: Final = frozenset(_KINDS) | LONG_LIVED
"""Operations whose events hand out credentials."""


Mark = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    principal: str
    role: str = ""
    user: str = ""


def latest_end(kind: CredentialKind, key_id: str, issued_at: datetime | None) -> datetime | None:
    """When what was issued then has ended at the latest; None for what never ends, and where nobody knows when it was issued.

    Of the root user a session of the console is the longest, and its keys do not always say that they are of one.
    """
    if issued_at is None or (key_id and not key_id.startswith("ASIA")):
        return None
    return issued_at + (CONSOLE_LASTS if kind is CredentialKind.ROOT else _LONGEST[kind])


def issued(event: Event, issuer: str) -> Iterator[Credential]:
    """The credentials that this event handed out to the holder of `issuer`; none where AWS refused."""
    if event.error:
        return
    if event.name in LONG_LIVED:
        yield from _key(event, issuer)
    elif event.name in _KINDS:
        for path in _PLACES:
            for told in all_at(event.response, path):
                if found := _temporary(event, issuer, told):
                    yield found


def mark_of(event: Event) -> Mark:
    """What makes two tellings of an event one: its id, and all that leads on from it. Whoever writes into a log may write an id again."""
    given = (each.id for each in issued(event, ""))
    return event.event_id, event.account, event.at.isoformat(), event.name, event.key_id, event.error, *given


def partition_of(event: Event) -> str:
    """The partition in which an event was recorded."""
    told = event.principal.split(":", 2)
    if len(told) > 1 and told[0] == "arn":
        return told[1]
    return "aws-cn" if event.region.startswith("cn-") else "aws-us-gov" if event.region.startswith("us-gov-") else "aws"


def user_arn(event: Event, name: str) -> str:
    """The ARN of a user of the account by its name; events do not tell its path."""
    return f"arn:{partition_of(event)}:iam::{event.account}:user/{name}"


def _key(event: Event, issuer: str) -> Iterator[Credential]:
    name = text_at(event.response, "accessKey.userName", "serviceSpecificCredential.userName")
    name = name or text_at(event.request, "userName")
    key = text_at(event.response, "accessKey.accessKeyId", "serviceSpecificCredential.serviceSpecificCredentialId")
    if not key:
        return
    # Without a name the caller has made it for himself: a user, or root.
    is_own = not name or user_key(event.principal) == (event.account, name)
    user = event.principal if is_own and ":user/" in event.principal else user_arn(event, name) if name else ""
    days = text_at(event.request, "credentialAgeDays")
    ends = event.at + timedelta(days=int(days)) if days.isdigit() and len(days) < 5 else None  # noqa: PLR2004
    yield Credential(
        id=key,
        kind=CredentialKind.USER_KEY if user else CredentialKind.ROOT,
        account=event.account,
        principal=user or event.principal,
        user=user,
        issued_at=event.at,
        expires_at=ends,
        issued_by=issuer,
        event_id=event.event_id,
    )


def _temporary(event: Event, issuer: str, told: object) -> Credential | None:
    key = text_at(told, "accessKeyId")
    if not key:
        return None
    kind = _KINDS[event.name]
    place = _place(event, kind)
    ends, is_told = _end(event, kind, told)
    return Credential(
        id=key,
        kind=kind,
        account=_account(place.principal) or event.account,
        principal=place.principal,
        role=place.role,
        user=place.user,
        issued_at=event.at,
        expires_at=ends,
        issued_by=issuer,
        event_id=event.event_id,
        expiry_is_told=is_told,
    )


def _place(event: Event, kind: CredentialKind) -> _Place:
    if kind is CredentialKind.ROLE_SESSION:
        role = assumed_role(event)
        session = text_at(event.response, "assumedRoleUser.arn")
        return _Place(session or role, role=role)
    if kind is CredentialKind.FEDERATION:
        return _Place(text_at(event.response, "federatedUser.arn") or event.principal, user=event.principal)
    if kind is CredentialKind.ROOT:
        target = text_at(event.request, "targetPrincipal")
        account = target if target.isdigit() else _account(target)
        return _Place(f"arn:{partition_of(event)}:iam::{account}:root" if account else target)
    is_user = ":user/" in event.principal
    return _Place(event.principal, role=event.session_issuer, user=event.principal if is_user else "")


def _end(event: Event, kind: CredentialKind, told: object) -> tuple[datetime, bool]:
    """When they expire, and whether the event says so."""
    stamps = all_at(told, "expiration")
    found = moment(stamps[0]) if stamps else None
    longest = _LONGEST[kind]
    if found and event.at <= found <= event.at + longest + timedelta(hours=1):
        return found, True
    seconds = text_at(event.request, "durationSeconds")
    if seconds.isdigit() and 0 < int(seconds[:9]) <= longest.total_seconds():
        return event.at + timedelta(seconds=int(seconds[:9])), True
    return event.at + longest, False


def _account(arn: str) -> str:
    try:
        return Arn.parse(arn).account_id
    except ValueError:
        return ""
