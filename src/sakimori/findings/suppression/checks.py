"""The table of all checks: id, usual level, and the function that looks. What each demands stands in the texts.

A check may say less, or more, than its usual level where the law does.
"""

from typing import Final

from sakimori.findings.suppression.checks_of_criteria import (
    fine_grained,
    names_the_bucket,
    nothing_open,
    turned_off_knowingly,
    within_quotas,
)
from sakimori.findings.suppression.checks_of_decision import has_an_end, has_an_owner, nothing_grave, side_effects
from sakimori.findings.suppression.checks_of_history import (
    hides_nothing_true,
    is_alive,
    not_preemptive,
    repeated,
    seen_first,
)
from sakimori.findings.suppression.lint import Check, Evidence, Fault, Level
from sakimori.findings.suppression.suppression import Suppression

_ERROR, _WARNING = Level.ERROR, Level.WARNING

CHECKS: Final = (
    Check("SUP001", _ERROR, seen_first, for_disabled=False),
    Check("SUP002", _ERROR, not_preemptive, for_disabled=False),
    Check("SUP003", _ERROR, repeated, for_disabled=False),
    Check("SUP004", _ERROR, fine_grained, for_disabled=False),
    Check("SUP005", _ERROR, names_the_bucket, for_disabled=False),
    Check("SUP006", _ERROR, nothing_open, for_disabled=False),
    Check("SUP007", _ERROR, nothing_grave),
    Check("SUP008", _ERROR, has_an_end),
    Check("SUP009", _ERROR, has_an_owner),
    Check("SUP010", _ERROR, hides_nothing_true),
    Check("SUP011", _WARNING, is_alive),
    Check("SUP012", _WARNING, side_effects),
    Check("SUP013", _ERROR, within_quotas),
    Check("SUP014", _WARNING, turned_off_knowingly),
)


def lint(suppression: Suppression, evidence: Evidence) -> tuple[Fault, ...]:
    """All faults, in the order of the checks."""
    return tuple(fault for check in CHECKS for fault in check.faults(suppression, evidence))
