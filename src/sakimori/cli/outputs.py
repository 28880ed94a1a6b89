"""Where a report goes: files by their endings, standard output, or both; what cannot be written is said before any reading."""

import io
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click

from sakimori.cli.lazy import spoken
from sakimori.model.assessment import Assessment
from sakimori.model.errors import UsageError
from sakimori.outputs.report.formats import ensure_format, file_at, format_of, write_report
from sakimori.texts.sentences import say


def form_by_ending(given: Mapping[str, Any], known: Collection[str], otherwise: str) -> str:
    """The one format of an answer: --format, else by the ending of --output, `otherwise` for a file without one, else the terminal's.

    UsageError for an ending that names none of the `known`.
    """
    output: Path | None = given["output"]
    ending = output.suffix.lstrip(".").lower() if output else ""
    if output and ending and ending not in known and not given["format_"]:
        raise UsageError(
            "report.unknown_ending", path=output, known=[f".{each}" for each in known if each != "terminal"]
        )
    return given["format_"] or ending or (otherwise if output else "terminal")


@contextmanager
def text_at(path: Path) -> Iterator[TextIO]:
    """A file of UTF-8 to write, which appears only when it is whole; what has no UTF-8 is written as an escape."""
    with file_at(path) as file:
        stream = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        yield stream
        stream.detach()


@dataclass(frozen=True, slots=True)
class Outputs:
    """Files with their formats, and the format on standard output ("" for none)."""

    files: Mapping[Path, str]
    on_stdout: str

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Outputs":
        """From the options --format and --output; UsageError for what has no format or cannot be written there."""
        asked = given["format_"]
        files = {path: asked or format_of(path) for path in given["output"]}
        for form in files.values():
            ensure_format(form)
        on_stdout = (asked or "terminal") if not files or asked is None else ""
        if on_stdout:
            ensure_format(on_stdout, sys.stdout)
        return cls(files, on_stdout)

    def write(self, assessment: Assessment) -> None:
        """Write every file, then standard output."""
        for path, form in self.files.items():
            write_report(assessment, form, path, spoken())
            click.echo(say("cli.report_written", spoken(), path=path), err=True)
        if self.on_stdout:
            write_report(assessment, self.on_stdout, sys.stdout, spoken())
