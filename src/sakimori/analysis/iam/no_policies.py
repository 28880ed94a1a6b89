"""What no policy decides: operations that everyone may call, and callers to whom an operation is closed.

Sources: STS API Reference, "GetCallerIdentity" (no permissions are required, and a denial has no effect); IAM User Guide,
"Permissions for GetSessionToken" (no policy controls it), "Compare AWS STS credentials" (who can call what, and what cannot be
called with temporary credentials), "Methods to assume a role" (not by the root user); S3 API Reference, "PutBucketPolicy" and its
like (the root user of the bucket's account, whatever the bucket's policy says).
"""

from collections.abc import Mapping
from typing import Final

from sakimori.analysis.iam.answer import Because, Decision
from sakimori.analysis.iam.principal import Principal, PrincipalKind

_LONG_TERM: Final = frozenset({PrincipalKind.USER, PrincipalKind.ROOT})
_TEMPORARY: Final = frozenset({PrincipalKind.ROLE, PrincipalKind.SESSION, PrincipalKind.FEDERATED_USER})
_UNCONTROLLED: Final = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
NOT_CALLABLE: Final[Mapping[str, frozenset[PrincipalKind]]] = {
    "sts:assumerole": frozenset({PrincipalKind.ROOT, PrincipalKind.FEDERATED_USER}),
    "sts:getsessiontoken": _TEMPORARY,
    "sts:getfederationtoken": _TEMPORARY,
}
"""By action in lower case, to whom it is closed."""
_ROOT_KEEPS: Final = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})


def decided(who: Principal, action: str) -> tuple[Decision, Because] | None:
    """The answer that holds whatever policies say, of an action in lower case; None where policies decide."""
    if not action.startswith("sts:"):
        return None
    closed = NOT_CALLABLE.get(action, frozenset())
    if who.kind in closed:
        return Decision.IMPLICIT_DENY, Because.NOT_CALLABLE
    if who.kind is PrincipalKind.UNNAMED and PrincipalKind.ROLE in closed:
        return Decision.UNKNOWN, Because.PRINCIPAL_NOT_KNOWN
    if action in _UNCONTROLLED and who.kind in _LONG_TERM | _TEMPORARY | {PrincipalKind.UNNAMED}:
        return Decision.ALLOWED, Because.NO_PERMISSION_NEEDED
    return None


def keeps_bucket_policy(who: Principal, action: str) -> bool:
    """Whether no policy of its own bucket can keep the root user from this."""
    return who.kind is PrincipalKind.ROOT and action in _ROOT_KEEPS
