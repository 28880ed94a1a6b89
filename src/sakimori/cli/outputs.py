"""Where a report goes: files by their endings, standard output, or both; what cannot be written is said before any reading."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from sakimori.cli.lazy import spoken
from sakimori.model.assessment import Assessment
from sakimori.outputs.report.formats import ensure_format, format_of, write_report
from sakimori.texts.sentences import say


def form_by_ending(given: Mapping[str, Any], known: Collection[str], otherwise: str) -> str:
    """The one format of an answer: --format, else by the ending of --output, else `otherwise` for a file, else the terminal's."""
    output: Path | None = given["output"]
    ending = output.suffix.lstrip(".").lower() if output else ""
    return given["format_"] or (ending if ending in known else otherwise if output else "terminal")


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
