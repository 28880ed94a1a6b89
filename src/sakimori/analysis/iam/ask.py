"""One request, decided by all policies that apply to it, and explained. Three-valued: what is not known may make it unknown.

Source: IAM User Guide, "Policy evaluation logic", its pages on one account and on several; "Permissions boundaries for IAM
entities"; AWS Organizations User Guide, "SCP evaluation" and "RCP evaluation".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sakimori.analysis.iam.answer import Answer, Because, Decision, Policies, PolicyKind, Reason
from sakimori.analysis.iam.asked_statements import AskedStatements
from sakimori.analysis.iam.no_policies import decided, keeps_bucket_policy
from sakimori.analysis.iam.policy import Clause, Policy
from sakimori.analysis.iam.principal import Grant, PrincipalKind, grant_of
from sakimori.analysis.iam.request import Request
from sakimori.collect.kleene import every, some

__all__ = ["Answer", "Because", "Decision", "Policies", "PolicyKind", "Reason", "ask", "is_gated"]

# Services that never let in who has only an identity's policy: the resource's own policy must let its account in first.
# Source: KMS Developer Guide, "Default key policy"; IAM User Guide, "IAM roles: trust policy", "Pass session tags in AWS STS"
# (the trust must allow sts:TagSession) and "Monitor and control actions taken with assumed roles" (and sts:SetSourceIdentity).
ASSUMING: Final = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity")
# What works with another account's key at all. Source: KMS Developer Guide, "Allowing users in other accounts to use a KMS key".
_KMS_ACROSS: Final = frozenset(
    f"kms:{each}"
    for each in (
        "creategrant", "decrypt", "derivesharedsecret", "describekey", "encrypt", "generatedatakey", "generatedatakeypair",
        "generatedatakeypairwithoutplaintext", "generatedatakeywithoutplaintext", "generatemac", "getkeyrotationstatus",
        "getpublickey", "listgrants", "reencryptfrom", "reencryptto", "retiregrant", "revokegrant", "sign", "verify", "verifymac",
    )
)  # fmt: skip
# What a grant can allow. Source: KMS API Reference, "CreateGrant", Operations.
_BY_GRANT: Final = frozenset(_KMS_ACROSS - {"kms:getkeyrotationstatus", "kms:listgrants", "kms:revokegrant"})
# Whose resources RCPs reach; of the others the stored documents are too old to say.
# Source: AWS Organizations User Guide, "Resource control policies", list of services (as of 2025).
UNDER_RCP: Final = frozenset({"s3", "sts", "kms", "sqs", "secretsmanager", "ecr", "aoss"})
_NOT_UNDER_RCP: Final = frozenset({"kms:retiregrant"})
MAYBE_UNDER_RCP: Final = frozenset({"dynamodb", "logs", "cognito-identity", "cognito-idp"})
_GUARDS: Final = frozenset({PolicyKind.SCP, PolicyKind.RCP})
_NOT_KNOWN: Final = {PolicyKind.SCP: Because.MANAGEMENT_NOT_KNOWN, PolicyKind.RCP: Because.RCP_REACH_NOT_KNOWN}


def is_gated(action: str, resource: str) -> bool:
    """Whether the resource's own policy must let in whoever does this, from its own account too."""
    lower = action.lower()
    if lower.startswith(ASSUMING):
        # The session of a federated user is tagged by GetFederationToken, which no trust governs.
        return ":federated-user/" not in resource
    return lower.startswith("kms:") and resource != "*"


def ask(request: Request, policies: Policies) -> Answer:
    """Decide the request."""
    action = request.action.lower()
    settled = decided(request.principal, action)
    if settled is not None:
        decision, because = settled
        is_allow = decision is Decision.ALLOWED
        certain = decision is not Decision.UNKNOWN
        reason = Reason(kind=PolicyKind.IDENTITY, is_allow=is_allow, certain=certain, because=because)
        return Answer(decision=decision, reasons=(reason,))
    if keeps_bucket_policy(request.principal, action) and request.is_cross_account is False:
        policies = replace(policies, resource=None, unread=policies.unread - {PolicyKind.RESOURCE})
    reasons = list[Reason]()
    return _Asking(request, policies, action, AskedStatements(request, action, reasons), reasons).answer()


@dataclass(slots=True)
class _Asking:
    request: Request
    policies: Policies
    action: str
    statements: AskedStatements
    reasons: list[Reason]
    has_identity: bool = field(init=False)
    scp_bears: bool | None = field(init=False)

    def __post_init__(self) -> None:
        who, is_management = self.request.principal, self.request.is_management_account
        self.has_identity = bool(who.account) and who.kind is not PrincipalKind.WEB
        self.scp_bears = None if is_management is None else not is_management
        if not self.has_identity or self.request.is_of_service:
            self.scp_bears = False

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
        if decision is Decision.IMPLICIT_DENY:
            # Where a guard lets nothing through, nothing else was decided.
            deciding = [each for each in deciding if each.kind in _GUARDS] or deciding
        return Answer(decision=decision, reasons=tuple(deciding))

    def _note(self, kind: PolicyKind, because: Because, *, is_allow: bool = False, certain: bool = True) -> None:
        self.reasons.append(Reason(kind=kind, is_allow=is_allow, certain=certain, because=because))

    # -- what denies ------------------------------------------------------------------------

    def _is_denied(self) -> bool | None:
        answers = [self._resource_denies(), *(self._denies(kind, policy) for kind, policy in self._denying())]
        for kind in sorted(self.policies.unread):
            is_resource = kind is PolicyKind.RESOURCE
            if is_resource and self.request.is_any_resource and not self._is_gated():
                continue
            if self._bears(kind) is not False:
                # What was not read may deny.
                self._note(kind, self.policies.resource_because if is_resource else Because.NOT_READ, certain=False)
                answers.append(None)
        return some(answers)

    def _denying(self) -> Iterable[tuple[PolicyKind, Policy]]:
        policies = self.policies
        if self.has_identity:
            yield from ((PolicyKind.IDENTITY, each) for each in policies.identity)
            yield from ((PolicyKind.BOUNDARY, each) for each in policies.boundary or ())
            yield from ((PolicyKind.SESSION, each) for each in policies.session or ())
        if policies.scp and self.scp_bears is not False:
            yield from ((PolicyKind.SCP, each) for level in policies.scp for each in level)
        if policies.rcp and self._bears(PolicyKind.RCP) is not False:
            yield from ((PolicyKind.RCP, each) for level in policies.rcp for each in level)

    def _denies(self, kind: PolicyKind, policy: Policy) -> bool | None:
        clauses = policy.denying(self.action)
        if not clauses:
            return False
        # Whether the policy reaches the request at all may not be known.
        doubt = _NOT_KNOWN[kind] if kind in _GUARDS and self._bears(kind) is None else None
        answer = some([self.statements.holds(kind, policy, clause, doubt) for clause in clauses])
        return None if answer and doubt else answer

    def _resource_denies(self) -> bool | None:
        """The policy of the one that was named. Of any resource, what one of them denies says nothing of the others."""
        policy = self.policies.resource
        return some(self._speaks(policy, clause)[0] for clause in policy.denying(self.action)) if policy else False

    def _of_resources(self) -> tuple[Policy, ...]:
        one = self.policies.resource
        return self.policies.some_resources if one is None else (one, *self.policies.some_resources)

    # -- what allows ------------------------------------------------------------------------

    def _is_allowed(self) -> bool | None:
        identity, grants = self._identity(), self._grants()
        guards = every([self._scp(), self._rcp()])
        limits = self._limits()
        is_across = self.request.is_cross_account
        if is_across is None:
            answers = [self._within(grants, identity, limits), self._across(grants, identity, limits)]
            answer = answers[0] if answers[0] == answers[1] else None
            if answer is not False and answers[0] != answers[1]:
                self._note(PolicyKind.RESOURCE, Because.OWNER_NOT_KNOWN, certain=False)
        else:
            answer = self._across(grants, identity, limits) if is_across else self._within(grants, identity, limits)
        if answer is False and self.policies.are_grants_unread and self.action in _BY_GRANT:
            self._note(PolicyKind.RESOURCE, Because.GRANTS_NOT_READ, is_allow=True, certain=False)
            answer = None
        return every([guards, answer])

    def _within(self, grants: dict[Grant, bool | None], identity: bool | None, limits: bool | None) -> bool | None:  # noqa: FBT001 - three-valued
        """Within one account either side may allow, but for the services whose resources must."""
        by_identity = every([identity, limits])
        if self._is_gated():
            by_identity = every([by_identity, some(grants.values())])
        elif PolicyKind.RESOURCE in self.policies.unread and by_identity is not True:
            # Of any resource, what was not read may let somebody in; as a denial it was not counted.
            if self.request.is_any_resource:
                self._note(PolicyKind.RESOURCE, self.policies.resource_because, certain=False)
            by_identity = None
        # A trust policy that names a user directly is still limited by the user's boundary.
        is_assuming = self.action.startswith(ASSUMING)
        direct = every([grants[Grant.DIRECT], limits]) if is_assuming else grants[Grant.DIRECT]
        return some([direct, every([grants[Grant.ROLE], limits]), by_identity])

    def _across(self, grants: dict[Grant, bool | None], identity: bool | None, limits: bool | None) -> bool | None:  # noqa: FBT001 - three-valued
        """Both sides must allow; who belongs to no account has only one."""
        by_resource = some(grants.values())
        if not self.has_identity:
            return by_resource
        if self.action.startswith("kms:") and self.action not in _KMS_ACROSS:
            self._note(PolicyKind.RESOURCE, Because.NOT_ACROSS)
            return False
        return every([by_resource, identity, limits])

    def _is_gated(self) -> bool:
        is_key = self.request.is_any_resource and self.action.startswith("kms:")
        return is_key or is_gated(self.action, self.request.resource)

    def _identity(self) -> bool | None:
        if not self.has_identity:
            return False
        if self.request.principal.kind is PrincipalKind.ROOT:
            self._note(PolicyKind.IDENTITY, Because.ROOT_USER, is_allow=True)
            return True
        return self._some_allows(PolicyKind.IDENTITY, self.policies.identity)

    def _limits(self) -> bool | None:
        return every([self._limit(PolicyKind.BOUNDARY), self._limit(PolicyKind.SESSION)])

    def _limit(self, kind: PolicyKind) -> bool | None:
        """What a boundary or a session's policies leave; everything where there are none."""
        limiting = self.policies.boundary if kind is PolicyKind.BOUNDARY else self.policies.session
        # A federated user's session without a policy of its own has nothing of the user's.
        is_needed = kind is PolicyKind.SESSION and self.request.principal.kind is PrincipalKind.FEDERATED_USER
        if limiting is None and not is_needed and kind not in self.policies.unread:
            return True
        return self._some_allows(kind, limiting or ())

    def _scp(self) -> bool | None:
        is_unread = PolicyKind.SCP in self.policies.unread
        if self.policies.scp is None and not is_unread:
            return True
        bears = self.scp_bears
        if bears is False:
            return True
        doubt = Because.MANAGEMENT_NOT_KNOWN if bears is None else None
        answer = every(self._some_allows(PolicyKind.SCP, level, doubt) for level in self.policies.scp or ())
        if answer is True and is_unread:
            return None
        return None if answer is False and bears is None else answer

    def _rcp(self) -> bool | None:
        """RCPs only deny: the policy that allows everything cannot be detached."""
        is_unread = PolicyKind.RCP in self.policies.unread and self._bears(PolicyKind.RCP) is not False
        return None if is_unread else True

    def _bears(self, kind: PolicyKind) -> bool | None:
        """Whether policies of the kind reach the request at all."""
        if kind is PolicyKind.SCP:
            return self.scp_bears
        if kind is PolicyKind.RCP:
            return self._rcp_bears()
        return kind is PolicyKind.RESOURCE or self.has_identity

    def _rcp_bears(self) -> bool | None:
        request, service = self.request, self.action.partition(":")[0]
        if request.is_of_service or self.action in _NOT_UNDER_RCP or service not in UNDER_RCP | MAYBE_UNDER_RCP:
            return False
        if request.is_management_account and not request.is_cross_account:
            return None if request.is_cross_account is None else False
        return True if service in UNDER_RCP else None

    def _some_allows(self, kind: PolicyKind, policies: Sequence[Policy], doubt: Because | None = None) -> bool | None:
        holds, action = self.statements.holds, self.action
        # The first that surely allows is enough.
        answer = some(holds(kind, policy, clause) for policy in policies for clause in policy.allowing(action))
        if answer is not False:
            return answer
        if kind in self.policies.unread:
            return None
        self._note(kind, doubt or Because.NOTHING_ALLOWS, certain=doubt is None)
        return False

    def _grants(self) -> dict[Grant, bool | None]:
        """By how closely the resource's policy names the principal, whether it allows."""
        policies, is_unread = self._of_resources(), PolicyKind.RESOURCE in self.policies.unread
        found: dict[Grant, bool | None] = dict.fromkeys(Grant, None if is_unread else False)
        for policy in policies:
            for clause in policy.allowing(self.action):
                answer, grant = self._speaks(policy, clause)
                found[grant] = some([found[grant], answer])
        if not any(found[grant] is not False for grant in Grant) and (policies or self._needs_resource()):
            self._note(PolicyKind.RESOURCE, Because.NOTHING_ALLOWS)
        return found

    def _needs_resource(self) -> bool:
        """Whether nothing is allowed but by the resource's policy."""
        return self.request.is_cross_account is True or self._is_gated() or not self.has_identity

    def _speaks(self, policy: Policy, clause: Clause) -> tuple[bool | None, Grant]:
        principals = clause.statement.principals
        named, grant = grant_of(principals, self.request.principal)
        if principals.is_negated and not clause.statement.is_allow and self.policies.boundary:
            # Source: "Permissions boundaries for IAM entities": NotPrincipal denies whoever has a boundary, listed or not.
            named = True
        if named is False:
            return False, grant
        doubt = Because.SOME_RESOURCES if policy is not self.policies.resource else None
        if named is None:
            has_role = self.request.principal.has_role
            doubt = Because.SESSION_NOT_TOLD if has_role else Because.PRINCIPAL_NOT_KNOWN
        answer = self.statements.holds(PolicyKind.RESOURCE, policy, clause, doubt)
        return (None if answer and doubt else answer), grant
