"""The verdicts of a run as a sequence that is read from the judge, so that a million passes need not be in memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from typing import Final, overload

from sakimori.findings.life import Place
from sakimori.findings.mutes import Mutes, Tags
from sakimori.findings.summary import SIGNS_OF_HARM
from sakimori.model.verdict import Verdict
from sakimori.model.words import Status
from sakimori.rules.judge import Judge, RuleResult

_KEPT: Final = 100_000
"""Up to so many failures and unknowns are kept as values; beyond, each reading makes them anew."""


@dataclass(slots=True)
class JudgedVerdicts(Sequence[Verdict]):
    """Worst first: failures by severity, then unknown, then passes; within these by rule, account, Region, resource."""

    judge: Judge
    results: tuple[RuleResult, ...]
    mutes: Mutes
    tags: Tags
    dates: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)
    _kept: tuple[Verdict, ...] | None = None

    def __len__(self) -> int:
        return sum(result.count(status) for result in self.results for status in Status)

    def __iter__(self) -> Iterator[Verdict]:
        yield from self.undone()
        for result in sorted(self.results, key=lambda result: result.rule.id):
            yield from self.judge.verdicts(result, Status.PASS)

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, index: int | slice) -> Verdict | Sequence[Verdict]:
        if isinstance(index, slice):
            return tuple(islice(self, *index.indices(len(self))))
        place = index + len(self) if index < 0 else index
        for verdict in islice(self, place, place + 1):
            return verdict
        raise IndexError(index)

    def undone(self) -> Iterator[Verdict]:
        """Failures and unknowns alone, in the same order."""
        if self._kept is None:
            worst = sum(result.count(status) for result in self.results for status in (Status.FAIL, Status.UNKNOWN))
            if worst > _KEPT:
                return self._undone()
            self._kept = tuple(self._undone())
        return iter(self._kept)

    def _undone(self) -> Iterator[Verdict]:
        ordered = sorted(self.results, key=lambda result: (-result.rule.severity.rank, result.rule.id))
        worst = sorted(ordered, key=lambda result: result.rule.id not in SIGNS_OF_HARM)
        for verdict in chain.from_iterable(
            self.judge.verdicts(result, status)
            for status, listed in ((Status.FAIL, worst), (Status.UNKNOWN, ordered))
            for result in listed
        ):
            mute = self.mutes.mute_for(verdict, self.tags)
            yield self._dated(verdict if mute is None else replace(verdict, mute=mute))

    def _dated(self, verdict: Verdict) -> Verdict:
        found = self.dates.get(verdict.id) if self.dates and verdict.status is Status.FAIL else None
        return replace(verdict, first_seen=found[0], last_seen=found[1]) if found else verdict

    def passes_at(self, places: Sequence[Place]) -> Iterator[Verdict]:
        """The passes at these places, without reading all others."""
        by_rule: dict[str, list[tuple[str, str, str]]] = {}
        for rule, *place in places:
            by_rule.setdefault(rule, []).append((place[0], place[1], place[2]))
        for result in self.results:
            yield from self.judge.passes_at(result, by_rule.get(result.rule.id, ()))

    def with_dates(self, dates: Mapping[str, tuple[datetime, datetime]]) -> "JudgedVerdicts":
        """The same verdicts with the dates that the store has for the failing ones."""
        dated = JudgedVerdicts(self.judge, self.results, self.mutes, self.tags, dates)
        if self._kept is not None:
            dated._kept = tuple(map(dated._dated, self._kept))
        return dated
