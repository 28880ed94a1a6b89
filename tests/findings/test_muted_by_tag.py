"""A mute that rests on a tag, as the last run saw it, in the inbox."""

from dataclasses import replace
from datetime import date

from tests.findings.world import FAIL, VOLUME, at, rule, run, unit, verdict

from sakimori.findings.inbox import InboxSought, Quiet, count_inbox, find_in_inbox
from sakimori.findings.life import record
from sakimori.model.triage import Standing
from sakimori.model.verdict import Mute
from sakimori.state.store import Store

_TAGGED = Mute(reason="sandbox", until=date(2026, 11, 10), is_by_tag=True)


def _standings(store: Store, on: date) -> list[Standing]:
    found = find_in_inbox(store, InboxSought(standings=tuple(Standing)), Quiet(on=on))
    return [each.standing for each in found]


def test_what_a_run_saw_muted_by_a_tag_is_quiet_until_that_day(store: Store) -> None:
    of = rule(VOLUME)
    record(store, run(0, [of], [unit(VOLUME)]), [replace(verdict(FAIL, of), mute=_TAGGED)])
    assert _standings(store, date(2026, 11, 10)) == [Standing.SUPPRESSED]
    assert _standings(store, date(2026, 11, 11)) == [Standing.OPEN]
    counts = count_inbox(store, at(1), Quiet(on=date(2026, 11, 2)))
    assert (sum(counts.open.values()), counts.suppressed) == (0, 1)


def test_a_tag_that_is_gone_mutes_no_more(store: Store) -> None:
    of = rule(VOLUME)
    record(store, run(0, [of], [unit(VOLUME)]), [replace(verdict(FAIL, of), mute=_TAGGED)])
    record(store, run(1, [of], [unit(VOLUME)]), [verdict(FAIL, of)])
    assert _standings(store, date(2026, 11, 2)) == [Standing.OPEN]
