"""How suppressions and what the law says of them are shown: to people, and as JSON."""

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import click

from sakimori.app.suppress import Judged
from sakimori.cli.lazy import spoken
from sakimori.cli.query_table import print_rows
from sakimori.findings.suppression.checks import CHECKS
from sakimori.findings.suppression.files import as_yaml, plain
from sakimori.findings.suppression.history import Past
from sakimori.findings.suppression.lint import Fault, Level
from sakimori.findings.suppression.suppression import Action, Suppression
from sakimori.outputs.report.plain_values import utc
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_SHOWN: Final = 20
_ID: Final = 12
_LONG: Final = 4_000


def print_list(suppressions: Sequence[Suppression], on: date) -> None:
    """One line each."""
    names = ("id", "state", "action", "source", "rule", "about", "owner", "until")
    headings = [say(f"suppress.column_{name}", spoken()) for name in names]
    print_rows(headings, [(name, "VARCHAR") for name in names], [_row(each, on) for each in suppressions], sys.stdout)


def _row(suppression: Suppression, on: date) -> tuple[str, ...]:
    return (
        suppression.id,
        say(f"suppress.state_{standing(suppression, on)}", spoken()),
        suppression.action.value,
        suppression.source,
        ", ".join(suppression.rules or suppression.rule_patterns),
        _about(suppression),
        suppression.owner,
        suppression.expires_on.isoformat(),
    )


def _about(suppression: Suppression) -> str:
    others = (each for each in suppression.criteria.entries if each.field != "rule")
    return ", ".join(value for each in others for value in each.values)


def standing(suppression: Suppression, on: date) -> str:
    """`holds`, `soon` (it ends within two weeks), `over` or `ended`."""
    if suppression.ended_at is not None:
        return "ended"
    if not suppression.is_active(on):
        return "over"
    return "soon" if suppression.ends_soon(on) else "holds"


def print_judged(judged: Judged, *, with_laws: bool) -> None:
    """The suppression as it would stand in a file, what it would have hidden, and each law."""
    language = spoken()
    for line in as_yaml([judged.suppression]).splitlines():
        click.echo(clean(line, _LONG))
    click.echo("")
    count = len(judged.matches)
    key = "suppress.would_hide" if count else "suppress.would_hide_none"
    click.echo(say(key, language, count=count, days=judged.reach_days))
    _print_pasts(judged.matches[-_SHOWN:])
    if count > _SHOWN:
        click.echo(say("suppress.and_more", language, count=count - _SHOWN))
    click.echo("")
    if with_laws:
        _print_laws(judged, language)
    else:
        print_faults(judged.faults)


def _print_pasts(pasts: Iterable[Past]) -> None:
    names = ("id", "time", "count", "rule", "about", "decided")
    headings = [say(f"suppress.column_{name}", spoken()) for name in names]
    rows = [_past_row(each) for each in pasts]
    print_rows(headings, [(name, "VARCHAR") for name in names], rows, sys.stdout)


def _past_row(past: Past) -> tuple[str, ...]:
    subject = past.subject
    return (
        past.id[:_ID],
        show_time(past.last_at, spoken()),
        str(past.sightings),
        subject.rule,
        subject.principal or next(iter(subject.resources), ""),
        say(f"suppress.disposition_{past.disposition or 'none'}", spoken()),
    )


def _print_laws(judged: Judged, language: Language) -> None:
    faulty = {fault.check for fault in judged.faults}
    for check in CHECKS:
        if check.id in faulty:
            print_faults(fault for fault in judged.faults if fault.check == check.id)
        elif judged.suppression.action is Action.DISABLE and not check.for_disabled:
            click.echo(say("suppress.law_not_asked", language, check=check.id))
        else:
            click.echo(say("suppress.law_kept", language, check=check.id, sentence=say(check.sentence, language)))


def print_faults(faults: Iterable[Fault], indent: str = "") -> None:
    """One line each, with what would satisfy the law."""
    for fault in faults:
        click.echo(indent + _fault_line(fault))


def _fault_line(fault: Fault) -> str:
    language = spoken()
    level = say(f"suppress.level_{fault.level}", language)
    sentence = clean(say(fault.text, language, **fault.values), _LONG)
    return say("suppress.fault_lead", language, check=fault.check, level=level) + sentence


def refusal_line(judged: Judged) -> str:
    """Whether it is refused, and by which laws."""
    errors = dict.fromkeys(fault.check for fault in judged.faults if fault.level is Level.ERROR)
    key = "suppress.refused" if errors else "suppress.allowed"
    return say(key, spoken(), id=judged.suppression.id, checks=list(errors))


def plain_judged(judged: Judged) -> dict[str, object]:
    """For machines: the suppression, faults with their sentences in both languages, and all that it would have hidden."""
    return {
        "suppression": plain(judged.suppression),
        "is_refused": judged.is_refused,
        "is_kept": judged.is_kept,
        "faults": [plain_fault(each) for each in judged.faults],
        "reach_days": judged.reach_days,
        "would_hide": [plain_past(each) for each in judged.matches],
    }


def plain_fault(fault: Fault) -> dict[str, object]:
    """A fault for machines."""
    sentences = {language: say(fault.text, language, **fault.values) for language in ("en", "ja")}
    return {"check": fault.check, "level": fault.level.value, "message": sentences}


def plain_past(past: Past) -> dict[str, object]:
    """A finding for machines."""
    subject = past.subject
    return {
        "id": past.id, "rule": subject.rule, "severity": subject.severity.value, "account": subject.account,
        "region": subject.region, "principal": subject.principal, "resources": list(subject.resources),
        "time_first": utc(past.first_at), "time_last": utc(past.last_at), "count": past.sightings,
        "disposition": past.disposition.value if past.disposition else None,
    }  # fmt: skip


def plain_listed(suppression: Suppression, on: date) -> dict[str, object]:
    """A suppression in a list for machines."""
    return {**plain(suppression), "state": standing(suppression, on)}
