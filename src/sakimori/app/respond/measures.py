"""Which measures stop which credential: from the suspect and the closure to steps of the action catalogue.

What hangs on what (IAM User Guide, "Revoking IAM role temporary security credentials", "Disabling permissions for temporary
security credentials"): a key is stopped by making it inactive; the sessions that it gave out for its own user
(GetSessionToken, GetFederationToken, the console) go on until the user is denied or its older sessions are; sessions of a
role until those of the role are revoked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sakimori.analysis.incident.events import session_name, user_key
from sakimori.analysis.incident.form import Closure, Credential, CredentialKind, Made
from sakimori.app.respond.case import Suspect
from sakimori.app.respond.hands import Measure
from sakimori.collect.policy_reach import account_in

KEY_OFF: Final = "key-deactivated"
USER_DENIED: Final = "user-denied"
USER_REVOKED: Final = "user-sessions-revoked"
CONSOLE_CLOSED: Final = "console-closed"
DEVICE_OFF: Final = "mfa-device-deactivated"
ROLE_DENIED: Final = "role-denied"
ROLE_REVOKED: Final = "role-sessions-revoked"
TRUST_NARROWED: Final = "role-trust-narrowed"
SSO_DENIED: Final = "identity-center-user-denied"
SSO_ROLE: Final = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}\Z")
"""The roles of permission sets. Source: IAM Identity Center User Guide, "Referencing permission sets in resource policies"."""
_USER_NAME: Final = re.compile(r"[\w+=,.@][\w+=,.@-]{1,63}\Z", re.ASCII)
"""As sessions of roles can be named. Source: AWS STS API reference, AssumeRole, RoleSessionName."""
DENYING: Final = frozenset({USER_DENIED, ROLE_DENIED})
_OF_USER: Final = frozenset({CredentialKind.SESSION_TOKEN, CredentialKind.FEDERATION, CredentialKind.CONSOLE})
_DOORS: Final[Mapping[str, tuple[str, ...]]] = {
    USER_DENIED: (),
    ROLE_DENIED: (),
    TRUST_NARROWED: (ROLE_DENIED,),
    CONSOLE_CLOSED: (USER_DENIED,),
}
"""By what shuts a door: what makes it needless there."""
_ROLE: Final = "AWS::IAM::Role"
_LOGIN: Final = "AWS::IAM::LoginProfile"
_TRUST: Final = "UpdateAssumeRolePolicy"


def at_once(suspect: Suspect) -> tuple[tuple[str, Measure], ...]:
    """What is done before anything else is looked at (R10, R11), with the step of the rail that each is of."""
    found: list[tuple[str, Measure]] = []
    if suspect.key_id.startswith("AKIA") and suspect.user:
        found.append(("R10", _measure(KEY_OFF, f"{suspect.user}/{suspect.key_id}")))
    if suspect.user:
        found.append(("R11", _measure(USER_DENIED, suspect.user)))
    return tuple(found)


def issuing_stopped(closure: Closure, made: Iterable[Made], suspect: Suspect) -> tuple[Measure, ...]:
    """What keeps any credential of the closure from giving out new ones: keys, users that the thief made, trusts that it opened."""
    found = [each for credential in closure.credentials for each in _of_key(credential)]
    found += [_measure(USER_DENIED, user) for user in closure.users if user != suspect.user]
    found += _of_made(made, closure)
    return tuple(dict.fromkeys(found))


def sessions_revoked(closure: Closure, suspect: Suspect, now: datetime) -> tuple[Measure, ...]:
    """What ends the sessions that were given out, parents before the roles that were taken from them."""
    denied = {suspect.user, *closure.users}
    found: list[Measure] = []
    if suspect.role and not permission_set(suspect.role):
        found.append(_measure(ROLE_REVOKED, suspect.role))
    for credential in closure.live(now):
        if credential.kind is CredentialKind.ROLE_SESSION and credential.role:
            if not permission_set(credential.role):
                found.append(_measure(ROLE_REVOKED, credential.role))
        elif credential.kind in _OF_USER and credential.user and credential.user not in denied:
            found.append(_measure(USER_REVOKED, credential.user))
    return tuple(dict.fromkeys(each for each in found if each.account))


def console_closed(suspect: Suspect, *, has_password: bool | None, devices: Iterable[str] = ()) -> tuple[Measure, ...]:
    """R12: the suspect's own password, and second factors (serial numbers) that somebody gave the suspect meanwhile."""
    if not suspect.user:
        return ()
    own = (_measure(CONSOLE_CLOSED, suspect.user),) if has_password is not False else ()
    return (*own, *(_measure(DEVICE_OFF, each) for each in devices))


def devices_since(devices: Iterable[Mapping[str, Any]], since: datetime) -> tuple[str, ...]:
    """The serial numbers of the devices that were enabled since then; only those that IAM names by an ARN can be taken away.

    Source: IAM API reference, MFADevice (EnableDate; a hardware token's serial number is no ARN).
    """
    return tuple(
        str(each["SerialNumber"])
        for each in devices
        if str(each["SerialNumber"]).startswith("arn:") and (not each.get("EnableDate") or each["EnableDate"] >= since)
    )


def uncovered(closure: Closure, done: Iterable[tuple[Measure, datetime]], now: datetime) -> tuple[Credential, ...]:
    """The credentials of ours that can still act although these measures were taken (each with its moment)."""
    taken = {_mark(each.step, each.resource): at for each, at in done}
    return tuple(
        each for each in closure.live(now) if each.account_is_ours is not False and not _is_stopped(each, taken)
    )


def untaken(wanted: Iterable[Measure], held: frozenset[tuple[str, str]]) -> tuple[Measure, ...]:
    """What keeps new credentials from being given out and does not hold: by it a thief can come back, whatever was revoked.

    `held` are steps with their resources. A role or user that may do nothing needs no narrower door.
    """
    return tuple(
        each
        for each in wanted
        if each.step in _DOORS
        and (each.step, each.resource) not in held
        and not any((step, each.resource) in held for step in _DOORS[each.step])
    )


def stopped_at(credential: Credential, done: Iterable[tuple[Measure, datetime]]) -> datetime | None:
    """Since when it may do nothing, by these measures; None where none of them ends it. A narrower door ends no session."""
    places = {
        _mark(KEY_OFF, f"{credential.user}/{credential.id}"),
        *(_mark(step, credential.user) for step in (USER_DENIED, USER_REVOKED)),
        *(_mark(step, credential.role) for step in (ROLE_DENIED, ROLE_REVOKED)),
        *(_mark(SSO_DENIED, each) for each in _sso_places(credential)),
    }
    return min((at for each, at in done if each.resource and _mark(each.step, each.resource) in places), default=None)


def _is_stopped(credential: Credential, taken: dict[tuple[str, str, str], datetime]) -> bool:
    if _mark(USER_DENIED, credential.user) in taken or _mark(ROLE_DENIED, credential.role) in taken:
        return True
    if any(_mark(SSO_DENIED, each) in taken for each in _sso_places(credential)):
        return True
    if credential.kind is CredentialKind.USER_KEY:
        return _mark(KEY_OFF, f"{credential.user}/{credential.id}") in taken
    step, whose = (ROLE_REVOKED, credential.role) if credential.role else (USER_REVOKED, credential.user)
    cutoff = taken.get(_mark(step, whose))
    return cutoff is not None and (credential.issued_at is None or credential.issued_at < cutoff)


def permission_set(role: str) -> str:
    """The name of the permission set of which a role is, "" for a role of one's own: IAM lets nobody edit the former."""
    found = SSO_ROLE.match(role.rpartition("/")[2])
    return found[1] if found else ""


def people_of(credentials: Iterable[Credential]) -> tuple[str, ...]:
    """The user names of whose sessions of permission sets these are; names that nobody could type are left out."""
    names = (session_name(each.principal) for each in credentials if permission_set(each.role))
    return tuple(dict.fromkeys(each for each in names if _USER_NAME.match(each)))


def sso_place(name: str, user: str) -> str:
    """A person in a permission set, as what stops sessions of both names them; user names know no case there."""
    return f"{name}/{user.casefold()}"


def _sso_places(credential: Credential) -> tuple[str, ...]:
    name, user = permission_set(credential.role), session_name(credential.principal)
    return (sso_place(name, user),) if name and user else ()


def _mark(step: str, resource: str) -> tuple[str, str, str]:
    """Logs do not always have the path of a user or role: its account and name tell which it is."""
    account, name = user_key(resource)
    return (step, account, name) if account else (step, "", resource)


def _of_key(credential: Credential) -> Iterator[Measure]:
    if credential.kind is CredentialKind.USER_KEY and credential.user and credential.id.startswith("AKIA"):
        yield _measure(KEY_OFF, f"{credential.user}/{credential.id}")


def _of_made(made: Iterable[Made], closure: Closure) -> list[Measure]:
    found: list[Measure] = []
    spared = {user_key(each) for each in closure.spared}
    for each in made:
        if each.is_from_known_origin and user_key(each.arn) in spared:
            continue
        if each.kind == _ROLE and each.arn and each.is_created:
            # Denied, it can do nothing; narrowed, nobody from outside can even take it.
            found += [_measure(ROLE_DENIED, each.arn), _measure(TRUST_NARROWED, each.arn)]
        elif each.kind == _ROLE and each.arn and each.change == _TRUST:
            found.append(_measure(TRUST_NARROWED, each.arn))
        elif each.kind == _LOGIN and each.arn and each.arn not in closure.users:
            found.append(_measure(CONSOLE_CLOSED, each.arn))
    return found


def _measure(step: str, resource: str) -> Measure:
    return Measure(account=account_in(resource), step=step, resource=resource)
