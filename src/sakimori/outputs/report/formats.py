"""The formats of a report by name, and writing one to a stream or, all or nothing, to a file."""

import errno
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from sakimori.model.assessment import Assessment
from sakimori.model.errors import SakimoriError, UsageError
from sakimori.model.extras import ensure_libraries
from sakimori.texts.language import Language

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How one format is written: as text, or as bytes. `suffix` is the usual ending of its files.

    `needs` is a library that an extra of the same name as the format installs.
    """

    suffix: str
    write: Callable[[Assessment, TextIO, Language], None] | None = None
    write_bytes: Callable[[Assessment, BinaryIO, Language], None] | None = None
    is_for_machines: bool = True
    """Written as UTF-8 with its own line ends, whatever the locale of the stream."""
    needs: str = ""


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


def _write_xlsx(assessment: Assessment, stream: BinaryIO, language: Language) -> None:
    from sakimori.outputs.report.workbook import write_xlsx  # noqa: PLC0415

    write_xlsx(assessment, stream, language)


def _write_ocsf(assessment: Assessment, stream: TextIO, language: Language) -> None:
    from sakimori.outputs.report.ocsf_events import write_ocsf  # noqa: PLC0415

    write_ocsf(assessment, stream, language)


def _write_asff(assessment: Assessment, stream: TextIO, language: Language) -> None:
    from sakimori.outputs.report.asff_findings import write_asff  # noqa: PLC0415

    write_asff(assessment, stream, language)


def _write_sarif(assessment: Assessment, stream: TextIO, language: Language) -> None:
    from sakimori.outputs.report.sarif_log import write_sarif  # noqa: PLC0415

    write_sarif(assessment, stream, language)


def _write_junit(assessment: Assessment, stream: TextIO, language: Language) -> None:
    from sakimori.outputs.report.junit_suites import write_junit  # noqa: PLC0415

    write_junit(assessment, stream, language)


def _write_markdown(assessment: Assessment, stream: TextIO, language: Language) -> None:
    from sakimori.outputs.report.markdown_page import write_markdown  # noqa: PLC0415

    write_markdown(assessment, stream, language)


FORMATS: Final = {
    "terminal": Format(suffix=".txt", write=_write_terminal, is_for_machines=False),
    "html": Format(suffix=".html", write=_write_html),
    "json": Format(suffix=".json", write=_write_json),
    "csv": Format(suffix=".csv", write=_write_csv),
    "xlsx": Format(suffix=".xlsx", write_bytes=_write_xlsx, needs="openpyxl"),
    "ocsf": Format(suffix=".ocsf.jsonl", write=_write_ocsf),
    "junit": Format(suffix=".junit.xml", write=_write_junit),
    "markdown": Format(suffix=".md", write=_write_markdown),
    "sarif": Format(suffix=".sarif", write=_write_sarif),
    "asff": Format(suffix=".asff.json", write=_write_asff),
}


def format_of(path: Path) -> str:
    """The format that a file's ending asks for; UsageError for an ending that none has, or that cannot be written.

    The whole suffix decides (`x.asff.json`); where none fits, the last part of it (`x.jsonl`).
    """
    file_name, ending = path.name.lower(), path.suffix.lower().lstrip(".")
    whole = [name for name, form in FORMATS.items() if file_name.endswith(form.suffix)]
    last = [name for name, form in FORMATS.items() if ending and form.suffix.rpartition(".")[2] == ending]
    if not whole and not last:
        known = sorted({f".{form.suffix.rpartition('.')[2]}" for form in FORMATS.values()})
        raise UsageError("report.unknown_ending", path=path, known=known)
    name = max(whole or last[:1], key=lambda name: len(FORMATS[name].suffix))
    ensure_format(name)
    return name


def ensure_format(name: str, stream: TextIO | None = None) -> Format:
    """The format `name`, able to be written, and to `stream` where one is given; otherwise UsageError.

    Worth asking before an assessment begins: it may take minutes.
    """
    chosen = FORMATS.get(name)
    if chosen is None:
        raise UsageError("report.unknown_format", format=name, known=sorted(FORMATS))
    if chosen.needs:
        ensure_libraries(chosen.needs)
    if stream is not None and chosen.write_bytes and (stream.isatty() or not hasattr(stream, "buffer")):
        raise UsageError("report_files.no_text", format=name, ending=chosen.suffix)
    return chosen


def write_report(assessment: Assessment, name: str, target: Path | TextIO, language: Language) -> None:
    """Write the report in the format `name`; what is no text goes to the bytes under a text stream.

    A file appears complete or not at all, readable by its owner alone: a report tells an
    intruder where to go. UsageError for an unknown format or a place that cannot be
    written, SakimoriError where the disk is full or fails.
    """
    chosen = ensure_format(name, None if isinstance(target, Path) else target)
    if isinstance(target, Path):
        with file_at(target) as file:
            _write_to_file(assessment, chosen, file, language)
    elif chosen.write_bytes:
        target.flush()
        chosen.write_bytes(assessment, target.buffer, language)
    elif chosen.write:
        if chosen.is_for_machines and isinstance(target, io.TextIOWrapper):
            target.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
        chosen.write(assessment, target, language)


def _write_to_file(assessment: Assessment, chosen: Format, file: BinaryIO, language: Language) -> None:
    if chosen.write_bytes:
        if file.isatty():  # `--output /dev/stdout`
            raise UsageError("report_files.no_text", format=chosen.suffix.lstrip("."), ending=chosen.suffix)
        chosen.write_bytes(assessment, file, language)
    elif chosen.write:
        # A lone surrogate has no UTF-8; as `\udc80` it is still valid in JSON and legible elsewhere.
        stream = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        chosen.write(assessment, stream, language)
        stream.detach()


@contextmanager
def file_at(path: Path) -> Iterator[BinaryIO]:
    """The file to write, which appears under its name only when it is whole; UsageError where it cannot be written, SakimoriError where the disk fails."""
    try:
        # What is no ordinary file (/dev/stdout, a pipe) is written to, never replaced.
        with path.open("wb") if path.exists() and not path.is_file() else _replace(path) as stream:
            yield stream
    except OSError as error:
        reason = error.strerror or type(error).__name__
        if error.errno in _FULL:
            raise SakimoriError("report.disk_full", path=path) from error
        if error.errno == errno.EIO:
            raise SakimoriError("report.disk_failed", path=path, reason=reason) from error
        raise UsageError("report.unwritable", path=path, reason=reason) from error


@contextmanager
def _replace(path: Path) -> Iterator[BinaryIO]:
    """A temporary file beside `path` that takes its name once it is complete and on disk."""
    final = path.resolve()
    descriptor, temporary = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name[:100]}.", suffix=".part")
    try:
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor is no path
            yield stream
            stream.flush()
            os.fsync(descriptor)
        Path(temporary).replace(final)
    finally:
        Path(temporary).unlink(missing_ok=True)
