"""How much may be opened: bytes, members, depth and ratio. What goes beyond ends in a clear note, never in a full disk or memory."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from sakimori.analysis.secrets.found import Unread

MAX_MEMBER: Final = 64 << 20
"""Bytes of a member that are held at once; a longer one is looked at in parts that overlap."""
MAX_TOTAL: Final = 4 << 30
MAX_MEMBERS: Final = 200_000
MAX_DEPTH: Final = 8
MAX_RATIO: Final = 250
MAX_UNDONE: Final = 8
"""How often the bytes of a piece may come back with their escapes undone, in all the ways together."""
FREE_UNDONE: Final = 1 << 20
FREE: Final = 64 << 20
"""Bytes that may come out of one thing, whatever the ratio."""
FREE_TOGETHER: Final = 256 << 20
"""The same of all things in a piece: the list of a zip may name the same bytes thousands of times."""


class Budget:
    """What may still be opened of one outermost piece, and what was left because of it."""

    def __init__(self, name: str, size: int = 0, depth: int = 0, shared: "Budget | None" = None) -> None:
        self._name, self._depth = name, depth
        self._root: Budget = shared._root if shared else self  # noqa: SLF001
        if shared is None:
            self._bytes = self._members = 0
            self._size = size
            self._is_spent = False
            self._undoable = FREE_UNDONE + MAX_UNDONE * size
            self._undone: set[bytes] = set()
            self._unread: dict[tuple[str, str], Unread] = {}

    def deeper(self) -> "Budget":
        """The same budget, one level further in."""
        return Budget(self._name, 0, self._depth + 1, self)

    def may_go_in(self, what: str) -> bool:
        """Whether something at this depth may be opened; if not, it is told."""
        if self._depth < MAX_DEPTH:
            return True
        self.refuse("too_deep", what)
        return False

    def may_undo(self) -> bool:
        """Whether escapes are undone once more: nobody escapes a text so often, and what is left of it has been looked at."""
        return self._depth < MAX_DEPTH

    def may_undo_more(self, data: bytes) -> bool:
        """Whether these bytes, undone from others, are new and few enough to be looked at; told where they are too many."""
        root = self._root
        digest = blake2b(data, digest_size=16).digest()
        if digest in root._undone:  # noqa: SLF001
            return False
        root._undone.add(digest)  # noqa: SLF001
        root._undoable -= len(data)  # noqa: SLF001
        if root._undoable < 0:  # noqa: SLF001
            self.refuse("not_decoded")
            return False
        return True

    def may_take(self, size: int, what: str, *, source: int = 0) -> bool:
        """Whether `size` more bytes may be taken from something of `source` bytes (0: not packed)."""
        root = self._root
        root._bytes += size  # noqa: SLF001 - the same class
        root._undoable += MAX_UNDONE * size  # noqa: SLF001
        if root._bytes > MAX_TOTAL:  # noqa: SLF001
            return self._end("too_large", what)
        if root._size and root._bytes > max(FREE_TOGETHER, root._size * MAX_RATIO):  # noqa: SLF001
            return self._end("bomb", what)
        if source and size > FREE and size > source * MAX_RATIO:
            self.refuse("bomb", what)
            return False
        return True

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is opened of this piece: it has been told why."""
        return self._root._is_spent  # noqa: SLF001

    def _end(self, reason: str, what: str) -> bool:
        self.refuse(reason, what)
        self._root._is_spent = True  # noqa: SLF001
        return False

    def may_list(self, what: str) -> bool:
        """Whether one more member may be looked at."""
        if self.is_spent:
            return False
        self._root._members += 1  # noqa: SLF001
        if self._root._members > MAX_MEMBERS:  # noqa: SLF001
            self.refuse("too_many_members", what)
            return False
        return True

    def refuse(self, reason: str, what: str = "", detail: str = "") -> None:
        """Note that something was not opened, or not whole; the same note once."""
        name = f"{self._name}!{what}" if what else self._name
        self._root._unread.setdefault((name, reason), Unread(name=name, reason=reason, detail=detail[:200]))  # noqa: SLF001

    def take(self) -> Iterator[Unread]:
        """The notes, at the outermost level; each once."""
        if self._root is self:
            told, self._unread = self._unread, {}
            yield from told.values()
