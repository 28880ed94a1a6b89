"""`sakimori attest`: list, due, sign, withdraw, show."""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sakimori.app.attest import Line, known_accounts, lines
from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.rules import open_rules
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.findings.attestations import Signature, history, sign, withdraw
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, FOUND
from sakimori.model.framework import Attested
from sakimori.outputs.report.framework_record import both
from sakimori.state.store import Store, open_store
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_FORMAT = option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
_ACCOUNT = option("--account", multiple=True, help_="verbs.option_account")
_STATE = option("--state")
_HASH_SHOWN = 12


@click.group("attest", cls=SpokenGroup, **described("attest"))
@_LANG
def command() -> None:
    """Group of the verbs on attestations."""


@command.command("list", help=say("verbs.attest_list", spoken()))
@_ACCOUNT
@_STATE
@_FORMAT
@_LANG
@click.pass_obj
def list_questions(home: Path, account: tuple[str, ...], state: str | None, format_: str) -> None:
    """List the questions and who vouches for them."""
    with _store(home, state) as store:
        found = list(lines(store, open_rules().frameworks, known_accounts(home, account)))
    _print(found, format_)


@command.command("due", help=say("verbs.attest_due", spoken()))
@_ACCOUNT
@option("--within", default="0d", show_default=True, help_="verbs.option_within")
@_STATE
@_FORMAT
@_LANG
@click.pass_obj
def list_due(home: Path, account: tuple[str, ...], within: str, state: str | None, format_: str) -> int:
    """List the questions for which nobody vouches now, or soon."""
    span = timedelta() if within.strip() in {"0", "0d"} else parse_duration(within)
    today = utc_now().date()
    with _store(home, state) as store:
        listed = lines(store, open_rules().frameworks, known_accounts(home, account))
        found = [line for line in listed if line.is_due(today, span)]
    _print(found, format_)
    return FOUND if found else COMPLETED


@command.command("sign", help=say("verbs.attest_sign", spoken()))
@click.argument("question")
@option("--signer", required=True, help_="verbs.option_signer")
@_ACCOUNT
@option("--valid-days", type=int, help_="verbs.option_valid_days")
@option("--evidence", type=click.Path(path_type=Path, dir_okay=False), help_="verbs.option_evidence")
@option("--note", default="", help_="verbs.option_note")
@_STATE
@_LANG
@click.pass_obj
def sign_question(home: Path, question: str, account: tuple[str, ...], state: str | None, **given: object) -> None:
    """Vouch for an answer."""
    asked = open_rules().frameworks.question(question)
    accounts = known_accounts(home, account)
    if len(accounts) > 1 and not account:
        raise UsageError("verbs.which_account", known=accounts)
    with _store(home, state) as store:
        for each in accounts:
            signed = sign(store, Signature(account=each, question=asked, **given), utc_now())  # type: ignore[arg-type]
            click.echo(
                say("verbs.attest_signed", spoken(), question=asked.id, account=each, signer=signed.signer,
                    until=signed.valid_until)
            )  # fmt: skip


@command.command("withdraw", help=say("verbs.attest_withdraw", spoken()))
@click.argument("question")
@_ACCOUNT
@_STATE
@_LANG
@click.pass_obj
def withdraw_question(home: Path, question: str, account: tuple[str, ...], state: str | None) -> None:
    """Take a signature back."""
    asked = open_rules().frameworks.question(question)
    with _store(home, state) as store:
        for each in known_accounts(home, account):
            count = withdraw(store, each, asked.id, utc_now())
            text = "verbs.attest_withdrawn" if count else "verbs.attest_nothing_to_withdraw"
            click.echo(say(text, spoken(), question=asked.id, account=each))


@command.command("show", help=say("verbs.attest_show", spoken()))
@click.argument("question")
@_ACCOUNT
@_STATE
@_LANG
@click.pass_obj
def show_question(home: Path, question: str, account: tuple[str, ...], state: str | None) -> None:
    """Show one question, how to answer it, and every signature."""
    language, console = spoken(), Console()
    asked = open_rules().frameworks.question(question)
    console.print(Text(asked.text.in_(language), style="bold"))
    console.print(Text(asked.how.in_(language)))
    console.print(Text(say("verbs.attest_valid", language, days=asked.valid_days), style="dim"))
    for rule in asked.verified_by:
        console.print(Text(say("verbs.attest_verified_by", language, rule=rule), style="dim"))
    with _store(home, state) as store:
        for each in known_accounts(home, account):
            for signed, withdrawn_at in history(store, each, asked.id):
                line = f"{each} · {_word(signed)}"
                if withdrawn_at:
                    line += " · " + say("verbs.attest_taken_back", language, at=withdrawn_at)
                console.print(Text(line))


def _store(home: Path, state: str | None) -> Store:
    return open_store(state or home / "state.db")


def _print(found: Iterable[Line], format_: str) -> None:
    today = utc_now().date()
    if format_ == "json":
        listed = [{**_plain(line), "due": line.is_due(today)} for line in found]
        click.echo(
            json.dumps({"schema": "sakimori.attestations/1", "attestations": listed}, ensure_ascii=False, indent=2)
        )
        return
    language = spoken()
    grid = Table(box=None, pad_edge=False)
    for name in ("question", "asks", "account", "attested"):
        grid.add_column(say(f"verbs.column_{name}", language), no_wrap=name in {"question", "account"}, overflow="fold")
    for line in found:
        is_due = line.is_due(today)
        word = say("verbs.attest_expired" if line.attested else "verbs.attest_open", language) if is_due else ""
        told = " · ".join(part for part in (word, _word(line.attested)) if part)
        grid.add_row(
            line.question.id, Text(line.question.text.in_(language)), line.account,
            Text(told, style="yellow" if is_due else "green"),
        )  # fmt: skip
    Console().print(grid)


def _word(attested: Attested | None) -> str:
    if attested is None:
        return ""
    language = spoken()
    parts = [
        say(
            "verbs.attest_by",
            language,
            signer=attested.signer,
            at=attested.signed_at.date(),
            until=attested.valid_until,
        )
    ]
    if attested.evidence_sha256:
        parts.append(f"{attested.evidence_name} sha256 {attested.evidence_sha256[:_HASH_SHOWN]}…")
    if attested.note:
        parts.append(attested.note)
    return clean(" · ".join(parts), 2_000)


def _plain(line: Line) -> dict[str, object]:
    attested = line.attested
    return {
        "question": line.question.id,
        "account": line.account,
        "text": both(line.question.text),
        "asked_by": [{"framework": framework, "requirement": requirement} for framework, requirement in line.asked_by],
        "signer": attested.signer if attested else None,
        "signed_at": attested.signed_at.isoformat() if attested else None,
        "valid_until": attested.valid_until.isoformat() if attested else None,
        "evidence_name": attested.evidence_name if attested else None,
        "evidence_sha256": attested.evidence_sha256 if attested else None,
        "note": attested.note if attested else None,
    }
