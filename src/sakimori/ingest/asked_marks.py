"""What is to be asked of AWS is known until it is proven: a day of which half was read before a kill looks like any other.

What earlier runs of the same words left stands together with it, one stretch for each address.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sakimori.ingest.slices import SECOND, Line, asked_span, microseconds_in, settled_at
from sakimori.lake.log_proofs import Span, missing
from sakimori.lake.manifest import Manifest
from sakimori.lake.unfinished import Awaited, restate, unfinished


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMarks:
    """The marks of one kind. `typed` is what a person types after `sakimori ingest`."""

    manifest: Manifest
    kind: str
    typed: str
    now: datetime
    stretch: Callable[[str, Span], str]
    """The location that stands for a stretch of time of an address."""
    proven: Callable[[str], Sequence[Span] | None]
    """What is proven of an address; None of one that nobody can tell of now."""

    @contextmanager
    def told_if_cut(self, lines: Mapping[str, Line]) -> Generator[None]:
        """Marks that stand while the lines, by address, are read, and after it for what was not."""
        settled = settled_at(self.now)
        coming = [
            self.stretch(address, (line.wanted[0], min(line.wanted[1], settled)))
            for address, line in lines.items()
            if line.open and line.wanted[0] <= settled
        ]
        self._restate(lines, coming)
        try:
            yield
        finally:
            self._restate(lines)

    def _restate(self, lines: Mapping[str, Line], coming: Sequence[str] = ()) -> None:
        kept = [one for one in unfinished(self.manifest, (self.kind,)) if one.typed == self.typed]
        began = min((one.began_at for one in kept), default=self.now)
        spans: defaultdict[str, list[Span]] = defaultdict(list)
        files: list[Awaited] = []
        for location in (*coming, *(each for one in kept for each in one.locations)):
            address, span = location.rpartition("/")[0], asked_span(location)
            known = self.proven(address) if span else None
            if span is None or known is None:
                files.append((location, "", 0))
                continue
            first = lines[address].wanted[0] if address in lines else span[0]
            spans[address] += missing(known, (_moved_on(span[0], first, self.now - began), span[1]))
        for address, left in spans.items():
            if left:
                whole = min(first for first, _ in left), max(last for _, last in left)
                files.append((self.stretch(address, whole), "", 0))
        restate(self.manifest, self.kind, self.typed, sorted(files), began)


def _moved_on(first: int, asked: int, elapsed: timedelta) -> int:
    """From when on it matters: `--since 30d` of the same command begins later each time, by the time that went by."""
    return max(first, asked) if asked - first <= microseconds_in(elapsed) + SECOND else first
