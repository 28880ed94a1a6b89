"""A policy from recorded use, and how it differs from what is allowed today. It claims no more than was recorded.

Sources: IAM User Guide, "Grant least privilege"; "IAM and AWS STS quotas" (a managed policy has at most 6,144 characters).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.action_table import action_table
from sakimori.analysis.iam.can import Asked, can
from sakimori.analysis.iam.recorded_use import RecordedUse, Use
from sakimori.analysis.iam.resource_patterns import generalised
from sakimori.analysis.iam.sql.data_events import ACTIONS

_ASKED: Final = 200
"""Resources of one action, the most used first, of which it is asked whether the policies of today allow them."""
LONGEST: Final = 6144
"""Characters of a managed policy, blanks aside."""
# Their calls go to one Region whatever is worked on: a condition on Regions says nothing of them.
_GLOBAL: Final = frozenset(
    {"iam", "sts", "organizations", "cloudfront", "route53", "route53domains", "support", "account", "billing", "ce",
     "budgets", "globalaccelerator", "health", "shield", "trustedadvisor", "waf"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Actions that one pattern of a policy of today allows, and that were not recorded.

    `count` of `total` known actions of the service `prefix`; `names` some of them. `has_evidence` False: such use is recorded
    only as data events, and of these the lake has none.
    """

    policy: str
    statement: int
    pattern: str
    prefix: str
    count: int
    total: int
    names: tuple[str, ...]
    has_evidence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """Use that AWS let through, and that the policies of today do not allow, or of which that is not known."""

    action: str
    resource: str
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastPrivilege:
    """`policy` None where nothing was recorded: there is nothing to make one of. `taken` None without policies of today."""

    use: RecordedUse
    policy: Mapping[str, Any] | None
    length: int
    no_evidence: tuple[str, ...]
    """Services of whose data nothing is recorded (and that today's policies allow): it may be in use, and is not proposed."""
    taken: tuple[Taken, ...] | None
    unexplained: tuple[Unexplained, ...]


def least_privilege(use: RecordedUse, account: IamAccount | None = None, who: Identity | None = None) -> LeastPrivilege:
    """The proposal; `account` and `who` tell what is allowed today."""
    policy = proposed(use.uses)
    no_evidence = tuple(
        sorted(
            _service(actions)
            for source, actions in ACTIONS.items()
            if source not in use.data_sources and (who is None or any(_names(who, action) for action in actions))
        )
    )
    return LeastPrivilege(
        use=use,
        policy=policy,
        length=len("".join(json.dumps(policy).split())) if policy else 0,
        no_evidence=no_evidence,
        taken=tuple(_taken(who, use, frozenset(no_evidence))) if who else None,
        unexplained=tuple(_unexplained(account, who, use.uses)) if account and who else (),
    )


# -- the policy ----------------------------------------------------------------------


def proposed(uses: Sequence[Use]) -> Mapping[str, Any] | None:
    """A policy that allows what AWS let through, and little more; None where that is nothing.

    A resource that was not recorded leaves its action allowed on all, in the Regions in which it was used.
    """
    found = dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]]()
    for each in uses:
        if each.is_allowed:
            found.setdefault((_resources(each), _regions(each)), []).append(each.action)
    if not found:
        return None
    statements = [
        _statement(number, sorted(actions), resources, regions)
        for number, ((resources, regions), actions) in enumerate(
            sorted(found.items(), key=lambda each: sorted(each[1])), 1
        )
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(number: int, actions: Sequence[str], resources: Sequence[str], regions: Sequence[str]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Sid": f"Used{number}",
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
    }
    if regions:
        made["Condition"] = {"StringEquals": {"aws:RequestedRegion": list(regions)}}
    return made


def _resources(use: Use) -> tuple[str, ...]:
    if use.is_partly_known or not use.resources or "*" in use.resources:
        return ("*",)
    return generalised(use.resources, use.stems)


def _regions(use: Use) -> tuple[str, ...]:
    """Where the resources do not tell the Region themselves, and the service has one."""
    return use.regions if _resources(use) == ("*",) and _prefix(use.action) not in _GLOBAL else ()


def _prefix(action: str) -> str:
    return action.partition(":")[0].lower()


def _service(actions: Sequence[str]) -> str:
    return _prefix(actions[0])


# -- against today --------------------------------------------------------------------


def _taken(who: Identity, use: RecordedUse, no_evidence: frozenset[str]) -> Iterator[Taken]:
    used = {each.action.lower() for each in use.uses if each.is_allowed}
    data = {action for service in ACTIONS.values() for action in service}
    for policy in who.policies:
        for clause in policy.allows:
            statement = clause.statement
            for pattern in ("*",) if statement.is_not_action else statement.actions:
                by_prefix = dict[str, list[str]]()
                for action in action_table().matching(pattern):
                    if clause.names_action(action.full_name.lower()) is not statement.is_not_action:
                        by_prefix.setdefault(action.service, []).append(action.full_name)
                for prefix, actions in sorted(by_prefix.items()):
                    left = [each for each in actions if each.lower() not in used]
                    if left:
                        is_blind = prefix in no_evidence and any(each.lower() in data for each in left)
                        yield Taken(
                            policy=policy.name,
                            statement=statement.index,
                            pattern="NotAction" if statement.is_not_action else pattern,
                            prefix=prefix,
                            count=len(left),
                            total=len(actions),
                            names=tuple(left[:5]),
                            has_evidence=not is_blind,
                        )


def _unexplained(account: IamAccount, who: Identity, uses: Sequence[Use]) -> Iterator[Unexplained]:
    for each in uses:
        if not each.is_allowed:
            continue
        if not each.resources:
            if not _names(who, each.action) and not who.unread:
                yield Unexplained(action=each.action, resource="", is_known=True)
            continue
        answers = [(one, _explained(account, who, each.action, one)) for one in each.resources[:_ASKED]]
        worst = min(answers, key=lambda answer: (answer[1] is not False, answer[1] is not None))
        if worst[1] is not True:
            yield Unexplained(action=each.action, resource=worst[0], is_known=worst[1] is False)


def _explained(account: IamAccount, who: Identity, action: str, resource: str) -> bool | None:
    """Whether policies allow it. AWS did, so that no policy of the resource that was not read denies it."""
    asked = Asked(action=action, resource=resource)
    answer = can(account, who, asked).is_allowed
    if answer is None and can(replace(account, assumes_no_resource_policies=True), who, asked).is_allowed:
        return True
    return answer


def _names(who: Identity, action: str) -> bool:
    """Whether some statement of today allows the action, on whatever."""
    lower = action.lower()
    return any(
        clause.names_action(lower) is not clause.statement.is_not_action
        for policy in who.policies
        for clause in policy.allows
    )
