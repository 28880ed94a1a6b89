"""Whether the policies that apply to a call let it through, by IAM's own evaluation.

What the simulated account cannot know of a request (most condition keys of the services) leaves a statement undecided there;
here such a statement does not apply, neither its Allow nor its Deny. Where the resource of a call is not known ("*"), only
statements over "*" apply.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from sakimori.analysis.iam.ask import Answer, Decision, Policies, PolicyKind, ask
from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.analysis.iam.request import Request
from sakimori.collect.policy_document import NotUnderstoodError
from sakimori.simulate.refusals import Reason

UNKNOWN_RESOURCE: Final = "*"
_EXPLICIT: Final = {
    PolicyKind.IDENTITY: Reason.IDENTITY,
    PolicyKind.BOUNDARY: Reason.BOUNDARY_DENY,
    PolicyKind.SESSION: Reason.SESSION_DENY,
    PolicyKind.SCP: Reason.SERVICE_CONTROL,
    PolicyKind.RESOURCE: Reason.RESOURCE,
}
_IMPLICIT: Final = {
    PolicyKind.IDENTITY: Reason.IDENTITY_IMPLICIT,
    PolicyKind.BOUNDARY: Reason.BOUNDARY,
    PolicyKind.SESSION: Reason.SESSION,
    PolicyKind.SCP: Reason.SERVICE_CONTROL_IMPLICIT,
    PolicyKind.RESOURCE: Reason.RESOURCE_IMPLICIT,
}
# AWS names one policy where several refuse. Source: IAM User Guide, "Troubleshoot access denied error messages".
_ORDER: Final = (PolicyKind.SCP, PolicyKind.RESOURCE, PolicyKind.BOUNDARY, PolicyKind.SESSION, PolicyKind.IDENTITY)


def judge(request: Request, policies: Policies) -> Reason | None:
    """None where the request may pass, else which policy refuses it."""
    answer = ask(request, policies)
    while answer.decision is Decision.UNKNOWN:
        undecided = {
            (id(each.policy), each.statement.index) for each in answer.reasons if not each.certain and each.statement
        }
        if not undecided:
            return Reason.IDENTITY_IMPLICIT
        policies = _without(policies, undecided)
        answer = ask(request, policies)
    return None if answer.decision is Decision.ALLOWED else _reason(answer, request)


def policies_of(texts: Iterable[str], *, resource: str) -> tuple[Policy, ...]:
    """JSON documents, ready to be asked about a resource; one that is no policy says nothing."""
    known = resource != UNKNOWN_RESOURCE
    return tuple(policy for text in texts if (policy := _read(text, known)) is not None)


@lru_cache(maxsize=4096)
def _read(text: str, known: bool) -> Policy | None:  # noqa: FBT001 - a key of the cache
    try:
        policy = policy_of("", text)
    except NotUnderstoodError:
        return None
    if known or not any(each.is_not_resource for each in policy.document.statements):
        return policy
    kept = tuple(each for each in policy.document.statements if not each.is_not_resource)
    return replace(policy, document=replace(policy.document, statements=kept))


def _without(policies: Policies, undecided: set[tuple[int, int]]) -> Policies:
    def left(policy: Policy) -> Policy:
        kept = tuple(each for each in policy.document.statements if (id(policy), each.index) not in undecided)
        if len(kept) == len(policy.document.statements):
            return policy
        return replace(policy, document=replace(policy.document, statements=kept))

    def each_left(found: tuple[Policy, ...] | None) -> tuple[Policy, ...] | None:
        return None if found is None else tuple(left(each) for each in found)

    return replace(
        policies,
        identity=tuple(left(each) for each in policies.identity),
        resource=left(policies.resource) if policies.resource else None,
        boundary=each_left(policies.boundary),
        session=each_left(policies.session),
        scp=None if policies.scp is None else tuple(tuple(left(each) for each in level) for level in policies.scp),
    )


def _reason(answer: Answer, request: Request) -> Reason:
    kinds = {each.kind for each in answer.reasons}
    if answer.decision is Decision.EXPLICIT_DENY:
        return next((_EXPLICIT[kind] for kind in _ORDER if kind in kinds), Reason.IDENTITY)
    # That a resource has no policy is a reason only where it would need one.
    if not request.is_cross_account and PolicyKind.IDENTITY in kinds:
        kinds -= {PolicyKind.RESOURCE}
    return next((_IMPLICIT[kind] for kind in _ORDER if kind in kinds), Reason.IDENTITY_IMPLICIT)
