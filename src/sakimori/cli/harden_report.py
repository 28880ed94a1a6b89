"""`sakimori harden report`: the completion report as a file."""

import sys
from io import StringIO
from pathlib import Path

import click

from sakimori.actions.plan import write_private
from sakimori.app.assess import AssessRequest
from sakimori.app.clock import utc_now
from sakimori.app.completion import completion
from sakimori.app.settings import read_settings
from sakimori.cli.lazy import spoken
from sakimori.outputs.report.completion_page import write_completion
from sakimori.texts.sentences import say


def write_report(home: Path, snapshot: str, output: Path | None, state: str) -> None:
    """Write the page to the file or to stdout."""
    language = spoken()
    mutes = read_settings(home / "config.toml").mutes
    request = AssessRequest(home=home, snapshot=snapshot, mutes=mutes, state=state)
    assessment, runs = completion(request, language, clock=utc_now)
    page = StringIO()
    write_completion(assessment, runs, utc_now(), language, page)
    if output is None:
        sys.stdout.write(page.getvalue())
        return
    write_private(output, page.getvalue().encode())
    click.echo(say("harden_report.written", language, path=output))
