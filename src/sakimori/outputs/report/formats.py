"""The formats of a report by name, and writing one to a stream or, all or nothing, to a file."""

import errno
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from sakimori.model.assessment import Assessment
from sakimori.model.errors import SakimoriError, UsageError
from sakimori.texts.language import Language

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Format:
    """How one format is written. `suffix` is the usual ending of its files."""

    suffix: str
    write: Callable[[Assessment, TextIO, Language], None]
    is_for_machines: bool = True
    """Written as UTF-8 with its own line ends, whatever the locale of the stream."""


# Each format is imported when it is asked for: a command's --help must not wait for jinja2 or rich.


def _write_terminal(assessment: Assessment, stream: TextIO, language: Language) -> None:
    from rich.console import Console  # noqa: PLC0415

    from sakimori.outputs.report.terminal import print_assessment  # noqa: PLC0415

    print_assessment(assessment, Console(file=stream), language)


def _write_html(assessment: Assessment, stream: TextIO, language: Language) -> None:
    from sakimori.outputs.report.html_page import write_html  # noqa: PLC0415

    write_html(assessment, stream, language)


def _write_json(assessment: Assessment, stream: TextIO, _language: Language) -> None:
    from sakimori.outputs.report.json_document import write_json  # noqa: PLC0415

    write_json(assessment, stream)


def _write_csv(assessment: Assessment, stream: TextIO, language: Language) -> None:
    from sakimori.outputs.report.csv_table import write_csv  # noqa: PLC0415

    write_csv(assessment, stream, language)


def _write_ocsf(assessment: Assessment, stream: TextIO, language: Language) -> None:
    from sakimori.outputs.report.ocsf_events import write_ocsf  # noqa: PLC0415

    write_ocsf(assessment, stream, language)


FORMATS: Final = {
    "terminal": Format(".txt", _write_terminal, is_for_machines=False),
    "html": Format(".html", _write_html),
    "json": Format(".json", _write_json),
    "csv": Format(".csv", _write_csv),
    "ocsf": Format(".ocsf.jsonl", _write_ocsf),
}


def format_of(path: Path) -> str:
    """The format that a file's ending asks for; UsageError for an ending that none has."""
    endings = {form.suffix.rpartition(".")[2]: name for name, form in FORMATS.items()}
    name = endings.get(path.suffix.lower().lstrip("."))
    if name is None:
        raise UsageError("report.unknown_ending", path=path, known=sorted(f".{ending}" for ending in endings))
    return name


def write_report(assessment: Assessment, name: str, target: Path | TextIO, language: Language) -> None:
    """Write the report in the format `name`.

    A file appears complete or not at all, readable by its owner alone: a report tells an
    intruder where to go. UsageError for an unknown format or a place that cannot be
    written, SakimoriError where the disk is full or fails.
    """
    chosen = FORMATS.get(name)
    if chosen is None:
        raise UsageError("report.unknown_format", format=name, known=sorted(FORMATS))
    if isinstance(target, Path):
        with _file(target) as stream:
            chosen.write(assessment, stream, language)
        return
    if chosen.is_for_machines and isinstance(target, io.TextIOWrapper):
        target.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
    chosen.write(assessment, target, language)


@contextmanager
def _file(path: Path) -> Iterator[TextIO]:
    try:
        # What is no ordinary file (/dev/stdout, a pipe) is written to, never replaced.
        with _open(path) if path.exists() and not path.is_file() else _replace(path) as stream:
            yield stream
    except OSError as error:
        reason = error.strerror or type(error).__name__
        if error.errno in _FULL:
            raise SakimoriError("report.disk_full", path=path) from error
        if error.errno == errno.EIO:
            raise SakimoriError("report.disk_failed", path=path, reason=reason) from error
        raise UsageError("report.unwritable", path=path, reason=reason) from error


def _open(target: Path | int) -> TextIO:
    # A lone surrogate has no UTF-8; as `\udc80` it is still valid in JSON and legible elsewhere.
    return open(target, "w", encoding="utf-8", errors="backslashreplace", newline="")  # noqa: PTH123 - also takes a descriptor


@contextmanager
def _replace(path: Path) -> Iterator[TextIO]:
    """A temporary file beside `path` that takes its name once it is complete and on disk."""
    final = path.resolve()
    descriptor, temporary = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name[:100]}.", suffix=".part")
    try:
        with _open(descriptor) as stream:
            yield stream
            stream.flush()
            os.fsync(descriptor)
        Path(temporary).replace(final)
    finally:
        Path(temporary).unlink(missing_ok=True)
