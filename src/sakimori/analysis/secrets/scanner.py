"""Looks for secrets in bytes, through what packs and encodes them.

Stable (others build on it): `Scanner(kinds, cache_dir=None)`, `.scan(data, name="") -> Sequence[Found]`,
`.scan_many(items) -> Iterator of (number of the item, Found)`, and `.take_unread() -> Sequence[Unread]`, what could
not be opened since the last time it was asked. `mark`, a word for the files that the kinds come from, makes it ready sooner.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from sakimori.analysis.secrets.decoders.base64_runs import Base64Runs
from sakimori.analysis.secrets.decoders.beginnings import begins_container, is_brotli
from sakimori.analysis.secrets.decoders.budget import Budget
from sakimori.analysis.secrets.decoders.containers import is_archive
from sakimori.analysis.secrets.decoders.opened import opened, runs_in, zips_at
from sakimori.analysis.secrets.decoders.regions import Opened
from sakimori.analysis.secrets.decoders.signals import BASE64, ZIP_END, Signals
from sakimori.analysis.secrets.engines import Engine, Hit, Sought, open_engine
from sakimori.analysis.secrets.extraction import found_in, paired
from sakimori.analysis.secrets.found import Found, Unread
from sakimori.analysis.secrets.kinds import Kind
from sakimori.analysis.secrets.lines import Lines
from sakimori.analysis.secrets.parts import PART, Part, parts_of

_TOGETHER: Final = 1 << 20
_SEPARATOR: Final = b"\n\0\0\n"
"""Between small files that are looked at together: no anchor runs across it."""
_HEAD: Final = 512
_MOST: Final = 20_000
"""Secrets in one piece: more of them are no leak, but a list."""
_BREAKS: Final = re.compile(r"\\[nrt]|\\u000[ad]|\s|\\")


class Scanner:
    """All kinds, ready to look. One for each process."""

    def __init__(
        self, kinds: Sequence[Kind], cache_dir: Path | None = None, *, mark: str = "", engine: Engine | None = None
    ) -> None:
        self.kinds = {kind.id: kind for kind in kinds}
        self._ranked = tuple(kinds)
        self._signals = Signals(self._ranked)
        self._base64 = len(self._ranked) + BASE64
        self._zip_end = len(self._ranked) + ZIP_END
        self._engine = engine or open_engine(self.sought, cache_dir, mark)
        self._unread: list[Unread] = []
        self._endless: set[int] = set()
        """Kinds of a user's own whose patterns never end, by their rank: each is given up once and not tried again."""

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
        """The secrets in `data` (bytes, or what has a length and gives bytes for a slice).

        `name` (a path) tells test files and lock files from others.
        """
        budget = Budget(name, len(data))
        found = self._look(data, name, budget)
        self._unread.extend(budget.take())
        return found

    def scan_many(self, items: Iterable[tuple[bytes, str]]) -> Iterator[tuple[int, Found]]:
        """The secrets of many pieces, small ones looked at together: the number of the piece and what it holds."""
        batch: list[tuple[int, bytes, str]] = []
        size = 0
        for number, (data, name) in enumerate(items):
            if len(data) >= _TOGETHER:
                yield from ((number, each) for each in self.scan(data, name))
                continue
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
            self._tell_brotli(data, name)
            if hits or begins_container(data):
                budget = Budget(name, len(data))
                yield from ((number, each) for each in self._held_by(data, name, hits, budget))
                self._unread.extend(budget.take())

    def _tell_brotli(self, data: Any, name: str) -> None:
        """What is packed with brotli is looked at as it is, and told."""
        if name.endswith(".br") and is_brotli(name, bytes(data[:_HEAD])):
            self._unread.append(Unread(name=name, reason="unsupported"))

    def _look(self, data: Any, name: str, budget: Budget, how: str = "") -> list[Found]:
        self._tell_brotli(data, name)
        if len(data) > PART:
            return self._held_by_parts(data, name, budget, how)
        content: bytes = data[:]
        return self._held_by(content, name, self._engine.hits(content), budget, how)

    def _held_by(self, data: bytes, name: str, hits: Sequence[Hit], budget: Budget, how: str = "") -> list[Found]:
        """What the bytes hold themselves, and what stands behind each thing in them that can be opened."""
        count, lines = len(self._ranked), Lines(data)
        anchors = [hit for hit in hits if hit[0] < count]
        own = found_in(lines, anchors, self._ranked, name, most=_MOST, endless=self._endless)
        if self._endless:
            self._tell_endless({rank for rank, _ in anchors})
        seen = self._signals.of(data, [(number - count, end) for number, end in hits if number >= count], undone=how)
        # In an archive a member says more of a place than the archive's own bytes do.
        is_packed = seen.is_container and is_archive(data[:_HEAD])
        gathered = _Gathered([] if is_packed else paired(own, self.kinds))
        if len(own) > _MOST:
            gathered.cut(budget)
        self._open(opened(data, seen, budget, lines), gathered, name, budget)
        if is_packed:
            gathered.add_inner(paired(own, self.kinds))
        return gathered.found

    def _tell_endless(self, met: set[int]) -> None:
        """What was not looked for here although its anchor stands here."""
        for kind in (self._ranked[rank] for rank in sorted(met & self._endless)):
            self._unread.append(Unread(name=kind.source, reason="kind_slow", detail=kind.id))

    def _held_by_parts(self, data: Any, name: str, budget: Budget, how: str) -> list[Found]:
        """The same of a large piece: a part at a time, but for files within it and runs of base64, which are as long as they are."""
        lines, runs, gathered = Lines(data), Base64Runs(data), _Gathered([])
        zips: list[int] = []
        try:
            seen = self._signals.of(data, (), undone=how)
            self._open(opened(data, seen, budget, lines), gathered, name, budget)
            if seen.is_container and is_archive(data[:_HEAD]):
                return gathered.found
            for part in parts_of(data):
                hits = self._engine.hits(part.data)
                ends = [part.start + end for number, end in hits if number == self._base64]
                zips.extend(part.start + end for number, end in hits if number == self._zip_end)
                others = [hit for hit in hits if hit[0] not in (self._base64, self._zip_end)]
                gathered.add_part(part, self._held_by(part.data, name, others, budget, how or "part"), lines)
                self._open(runs_in(runs, ends, lines, budget), gathered, name, budget)
                if len(gathered.found) > _MOST:
                    gathered.cut(budget)
                    break
            self._open(zips_at(data, zips, budget), gathered, name, budget)
        except OSError as error:
            self._unread.append(Unread(name=name, reason="unreadable", detail=error.strerror or type(error).__name__))
        return gathered.found

    def _open(self, inner: Iterator[Opened], gathered: "_Gathered", name: str, budget: Budget) -> None:
        """Look at what was opened; what is known already in another form is not told again."""
        try:
            for each in inner:
                member = each.name if each.how == "archive" else ""
                gathered.add_inner(self._look_into(each, name, budget.deeper()), member)
                if len(gathered.found) > _MOST:
                    gathered.cut(budget)
                    break
        except MemoryError:
            budget.refuse("memory")

    def _look_into(self, inner: Opened, name: str, budget: Budget) -> Iterator[Found]:
        within = f"{name}!{inner.name}" if inner.name else name
        how = inner.how if inner.is_text else ""
        for one in self._look(inner.data, within, budget, how):
            inside = " › ".join(part for part in (inner.name or inner.how, one.inside) if part)
            yield replace(one, inside=inside, **inner.place(one))


class _Gathered:
    """The secrets of one piece, and the forms in which they are known."""

    def __init__(self, found: list[Found]) -> None:
        self.found = found
        self._known = {(one.kind, form) for one in found for form in _forms(one.secret)}
        self._member = ""
        self._of_member: set[tuple[str, str]] = set()

    def add_part(self, part: Part, found: Iterable[Found], lines: Lines) -> None:
        """What a part tells; parts overlap, so what begins in another one is left to it."""
        for each in found:
            if part.holds(each) if not each.inside else self._is_new(each):
                self._add(part.placed(each, lines))

    def add_inner(self, found: Iterable[Found], member: str = "") -> None:
        """What stands behind something that was opened, where it is not known yet: each member of an archive is a place of its own."""
        if member != self._member:
            self._member, self._of_member = member, set()
        for each in found:
            form = (each.kind, _bare(each.secret))
            if form not in self._of_member if member else self._is_new(each):
                self._of_member.add(form)
                self._add(each)

    def cut(self, budget: Budget) -> None:
        """Keep no more than are told of, and say so."""
        del self.found[_MOST:]
        budget.refuse("too_many", detail=str(_MOST))

    def _is_new(self, one: Found) -> bool:
        return (one.kind, one.secret) not in self._known and (one.kind, _bare(one.secret)) not in self._known

    def _add(self, one: Found) -> None:
        self._known.update((one.kind, form) for form in _forms(one.secret))
        self.found.append(one)


def _forms(secret: str) -> tuple[str, str]:
    """A secret as it was found, and bare of what escapes and breaks it: the same one decoded is not another."""
    return secret, _bare(secret)


def _bare(secret: str) -> str:
    return _BREAKS.sub("", unquote(secret, errors="surrogateescape") if "%" in secret else secret)
