"""Well written lines that wait until enough of them can be turned into columns at once."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    import pyarrow as pa

_LINES_A_CHUNK: Final = 16_384
_BYTES_A_CHUNK: Final = 64 << 20
"""Far below the 2 GiB that a column of texts can hold."""
OfFile = tuple[str | None, ...]
"""What the name and place of a line's file say, by the order of the names that the store was given."""
Span = tuple[int, int]
"""First and last time, in microseconds since 1970."""
Key = TypeVar("Key", bound=Hashable)


class WaitingLines(Generic[Key]):
    """Lines by a key: those of one key have the same fields.

    `columns_of` makes a table of lines of one key and of columns by what their files say, which has `names`.
    `span_of` tells the first and the last of the times of lines.
    """

    def __init__(
        self,
        names: Sequence[str],
        columns_of: Callable[[Key, Sequence[bytes], Mapping[str, Sequence[Any]]], "pa.Table"],
        span_of: Callable[[Collection[bytes]], Span],
    ) -> None:
        self._names = names
        self._columns_of = columns_of
        self._span_of = span_of
        self._lines: dict[Key, tuple[list[bytes], list[OfFile]]] = {}
        self._waiting = 0
        self._bytes = 0
        self._times: list[bytes] = []
        self._spans: list[Span] = []
        self._chunks: list[pa.Table] = []
        self._packed = 0

    @property
    def row_count(self) -> int:
        """Lines so far."""
        return self._packed + self._waiting

    def take(self, key: Key, line: bytes, time: bytes, of_file: OfFile) -> None:
        """Take a line; its time is a text that `span_of` understands."""
        lines, files = self._lines.setdefault(key, ([], []))
        lines.append(line)
        files.append(of_file)
        self._times.append(time)
        self._waiting += 1
        self._bytes += len(line)
        if self._waiting == _LINES_A_CHUNK or self._bytes > _BYTES_A_CHUNK:
            self._pack()

    def span(self, *others: Span | None) -> Span | None:
        """First and last time of the lines taken since this was last asked, and of `others`; None without any."""
        self._settle()
        spans = self._spans + [span for span in others if span]
        self._spans = []
        return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None

    def finish(self) -> "list[pa.Table]":
        """All lines as tables. Nothing waits afterwards."""
        self._pack()
        chunks, self._chunks, self._packed = self._chunks, [], 0
        return chunks

    def _settle(self) -> None:
        if self._times:
            self._spans.append(self._span_of(self._times))
            self._times = []

    def _pack(self) -> None:
        self._settle()
        for key, (lines, files) in self._lines.items():
            of_file = dict(zip(self._names, zip(*files, strict=True), strict=True))
            self._chunks.append(self._columns_of(key, lines, of_file))
        self._packed += self._waiting
        self._waiting = self._bytes = 0
        self._lines = {}


def is_utf8(line: bytes) -> bool:
    """The line can be decoded."""
    if line.isascii():
        return True
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
