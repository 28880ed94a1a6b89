"""The inbox on a terminal: two lines a finding, a page for one, a page for a case."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from sakimori.app.inbox import CaseLine
from sakimori.cli.lazy import spoken
from sakimori.findings.imported.told import SERVICES
from sakimori.findings.inbox import InboxCounts, InboxFinding
from sakimori.findings.triage import Remark
from sakimori.model.triage import Standing
from sakimori.model.verdict import Verdict
from sakimori.model.words import Severity
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import clean, show_time
from sakimori.texts.sentences import say

_ID_SHOWN: Final = 8
_INDENT: Final = 2
_LEAST: Final = 20
"""A sentence gets this many cells even where the terminal is too narrow for what stands before it."""
_EVIDENCE: Final = 4_000
_NEGLECTED: Final = timedelta(days=30)
_COLOURS: Final = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "blue",
    Severity.INFORMATIONAL: "dim",
}
_EVENTS_OF_CASE: Final = 40


def print_inbox(found: Sequence[InboxFinding], now: datetime) -> None:
    """Each with what it is, and below that where, since when, whose it is, and how long nobody has touched it."""
    if not found:
        click.echo(say("found.none", spoken()))
        return
    console = Console(highlight=False)
    for each in found:
        _print_line(console, each, now)


def print_counts(counts: InboxCounts, shown: int, limit: int) -> None:
    """How much there is in all."""
    language = spoken()
    words = [f"{say(f'report.severity_{each}', language)} {counts.open[each]}" for each in Severity if counts.open.get(each)]  # fmt: skip
    click.echo(say("found.counts", language, counts=words or ["0"], suppressed=counts.suppressed, undecided=counts.undecided))  # fmt: skip
    if counts.untouched:
        click.echo(say("found.neglected", language, count=counts.untouched))
    if shown:
        click.echo(say("found.see_one", language))
    if shown >= limit:
        click.echo(say("found.cut", language, count=limit), err=True)


def show_finding(found: InboxFinding, history: Sequence[Remark], now: datetime) -> None:
    """Everything that is known of one, and the ways out."""
    language, console, told = spoken(), Console(highlight=False), found.told
    console.print(Text(clean(found.title.in_(language)), style="bold"), soft_wrap=True)
    if told.message.in_(language) != found.title.in_(language):
        for line in wrap(clean(told.message.in_(language), _EVIDENCE), console.width):
            console.print(line, soft_wrap=True, markup=False)
    for name, value in _facts(found, now):
        if value:
            line = Text(say(f"found.column_{name}", language) + ": ", style="dim")
            line.append(clean(value, _EVIDENCE), style="not dim")
            console.print(line, soft_wrap=True)
    if history:
        console.print(Text(say("found.history", language), style="bold"))
        for each in history:
            said = f"{show_time(each.at, language)}  {clean(each.by)}  {say(f'found.act_{each.act}', language)}  {clean(each.text, _EVIDENCE)}"
            for line in wrap(said, console.width - _INDENT):
                console.print(" " * _INDENT + line, soft_wrap=True, markup=False)
    if found.standing is Standing.OPEN:
        for line in _ways_out(found):
            click.echo(line)


def show_case(case: str, findings: Sequence[InboxFinding], now: datetime) -> None:
    """A case: what it is made of, in the order of time."""
    language, console = spoken(), Console(highlight=False)
    worst = max(findings, key=lambda each: each.severity.rank)
    head = say("found.case_head", language, case=case, count=len(findings), title=worst.title.in_(language))
    for line in wrap(clean(head, _EVIDENCE), console.width):
        console.print(Text(line, style="bold"), soft_wrap=True)
    standings = Counter(each.standing for each in findings)
    console.print(Text("、".join(f"{say(f'found.state_{word}', language)} {count}" for word, count in standings.items()) if language == "ja" else ", ".join(f"{say(f'found.state_{word}', language)} {count}" for word, count in standings.items())))  # fmt: skip
    for each in findings[:_EVENTS_OF_CASE]:
        _print_line(console, each, now)
    if len(findings) > _EVENTS_OF_CASE:
        click.echo(say("found.case_more", language, count=len(findings) - _EVENTS_OF_CASE, case=case))
    key = "found.case_next_posture" if worst.is_posture else "found.case_next"
    click.echo(say(key, language, case=case, rule=worst.told.rule))


def print_case_lines(found: Sequence[CaseLine]) -> None:
    """A line a case, and where it is about."""
    language, console = spoken(), Console(highlight=False)
    if not found:
        click.echo(say("found.no_cases", language))
        return
    for each in found:
        severity = Severity(each.severity)
        lead = Text().append(f"{each.id} ", style="bold")
        lead.append(say(f"report.severity_{severity}", language), style=_COLOURS[severity])
        _hanging(console, lead, clean(each.title.in_(language) or each.subject))
        about = (
            "" if each.subject in each.title.in_(language) else each.subject,
            each.account,
            say(f"found.case_{each.kind}", language),
            f"{show_time(each.first_at, language)} – {show_time(each.last_at, language)}",
            each.taken_by or say("found.nobody", language),
            "" if each.is_open else say("found.state_closed", language),
        )
        _indented(console, Text(" · ".join(clean(word) for word in about if word), style="dim"))


def _print_line(console: Console, found: InboxFinding, now: datetime) -> None:
    language = spoken()
    lead = Text().append(say(f"report.severity_{found.severity}", language), style=_COLOURS[found.severity])
    if found.standing is not Standing.OPEN:
        lead.append(f" [{say(f'found.state_{found.standing}', language)}]", style="dim")
    _hanging(console, lead, clean(found.title.in_(language)))
    untouched = found.untouched_for(now)
    about = [
        (found.id[:_ID_SHOWN], "cyan"),
        (found.told.account, "dim"),
        ("" if found.told.region == "global" else found.told.region, "dim"),
        ("" if found.subject in found.title.in_(language) else found.subject, "dim"),
        (_last(found), "dim"),
        (_untouched(found, untouched), "yellow" if untouched > _NEGLECTED else "dim"),
        (say("found.late", language) if found.is_late(now) else "", "yellow"),
        (found.triage.owner, "green"),
        (say("found.due", language, day=found.triage.due_on.isoformat()) if found.triage.due_on else "", "green"),
        (found.case, "dim"),
        (_also_seen_by(found), "dim"),
    ]
    detail = Text()
    for word, style in about:
        if word:
            detail.append(" · " if detail else "", style="dim").append(clean(word), style=style)
    _indented(console, detail)


def _hanging(console: Console, lead: Text, sentence: str) -> None:
    """The sentence behind its lead, broken as its language breaks lines, and further lines below its beginning."""
    lead.append("  ")
    indent = " " * lead.cell_len
    first, *more = wrap(sentence, max(console.width - lead.cell_len, _LEAST))
    console.print(lead.append(first), soft_wrap=True)
    for line in more:
        console.print(Text(indent + line), soft_wrap=True)


def _indented(console: Console, text: Text) -> None:
    """Wrapped below what it belongs to, with nothing behind the last word of a line."""
    for line in text.wrap(console, max(console.width - _INDENT, _INDENT)):
        line.rstrip()
        console.print(Text(" " * _INDENT).append_text(line), soft_wrap=True)


def _last(found: InboxFinding) -> str:
    told = found.told
    return show_time(found.first_seen if isinstance(told, Verdict) else told.last_at, spoken())


def _untouched(found: InboxFinding, untouched: timedelta) -> str:
    if found.standing not in {Standing.OPEN, Standing.SUPPRESSED} or untouched.days < 1:
        return ""
    return say("found.untouched", spoken(), days=untouched.days)


def _also_seen_by(found: InboxFinding) -> str:
    names = sorted({SERVICES.get(each.producer, each.producer) for each in found.witnesses})
    return say("found.also_seen_by", spoken(), names=names) if names else ""


def _facts(found: InboxFinding, now: datetime) -> Iterator[tuple[str, str]]:
    language, told, triage = spoken(), found.told, found.triage
    yield "severity", say(f"report.severity_{found.severity}", language)
    yield "confidence", say(f"found.confidence_{told.confidence}", language)
    state = say(f"found.state_{found.standing}", language)
    yield "state", f"{state} ({found.suppression})" if found.suppression else state
    yield "owner", triage.owner
    yield "due_on", triage.due_on.isoformat() if triage.due_on else ""
    yield "disposition", say(f"found.disposition_{triage.disposition}", language) if triage.disposition else ""
    yield "reason", triage.reason
    yield "untouched_days", str(found.untouched_for(now).days)
    yield "case", found.case
    yield "rule", told.rule
    yield "producer", SERVICES.get(found.producer, found.producer)
    yield (
        "witnesses",
        ", ".join(f"{SERVICES.get(each.producer, each.producer)} {each.rule}" for each in found.witnesses),
    )
    if isinstance(told, Verdict):
        yield "time_first", show_time(found.first_seen, language)
        yield "time_last", show_time(found.last_seen, language)
        yield "account", told.account
        yield "region", told.region
        yield "resources", told.resource
        yield "evidence", escaped_json(dict(told.evidence)) if told.evidence else ""
        yield "id", found.id
        return
    yield "tactics", ", ".join(told.tactics)
    yield "techniques", ", ".join(told.techniques)
    yield "time_first", show_time(told.first_at, language, seconds=True)
    yield "time_last", show_time(told.last_at, language, seconds=True)
    yield "count", str(told.count)
    yield "principal", told.principal
    yield "source_ip", ", ".join(told.origins)
    yield "account", told.account
    yield "region", told.region
    yield "resources", ", ".join(told.resources)
    yield "events", ", ".join(told.event_ids)
    yield "evidence", escaped_json(dict(told.evidence)) if told.evidence else ""
    yield "native_id", told.native_id
    yield "recorded", show_time(found.first_seen, language)
    yield "id", found.id


def _ways_out(found: InboxFinding) -> Iterator[str]:
    language, short = spoken(), found.id[:_ID_SHOWN]
    if found.is_posture:
        yield say("found.out_posture", language)
        yield say("found.out_fix", language, rule=found.told.rule, id=short)
        yield say("found.out_suppress", language, id=short)
        yield say("found.out_disable", language, rule=found.told.rule)
        return
    yield say("found.out_detection", language)
    yield say("found.out_close", language, id=short)
    yield say("found.out_suppress", language, id=short)
