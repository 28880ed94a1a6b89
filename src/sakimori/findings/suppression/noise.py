"""Noise: what comes again and again of one rule and one resource or principal, and was harmless each time."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sakimori.findings.suppression.history import Past
from sakimori.model.triage import Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The findings of one rule on one thing in one account. `about` names the thing: a resource or a principal."""

    source: str
    rule: str
    account: str
    about: str
    pasts: tuple[Past, ...]

    @property
    def sightings(self) -> int:
        """How often people had it before them."""
        return sum(each.sightings for each in self.pasts)

    @property
    def is_harmless(self) -> bool:
        """Whether all of it was closed as benign or false."""
        return all(each.is_harmless for each in self.pasts)

    @property
    def is_true(self) -> bool:
        """Whether some of it turned out to be true."""
        return any(each.disposition is Disposition.TRUE for each in self.pasts)

    @property
    def reason(self) -> str:
        """The reason that was given most often."""
        return _most(each.reason for each in self.pasts if each.is_harmless)

    @property
    def owner(self) -> str:
        """Who looked after it most often, or else decided."""
        return _most(each.owner for each in self.pasts) or _most(each.decided_by for each in self.pasts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The repeated groups: those that are settled as harmless, and those of which somebody must decide first."""

    settled: tuple[Group, ...]
    undecided: tuple[Group, ...]


def noise_of(pasts: Iterable[Past], least: int) -> Noise:
    """The groups of at least so many sightings, the most frequent first; what was true once is no noise, samples neither."""
    groups: dict[tuple[str, str, str, str], list[Past]] = {}
    for each in pasts:
        if not each.subject.is_sample:
            groups.setdefault(_key(each), []).append(each)
    found = sorted(_groups(groups, least), key=lambda group: (-group.sightings, group.rule, group.about, group.account))
    return Noise(
        settled=tuple(each for each in found if each.is_harmless),
        undecided=tuple(each for each in found if not each.is_harmless),
    )


def _groups(groups: dict[tuple[str, str, str, str], list[Past]], least: int) -> Iterator[Group]:
    for (source, rule, account, about), pasts in groups.items():
        group = Group(source=source, rule=rule, account=account, about=about, pasts=tuple(pasts))
        if group.sightings >= least and not group.is_true:
            yield group


def _key(past: Past) -> tuple[str, str, str, str]:
    """By the principal where there is one: what it touches differs from time to time."""
    subject = past.subject
    about = subject.principal or next(iter(subject.resources), "") or subject.subject
    return subject.source, subject.rule, subject.account, about


def _most(words: Iterable[str]) -> str:
    counted = Counter(each for each in words if each)
    return counted.most_common(1)[0][0] if counted else ""
