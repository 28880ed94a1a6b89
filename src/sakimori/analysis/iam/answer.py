"""What is asked of policies, and what an answer is made of."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sakimori.analysis.iam.policy import Policy
from sakimori.collect.policy_document import Statement


class Decision(StrEnum):
    """What AWS answers; IMPLICIT_DENY where nothing allows."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"
    UNKNOWN = "unknown"


class PolicyKind(StrEnum):
    """How a policy bears on a request."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"


class Because(StrEnum):
    """Why something bears on a decision beside what a statement says."""

    NOTHING_ALLOWS = "nothing_allows"
    NOT_READ = "not_read"
    DEPENDS_ON_RESOURCE = "depends_on_resource"
    """No resource was named, and the policies of resources decide for each its own."""
    SOME_RESOURCES = "some_resources"
    """No resource was named, and the statement speaks of some of them alone."""
    GRANTS_NOT_READ = "grants_not_read"
    """A grant of the KMS key may allow it."""
    OWNER_NOT_KNOWN = "owner_not_known"
    """Whose the resource is; from another account both sides would have to allow it."""
    NOT_ACROSS = "not_across"
    """The operation works within one account only."""
    SESSION_NOT_TOLD = "session_not_told"
    """The statement names a session of the role, and which one asks is not known."""
    PRINCIPAL_NOT_KNOWN = "principal_not_known"
    """Whether the statement's principals are who asks."""
    MANAGEMENT_NOT_KNOWN = "management_not_known"
    """Whether the account manages its organisation, whose SCPs then do not reach it."""
    BUCKET_BEHIND = "bucket_behind"
    """The access point lets him in by policies of his own, and whether these must name the bucket behind it too, AWS does not say."""
    FROM_ONE_NETWORK = "from_one_network"
    """The access point takes requests from one VPC alone, or that is not known."""
    RCP_REACH_NOT_KNOWN = "rcp_reach_not_known"
    """Whether RCPs reach the service."""
    PATTERN_NOT_CLEAR = "pattern_not_clear"
    """AWS's documents do not say what the statement's pattern or operator means here."""
    NO_PERMISSION_NEEDED = "no_permission_needed"
    NOT_CALLABLE = "not_callable"
    """The operation is closed to this kind of caller."""
    ROOT_USER = "root_user"
    """The root user needs no identity-based policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All that bear on a request. None: there is none of the kind; levels go from the organisation's root to the account.

    `unread` names kinds of which some could not be read: what they allow or deny is not known. `resource_because` says why, of the
    policy of the resource. `some_resources`: where no resource was named, the policies that bear on one each.
    `are_grants_unread`: the resource is a KMS key of which nobody told the grants.
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    some_resources: tuple[Policy, ...] = ()
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    scp: tuple[tuple[Policy, ...], ...] | None = None
    rcp: tuple[tuple[Policy, ...], ...] | None = None
    unread: frozenset[PolicyKind] = frozenset()
    resource_because: Because = Because.NOT_READ
    are_grants_unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that bears on the decision.

    A statement that applies (`certain`) or may apply; or, without one, what `because` says of a kind of policy.
    """

    kind: PolicyKind
    is_allow: bool
    certain: bool = True
    policy: Policy | None = None
    statement: Statement | None = None
    because: Because | None = None
    """Always there without a statement; with one, why it only may apply, where no key tells that."""
    keys: tuple[str, ...] = ()
    """The condition keys of unknown value on which it hangs."""

    @property
    def is_unread(self) -> bool:
        """Policies of the kind are not known."""
        return self.because in _UNREAD


_UNREAD: Final = frozenset({Because.NOT_READ, Because.DEPENDS_ON_RESOURCE})
_OWN: Final = frozenset({PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SESSION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`reasons`, the deciding ones first; never without one."""

    decision: Decision
    reasons: tuple[Reason, ...]

    @property
    def is_allowed(self) -> bool | None:
        """None where it is not known."""
        return None if self.decision is Decision.UNKNOWN else self.decision is Decision.ALLOWED

    @property
    def hangs_on_others_alone(self) -> bool:
        """Nothing of the principal's own allows it; a policy of the resource, or a grant, that nobody read might."""
        if self.decision is not Decision.UNKNOWN:
            return False
        own = any(each.because is Because.NOTHING_ALLOWS and each.kind in _OWN for each in self.reasons)
        return own and not any(each.statement and each.is_allow and not each.certain for each in self.reasons)
