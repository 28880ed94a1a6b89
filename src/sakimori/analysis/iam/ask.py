"""One request, decided by all policies that apply to it, and explained. Three-valued: what is not known may make it unknown.

Source: IAM User Guide, "Policy evaluation logic", its pages on one account and on several; "Permissions boundaries for IAM
entities"; AWS Organizations User Guide, "SCP evaluation" and "RCP evaluation".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sakimori.analysis.iam.context import Context, Missing
from sakimori.analysis.iam.policy import Clause, Policy
from sakimori.analysis.iam.principal import Grant, PrincipalKind, grant_of
from sakimori.analysis.iam.request import Request
from sakimori.collect.kleene import every, some
from sakimori.collect.policy_document import Statement

# Services that never let in who has only an identity's policy: the resource's own policy must let its account in first.
# Source: KMS Developer Guide, "Default key policy"; IAM User Guide, "IAM roles: trust policy".
_ASSUMING: Final = "sts:assumerole"
# What works with another account's key at all. Source: KMS Developer Guide, "Allowing users in other accounts to use a KMS key".
_KMS_ACROSS: Final = frozenset(
    f"kms:{each}"
    for each in (
        "creategrant", "decrypt", "derivesharedsecret", "describekey", "encrypt", "generatedatakey", "generatedatakeypair",
        "generatedatakeypairwithoutplaintext", "generatedatakeywithoutplaintext", "generatemac", "getkeyrotationstatus",
        "getpublickey", "listgrants", "reencryptfrom", "reencryptto", "retiregrant", "revokegrant", "sign", "verify", "verifymac",
    )
)  # fmt: skip
# Whose resources RCPs reach; of the others the stored documents are too old to say.
# Source: AWS Organizations User Guide, "Resource control policies", list of services (as of 2025).
UNDER_RCP: Final = frozenset({"s3", "sts", "kms", "sqs", "secretsmanager", "ecr", "aoss"})
_NOT_UNDER_RCP: Final = frozenset({"kms:retiregrant"})
MAYBE_UNDER_RCP: Final = frozenset({"dynamodb", "logs", "cognito-identity", "cognito-idp"})


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


_GUARDS: Final = frozenset({PolicyKind.SCP, PolicyKind.RCP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All that bear on a request. None: there is none of the kind; levels go from the organisation's root to the account.

    `unread` names kinds of which some could not be read: what they allow or deny is not known.
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    scp: tuple[tuple[Policy, ...], ...] | None = None
    rcp: tuple[tuple[Policy, ...], ...] | None = None
    unread: frozenset[PolicyKind] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that bears on the decision.

    A statement that applies (`certain`) or may apply; or, without one, a kind of policy that allows nothing or was not read.
    """

    kind: PolicyKind
    is_allow: bool
    certain: bool = True
    policy: Policy | None = None
    statement: Statement | None = None
    is_unread: bool = False
    keys: tuple[str, ...] = ()
    """The condition keys of unknown value on which it hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`reasons`, the deciding ones first."""

    decision: Decision
    reasons: tuple[Reason, ...]

    @property
    def is_allowed(self) -> bool | None:
        """None where it is not known."""
        return None if self.decision is Decision.UNKNOWN else self.decision is Decision.ALLOWED


def is_gated(action: str, resource: str) -> bool:
    """Whether the resource's own policy must let in whoever does this, from its own account too."""
    lower = action.lower()
    return lower.startswith(_ASSUMING) or (lower.startswith("kms:") and resource != "*")


def ask(request: Request, policies: Policies) -> Answer:
    """Decide the request."""
    return _Asking(request, policies, request.action.lower(), request.whole_context(), []).answer()


@dataclass(frozen=True, slots=True)
class _Asking:
    request: Request
    policies: Policies
    action: str
    context: Context
    reasons: list[Reason]

    def answer(self) -> Answer:
        is_denied = self._is_denied()
        if is_denied:
            return self._made(Decision.EXPLICIT_DENY, is_allow=False)
        is_allowed = self._is_allowed()
        if is_allowed is False:
            return self._made(Decision.IMPLICIT_DENY, is_allow=False)
        if is_allowed is None or is_denied is None:
            return Answer(decision=Decision.UNKNOWN, reasons=tuple(sorted(self.reasons, key=lambda each: each.certain)))
        return self._made(Decision.ALLOWED, is_allow=True)

    def _made(self, decision: Decision, *, is_allow: bool) -> Answer:
        deciding = [each for each in self.reasons if each.is_allow is is_allow and each.certain]
        return Answer(decision=decision, reasons=tuple(deciding))

    # -- what denies ------------------------------------------------------------------------

    def _is_denied(self) -> bool | None:
        answers = [self._resource_denies(), *(self._denies(kind, policy) for kind, policy in self._denying())]
        for kind in sorted(self.policies.unread):
            if self._bears(kind) is not False:
                # What was not read may deny.
                self.reasons.append(Reason(kind=kind, is_allow=False, certain=False, is_unread=True))
                answers.append(None)
        return some(answers)

    def _denying(self) -> Iterable[tuple[PolicyKind, Policy]]:
        policies = self.policies
        if self._has_identity():
            yield from ((PolicyKind.IDENTITY, each) for each in policies.identity)
            yield from ((PolicyKind.BOUNDARY, each) for each in policies.boundary or ())
            yield from ((PolicyKind.SESSION, each) for each in policies.session or ())
        if self._bears(PolicyKind.SCP) is not False:
            yield from ((PolicyKind.SCP, each) for level in policies.scp or () for each in level)
        if self._bears(PolicyKind.RCP) is not False:
            yield from ((PolicyKind.RCP, each) for level in policies.rcp or () for each in level)

    def _denies(self, kind: PolicyKind, policy: Policy) -> bool | None:
        if not policy.denies:
            return False
        answer = some([self._holds(kind, policy, clause) for clause in policy.denies])
        # Whether the policy reaches the request at all may not be known.
        return None if answer and kind in _GUARDS and self._bears(kind) is None else answer

    def _resource_denies(self) -> bool | None:
        policy = self.policies.resource
        return some(self._speaks(policy, clause)[0] for clause in policy.denies) if policy else False

    # -- what allows ------------------------------------------------------------------------

    def _is_allowed(self) -> bool | None:
        identity, grants = self._identity(), self._grants()
        guards = every([self._scp(), self._rcp()])
        if self.request.is_cross_account:
            return every([guards, self._across(grants, identity=identity)])
        return every([guards, self._within(grants, identity=identity)])

    def _within(self, grants: dict[Grant, bool | None], *, identity: bool | None) -> bool | None:
        """Within one account either side may allow, but for the services whose resources must."""
        limits = every([self._limit(PolicyKind.BOUNDARY), self._limit(PolicyKind.SESSION)])
        by_identity = every([identity, limits])
        if is_gated(self.action, self.request.resource):
            by_identity = every([by_identity, some(grants.values())])
        elif PolicyKind.RESOURCE in self.policies.unread:
            by_identity = some([by_identity, None])
        # A trust policy that names a user directly is still limited by the user's boundary.
        direct = every([grants[Grant.DIRECT], limits]) if self._is_assuming() else grants[Grant.DIRECT]
        return some([direct, every([grants[Grant.ROLE], limits]), by_identity])

    def _across(self, grants: dict[Grant, bool | None], *, identity: bool | None) -> bool | None:
        """Both sides must allow; who belongs to no account has only one."""
        by_resource = some(grants.values())
        if not self._has_identity():
            return by_resource
        if self.action.startswith("kms:") and self.action not in _KMS_ACROSS:
            return False
        limits = every([self._limit(PolicyKind.BOUNDARY), self._limit(PolicyKind.SESSION)])
        return every([by_resource, identity, limits])

    def _is_assuming(self) -> bool:
        return self.action.startswith(_ASSUMING)

    def _has_identity(self) -> bool:
        return bool(self.request.principal.account) and self.request.principal.kind is not PrincipalKind.WEB

    def _identity(self) -> bool | None:
        if not self._has_identity():
            return False
        if self.request.principal.kind is PrincipalKind.ROOT:
            return True
        return self._some_allows(PolicyKind.IDENTITY, self.policies.identity)

    def _limit(self, kind: PolicyKind) -> bool | None:
        """What a boundary or a session's policies leave; everything where there are none."""
        limiting = self.policies.boundary if kind is PolicyKind.BOUNDARY else self.policies.session
        if limiting is None and kind not in self.policies.unread:
            # A federated user's session without a policy of its own has nothing of the user's.
            return kind is PolicyKind.BOUNDARY or self.request.principal.kind is not PrincipalKind.FEDERATED_USER
        return self._some_allows(kind, limiting or ())

    def _scp(self) -> bool | None:
        bears = self._bears(PolicyKind.SCP)
        if bears is False or (self.policies.scp is None and PolicyKind.SCP not in self.policies.unread):
            return True
        levels = self.policies.scp or ()
        answer = every(self._some_allows(PolicyKind.SCP, level) for level in levels)
        if answer is True and PolicyKind.SCP in self.policies.unread:
            return None
        return None if answer is False and bears is None else answer

    def _rcp(self) -> bool | None:
        """RCPs only deny: the policy that allows everything cannot be detached."""
        is_unread = PolicyKind.RCP in self.policies.unread and self._bears(PolicyKind.RCP) is not False
        return None if is_unread else True

    def _bears(self, kind: PolicyKind) -> bool | None:
        """Whether policies of the kind reach the request at all."""
        request = self.request
        if kind is PolicyKind.SCP:
            if not self._has_identity() or request.is_service_linked:
                return False
            return None if request.is_management_account is None else not request.is_management_account
        if kind is PolicyKind.RCP:
            is_managing = request.is_management_account and not request.is_cross_account
            service = self.action.partition(":")[0]
            is_exempt = request.is_service_linked or is_managing or self.action in _NOT_UNDER_RCP
            if is_exempt or service not in UNDER_RCP | MAYBE_UNDER_RCP:
                return False
            return True if service in UNDER_RCP else None
        if kind is PolicyKind.RESOURCE:
            return True
        return self._has_identity()

    def _some_allows(self, kind: PolicyKind, policies: Sequence[Policy]) -> bool | None:
        answer = some(self._holds(kind, policy, clause) for policy in policies for clause in policy.allows)
        if answer is not False:
            return answer
        if kind in self.policies.unread:
            return None
        self.reasons.append(Reason(kind=kind, is_allow=False))
        return False

    def _grants(self) -> dict[Grant, bool | None]:
        """By how closely the resource's policy names the principal, whether it allows."""
        policy = self.policies.resource
        if policy is None:
            unknown = None if PolicyKind.RESOURCE in self.policies.unread else False
            return dict.fromkeys(Grant, unknown)
        found: dict[Grant, bool | None] = dict.fromkeys(Grant, False)
        for clause in policy.allows:
            answer, grant = self._speaks(policy, clause)
            found[grant] = some([found[grant], answer])
        if not any(found[grant] is not False for grant in Grant):
            self.reasons.append(Reason(kind=PolicyKind.RESOURCE, is_allow=False))
        return found

    # -- statements -------------------------------------------------------------------------

    def _holds(self, kind: PolicyKind, policy: Policy, clause: Clause) -> bool | None:
        answer = clause.holds(self.action, self.request.resource, self.context)
        if answer is not False:
            self._note(kind, policy, clause.statement, certain=bool(answer))
        return answer

    def _speaks(self, policy: Policy, clause: Clause) -> tuple[bool | None, Grant]:
        named, grant = grant_of(clause.statement.principals, self.request.principal)
        if clause.statement.principals.is_negated and not clause.statement.is_allow and self.policies.boundary:
            # Source: "Permissions boundaries for IAM entities": NotPrincipal denies whoever has a boundary, listed or not.
            named = True
        if named is False:
            return False, grant
        answer = every([named, clause.holds(self.action, self.request.resource, self.context)])
        if answer is not False:
            self._note(PolicyKind.RESOURCE, policy, clause.statement, certain=bool(answer))
        return answer, grant

    def _note(self, kind: PolicyKind, policy: Policy, statement: Statement, *, certain: bool) -> None:
        keys = (
            () if certain else tuple(sorted({each.key for each in statement.conditions if self._is_unknown(each.key)}))
        )
        self.reasons.append(
            Reason(
                kind=kind, is_allow=statement.is_allow, certain=certain, policy=policy, statement=statement, keys=keys
            )
        )  # fmt: skip

    def _is_unknown(self, key: str) -> bool:
        return self.context.value(key.lower()) is Missing.UNKNOWN
