"""What a scan found, ranked: what is open, what a person has allowed, what an earlier scan knew, and what was not seen.

Stable (others build on it): `Report` and `Settled`. `settled` sorts what any place has found.
"""

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sakimori.analysis.secrets.found import Unread
from sakimori.analysis.secrets.kinds import Kind
from sakimori.analysis.secrets.places.piece import Located
from sakimori.model.words import Confidence, Severity

_SURENESS: Final = {confidence: number for number, confidence in enumerate(Confidence)}
_HARM: Final = {severity: severity.rank for severity in Severity}
"""Each is counted once, not for each of hundreds of thousands of leaks."""

Fingerprint = tuple[str, str, str]
"""The kind, the secret's hash and the file within what was scanned: what a baseline knows a leak by, whatever its line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """One entry of an allow-list: all that it names must hold. `file` is a pattern such as `docs/*`, of the path within what is scanned or of the whole."""

    reason: str
    sha256: str = ""
    kind: str = ""
    file: str = ""

    def holds_for(self, located: Located, sources: Sequence[str]) -> bool:
        """Whether the entry speaks of this leak."""
        file = located.provenance.file
        return (
            (not self.sha256 or located.found.sha256 == self.sha256)
            and (not self.kind or fnmatch.fnmatchcase(located.found.kind, self.kind))
            and (not self.file or any(fnmatch.fnmatchcase(each, self.file) for each in (file, within(file, sources))))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A leak that is told and counts for nothing, with the reason that a person gave."""

    located: Located
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a scan found, and whether it saw everything."""

    located: tuple[Located, ...]
    """Open leaks, the worst first."""
    unread: tuple[Unread, ...]
    kinds: Mapping[str, Kind]
    allowed: tuple[Settled, ...] = ()
    known: tuple[Located, ...] = ()
    """Leaks of the baseline."""
    bytes_read: int = 0
    pieces: int = 0
    sources: tuple[str, ...] = ()
    repositories: int = 0
    """Repositories that were met."""
    own_accounts: frozenset[str] = frozenset()
    """The AWS accounts that are known as ours; none where nobody has said."""
    history: bool = False
    """Whether their histories were looked at."""

    @property
    def is_whole(self) -> bool:
        """Whether everything could be read."""
        return not self.unread

    @property
    def likely(self) -> tuple[Located, ...]:
        """The open leaks of medium confidence and more: the ones that are shown, and that `--fail-on` counts."""
        return tuple(each for each in self.located if each.found.confidence is not Confidence.LOW)

    def worst(self) -> Severity | None:
        """The severity of the worst likely leak."""
        return max((each.found.severity for each in self.likely), key=lambda each: each.rank, default=None)


def within(file: str, sources: Sequence[str]) -> str:
    """The path within what was scanned, however that was called.

    >>> within("./docs/a.md", ["."]), within("/home/x/repo/docs/a.md", ["/home/x/repo/"]), within("docs/a.md", ["."])
    ('docs/a.md', 'docs/a.md', 'docs/a.md')
    """
    folders = (f"{source.rstrip('/')}/" for source in sorted(sources, key=len, reverse=True))
    return next((file[len(each) :] for each in folders if file.startswith(each)), file)


def settled(
    located: Iterable[Located],
    allowances: Sequence[Allowance],
    baseline: frozenset[Fingerprint],
    sources: Sequence[str] = (),
) -> tuple[list[Located], list[Settled], list[Located]]:
    """The open leaks, the worst first; the allowed ones; and the ones of the baseline."""
    is_open: list[Located] = []
    allowed: list[Settled] = []
    known: list[Located] = []
    for each in sorted(located, key=_order):
        reason = each.found.allowed or next((one.reason for one in allowances if one.holds_for(each, sources)), "")
        if reason:
            allowed.append(Settled(located=each, reason=reason))
        elif baseline and _fingerprint(each, sources) in baseline:
            known.append(each)
        else:
            is_open.append(each)
    return is_open, allowed, known


def _fingerprint(located: Located, sources: Sequence[str]) -> Fingerprint:
    return located.found.kind, located.found.sha256, within(located.provenance.file, sources)


def _order(located: Located) -> tuple[object, ...]:
    found, where = located.found, located.provenance
    return (
        _SURENESS[found.confidence], -_HARM[found.severity], found.kind, where.file, where.commit,
        found.inside, found.line, found.column,
    )  # fmt: skip
