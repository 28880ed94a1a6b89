"""Checks of the decision: who stands behind it, why, until when, and whether it may be made at all.

Source of what GuardDuty does with findings that a filter archives: GuardDuty User Guide, "Suppression rules".
"""

from sakimori.findings.suppression.lint import Evidence, Level, Told
from sakimori.findings.suppression.never import LONGEST_DAYS as NEVER_DAYS
from sakimori.findings.suppression.never import never_rules
from sakimori.findings.suppression.suppression import LONGEST_DAYS, NO_END, Action, Suppression
from sakimori.model.words import Severity


def nothing_grave(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP007: signs of an attack, and what is critical, only by two people and for at most two weeks."""
    grave = list(dict.fromkeys((*never_rules(suppression), *_critical(suppression, evidence))))
    if not grave:
        return
    if not suppression.has_second_person:
        yield "sup007_one_person", {"rules": grave[:10]}
    if suppression.days > NEVER_DAYS and suppression.expires_on != NO_END:
        yield "sup007_too_long", {"rules": grave[:10], "days": suppression.days, "most": NEVER_DAYS}


def _critical(suppression: Suppression, evidence: Evidence) -> list[str]:
    seen = [each.subject.rule for each in evidence.matches if each.subject.severity is Severity.CRITICAL]
    known = [each for each in suppression.rules if evidence.severities.get(each) is Severity.CRITICAL]
    asked = suppression.criteria.of_field("severity")
    open_ = [Severity.CRITICAL.value] if asked and all(each.takes(Severity.CRITICAL.value) for each in asked) else []
    return [*seen, *known, *open_]


def has_an_end(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP008: it ends, within a year; what ends soon is told."""
    if suppression.expires_on == NO_END:
        yield "sup008_no_end", {"most": LONGEST_DAYS}
    elif suppression.days > LONGEST_DAYS:
        yield "sup008_too_long", {"days": suppression.days, "most": LONGEST_DAYS}
    elif suppression.expires_on < evidence.today:
        yield "sup008_over", {"day": suppression.expires_on}
    elif suppression.ends_soon(evidence.today):
        yield "sup008_soon", {"day": suppression.expires_on}, Level.WARNING


def has_an_owner(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP009: somebody gives the reason and looks after it, and is there to do so, as is who approved it."""
    if not suppression.reason.strip():
        yield "sup009_reason", {}
    if not suppression.owner.strip():
        yield "sup009_owner", {}
    elif evidence.people is None:
        yield "sup009_people", {"owner": suppression.owner}, Level.WARNING
    elif _folded(suppression.owner) not in {_folded(each) for each in evidence.people}:
        yield "sup009_gone", {"owner": suppression.owner}
    approver = _folded(suppression.approved_by)
    if evidence.people is not None and approver and approver not in {_folded(each) for each in evidence.people}:
        yield "sup009_stranger", {"person": suppression.approved_by}
    if not suppression.ticket.strip():
        yield "sup009_ticket", {}, Level.WARNING


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def side_effects(suppression: Suppression, _evidence: Evidence) -> Told:
    """SUP012: what a filter of GuardDuty archives reaches no other service, and starts no malware scan."""
    if suppression.source == "guardduty" and suppression.action in {Action.ARCHIVE, Action.DISABLE}:
        yield "sup012", {}
