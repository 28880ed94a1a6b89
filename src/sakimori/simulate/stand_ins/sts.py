"""What STS gives out: sessions with keys of their own, known to the gate, and who somebody is.

Whether the role trusts who asks the gate has judged. Sources: AWS STS API Reference, AssumeRole, GetSessionToken and
GetFederationToken (durations, role chaining); IAM User Guide, "Compare AWS STS credentials".
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from sakimori.aws.key_ids import account_of_key
from sakimori.collect.policy_reach import account_in
from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.callers import default_version
from sakimori.simulate.refusals import Reason, access_denied
from sakimori.simulate.sessions import Session, SessionKind, Whose, begin_session, iam_of, role_of
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.stand_ins.iam import know_managed_policy
from sakimori.simulate.state import AccountState

_LEAST: Final = 900
_CHAINED: Final = 3600
_HALF_A_DAY: Final = 43_200
_LONGEST: Final = 129_600
_TOKEN_CODE: Final = re.compile(r"[0-9]{6}\Z")
_PACKED: Final = 6


def assume_role(desk: Desk) -> Mapping[str, Any]:
    """A session of the role, in the role's account."""
    asked = desk.parameters()
    arn, name = str(asked.get("RoleArn", "")), str(asked.get("RoleSessionName", ""))
    owner = desk.state.accounts.get(account_in(arn))
    role = role_of(iam_of(owner), arn) if owner else None
    if owner is None or role is None:
        reason = Reason.IDENTITY_IMPLICIT
        raise access_denied(desk.call, arn=desk.principal, action="sts:AssumeRole", resource=arn, reason=reason)
    is_chained = (
        desk.caller is not None and desk.caller.session is not None and desk.caller.session.kind is SessionKind.ROLE
    )
    if is_chained and int(asked.get("DurationSeconds", _CHAINED)) > _CHAINED:
        raise _invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        )
    most = int(role.max_session_duration or _CHAINED)
    acting = f"arn:{owner.partition}:sts::{owner.account_id}:assumed-role/{role.name}/{name}"
    whose = Whose(kind=SessionKind.ROLE, arn=acting, holder=str(role.name), holder_id=str(role.id))
    session = _issued(owner, desk, whose, seconds=_duration(asked, _CHAINED, most))
    return {
        "Credentials": _shown(session),
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        "PackedPolicySize": _PACKED,
    }


def get_session_token(desk: Desk) -> Mapping[str, Any] | Answer:
    """The user itself, for half a day or as long as it asks."""
    caller = desk.caller
    if caller is None:
        return desk.moto()
    seconds = _duration(desk.parameters(), _HALF_A_DAY, _LONGEST)
    whose = Whose(kind=SessionKind.USER, arn=caller.arn, holder=caller.principal.name, holder_id=caller.holder_id)
    session = _issued(desk.state, desk, whose, seconds=seconds)
    return {"Credentials": _shown(session)}


def get_federation_token(desk: Desk) -> Mapping[str, Any] | Answer:
    """Somebody with a name of the caller's choice, who may what both the user and the passed policies allow."""
    caller = desk.caller
    if caller is None:
        return desk.moto()
    asked = desk.parameters()
    state = desk.state
    arn = f"arn:{state.partition}:sts::{state.account_id}:federated-user/{asked.get('Name', '')}"
    seconds = _duration(asked, _HALF_A_DAY, _LONGEST)
    whose = Whose(kind=SessionKind.FEDERATED, arn=arn, holder=caller.principal.name, holder_id=caller.holder_id)
    session = _issued(state, desk, whose, seconds=seconds)
    return {
        "Credentials": _shown(session),
        "FederatedUser": {"FederatedUserId": session.user_id, "Arn": session.arn},
        "PackedPolicySize": _PACKED,
    }


def caller_identity(desk: Desk) -> Mapping[str, Any] | Answer:
    """Who has signed the call."""
    caller = desk.caller
    if caller is None:
        return desk.moto()
    return {"UserId": caller.user_id, "Account": caller.account_id, "Arn": caller.arn}


def access_key_info(desk: Desk) -> Mapping[str, Any] | Answer:
    """The account that the id itself names: moto would call every stranger's key one of the caller's own."""
    account = account_of_key(str(desk.parameters().get("AccessKeyId", "")))
    return {"Account": account} if account else desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {
    "sts:AssumeRole": assume_role,
    "sts:GetAccessKeyInfo": access_key_info,
    "sts:GetCallerIdentity": caller_identity,
    "sts:GetFederationToken": get_federation_token,
    "sts:GetSessionToken": get_session_token,
}


def _issued(owner: AccountState, desk: Desk, whose: Whose, *, seconds: int) -> Session:
    asked = desk.parameters()
    return begin_session(
        owner, whose, timedelta(seconds=seconds),
        policies=tuple(_session_policies(owner, asked)) or None, has_mfa=_is_mfa_right(desk, asked),
    )  # fmt: skip


def _session_policies(owner: AccountState, asked: Mapping[str, Any]) -> Iterator[str]:
    if asked.get("Policy"):
        yield str(asked["Policy"])
    for each in asked.get("PolicyArns") or ():
        arn = str(each.get("arn", ""))
        know_managed_policy(owner, arn)
        policy = iam_of(owner).managed_policies.get(arn)
        if policy is None:
            raise ServiceError("MalformedPolicyDocument", f"The managed policy {arn} does not exist.", 400)
        yield default_version(policy)


def _is_mfa_right(desk: Desk, asked: Mapping[str, Any]) -> bool:
    """Any six digits are the code of a device that the calling user has. AccessDenied for another's, and for no code."""
    serial, code = str(asked.get("SerialNumber") or ""), str(asked.get("TokenCode") or "")
    if not serial and not code:
        return False
    caller = desk.caller
    user = iam_of(desk.state).users.get(caller.principal.name) if caller and caller.session is None else None
    if user is None or serial not in user.mfa_devices or not _TOKEN_CODE.match(code):
        raise ServiceError("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.", 403)
    return True


def _duration(asked: Mapping[str, Any], otherwise: int, most: int) -> int:
    seconds = int(asked.get("DurationSeconds") or otherwise)
    if _LEAST <= seconds <= most:
        return seconds
    if seconds > most:
        raise _invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    raise _invalid(f"Value '{seconds}' at 'durationSeconds' must have value greater than or equal to {_LEAST}")


def _shown(session: Session) -> Mapping[str, Any]:
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.token,
        "Expiration": session.expires_at,
    }


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationError", message, 400)
