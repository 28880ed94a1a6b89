"""`sakimori respond report`: the case as one page, as a timeline, or as a package of evidence that somebody else can check."""

import tempfile
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.respond.case_files import read_case
from sakimori.app.respond.facts import facts_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.outputs import form_by_ending, text_at
from sakimori.cli.prose import tell
from sakimori.model.errors import ActionError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.outputs.case.pdf import write_pdf
from sakimori.outputs.case.report_html import ReportRequest, write_report
from sakimori.outputs.case.timeline_csv import write_timeline
from sakimori.outputs.evidence.package import package
from sakimori.outputs.evidence.store import EvidenceStore
from sakimori.outputs.evidence.verifying import verify_package
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

_FORMATS: Final = ("html", "pdf", "csv", "zip")


@click.command("report", cls=SpokenCommand, help=say("respond.report_help", spoken()))
@option("--case", default="", help_="respond.option_case")
@option("--format", "format_", type=click.Choice(_FORMATS))
@option("--output", type=click.Path(path_type=Path, dir_okay=False), help_="respond.option_output")
@option("--verify", type=click.Path(path_type=Path, dir_okay=False), help_="respond.option_verify")
@option("--head", default="", help_="respond.option_head")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Write the report, or check a package."""
    if given["verify"]:
        return _verify(given["verify"], given["head"])
    _report(home, given)
    return COMPLETED


def _verify(path: Path, head: str) -> int:
    """Whether a package is as it was packed: whoever has it needs no case of their own."""
    found = verify_package(path, head)
    for each in found.faults:
        tell(f"! {say(each.text, spoken(), **each.values)}", style="red")
    values = {"pieces": found.pieces, "files": found.files, "sha256": found.sha256, "head": found.head or "—"}
    text = "package_changed" if found.faults else "package_whole" if head else "package_whole_alone"
    tell(say(f"respond.{text}", spoken(), **values))
    return FAILED if found.faults else COMPLETED


def _report(home: Path, given: dict[str, Any]) -> None:
    directory, case = read_case(home, given["case"])
    # Without a file named, the page is written beside whoever asks: it is nothing to read in a terminal.
    form = form_by_ending(given, _FORMATS, "html").replace("terminal", "html")
    output = given["output"] or Path(f"{case.id}.{form}")
    facts, language = facts_of(directory, case), spoken()
    store = EvidenceStore(directory, utc_now)
    page = ReportRequest(facts=facts, evidence=store.pieces(), head=store.head, made_at=utc_now())
    try:
        if form == "zip":
            # What a stranger opens first lies in the package too.
            _write(directory / "report.html", page, language)
            with text_at(directory / "timeline.csv") as stream:
                write_timeline(facts, stream, language)
            made = package(directory, output)
            tell(say("respond.packaged", language, path=output, sha256=made.sha256, head=made.head))
            click.echo(f"  $ sakimori respond report --verify {output} --head {made.head}")
            return
        if form == "pdf":
            _print(output, page, language)
        elif form == "csv":
            with text_at(output) as stream:
                write_timeline(facts, stream, language)
        else:
            _write(output, page, language)
    except OSError as error:
        raise ActionError("respond.unwritable", path=output, reason=error.strerror or str(error)) from error
    click.echo(say("respond.written", language, path=output))


def _print(path: Path, page: ReportRequest, language: Language) -> None:
    with tempfile.TemporaryDirectory() as place:
        html = Path(place) / "case.html"
        _write(html, page, language)
        write_pdf(html, path)


def _write(path: Path, page: ReportRequest, language: Language) -> None:
    with text_at(path) as stream:
        write_report(page, language, stream)
