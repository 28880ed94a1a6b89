"""Looks for secrets in bytes, through what packs and encodes them.

Stable (others build on it): `Scanner(kinds, cache_dir=None)`, `.scan(data, name="") -> Sequence[Found]`,
`.scan_many(items) -> Iterator of (number of the item, Found)`, and `.take_unread() -> Sequence[Unread]`, what could
not be opened since the last time it was asked.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from sakimori.analysis.secrets.decoders.budget import Budget
from sakimori.analysis.secrets.decoders.opened import Opened, opened
from sakimori.analysis.secrets.decoders.signals import Signals
from sakimori.analysis.secrets.engines import Engine, Hit, Sought, open_engine
from sakimori.analysis.secrets.extraction import found_in, paired
from sakimori.analysis.secrets.found import Found, Unread
from sakimori.analysis.secrets.kinds import Kind

_TOGETHER: Final = 1 << 20
_SEPARATOR: Final = b"\n\0\0\n"
"""Between small files that are looked at together: no anchor runs across it."""
_MOST: Final = 20_000
"""Secrets in one piece: more of them are no leak, but a list."""
_BREAKS: Final = re.compile(r"\\[nrt]|\\u000[ad]|\s|\\")


class Scanner:
    """All kinds, ready to look. One for each process."""

    def __init__(self, kinds: Sequence[Kind], cache_dir: Path | None = None, *, engine: Engine | None = None) -> None:
        self.kinds = {kind.id: kind for kind in kinds}
        self._ranked = tuple(kinds)
        self._signals = Signals(self._ranked)
        self._engine = engine or open_engine(self.sought(), cache_dir)
        self._unread: list[Unread] = []

    @property
    def kept_at(self) -> Path | None:
        """The file of the compiled database, where there is one."""
        return getattr(self._engine, "kept_at", None)

    def sought(self) -> list[Sought]:
        """Every pattern that an engine looks for: the anchors by the rank of their kind, and the signals of decoders."""
        anchors = [
            Sought(rank, kind.anchor.encode(), tuple(literal.encode() for literal in kind.literals), exact=kind.exact)
            for rank, kind in enumerate(self._ranked)
        ]
        return [*anchors, *self._signals.sought(len(anchors))]

    def scan(self, data: Any, name: str = "") -> Sequence[Found]:
        """The secrets in `data`; `name` (a path) tells test files and lock files from others."""
        return self._look(data, name, self._engine.hits(data), Budget(name))

    def scan_many(self, items: Iterable[tuple[bytes, str]]) -> Iterator[tuple[int, Found]]:
        """The secrets of many pieces, small ones looked at together: the number of the piece and what it holds."""
        batch: list[tuple[int, bytes, str]] = []
        size = 0
        for number, (data, name) in enumerate(items):
            batch.append((number, data, name))
            size += len(data)
            if size >= _TOGETHER:
                yield from self._look_at(batch)
                batch, size = [], 0
        yield from self._look_at(batch)

    def take_unread(self) -> Sequence[Unread]:
        """What could not be opened, or not whole, since the last call."""
        told, self._unread = self._unread, []
        return told

    def _look_at(self, batch: Sequence[tuple[int, bytes, str]]) -> Iterator[tuple[int, Found]]:
        if not batch:
            return
        starts: list[int] = []
        at = 0
        for _, data, _ in batch:
            starts.append(at)
            at += len(data) + len(_SEPARATOR)
        together = _SEPARATOR.join(data for _, data, _ in batch) if len(batch) > 1 else batch[0][1]
        by_piece: dict[int, list[Hit]] = {}
        for number, end in self._engine.hits(together):
            place = bisect_right(starts, end - 1) - 1
            by_piece.setdefault(place, []).append((number, end - starts[place]))
        for place, (number, data, name) in enumerate(batch):
            hits = by_piece.get(place, ())
            if hits or self._signals.is_container(data):
                yield from ((number, each) for each in self._look(data, name, hits, Budget(name)))

    def _look(self, data: Any, name: str, hits: Sequence[Hit], budget: Budget, how: str = "") -> list[Found]:
        """What the bytes hold themselves, and what stands behind each thing in them that can be opened."""
        count = len(self._ranked)
        found = paired(found_in(data, (hit for hit in hits if hit[0] < count), self._ranked, name), self.kinds)
        if len(found) > _MOST:
            self._unread.append(Unread(name=name, reason="too_many", detail=str(len(found))))
            del found[_MOST:]
        known = {(one.kind, form) for one in found for form in _forms(one.secret)}
        signals = [(number - count, end) for number, end in hits if number >= count]
        for inner in opened(data, self._signals.of(data, signals, undone=how), budget):
            for one in self._look_into(inner, name, budget.deeper()):
                if (one.kind, one.secret) not in known and (one.kind, _bare(one.secret)) not in known:
                    known.update((one.kind, form) for form in _forms(one.secret))
                    found.append(one)
        self._unread.extend(budget.take())
        return found

    def _look_into(self, inner: Opened, name: str, budget: Budget) -> Iterator[Found]:
        within = f"{name}!{inner.name}" if inner.name else name
        how = inner.how if inner.is_text else ""
        for one in self._look(inner.data, within, self._engine.hits(inner.data), budget, how):
            inside = " › ".join(part for part in (inner.name or inner.how, one.inside) if part)
            yield replace(one, inside=inside, **inner.place(one))


def _forms(secret: str) -> tuple[str, str]:
    """A secret as it was found, and bare of what escapes and breaks it: the same one decoded is not another."""
    return secret, _bare(secret)


def _bare(secret: str) -> str:
    return _BREAKS.sub("", unquote(secret, errors="surrogateescape") if "%" in secret else secret)
