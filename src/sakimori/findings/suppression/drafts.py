"""The finest suppression that holds for given findings, built from the findings themselves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sakimori.findings.suppression.criteria import MAX_VALUES, RULE, Criteria, Criterion, equals
from sakimori.findings.suppression.history import Past
from sakimori.findings.suppression.subject import BUCKET_FIELD, IDENTITIES, OWN
from sakimori.findings.suppression.suppression import Action, Suppression, identifier_of
from sakimori.model.errors import UsageError

_FILTERED: Final = (
    BUCKET_FIELD, "resource.instanceDetails.instanceId", "resource.lambdaDetails.functionName",
    "resource.rdsDbInstanceDetails.dbInstanceIdentifier", "resource.eksClusterDetails.name",
    "resource.ecsClusterDetails.name", "resource.accessKeyDetails.userName",
)  # fmt: skip
"""For GuardDuty first what its own filters can ask for, so that the suppression can stand there too."""
_USUAL: Final = ("resource", "principal")


def criteria_from(pasts: Sequence[Past], asked: Iterable[Criterion] = ()) -> Criteria:
    """Criteria that hold for all of these findings: their rule, and what they have in common by name.

    `asked` are criteria of the user's own in place of the found identity. UsageError where the findings are of several
    sources, or nothing names what they concern.
    """
    if len({each.subject.source for each in pasts}) != 1:
        raise UsageError("suppress.from_several_sources", sources=sorted({each.subject.source for each in pasts}))
    rules = tuple(dict.fromkeys(each.subject.rule for each in pasts))
    given = tuple(asked)
    if given:
        return Criteria.of((equals(RULE, *rules), *given))
    named = _identity(pasts)
    if not named:
        raise UsageError("suppress.from_no_identity", rules=rules[:10], fields=sorted(IDENTITIES))
    return Criteria.of((equals(RULE, *rules), *named))


def _identity(pasts: Sequence[Past]) -> tuple[Criterion, ...]:
    """The resource and the principal where all findings know them; several values where they differ.

    Of events on ever other resources by one principal, the principal alone: what it touches next is not known yet.
    """
    fields = (*_FILTERED, *_USUAL) if pasts[0].subject.source == "guardduty" else _USUAL
    found = {name: _common(name, pasts) for name in fields}
    if pasts[0].subject.source == "guardduty":
        filtered = [name for name in _FILTERED if found[name]]
        if filtered:
            return (equals(filtered[0], *found[filtered[0]]),)
    resources, principals = found["resource"], found["principal"]
    if len(principals) == 1 and len({each.subject.resources for each in pasts}) > 1:
        return (equals("principal", *principals),)
    return tuple(equals(name, *found[name]) for name in _USUAL if found[name]) if resources or principals else ()


def _common(name: str, pasts: Sequence[Past]) -> tuple[str, ...]:
    """All values of a field; none where one finding does not know it, or knows only some."""
    if any(not each.subject.values(name) or name in each.subject.cut for each in pasts):
        return ()
    values = tuple(dict.fromkeys(value for each in pasts for value in each.subject.values(name)))
    return values if len(values) <= MAX_VALUES else ()


def draft(
    pasts: Sequence[Past], criteria: Criteria, expires_on: date, decision: Mapping[str, Any], at: datetime
) -> Suppression:
    """The suppression of these findings in their accounts and Regions; `decision` holds the words of the person."""
    subjects = [each.subject for each in pasts]
    made = Suppression(
        id="",
        source=subjects[0].source,
        criteria=criteria,
        accounts=tuple(sorted({each.account for each in subjects if each.account})),
        regions=tuple(sorted({each.region for each in subjects if each.region})),
        created_from=tuple(each.id for each in pasts),
        created_at=at,
        expires_on=expires_on,
        **decision,
    )
    return replace(made, id=identifier_of(made))


def draft_off(rule: str, source: str, expires_on: date, decision: Mapping[str, Any], at: datetime) -> Suppression:
    """The suppression that turns a rule off."""
    told: dict[str, Any] = {**decision, "action": Action.DISABLE}
    criteria = Criteria.of((equals(RULE, rule),))
    made = Suppression(id="", source=source or OWN, criteria=criteria, created_at=at, expires_on=expires_on, **told)
    return replace(made, id=identifier_of(made))
