"""Checks against the past: it was told, more than once, and was harmless each time; and nothing true would have been hidden.

The policy: suppress only what has really been notified, repeatedly; never before it was found.
"""

from typing import Final

from sakimori.findings.suppression.criteria import Criterion
from sakimori.findings.suppression.lint import Evidence, Level, Told, some_ids
from sakimori.findings.suppression.subject import FIELDS
from sakimori.findings.suppression.suppression import Action, Suppression
from sakimori.model.triage import Disposition

LEAST_SIGHTINGS: Final = 3
LEAST_DAYS: Final = 2


def seen_first(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP001: it was made from a finding that people were told of, and that it holds for; a sample is none."""
    if not suppression.created_from:
        yield "sup001_none", {}
        return
    if evidence.missing:
        yield "sup001_unknown", {"ids": evidence.missing[:10]}, Level.WARNING
    fitting = [each for each in evidence.origins if suppression.holds(each.subject)]
    real = [each for each in fitting if not each.subject.is_sample]
    if not fitting:
        yield "sup001_no_match", {"ids": some_ids(evidence.origins)}
    elif not real:
        yield "sup001_sample", {"ids": some_ids(fitting)}
    elif all(each.told_at is None for each in real):
        yield "sup001_not_told", {"ids": some_ids(real)}


def not_preemptive(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP002: the first telling of a match came before it."""
    known = {each.id: each for each in (*evidence.origins, *evidence.matches) if suppression.holds(each.subject)}
    told = [each.told_at for each in known.values() if each.told_at is not None]
    if not told:
        yield "sup002_never", {}
    elif min(told) >= suppression.created_at:
        yield "sup002_before", {"created": suppression.created_at, "told": min(told)}


def repeated(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP003: at least three times on two days, each closed as harmless. Two people may decide earlier."""
    level = Level.WARNING if suppression.has_second_person else Level.ERROR
    real = [each for each in evidence.matches if not each.subject.is_sample]
    sightings = sum(each.sightings for each in real)
    days = {day for each in real for day in each.days}
    if sightings < LEAST_SIGHTINGS or len(days) < LEAST_DAYS:
        counted = {"count": sightings, "days": len(days), "least": LEAST_SIGHTINGS, "least_days": LEAST_DAYS}
        yield "sup003_seldom", counted, level
    # A failing rule is no matter of opinion: whoever suppresses it decides of it. What is to be fixed is SUP010's.
    undecided = [each for each in real if each.kind != "posture" and not each.is_harmless]
    undecided = [each for each in undecided if each.disposition is not Disposition.TRUE]
    if undecided:
        yield "sup003_undecided", {"count": len(undecided), "all": len(real), "ids": some_ids(undecided)}, level


def hides_nothing_true(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP010: replayed over 90 days, it hides nothing that turned out to be true. Nobody may override this."""
    known = {each.id: each for each in (*evidence.origins, *evidence.matches) if suppression.holds(each.subject)}
    true = [each for each in known.values() if each.disposition is Disposition.TRUE]
    if true:
        yield "sup010_true", {"count": len(true), "ids": some_ids(true)}
    blind = sorted(suppression.criteria.fields - set(FIELDS))
    if blind:
        yield "sup010_blind", {"fields": blind[:10]}, Level.WARNING


def is_alive(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP011: it holds for something, and no other one holds for all of it already."""
    is_blind = not suppression.criteria.fields <= set(FIELDS)
    if not evidence.matches and suppression.action is not Action.DISABLE and not is_blind:
        yield "sup011_dead", {"days": evidence.reach_days}
    shadows = [each.id for each in evidence.others if covers(each, suppression)]
    if shadows:
        yield "sup011_shadowed", {"others": shadows[:10]}
        return
    for other in evidence.others:
        shared = sum(other.holds(each.subject) for each in evidence.matches)
        if shared:
            yield "sup011_overlap", {"other": other.id, "count": shared, "all": len(evidence.matches)}


def covers(wide: Suppression, narrow: Suppression) -> bool:
    """Whether everything that `narrow` holds for, `wide` surely holds for as well."""
    if wide.source != narrow.source:
        return False
    for name in ("accounts", "regions"):
        there, here = set(getattr(wide, name)), set(getattr(narrow, name))
        if there and not (here and here <= there):
            return False
    return all(_follows(each, narrow) for each in wide.criteria.entries)


def _follows(wanted: Criterion, narrow: Suppression) -> bool:
    """Whether the criterion holds wherever those of `narrow` do."""
    if wanted in narrow.criteria.entries:
        return True
    values = narrow.criteria.equal_to(wanted.field)
    return bool(values) and all(map(wanted.takes, values))
