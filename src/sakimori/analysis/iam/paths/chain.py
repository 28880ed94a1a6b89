"""From role to role: which roles an actor may assume, within its account and beyond."""

from collections.abc import Iterator
from typing import Final

from sakimori.analysis.iam.account import Identity
from sakimori.analysis.iam.paths.asking import GIVEN, Actor, Asking
from sakimori.analysis.iam.paths.policies import is_personal, names
from sakimori.analysis.iam.paths.world import ANYBODY, World, trust_key
from sakimori.collect.policy_reach import account_in

_ASSUME: Final = "sts:assumerole"
_MOST_FOREIGN: Final = 200


def assumable(asking: Asking, actor: Actor) -> tuple[tuple[str, bool], ...]:
    """Roles that the actor may assume, by ARN, and whether surely. One of an account that was not told is never sure."""
    found = dict[str, bool]()
    for role in _trusting(asking, actor):
        if role.arn != actor.who.arn and (answer := _answer(asking, actor, role)) is not False:
            found[role.arn] = bool(answer)
    for arn in _foreign(asking.world, actor):
        if asking.assuming(actor, arn, None).is_allowed is not False:
            found[arn] = False
    return tuple(sorted(found.items()))


def _trusting(asking: Asking, actor: Actor) -> Iterator[Identity]:
    index, who = asking.world.trusted_by, actor.who
    keys = [ANYBODY, who.arn, who.principal.unique_id]
    if asking.may(actor, _ASSUME):
        keys += [who.principal.account, f"?{who.principal.account}"]
    seen = set[str]()
    for key in keys:
        for role in index.get(key, ()) if key else ():
            if role.arn not in seen:
                seen.add(role.arn)
                yield role


def _answer(asking: Asking, actor: Actor, role: Identity) -> bool | None:
    key: tuple[object, ...] = actor.profile, _ASSUME, role.arn, actor.who.arn if _is_personal_trust(role) else ""
    return asking.kept(key, lambda: asking.assuming(actor, role.arn, role.trust).is_allowed)


def _is_personal_trust(role: Identity) -> bool:
    """Whether the role's trust may let in one and not another who is bound by the same policies."""
    clauses = (*role.trust.allows, *role.trust.denies) if role.trust else ()
    return any(
        is_personal(clause)
        or clause.statement.principals.is_negated
        or any(not trust_key(each).isdigit() for each in clause.statement.principals.aws)
        for clause in clauses
    )


def _foreign(world: World, actor: Actor) -> Iterator[str]:
    """Roles of accounts that were not told, as the actor's own policies name them in full."""
    seen = set[str]()
    for policy in actor.who.policies:
        for clause in policy.allows if policy is not GIVEN else ():
            if names(clause, _ASSUME) and not clause.statement.is_not_resource:
                for arn in clause.statement.resources:
                    if arn not in seen and _is_foreign(world, arn) and len(seen) < _MOST_FOREIGN:
                        seen.add(arn)
                        yield arn


def _is_foreign(world: World, arn: str) -> bool:
    is_whole = ":role/" in arn and not any(sign in arn for sign in "*?$")
    return is_whole and bool(account_in(arn)) and world.account_named(account_in(arn)) is None
