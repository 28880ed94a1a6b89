"""`sakimori lake export`: the rows of one log out of the lake, streamed."""

import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

from sakimori.app.home import ensure_outside
from sakimori.ingest.cloudtrail.reassemble import event_of
from sakimori.ingest.cloudtrail.table import TABLE as CLOUDTRAIL
from sakimori.lake.compaction import UpkeepProgress
from sakimori.lake.engines.log_export import as_csv, as_json_lines, as_parquet, copy_part, pieces_of
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_reader import LogReader, Where
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError, UsageError
from sakimori.model.extras import LAKE, ensure_libraries
from sakimori.outputs.log_ocsf.events import MAPPED

PARQUET: Final = "parquet"
Lines = Callable[[Table, Iterable[Any]], Iterator[bytes]]


def _as_ocsf(table: Table, pieces: Iterable[Any]) -> Iterator[bytes]:
    """OCSF 1.8 events; UsageError for a log that no class of OCSF speaks of."""
    if table.name not in MAPPED:
        raise UsageError("lake_verbs.no_ocsf_class", table=table.name, known=sorted(MAPPED))
    return as_json_lines(table, pieces, MAPPED[table.name])


def _as_it_was(table: Table, pieces: Iterable[Any]) -> Iterator[bytes]:
    """CloudTrail's own events again; UsageError for another log."""
    if table.name != CLOUDTRAIL.name:
        raise UsageError("lake_verbs.no_original", table=table.name, only=CLOUDTRAIL.name)
    return as_json_lines(table, pieces, event_of)


LINES: Final[Mapping[str, Lines]] = {
    "csv": as_csv, "jsonl": as_json_lines, "ocsf": _as_ocsf, "original": _as_it_was,
}  # fmt: skip
"""The forms that are bytes one after the other."""
FORMS: Final = (PARQUET, *LINES)
STANDARD_OUTPUT: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Which rows, and where to. `output` is a directory, a file with the ending of its form, or `-`."""

    home: Path
    table: Table
    where: Where
    output: str
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: `path` None for standard output."""

    path: Path | None
    row_count: int


def form_of(form: str | None, output: str) -> str:
    """The form that was asked for, or that the ending of the file tells; Parquet for a directory."""
    if form:
        return form
    ending = Path(output).suffix.lstrip(".")
    return ending if ending in FORMS else PARQUET


def export(request: ExportRequest, stream: BinaryIO, progress: UpkeepProgress | None = None) -> Exported:
    """Write the rows; a file or a directory appears under its name only when it is whole."""
    ensure_libraries(*LAKE)
    if request.output != STANDARD_OUTPUT:
        ensure_outside(request.home, Path(request.output))
    reader = LogReader(request.home)
    try:
        parts = reader.parts(request.table.name, request.where)
        if progress:
            progress.total(sum(part.byte_count for part in parts))
        return _Export(request, reader.root, parts, progress).to(stream)
    finally:
        reader.close()


class _Export:
    def __init__(
        self, request: ExportRequest, root: Path, parts: tuple[LogPart, ...], progress: UpkeepProgress | None
    ) -> None:
        self._request = request
        self._root = root
        self._parts = parts
        self._progress = progress
        self._rows = 0

    def to(self, stream: BinaryIO) -> Exported:
        asked, table = self._request, self._request.table
        if asked.output == STANDARD_OUTPUT:
            if asked.form == PARQUET:
                raise UsageError("lake_verbs.parquet_needs_a_place")
            stream.writelines(LINES[asked.form](table, self._pieces()))
            return Exported(path=None, row_count=self._rows)
        output = Path(asked.output).expanduser()
        is_file = output.suffix == f".{asked.form}" and not output.is_dir()
        if asked.form == PARQUET and not is_file:
            target = output / table.name
            with _told(target):
                self._to_directory(target)
        else:
            target = output if is_file else output / f"{table.name}.{asked.form}"
            with _told(target):
                self._to_file(target)
        return Exported(path=target, row_count=self._rows)

    def _to_file(self, target: Path) -> None:
        unfinished = target.with_name(f".{target.name}.unfinished")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            if self._request.form == PARQUET:
                as_parquet(self._request.table, self._pieces(), unfinished)
            else:
                with unfinished.open("wb") as file:
                    file.writelines(LINES[self._request.form](self._request.table, self._pieces()))
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)

    def _to_directory(self, target: Path) -> None:
        """The parts as they lie: what Athena and Spark read."""
        if target.exists() and any(target.iterdir()):
            # The names of parts change with every compaction: beside older ones, rows would be there twice.
            raise UsageError("lake_verbs.not_empty", path=target)
        unfinished = target.with_name(f".{target.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        whole = unfinished / target.name
        whole.mkdir(parents=True)
        try:
            for part in self._parts:
                rows = copy_part(self._request.table, self._root, part, self._request.where, unfinished)
                self._count(rows, part.byte_count)
            whole.replace(target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _pieces(self) -> Iterator[Any]:
        with TemporaryDirectory(prefix="sakimori-") as scratch:
            for rows, done in pieces_of(
                self._request.table, self._root, self._parts, self._request.where, Path(scratch)
            ):
                self._count(rows.num_rows, done)
                yield rows

    def _count(self, rows: int, byte_count: int) -> None:
        self._rows += rows
        if self._progress:
            self._progress.done(byte_count)


@contextmanager
def _told(target: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise LakeError("lake_verbs.cannot_export", path=target, reason=error.strerror or str(error)) from error
