"""What the simulated account knows of a call beside its action and resource: the keys that conditions ask for.

Source: IAM User Guide, "AWS global condition context keys", the availability of each key. A key with no value is one that the
call does not bear; what is not named here is not known.
"""

from typing import Final

from sakimori.simulate.call import Call
from sakimori.simulate.callers import Caller
from sakimori.simulate.organization import organization_id_of
from sakimori.simulate.sessions import SessionKind
from sakimori.simulate.state import AccountState
from sakimori.simulate.trail.event import ADDRESS

_HOME: Final = "us-east-1"
_ABSENT: Final = (
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:calledvia",
    "aws:sourcearn",
    "aws:sourceaccount",
)


def address_of(call: Call) -> str:
    """The address from which the call comes, as CloudTrail shows it."""
    return str(call.environ.get(ADDRESS) or call.environ.get("REMOTE_ADDR", "127.0.0.1"))


def circumstances(state: AccountState, call: Call, caller: Caller) -> dict[str, tuple[str, ...]]:
    """By the key in lower case. The endpoint on loopback stands for one that speaks TLS."""
    now, session, organization = state.clock(), caller.session, organization_id_of(state)
    told: dict[str, tuple[str, ...]] = {
        **dict.fromkeys(_ABSENT, ()),
        "aws:requestedregion": (call.region or _HOME,),
        "aws:currenttime": (now.isoformat(),),
        "aws:epochtime": (str(int(now.timestamp())),),
        "aws:securetransport": ("true",),
        "aws:sourceip": (address_of(call),),
        "aws:useragent": (str(call.environ.get("HTTP_USER_AGENT", "")),),
        "aws:userid": (caller.user_id,),
        "aws:principalorgid": (organization,) if organization else (),
        "aws:tokenissuetime": (session.issued_at.isoformat(),) if session else (),
        "aws:multifactorauthpresent": (("true" if session.has_mfa else "false"),) if session else (),
        "aws:multifactorauthage": (),
        # Source: IAM Identity Center User Guide, "Use a Deny policy to revoke active user permissions".
        "identitystore:userid": (session.person,) if session and session.person else (),
    }
    if session and session.has_mfa:
        told["aws:multifactorauthage"] = (str(int((now - session.issued_at).total_seconds())),)
    if session and session.kind is SessionKind.USER:
        told["aws:username"] = (session.holder,)
    return told
