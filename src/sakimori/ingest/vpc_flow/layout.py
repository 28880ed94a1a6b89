"""What the lines of a flow log hold in which order, and lines of that order as Arrow columns."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sakimori.ingest.rows import MAX_RECORD_BYTES
from sakimori.ingest.source import Reason
from sakimori.ingest.vpc_flow.arrays import Chunk, kept_type, read_type, rest_of
from sakimori.ingest.vpc_flow.fields import REST, START, Field, Form
from sakimori.lake.engines.arrow import compute
from sakimori.lake.table import Type

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import csv

BOM: Final = b"\xef\xbb\xbf"
NONE: Final = (b"-", b"")
"""How the log says that it has no value."""
_WORDS: Final = {"log_status": {b"OK", b"NODATA", b"SKIPDATA", b"-"}, "action": {b"ACCEPT", b"REJECT", b"-"}}
"""All that AWS writes in these fields, the last ones of the usual formats."""
_MAX_LAYOUTS: Final = 256
_MAX_DIGITS: Final = 20
_HEADER: Final = re.compile(rb"[a-z][a-z0-9_-]{0,63}(?: [a-z][a-z0-9_-]{0,63}){0,255}")
"""AWS knows about sixty fields."""
_DEFAULT: Final = (
    *("version", "account_id", "interface_id", "srcaddr", "dstaddr", "srcport", "dstport"),
    *("protocol", "packets", "bytes", "start", "end", "action", "log_status"),
)
"""The format that a flow log has where nobody chose another; CloudWatch Logs holds it without a header."""
_EXPORTED_AT: Final = "exported at"
"""No field: the time with which an export from CloudWatch Logs begins each line."""
_SHAPE: Final = re.compile(
    rb"(?P<exported>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z )?"
    rb"[0-9]{1,2} (?:[0-9]{12}|unknown|-) \S+(?: \S+){7} [0-9]{9,10} [0-9]{9,10} (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA)"
)


class Layout:
    """Fields in the order of a log's lines."""

    def __init__(self, names: Sequence[str], form: Form) -> None:
        self._names = tuple(names)
        self._fields = {name: form.fields[name] for name in names if name in form.fields}
        self._unknown = [name for name in names if name not in form.fields and name != _EXPORTED_AT]
        self._columns = [*self._fields, *self._unknown]
        self._numbers = [
            (place, form.fields[name])
            for place, name in enumerate(names)
            if name in form.fields and form.fields[name].type is not Type.TEXT
        ]
        self.has_start = START in names

    def chunk(self, lines: "pa.Buffer") -> Chunk | None:
        """The rows of these lines; None where any of them is not as it should be, or there is none.

        Numbers in hexadecimal or with tabs around them are taken too, and text is not looked into (`plain` does).
        """
        import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it
        from pyarrow import csv  # noqa: PLC0415

        # One block: what lies in two is copied. A stream of one block costs half of what a whole reading does.
        options = csv.ReadOptions(use_threads=False, block_size=lines.size + 1, column_names=list(self._names))
        try:
            reader = csv.open_csv(pa.BufferReader(lines), options, self._parsing, self._conversion)
            read = dict(zip(self._columns, reader.read_next_batch().columns, strict=True))
        except (pa.ArrowInvalid, StopIteration):
            return None
        chunk = {name: _settled(field, read[name]) for name, field in self._fields.items()}
        if any(array is None for array in chunk.values()) or chunk[START].null_count:
            return None
        if self._unknown:
            chunk[REST] = rest_of({name: read[name] for name in self._unknown})
        return chunk

    @cached_property
    def _parsing(self) -> "csv.ParseOptions":
        from pyarrow import csv  # noqa: PLC0415

        return csv.ParseOptions(delimiter=" ", quote_char=False, escape_char=False)

    @cached_property
    def _conversion(self) -> "csv.ConvertOptions":
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import csv  # noqa: PLC0415

        types = {name: read_type(field) for name, field in self._fields.items()}
        return csv.ConvertOptions(
            column_types=types | dict.fromkeys(self._unknown, pa.dictionary(pa.int32(), pa.string())),
            include_columns=self._columns,
            null_values=[value.decode() for value in NONE],
            strings_can_be_null=True,
            check_utf8=False,
        )

    def is_cut_off(self, line: bytes) -> bool:
        """The last line of a file, without its end, is not whole, as far as its fields show it."""
        values = line.split(b" ")
        last = values[-1]
        words = _WORDS.get(self._names[-1])
        return len(values) < len(self._names) or not last or (words is not None and last not in words)

    def fault(self, values: Sequence[bytes]) -> tuple[Reason, str] | None:
        """Why these are not the values of a line, and the field that says so; None for those of a row."""
        if len(values) != len(self._names):
            return Reason.BAD_LINE, ""
        for place, field in self._numbers:
            value = values[place]
            if value in NONE:
                if field.name == START:
                    return Reason.NO_TIME, START
            elif not value.isdigit():
                return Reason.BAD_LINE, field.name
            elif not _fits(value, field):
                return (Reason.NO_TIME if field.name == START else Reason.BAD_LINE), field.name
        return None


class Layouts:
    """The layouts of one kind of flow log, each made once."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._made: dict[tuple[str, ...], Layout] = {}

    def header(self, line: bytes) -> Layout | None:
        """The layout that a header says; None for any other line."""
        names = names_of(line)
        return self._of(names) if any(name in self._form.fields for name in names) else None

    def shaped(self, line: bytes) -> Layout | None:
        """The layout of the default format where a line is of its shape."""
        found = _SHAPE.fullmatch(line)
        if not found or not set(_DEFAULT) <= set(self._form.fields):
            return None
        return self._of((_EXPORTED_AT, *_DEFAULT) if found["exported"] else _DEFAULT)

    def _of(self, names: tuple[str, ...]) -> Layout:
        if names not in self._made:
            if len(self._made) >= _MAX_LAYOUTS:
                self._made.clear()
            self._made[names] = Layout(names, self._form)
        return self._made[names]


def names_of(line: bytes) -> tuple[str, ...]:
    """The fields of a header, with `_` for `-`; () for what cannot be a header.

    >>> names_of(b"version account-id start")
    ('version', 'account_id', 'start')
    >>> names_of(b"2 111122223333 1760000000")
    ()
    """
    if not _HEADER.fullmatch(line):
        return ()
    names = tuple(line.decode("ascii").replace("-", "_").split(" "))
    return names if len(set(names)) == len(names) else ()


def is_shaped(line: bytes) -> bool:
    """A line is of the shape of the default format."""
    return _SHAPE.fullmatch(line) is not None


def plain(data: bytes, begin: int = 0) -> bool:
    """Nothing in the bytes from `begin` on would be read by `Layout.chunk` as something else than it is; no line is too long."""
    if b"\0" in data or b"\t" in data or data.startswith(BOM, begin) or _has_long_line(data):
        return False
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return False
    for letter in (b"x", b"X"):
        number = b"0" + letter
        if letter in data and (data.startswith(number, begin) or b" " + number in data or b"\n" + number in data):
            return False
    return data.isascii() or is_utf8(data)


def _has_long_line(data: bytes) -> bool:
    begin = 0
    while len(data) - begin > MAX_RECORD_BYTES:
        end = data.rfind(b"\n", begin, begin + MAX_RECORD_BYTES + 1)
        if end < begin:
            return True
        begin = end + 1
    return False


def is_utf8(data: bytes) -> bool:
    """These bytes are text."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _settled(field: Field, array: Any) -> Any:
    """The array in the type it is kept in; None where a value is out of bounds."""
    if field.type is Type.TEXT:
        return array
    if field.bits < 64:  # noqa: PLR2004 - narrower ones have no other bounds than their width
        return array
    # Numbers of more than 63 bits come out as negative ones.
    kept = array.view(kept_type(field))
    bounds = compute().min_max(kept).as_py()
    outside = bounds["min"] is not None and (bounds["min"] < field.least or bounds["max"] > field.most)
    return None if outside else kept


def _fits(digits: bytes, field: Field) -> bool:
    significant = digits.lstrip(b"0")
    return len(significant) <= _MAX_DIGITS and field.least <= int(significant or b"0") <= field.most
