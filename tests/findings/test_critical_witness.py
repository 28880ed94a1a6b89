"""A critical witness behind a lead that is kept quiet."""

from tests.findings.inbox_world import act, guardduty, keep

from sakimori.findings.inbox import InboxSought, Quiet, count_inbox, find_in_inbox
from sakimori.model.triage import Standing
from sakimori.model.words import Severity
from sakimori.rules.same_facts import same_facts
from sakimori.state.store import Store

_ALL = InboxSought(standings=tuple(Standing))


def _world(store: Store) -> None:
    rule = min(same_facts().by_type["Stealth:IAMUser/CloudTrailLoggingDisabled"])
    keep(store, act(rule=rule, severity=Severity.MEDIUM))
    keep(store, guardduty(severity=Severity.CRITICAL, principal=act().principal))


def test_what_a_witness_calls_critical_is_not_hidden_by_a_suppression_of_its_lead(store: Store) -> None:
    _world(store)
    hide = Quiet(suppression=lambda _told: "s1", may_concern=lambda _rule: True, may_hide_critical=lambda _id: False)
    (found,) = find_in_inbox(store, _ALL, hide)
    assert (found.standing, found.severity, found.suppression) == (Standing.OPEN, Severity.CRITICAL, "")
    counts = count_inbox(store, found.last_seen, hide)
    assert (counts.open[Severity.CRITICAL], counts.suppressed) == (1, 0)


def test_two_people_may_hide_it(store: Store) -> None:
    _world(store)
    hide = Quiet(suppression=lambda _told: "s1", may_concern=lambda _rule: True)
    (found,) = find_in_inbox(store, _ALL, hide)
    assert (found.standing, found.suppression) == (Standing.SUPPRESSED, "s1")
