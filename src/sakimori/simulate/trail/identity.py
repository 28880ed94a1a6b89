"""Who made a call, as CloudTrail's `userIdentity` says it: a user, a role's session, or nobody known.

Source: CloudTrail User Guide, "CloudTrail userIdentity element".
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.iam.models import IAMBackend, iam_backends

from sakimori.simulate.call import Call
from sakimori.simulate.sessions import SessionKind, session_of

if TYPE_CHECKING:
    # The state holds the history, which holds identities.
    from sakimori.simulate.state import AccountState

Identity = Mapping[str, Any]

ANYONE: Identity = {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}


def identity_of(state: "AccountState", call: Call) -> Identity | None:
    """None for a key that this account does not know: AWS records no event of it."""
    if not call.access_key_id:
        return ANYONE
    iam: IAMBackend = iam_backends[state.account_id][state.partition]
    key = iam.access_keys.get(call.access_key_id)
    if key is not None and key.user_name in iam.users:
        return of_user(iam, str(key.user_name), state.account_id, call.access_key_id)
    return _of_session(state, iam, call.access_key_id)


def of_user(iam: IAMBackend, name: str, account_id: str, access_key_id: str = "") -> Identity:
    """A user of IAM; without a key the one who is signed in to the console."""
    user = iam.users[name]
    found = {
        "type": "IAMUser",
        "principalId": user.id,
        "arn": user.arn,
        "accountId": account_id,
        "accessKeyId": access_key_id,
        "userName": name,
    }
    return {key: value for key, value in found.items() if value}


def of_role(iam: IAMBackend, name: str, session: Mapping[str, str], account_id: str) -> Identity:
    """A session of a role: `session` has its `name`, `access_key_id` and `created_at` (as CloudTrail spells times)."""
    role = iam.get_role(name)
    partition = str(role.arn).split(":")[1]
    return {
        "type": "AssumedRole",
        "principalId": f"{role.id}:{session['name']}",
        "arn": f"arn:{partition}:sts::{account_id}:assumed-role/{name}/{session['name']}",
        "accountId": account_id,
        "accessKeyId": session["access_key_id"],
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role.id,
                "arn": role.arn,
                "accountId": account_id,
                "userName": name,
            },
            "attributes": {"creationDate": session["created_at"], "mfaAuthenticated": "false"},
        },
    }


def user_name_of(identity: Identity) -> str:
    """By which name LookupEvents finds who it was: the user's, or the session's."""
    if identity.get("type") == "Root":
        return "root"
    return str(identity.get("userName") or str(identity.get("principalId", "")).partition(":")[2])


def as_seen_elsewhere(identity: Identity) -> Identity:
    """Whoever comes from another account, as the account that is reached for sees them: without key, name and ARN.

    Source: CloudTrail User Guide, "CloudTrail userIdentity element", AWSAccount; IAM User Guide, "Logging IAM and AWS STS API
    calls with AWS CloudTrail", the example of a role assumed across accounts.
    """
    return {"type": "AWSAccount", "principalId": identity["principalId"], "accountId": identity["accountId"]}


def _of_session(state: "AccountState", iam: IAMBackend, access_key_id: str) -> Identity | None:
    session = session_of(state, access_key_id)
    if session is None:
        return None
    created = session.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if session.kind is SessionKind.ROLE:
        told = {"name": session.name, "access_key_id": access_key_id, "created_at": created}
        if session.holder not in _names(iam):
            return None
        found = dict(of_role(iam, session.holder, told, state.account_id))
        if session.provider:
            context = {"webIdFederationData": {"federatedProvider": session.provider, "attributes": {}}}
            found["sessionContext"] = {**found["sessionContext"], **context}
        return found
    if session.holder not in iam.users:
        return None
    attributes = {"creationDate": created, "mfaAuthenticated": "true" if session.has_mfa else "false"}
    user = of_user(iam, session.holder, state.account_id, access_key_id)
    if session.kind is SessionKind.USER:
        return {**user, "sessionContext": {"attributes": attributes}}
    issuer = {"type": "IAMUser", **{key: user[key] for key in ("principalId", "arn", "accountId", "userName")}}
    return {
        "type": "FederatedUser",
        "principalId": session.user_id,
        "arn": session.arn,
        "accountId": state.account_id,
        "accessKeyId": access_key_id,
        "sessionContext": {"sessionIssuer": issuer, "attributes": attributes},
    }


def _names(iam: IAMBackend) -> set[str]:
    return {str(role.name) for role in tuple(iam.roles.values())}
