"""The report of a case for one's own house: one page, first what a superior needs, then all that carries it.

One language, because it is handed on and filed; it loads nothing and has no scripts. A browser prints it to PDF.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, TextIO

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from sakimori.model.version import __version__
from sakimori.outputs.case.causes import find_cause
from sakimori.outputs.case.facts import CaseFacts, Claim, Item, ItemState, Moment
from sakimori.outputs.case.reply_sections import data_sentences
from sakimori.outputs.case.reply_tables import kind_name, money
from sakimori.outputs.case.timeline_csv import all_moments
from sakimori.outputs.evidence.form import Evidence
from sakimori.texts.language import Language, clean, show_time, show_value
from sakimori.texts.sentences import say

MOST_ROWS: Final = 1_000
_LONG: Final = 600
_HOUR: Final = 60
_DAY: Final = 48 * 60


@dataclass(frozen=True, slots=True)
class _Table:
    """Headings (ids of the catalogue), rows of texts, and how many are left out."""

    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What the report is made of, and when; `head` is the hash that stands for the evidence."""

    facts: CaseFacts
    evidence: Sequence[Evidence]
    head: str
    made_at: datetime


def write_report(request: ReportRequest, language: Language, stream: TextIO) -> None:
    """Write the page."""
    stream.writelines(_template().generate(**page_of(request, language)))


def page_of(request: ReportRequest, language: Language) -> dict[str, Any]:
    """What the page shows, by the names of its template."""
    facts = request.facts
    return {
        "language": language,
        "say": lambda name, **values: say(f"case_report.{name}", language, **values),
        "version": __version__,
        "case": facts.case,
        "made_at": show_time(request.made_at, language),
        "headline": headline(facts, language),
        "is_contained": facts.contained is not None,
        "summary": summary(facts, language),
        "clocks": clocks(facts, language),
        "who": _who(facts, language),
        "timeline": _timeline(all_moments(facts), language),
        "steps": _steps(facts, language),
        "list_a": _items(facts.items, language),
        "list_b": _others(facts, language),
        "looked_a": facts.iam_items is not None and facts.resources is not None,
        "costs": _costs(facts, language),
        "cost": money(facts.cost),
        "is_estimate": any(each.is_estimate for each in facts.costs),
        "coverage": coverage(facts, language),
        "negatives": _negatives(facts, language),
        "cause": _cause(facts, language),
        "evidence": _evidence(request.evidence, language),
        "head": request.head,
        "open": open_points(facts, language),
    }


def headline(facts: CaseFacts, language: Language) -> str:
    """Where the case stands, in one sentence."""
    left = sum(each.state is ItemState.OPEN for each in facts.items)
    if facts.contained is None:
        return say("case_report.headline_open", language)
    if left:
        return say("case_report.headline_left", language, at=facts.contained, count=left)
    name = "case_report.headline_recovered" if facts.recovered else "case_report.headline_contained"
    return say(name, language, at=facts.contained, recovered=facts.recovered)


def summary(facts: CaseFacts, language: Language) -> list[str]:
    """What happened, what it did, what it cost, and what nobody can say."""
    rogue = [each for each in facts.items if each.state is not ItemState.KEPT]
    said = [
        say(
            "case_report.sum_key" if facts.key_id else "case_report.sum_no_key",
            language,
            user=clean(facts.user) or None,
            key=_masked(facts.key_id),
            accounts=list(facts.accounts[:5]),
        )
    ]
    if facts.began:
        said.append(say("case_report.sum_began", language, at=facts.began, noticed=facts.detected))
    if facts.iam_items is None or facts.resources is None:
        said.append(say("case_report.sum_made_unknown", language))
    else:
        done = sum(each.state is not ItemState.OPEN for each in rogue)
        said.append(
            say("case_report.sum_made" if rogue else "case_report.sum_made_none", language, count=len(rogue), done=done)
        )
    said += [say(name, language, count=count) for name, count in _data(facts)]
    if facts.costs:
        estimate = any(each.is_estimate for each in facts.costs)
        said.append(
            say(
                "case_report.sum_cost_estimate" if estimate else "case_report.sum_cost",
                language,
                amount=money(facts.cost),
            )
        )
    else:
        said.append(say("case_report.sum_cost_unknown", language))
    if facts.deadline:
        said.append(say("case_report.sum_deadline", language, at=facts.deadline))
    return said


def clocks(facts: CaseFacts, language: Language) -> list[tuple[str, str, str]]:
    """TTD, TTN, TTC, TTR: short name, what it is, how long."""
    told = (("ttd", facts.to_detect), ("ttn", facts.to_notify), ("ttc", facts.to_contain), ("ttr", facts.to_recover))
    return [(name.upper(), say(f"case_report.{name}", language), duration(value, language)) for name, value in told]


def duration(value: timedelta | None, language: Language) -> str:
    """In the unit that people would use; unknown stays unknown."""
    if value is None:
        return show_value(None, language)
    minutes = int(value.total_seconds() // 60)
    if abs(minutes) < _HOUR:
        return say("case_report.minutes", language, count=minutes)
    if abs(minutes) < _DAY:
        return say("case_report.hours", language, hours=minutes // 60, minutes=minutes % 60)
    return say("case_report.days", language, days=minutes // 1440, hours=minutes % 1440 // 60)


def coverage(facts: CaseFacts, language: Language) -> list[str]:
    """How far was looked, with every limit: none of them is left out here."""
    claim = facts.review
    if claim is None:
        return [say("case_report.review_none", language)]
    found = claim.value
    done, count = found.digest_files
    return [
        say("case_report.review_span", language, since=found.since, until=found.until, regions=found.regions, enabled=found.regions_enabled, events=found.events),
        say(f"case_report.data_{found.data_events}", language),
        say(f"case_report.digest_{found.digest}", language, done=done, count=count),
        say("case_report.review_evidence", language, evidence=list(claim.evidence) or None),
    ]  # fmt: skip


def open_points(facts: CaseFacts, language: Language) -> list[str]:
    """What is not known, and what is not done."""
    said = [clean(each.in_(language), _LONG) for each in facts.open_questions[:MOST_ROWS]]
    said += [clean(each.value.in_(language), _LONG) for each in facts.residual[:MOST_ROWS]]
    left = sum(each.state is ItemState.OPEN for each in facts.items)
    if left:
        said.append(say("case_report.open_items", language, count=left))
    if facts.deleted is None and facts.key_id:
        said.append(say("case_report.open_key", language))
    if facts.keys is None:
        said.append(say("case_report.open_keys_unknown", language))
    elif facts.rotated < len(facts.keys.value):
        said.append(say("case_report.open_keys", language, done=facts.rotated, count=len(facts.keys.value)))
    if not facts.cause.cause:
        said.append(say("case_report.open_cause", language))
    if facts.second_sweep is None:
        said.append(say("case_report.open_sweep", language))
    return said


def _data(facts: CaseFacts) -> list[tuple[str, int | None]]:
    if facts.review is None:
        return [("case_report.sum_data_unknown", None)]
    return [(name, facts.review.value.data_reads) for name in data_sentences(facts.review.value)]


def _who(facts: CaseFacts, language: Language) -> list[tuple[str, str]]:
    told = (
        ("accounts", ", ".join(facts.accounts)), ("key", _masked(facts.key_id)), ("user", facts.user), ("aws_case", facts.aws_case),
        ("subject", facts.subject), ("opened", _time(facts.opened, language)), ("deactivated", _claimed(facts.deactivated, language)),
        ("deleted", _claimed(facts.deleted, language)), ("denied", _claimed(facts.denied, language)),
        ("contained", _time(facts.contained, language)), ("recovered", _time(facts.recovered, language)),
    )  # fmt: skip
    session = facts.session.value if facts.session else None
    of_session = (("session", f"{session.name}, {_time(session.at, language)}"),) if session else ()
    return [
        (say(f"case_report.who_{name}", language), clean(value) or show_value(None, language))
        for name, value in (*told, *of_session)
    ]


def _timeline(moments: Sequence[Moment], language: Language) -> _Table:
    rows = [
        (show_time(each.at, language, seconds=True), clean(each.what.in_(language), _LONG), clean(each.actor), clean(each.account), clean(each.region), clean(each.source), _ids(each.evidence))
        for each in moments[:MOST_ROWS]
    ]  # fmt: skip
    heads = ("at", "what", "actor", "account", "region", "source", "evidence")
    return _Table(heads, rows, max(len(moments) - MOST_ROWS, 0))


def _steps(facts: CaseFacts, language: Language) -> _Table:
    steps = sorted(facts.steps, key=lambda each: each.at)
    rows = [
        (show_time(each.at, language, seconds=True), each.id, clean(each.title.in_(language)), clean(each.by), clean(", ".join(each.approved_by)), clean(each.run), _ids(each.evidence))
        for each in steps[:MOST_ROWS]
    ]  # fmt: skip
    return _Table(("at", "step", "what", "by", "approved", "run", "evidence"), rows, max(len(steps) - MOST_ROWS, 0))


def _items(items: Sequence[Item], language: Language) -> _Table:
    rows = [
        (kind_name(each.kind), clean(each.id), clean(each.account), clean(each.region), show_time(each.at, language, seconds=True), clean(each.change), say(f"case_reply.state_{each.state}", language), money(each.hourly) if each.hourly is not None else "", _ids(each.evidence))
        for each in items[:MOST_ROWS]
    ]  # fmt: skip
    heads = ("kind", "id", "account", "region", "at", "change", "state", "hourly", "evidence")
    return _Table(heads, rows, max(len(items) - MOST_ROWS, 0))


def _others(facts: CaseFacts, language: Language) -> _Table:
    rows = [
        (kind_name(each.kind), clean(each.id), clean(each.account), clean(each.region), show_time(each.at, language, seconds=True), clean(each.by))
        for each in facts.others[:MOST_ROWS]
    ]  # fmt: skip
    return _Table(("kind", "id", "account", "region", "at", "by"), rows, max(len(facts.others) - MOST_ROWS, 0))


def _costs(facts: CaseFacts, language: Language) -> _Table:
    rows = [
        (clean(each.account), clean(each.region), clean(each.usage), clean(each.resource), money(each.amount), say("case_report.estimate" if each.is_estimate else "case_report.final", language), _ids(each.evidence))
        for each in facts.costs[:MOST_ROWS]
    ]  # fmt: skip
    heads = ("account", "region", "usage", "resource", "amount", "certainty", "evidence")
    return _Table(heads, rows, max(len(facts.costs) - MOST_ROWS, 0))


def _negatives(facts: CaseFacts, language: Language) -> _Table:
    rows = [
        (clean(each.question.in_(language)), say("case_report.looked_whole" if each.is_complete else "case_report.looked_partly", language), clean(each.coverage.in_(language), _LONG), _ids(each.evidence))
        for each in facts.negatives[:MOST_ROWS]
    ]  # fmt: skip
    return _Table(("question", "result", "coverage", "evidence"), rows, max(len(facts.negatives) - MOST_ROWS, 0))


def _evidence(pieces: Sequence[Evidence], language: Language) -> _Table:
    rows = [
        (each.id, clean(each.path.name), show_time(each.utc, language, seconds=True), clean(each.call), clean(each.account), clean(each.region), str(each.rows), clean(each.coverage), each.sha256)
        for each in pieces[:MOST_ROWS]
    ]  # fmt: skip
    heads = ("evidence", "file", "at", "call", "account", "region", "rows", "coverage", "sha256")
    return _Table(heads, rows, max(len(pieces) - MOST_ROWS, 0))


def _cause(facts: CaseFacts, language: Language) -> list[str]:
    cause = facts.cause
    if not cause.cause:
        note = [say("case_report.cause_note", language, text=clean(cause.note, _LONG))] if cause.note else []
        return [say("case_report.cause_unknown", language), *note]
    found = find_cause(cause.cause)
    said = [found.title.in_(language), found.fix.in_(language)]
    said += [
        say(name, language, text=clean(text, _LONG))
        for name, text in (
            ("case_report.cause_fix", cause.fix.in_(language) or cause.fix.en or cause.fix.ja),
            ("case_report.cause_note", cause.note),
        )
        if text
    ]
    return [*said, say("case_report.review_evidence", language, evidence=list(cause.evidence) or None)]


def _claimed(claim: Claim[datetime] | None, language: Language) -> str:
    if claim is None:
        return ""
    return f"{show_time(claim.value, language)} ({_ids(claim.evidence) or say('case_report.no_evidence', language)})"


def _time(at: datetime | None, language: Language) -> str:
    return show_time(at, language) if at else ""


def _ids(evidence: Iterable[str]) -> str:
    return clean(", ".join(evidence))


def _masked(key_id: str) -> str:
    """A page that is handed around names the key as logs do."""
    return f"{key_id[:4]}…{key_id[-4:]}" if key_id else ""


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sakimori.outputs.case"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("case_report.html.j2")
