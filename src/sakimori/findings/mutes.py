"""Mutes: findings that somebody decided to keep quiet, with a reason and until a day.

A muted finding is shown as muted, never dropped. Where a resource's tags are not known, a
mute by tag does not hold. Whoever may set a tag may use such a mute: that is the choice of
the person who writes it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import translate
from typing import TYPE_CHECKING, Final

from sakimori.findings.suppression.subject import subject_of_verdict
from sakimori.model.verdict import Mute, Verdict
from sakimori.model.words import Status

if TYPE_CHECKING:
    # They bring the store's library along, which every command would load with its settings.
    from sakimori.findings.suppression.suppressions import Suppressions

Tags = Callable[[Verdict], Mapping[str, str]]
"""The tags of a verdict's resource; empty where there are none or they are not known."""


def no_tags(_verdict: Verdict) -> Mapping[str, str]:
    """No resource has a tag."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteEntry:
    """One entry of the configuration. "" in a criterion means that it does not matter.

    Those given must all hold. `rule`, `resource` and `tag_value` are patterns (`*`, `?`,
    `[…]`), case matters; an empty `tag_value` means just that. The mute holds through the
    day `until`. `number` is its place in the configuration, from 1.
    """

    number: int
    reason: str
    until: date
    owner: str = ""
    rule: str = ""
    resource: str = ""
    account: str = ""
    tag_key: str = ""
    tag_value: str = ""

    def is_expired(self, on: date) -> bool:
        """Whether the mute no longer holds on that day."""
        return on > self.until

    @property
    def mute(self) -> Mute:
        """What a muted verdict carries."""
        return Mute(reason=self.reason, owner=self.owner, until=self.until, is_by_tag=bool(self.tag_key))


@dataclass(frozen=True, slots=True)
class _Matcher:
    entry: MuteEntry
    rule: re.Pattern[str]
    resource: re.Pattern[str]
    tag_value: re.Pattern[str]

    @classmethod
    def of(cls, entry: MuteEntry) -> "_Matcher":
        tag_value = _pattern(entry.tag_value)
        return cls(entry, _pattern(entry.rule or "*"), _pattern(entry.resource or "*"), tag_value)

    def holds(self, verdict: Verdict, tags: Tags) -> bool:
        """Whether all criteria but the rule's hold."""
        entry = self.entry
        if entry.account and entry.account != verdict.account:
            return False
        if not self.resource.match(verdict.resource):
            return False
        if not entry.tag_key:
            return True
        value = tags(verdict).get(entry.tag_key)
        return value is not None and self.tag_value.match(value) is not None


class Mutes:
    """The entries of a configuration on one day; of several that hold for a finding, the first counts.

    The suppressions of the store come after them. `renamed` says how former ids of rules are called now: an entry that
    names a former id goes on.
    """

    def __init__(
        self,
        entries: Iterable[MuteEntry],
        on: date,
        suppressions: "Suppressions | None" = None,
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        known = tuple(entries)
        self._suppressions = suppressions
        self._formers: dict[str, list[str]] = {}
        for former, now in (renamed or {}).items():
            self._formers.setdefault(now, []).append(former)
        self.expired: Final = tuple(entry for entry in known if entry.is_expired(on))
        """Entries that mute nothing any more, to be told to the person."""
        self._matchers = tuple(_Matcher.of(entry) for entry in known if not entry.is_expired(on))
        self._by_rule: dict[str, tuple[_Matcher, ...]] = {}

    def entry_for(self, verdict: Verdict, tags: Tags = no_tags) -> MuteEntry | None:
        """The entry that mutes this failing verdict; None for any other status."""
        if verdict.status is not Status.FAIL:
            return None
        candidates = self._by_rule.get(verdict.rule)
        if candidates is None:
            names = (verdict.rule, *self._formers.get(verdict.rule, ()))
            candidates = tuple(each for each in self._matchers if any(map(each.rule.match, names)))
            self._by_rule[verdict.rule] = candidates
        return next((matcher.entry for matcher in candidates if matcher.holds(verdict, tags)), None)

    def mute_for(self, verdict: Verdict, tags: Tags = no_tags) -> Mute | None:
        """Why this failing verdict is kept quiet: by an entry, or by a suppression; None where neither holds."""
        entry = self.entry_for(verdict, tags)
        if entry is not None:
            return entry.mute
        known = self._suppressions
        if known is None or verdict.status is not Status.FAIL or not known.may_concern(verdict.rule):
            return None
        found = known.of(subject_of_verdict(verdict))
        return found.mute if found is not None else None

    def apply(self, verdicts: Iterable[Verdict], tags: Tags = no_tags) -> Iterator[Verdict]:
        """All verdicts in their order; those that a mute holds for carry it."""
        for verdict in verdicts:
            mute = self.mute_for(verdict, tags)
            yield verdict if mute is None else replace(verdict, mute=mute)


def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob))
