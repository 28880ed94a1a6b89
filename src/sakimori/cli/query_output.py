"""Rows of a query on their way out: a table that fits the terminal, or a form for programs.

Values of logs were chosen by strangers. On a terminal nothing of them moves the cursor or turns the direction of writing,
in a spreadsheet none is a formula, in JSON such characters are escapes.

As JSON (`sakimori.query/1`): `columns` with `name` and `type`, `rows` as objects in the order of the query, `is_cut` where
`--limit` left rows out, `row_count`, and `coverage`: what was looked through (`logs`, `inventory`). JSON Lines are the rows alone.
"""

import csv
import io
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

from sakimori.app.query import QueryAnswer
from sakimori.cli.query_table import print_rows
from sakimori.model.errors import UsageError
from sakimori.model.extras import ensure_libraries
from sakimori.outputs.report.csv_table import cell
from sakimori.outputs.report.formats import file_at
from sakimori.outputs.report.plain_values import as_json, escaped_json, plain

FORMATS: Final = ("table", "csv", "json", "jsonl", "parquet")
ON_TERMINAL: Final = 200
IN_TABLE: Final = 10_000
_ENDINGS: Final = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".txt": "table",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many rows went out, and whether more were left out.

    `says_nothing`: no row, or one with nothing but zeros and unknowns, as a count of nothing has it.
    """

    row_count: int
    is_cut: bool
    says_nothing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where rows go and how: `path` None is standard output; `limit` None lets a table have its own."""

    form: str
    path: Path | None = None
    limit: int | None = None
    headings: Callable[[str], str] = str

    @classmethod
    def of(cls, form: str | None, path: Path | None, limit: int | None) -> "Target":
        """As the options say; a file's ending chooses its form. UsageError for what cannot be written there."""
        chosen = form or (_ENDINGS.get(path.suffix.lower(), "") if path else "table")
        if not chosen:
            raise UsageError("query.unknown_ending", path=path, known=sorted(_ENDINGS))
        if chosen == "parquet":
            ensure_libraries("pyarrow")
        if chosen == "parquet" and path is None and (sys.stdout.isatty() or not hasattr(sys.stdout, "buffer")):
            raise UsageError("query.parquet_on_terminal")
        return cls(form=chosen, path=path, limit=limit)

    @property
    def is_for_people(self) -> bool:
        """A table on a terminal."""
        return self.form == "table" and self.path is None and sys.stdout.isatty()

    @property
    def most(self) -> int | None:
        """How many rows go out; None for all."""
        if self.limit is not None or self.form != "table":
            return self.limit
        return IN_TABLE if self.path else most_on_stdout()


def most_on_stdout() -> int:
    """How many rows a table on standard output has where nobody said."""
    return ON_TERMINAL if sys.stdout.isatty() else IN_TABLE


def write_answer(answer: QueryAnswer, target: Target) -> Written:
    """Write the rows; a file appears whole or not at all, readable by its owner alone."""
    if target.form == "parquet":
        with _bytes(target.path) as file:
            return _write_parquet(answer, file, target.most)
    rows = _Rows(answer.rows(), target.most)
    with _text(target.path) as stream:
        if target.form == "table":
            print_rows([target.headings(name) for name, _ in answer.columns], answer.columns, list(rows), stream)
        elif target.form == "csv":
            _write_csv(answer, rows, stream, is_file=target.path is not None)
        elif target.form == "jsonl":
            names = [name for name, _ in answer.columns]
            for row in rows:
                stream.write(escaped_json(dict(zip(names, row, strict=True))) + "\n")
        else:
            _write_json(answer, rows, stream)
    return rows.written


class _Rows:
    """Rows up to a limit; afterwards it is known how many, and whether there were more."""

    def __init__(self, rows: Iterator[tuple[Any, ...]], most: int | None) -> None:
        self._rows = rows
        self._most = most
        self._count = 0
        self._is_cut = False
        self._says_nothing = True

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self._rows:
            if self._count == self._most:
                self._is_cut = True
                return
            self._count += 1
            self._says_nothing = self._count == 1 and not any(row)
            yield row

    @property
    def written(self) -> Written:
        return Written(row_count=self._count, is_cut=self._is_cut, says_nothing=self._says_nothing and not self._is_cut)


def _write_csv(answer: QueryAnswer, rows: _Rows, stream: TextIO, *, is_file: bool) -> None:
    """As spreadsheets read it; the byte order mark that Excel wants stands in files alone."""
    if is_file:
        stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([cell(name) for name, _ in answer.columns])
    writer.writerows([_csv_cell(value) for value in row] for row in rows)


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return cell(value)
    shown = plain(value)
    # A number is none of a stranger's making: its minus stays a minus.
    return str(shown) if isinstance(shown, int | float) and not isinstance(shown, bool) else cell(_json_text(shown))


def _json_text(value: object) -> str:
    return value if isinstance(value, str) else as_json(value)


def _write_json(answer: QueryAnswer, rows: _Rows, stream: TextIO) -> None:
    names = [name for name, _ in answer.columns]
    columns = [{"name": name, "type": kind} for name, kind in answer.columns]
    stream.write(f'{{"schema":"sakimori.query/1","columns":{escaped_json(columns)},"rows":[')
    stream.writelines(
        (",\n" if number else "\n") + escaped_json(dict(zip(names, row, strict=True)))
        for number, row in enumerate(rows)
    )
    done = rows.written
    stream.write(
        f'\n],"row_count":{done.row_count},"is_cut":{escaped_json(done.is_cut)},"coverage":{escaped_json(answer.searched.plain())}}}\n'
    )


def _write_parquet(answer: QueryAnswer, file: BinaryIO, most: int | None) -> Written:
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy, and few ask for it

    schema, batches = answer.arrow()
    left = most
    count, is_cut = 0, False
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            kept = batch if left is None else batch.slice(0, left)
            if kept.num_rows:
                writer.write_batch(kept)
            count += kept.num_rows
            if left is not None:
                left -= kept.num_rows
                is_cut = kept.num_rows < batch.num_rows
                if is_cut:
                    break
    return Written(row_count=count, is_cut=is_cut, says_nothing=not count and not is_cut)


# -- where it goes -----------------------------------------------------------------


@contextmanager
def _bytes(path: Path | None) -> Generator[BinaryIO]:
    if path is not None:
        with file_at(path) as file:
            yield file
        return
    sys.stdout.flush()
    # Parquet ends with where its pieces are, so it is made whole before it goes into a pipe.
    whole = io.BytesIO()
    yield whole
    sys.stdout.buffer.write(whole.getbuffer())


@contextmanager
def _text(path: Path | None) -> Generator[TextIO]:
    if path is None:
        if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
        yield sys.stdout
        return
    with file_at(path) as file:
        stream = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        yield stream
        stream.detach()
