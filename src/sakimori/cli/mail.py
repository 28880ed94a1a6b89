"""`sakimori mail`: mails from AWS, what they want, and whether they are AWS's.

As JSON (`sakimori.mail/1`): `mails`, each with `location`, `number`, `kind`, `authenticity` (`verdict`, `checked_by`, `reasons`),
`deadline` (`at`, `set_by`, `words`), what it names, `finding` (its id, null where none is opened) and `commands`; `read`, `unrelated`,
`bad` (the first of `bad_count` mails that could not be read), `new` and `known` (ids of findings) and `is_whole`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from sakimori.app.clock import utc_now
from sakimori.cli.lazy import SpokenCommand, SpokenGroup, described, option, spoken
from sakimori.findings.mail.authenticity import Verdict
from sakimori.findings.mail.judged import (
    Judged,
    acts_of,
    commands_of,
    detection_of,
    evidence_of,
    reason_in,
    reasons_in,
    title_of,
    whose_of,
)
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import BLIND, COMPLETED
from sakimori.outputs.report.plain_values import escaped_json, plain, utc
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_STYLES: Final = {
    Verdict.AUTHENTIC: "bold green",
    Verdict.UNVERIFIED: "bold yellow",
    Verdict.SUSPICIOUS: "bold white on red",
}
_SHOWN: Final = 5
_NARROWEST: Final = 30
_DAY_SECONDS: Final = 86_400


@click.group("mail", cls=SpokenGroup, **described("mail"))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def command() -> None:
    """Group of the verbs on mails."""


@command.command("parse", cls=SpokenCommand, help=say("mail.parse_help", spoken()))
@click.argument("sources", metavar="SOURCE...", nargs=-1)
@option("--no-record", is_flag=True, help_="mail.option_no_record")
@option(
    "--imap-password-from",
    default="env:SAKIMORI_IMAP_PASSWORD",
    show_default=True,
    help_="mail.option_imap_password_from",
)
@option("--state")
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def parse(home: Path, sources: tuple[str, ...], **given: Any) -> int:
    """Read mails, judge them, and record what they say."""
    from sakimori.app.mailbox import SCHEMES, place_of  # noqa: PLC0415 - only when it runs

    if not sources:
        raise UsageError("mail.nothing_to_read")
    now = utc_now()
    places = [place_of(each) for each in sources if each.lower().startswith(SCHEMES)]
    files = [each for each in sources if not each.lower().startswith(SCHEMES)]
    intake = _taken(home, (files, places), given, now)
    if given["format_"] == "json":
        click.echo(escaped_json(_plain(intake, now)))
    else:
        _print(intake, now)
    return COMPLETED if intake.is_whole else BLIND


def _taken(home: Path, sources: tuple[list[str], list[Any]], given: dict[str, Any], now: datetime) -> Any:
    """Everything read; what stands in a mailbox is remembered in the same transaction as its findings."""
    from sakimori.app.mail_intake import read_mailbox, record, take_files  # noqa: PLC0415
    from sakimori.outputs.notify.credentials import read_secret  # noqa: PLC0415
    from sakimori.state.store import open_store  # noqa: PLC0415

    files, places = sources
    password = read_secret(given["imap_password_from"], Path.cwd()).reveal() if places else ""
    intake = take_files(files, now)
    if given["no_record"] and not places:
        return intake
    with open_store(given["state"] or home / "state.db") as store:
        if files and not given["no_record"]:
            record(store, intake, now)
        for place in places:
            intake.join(read_mailbox(store, place, password, now, is_kept=not given["no_record"]))
    return intake


def _print(intake: Any, now: datetime) -> None:
    language, console = spoken(), Console()
    for judged in intake.told:
        _print_mail(judged, console, now)
    counts = {
        "read": intake.read_count,
        "told": len(intake.told),
        "unrelated": intake.unrelated_count,
        "bad": intake.bad_count,
    }
    console.print(Text(say("mail.summary", language, **counts), style="dim"))
    if intake.new_ids is not None:
        console.print(
            Text(say("mail.recorded", language, new=len(intake.new_ids), known=intake.known_count), style="dim")
        )
    if intake.left_count:
        console.print(Text(say("mail.left", language, count=intake.left_count), style="dim"))
    for each in intake.bad:
        reason = say(f"mail.fault_{each.fault}", language)
        click.echo(
            say("mail.bad_mail", language, location=clean(each.location, 1_000), number=each.number, reason=reason),
            err=True,
        )


def _print_mail(judged: Judged, console: Console, now: datetime) -> None:
    """What it is, genuine or not, whose, by when, and what to do: the first screen of a bad day."""
    language, verdict = spoken(), judged.authenticity.verdict
    head = Text(f" {say(f'mail.badge_{verdict}', language)} ", style=_STYLES[verdict])
    head.append("  " + say(f"report.severity_{judged.severity}", language) + "  ", style="bold not white")
    head.append(title_of(judged).in_(language), style="bold")
    if not judged.is_recorded:
        head.append(f"  {clean(judged.mail.subject)}", style="dim not bold")
        console.print(head, soft_wrap=True)
        return
    console.print(head, soft_wrap=True)
    console.print()
    for line in wrap(
        say(f"mail.verdict_{verdict}", language, server=clean(judged.authenticity.server)), _width(console)
    ):
        console.print(Text(f"  {line}"), soft_wrap=True)
    for reason in judged.authenticity.reasons:
        for number, line in enumerate(wrap(reason_in(reason, language), _width(console))):
            console.print(Text(("  - " if not number else "    ") + line, style="dim"), soft_wrap=True)
    console.print()
    for name, value in _rows(judged, language, now):
        row = Text(f"  {say(f'mail.row_{name}', language)}: ", style="dim")
        row.append(value, style="not dim bold" if name in {"whose", "deadline"} else "not dim")
        console.print(row, soft_wrap=True)
    console.print()
    console.print(Text(f"  {say('mail.now', language)}", style="bold"))
    for line in wrap(say(acts_of(judged), language), _width(console)):
        console.print(Text(f"  {line}"), soft_wrap=True)
    for each in commands_of(judged):
        console.print(Text(f"  $ {each}", style="cyan"), soft_wrap=True)
    console.print()


def _rows(judged: Judged, language: Language, now: datetime) -> Iterator[tuple[str, str]]:
    mail, named = judged.mail, judged.named
    if whose := whose_of(judged):
        yield "whose", ", ".join(whose)
    if judged.deadline and not judged.is_suspicious:
        said = say(f"mail.clock_{judged.deadline.clock}", language, at=show_time(judged.deadline.at, language))
        yield "deadline", f"{_left(judged.deadline.at, now, language)} · {said}"
    yield "sent", show_time(judged.sent_at, language)
    yield "sender", clean(f"{mail.sender.name} <{mail.sender.address}>".strip())
    yield "subject", clean(mail.subject)
    for name, values in (
        ("case", named.cases), ("urls", judged.urls), ("addresses", named.addresses), ("events", named.events),
        ("instances", named.instances), ("regions", named.regions),
    ):  # fmt: skip
        if values:
            yield name, _some(values, language)
    if mail.damages:
        yield "damage", "; ".join(say(f"mail.damage_{each}", language) for each in sorted(mail.damages))
    if judged.is_recorded:
        yield "finding", f"{detection_of(judged).id[:8]}  (sakimori findings show {detection_of(judged).id[:8]})"


def _left(at: datetime, now: datetime, language: Language) -> str:
    seconds = int((at - now).total_seconds())
    days, hours, minutes = abs(seconds) // _DAY_SECONDS, abs(seconds) % _DAY_SECONDS // 3600, abs(seconds) % 3600 // 60
    if seconds < 0:
        return say("mail.time_over", language, days=days, hours=hours)
    return say("mail.time_left_days", language, days=days, hours=hours) if days else say("mail.time_left_hours", language, hours=hours, minutes=minutes)  # fmt: skip


def _some(values: Iterable[str], language: Language) -> str:
    found = [clean(each) for each in values]
    shown = ", ".join(found[:_SHOWN])
    return shown if len(found) <= _SHOWN else f"{shown} ({say('mail.more', language, count=len(found) - _SHOWN)})"


def _width(console: Console) -> int:
    return max(console.width - 4, _NARROWEST)


def _plain(intake: Any, now: datetime) -> dict[str, object]:
    return {
        "schema": "sakimori.mail/1",
        "mails": [_plain_mail(each, now) for each in intake.told],
        "files": intake.files,
        "read": intake.read_count,
        "unrelated": intake.unrelated_count,
        "left": intake.left_count,
        "bad": [{"location": each.location, "number": each.number, "reason": str(each.fault)} for each in intake.bad],
        "new": sorted(intake.new_ids) if intake.new_ids is not None else None,
        "known": intake.known_count,
        "is_whole": intake.is_whole,
    }


def _plain_mail(judged: Judged, now: datetime) -> dict[str, object]:
    title, found = title_of(judged), evidence_of(judged)
    for name in (
        "kind",
        "authenticity",
        "checked_by",
        "reasons",
        "reasons_en",
        "reasons_ja",
        "deadline",
        "deadline_set_by",
        "deadline_words",
    ):
        found.pop(name, None)
    deadline = judged.deadline
    return {
        "location": judged.mail.location,
        "number": judged.mail.number,
        "kind": judged.kind,
        "rule": judged.rule,
        "severity": judged.severity.value,
        "title": {"en": title.en, "ja": title.ja},
        "authenticity": {
            "verdict": judged.authenticity.verdict.value,
            "checked_by": judged.authenticity.server or None,
            "reasons": [
                {"name": each.name, "weight": each.weight.value, "en": en, "ja": ja}
                for each, en, ja in zip(judged.authenticity.reasons, reasons_in(judged, "en"), reasons_in(judged, "ja"), strict=True)
            ],
        },
        "deadline": {
            "at": utc(deadline.at), "set_by": deadline.clock.value, "words": clean(deadline.words) or None,
            "seconds_left": int((deadline.at - now).total_seconds()),
        } if deadline else None,
        "sent_at": utc(judged.sent_at),
        "account": judged.account or None,
        "principal": judged.principal or None,
        **{name: plain(value) for name, value in found.items()},
        "finding": detection_of(judged).id if judged.is_recorded else None,
        "commands": list(commands_of(judged)),
    }  # fmt: skip
