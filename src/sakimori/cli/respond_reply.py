"""`sakimori respond reply`: the answer to AWS, written from what the case knows, and checked.

As JSON (`sakimori.reply/1`): `language`, `subject`, `text`, `is_ready`, `faults` (each with `weight`, `text`), `attachments` (names).
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.respond.case import Case
from sakimori.app.respond.case_files import read_case
from sakimori.app.respond.facts import facts_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.outputs import text_at
from sakimori.cli.prose import tell
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.outputs.case.checking import check_reply
from sakimori.outputs.case.reply import write_billing_request, write_reply
from sakimori.outputs.case.reply_form import Reply, ReplyFault, Weight
from sakimori.outputs.evidence.checking import faults_of
from sakimori.outputs.evidence.manifest import read_manifest
from sakimori.outputs.report.formats import file_at
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.sentences import say

_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_MOST_BYTES: Final = 1_000_000


@click.command("reply", cls=SpokenCommand, help=say("respond.reply_help", spoken()))
@option("--case", default="", help_="respond.option_case")
@option("--check", type=_FILE, help_="respond.option_check")
@option("--billing", is_flag=True, help_="respond.option_billing")
@option("--output", type=_FILE, help_="respond.option_output")
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Write or check the answer."""
    directory, case = read_case(home, given["case"])
    facts = facts_of(directory, case)
    language = spoken()
    if given["check"]:
        faults = (*check_reply(_read(given["check"]), facts, language), *_lost(directory, case))
        _print_faults(faults)
        is_ready = all(each.weight is not Weight.REFUSED for each in faults)
        click.echo(say("respond.reply_ready" if is_ready else "respond.reply_refused", language))
        return COMPLETED if is_ready else FAILED
    reply = write_billing_request(facts, language) if given["billing"] else write_reply(facts, language)
    reply = replace(reply, faults=(*reply.faults, *_lost(directory, case)))
    if given["format_"] == "json":
        click.echo(escaped_json(_plain(reply)))
        return COMPLETED if reply.is_ready else FAILED
    if given["output"]:
        _write(given["output"], reply)
        click.echo(say("respond.written", language, path=given["output"]), err=True)
    else:
        if reply.subject:
            click.echo(reply.subject + "\n")
        click.echo(reply.text)
    _print_faults(reply.faults)
    click.echo(say("respond.reply_ready" if reply.is_ready else "respond.reply_refused", language), err=True)
    return COMPLETED if reply.is_ready else FAILED


def _lost(directory: Path, case: Case) -> tuple[ReplyFault, ...]:
    """Evidence that is not there any more, or not as it was taken: what rests on it cannot be shown to AWS."""
    known = {each.id for each in read_manifest(directory)}
    cited = dict.fromkeys(each for line in case.steps.values() for each in line.evidence if each not in known)
    found = [(each.text, each.values) for each in faults_of(directory) if each.text != "case_evidence.loose"]
    found += [("case_evidence.no_such", {"id": each}) for each in cited]
    return tuple(ReplyFault(text=text, weight=Weight.REFUSED, values=values) for text, values in found)


def _print_faults(faults: tuple[ReplyFault, ...]) -> None:
    for each in faults:
        sign, color = ("!", "red") if each.weight is Weight.REFUSED else ("·", "yellow")
        tell(f"{sign} {say(each.text, spoken(), **each.values)}", err=True, style=color)


def _plain(reply: Reply) -> dict[str, Any]:
    faults = [
        {"weight": each.weight.value, "text": say(each.text, reply.language, **each.values)} for each in reply.faults
    ]
    return {
        "schema": "sakimori.reply/1", "language": reply.language, "subject": reply.subject, "text": reply.text,
        "is_ready": reply.is_ready, "faults": faults, "attachments": [each.name for each in reply.attachments],
    }  # fmt: skip


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()[: _MOST_BYTES + 1]
        return raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("cli.no_such_file", path=path) from error


def _write(path: Path, reply: Reply) -> None:
    with text_at(path) as stream:
        stream.write(f"{reply.text}\n")
    for each in reply.attachments:
        with file_at(path.parent / each.name) as file:
            file.write(each.text.encode("utf-8-sig"))
