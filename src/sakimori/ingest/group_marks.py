"""What is to be read of log groups is known until it is proven: a day of which half was read before a kill looks like any other.

What earlier runs of the same words left stands together with it, one stretch for each group.
"""

import shlex
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sakimori.ingest.group_slices import Group, proven_spans
from sakimori.ingest.slices import Line, asked_span, settled_at
from sakimori.lake.log_proofs import Span, missing
from sakimori.lake.manifest import Manifest
from sakimori.lake.unfinished import Awaited, Unfinished, restate, unfinished


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMarks:
    """The marks of one command. `typed` is what a person types after `sakimori ingest`."""

    manifest: Manifest
    typed: str
    now: datetime

    @contextmanager
    def told_if_cut(self, asked: Sequence[tuple[Line, Group]]) -> Generator[None]:
        """Marks that stand while the lines are read, and after it for what was not."""
        self._restate(asked, is_coming=True)
        try:
            yield
        finally:
            self._restate(asked)

    def _restate(self, asked: Sequence[tuple[Line, Group]], *, is_coming: bool = False) -> None:
        for kind in {group.source for _, group in asked}:
            own = {group.address: (line, group) for line, group in asked if group.source == kind}
            kept = [one for one in unfinished(self.manifest, (kind,)) if one.typed == self.typed]
            began = min((one.began_at for one in kept), default=self.now)
            restate(self.manifest, kind, self.typed, self._left(own, kept, is_coming=is_coming), began)

    def _left(
        self, own: dict[str, tuple[Line, Group]], kept: Sequence[Unfinished], *, is_coming: bool
    ) -> list[Awaited]:
        spans: defaultdict[str, list[Span]] = defaultdict(list)
        others: list[Awaited] = []
        for location in (each for one in kept for each in one.locations):
            address, span = location.rpartition("/")[0], asked_span(location)
            if address in own and span:
                spans[address].append(span)
            else:
                # Another account or Region, which this run does not read.
                others.append((location, "", 0))
        if is_coming:
            settled = settled_at(self.now)
            for address, (line, _) in own.items():
                if line.open and line.wanted[0] <= settled:
                    spans[address].append((line.wanted[0], min(line.wanted[1], settled)))
        for address, those in spans.items():
            _, group = own[address]
            proven = proven_spans(self.manifest, group)
            if left := [one for span in those for one in missing(proven, span)]:
                whole = min(first for first, _ in left), max(last for _, last in left)
                others.append((group.stretch(whole), "", 0))
        return sorted(others)


def typed_of(kind: str, uri: str) -> str:
    """Kind and address as they are typed."""
    return f"{kind} {shlex.quote(uri)}"
