"""The report for people: one self-contained page in both languages, readable without scripts and on paper.

The page loads nothing and its policy forbids it to: style and script stand in the page
and are named by their hashes. Its size follows the findings: every rule shows a bounded
number of rows and says how many it leaves out.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, TextIO

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from sakimori.model.account import Account
from sakimori.model.assessment import Assessment, Score
from sakimori.model.verdict import Mute, Text, Verdict
from sakimori.model.version import __version__
from sakimori.model.words import Severity, Status
from sakimori.outputs.report import html_markup
from sakimori.outputs.report.gap_groups import group_gaps
from sakimori.outputs.report.headline import headline, scope
from sakimori.outputs.report.html_frameworks import SIGNS as REQUIREMENT_SIGNS
from sakimori.outputs.report.html_frameworks import framework_views
from sakimori.outputs.report.html_guide import Guide, anchors, guide_of
from sakimori.outputs.report.html_markup import ORDER, both_of
from sakimori.outputs.report.overview import Overview, RuleResult, kind_of, overview_of
from sakimori.outputs.report.remedy_text import filled_cli
from sakimori.outputs.report.words import account_label, cut_middle, message, percent, short_resource
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say, say_both

ROWS: Final = {"fail": 200, "muted": 200, "unknown": 50, "pass": 20}
"""Rows of one rule that the page shows, by kind."""
MAX_ROWS: Final = 5000
"""Rows of the whole page: past this a browser gets slow and a reader lost."""

_MAX_CAUSES: Final = 200
_MAX_FIXED: Final = 200
_MAX_EVIDENCE: Final = 30
_NAME: Final = 512
_RESOURCE: Final = 160
_SIGNS: Final = {
    Severity.CRITICAL: "✖", Severity.HIGH: "▴", Severity.MEDIUM: "▪", Severity.LOW: "▫", Severity.INFORMATIONAL: "◦",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    rule: str
    severity: Severity
    account: str
    account_label: str
    region: str
    resource: str
    message: Text
    reason: str | None
    mute: Mute | None
    is_new: bool
    first_seen: object
    evidence: tuple[tuple[str, object], ...]
    cli: str


@dataclass(frozen=True, slots=True)
class _Group:
    """One rule's rows of one kind; `hidden` is how many the page leaves out.

    The first group of a rule carries its anchor and its guide; a later one points to it.
    """

    kind: str
    rule: str
    severity: Severity
    title: Text
    why: Text | None
    fix: Text | None
    anchor: str
    is_first: bool
    guide: Guide | None
    words: str
    count: int
    hidden: int
    rows: tuple[_Row, ...]


@dataclass(frozen=True, slots=True)
class _Figure:
    label: str
    figure: Text
    rest: Text
    ratio: float | None


def write_html(assessment: Assessment, stream: TextIO, language: Language) -> None:
    """Write the page; `language` is the one shown first."""
    overview = overview_of(assessment, ROWS)
    stream.writelines(_template().generate(_Page(assessment, overview).context(language)))


class _Page:
    """Turns an assessment into what the template shows: bounded, and with hostile characters replaced."""

    def __init__(self, assessment: Assessment, overview: Overview) -> None:
        self._assessment = assessment
        self._overview = overview
        self._labels = {a.account.id: a.account.alias or a.account.id for a in assessment.accounts}
        self._room = MAX_ROWS
        self._summaries = {rule.id: rule for rule in assessment.rules}
        self._anchors = anchors(result.rule for result in overview.rules)
        self._told: set[str] = set()

    def context(self, language: Language) -> dict[str, object]:
        assessment = self._assessment
        causes = group_gaps(assessment.gaps)
        fixed = assessment.changes.fixed
        sections = {kind: list(self._groups(kind)) for kind in ROWS}
        return {
            "language": language,
            "title": say("report.page_title", language),
            "contents": say("report_page.contents", language),
            "policy": _policy(),
            "css": Markup(_asset("assess.css")),  # noqa: S704 - our own file
            "script": Markup(_asset("assess.js")),  # noqa: S704 - our own file
            "signs": _SIGNS,
            "requirement_signs": REQUIREMENT_SIGNS,
            "headline": both_of(lambda each: headline(assessment, self._overview, each)),
            "scope": both_of(lambda each: scope(assessment, each)),
            "frameworks": list(framework_views(assessment, self._anchors)),
            "next_step": assessment.next_step,
            "next_command": assessment.next_command,
            "scores": _figures(assessment.score),
            "severities": [(s, self._overview.open_by_severity[s]) for s in Severity],
            "changes": assessment.changes,
            "sections": sections,
            "total_rows": MAX_ROWS - self._room,
            "assumed": [_assumed(a.account) for a in assessment.accounts if not a.account.regions_are_known],
            "causes": [
                {"sentence": Text(*(g.sentence(each, self._labels) for each in ORDER)), "message": g.message}
                for g in causes[:_MAX_CAUSES]
            ],
            "causes_hidden": max(len(causes) - _MAX_CAUSES, 0),
            "fixed": [self._fixed(verdict) for verdict in fixed[:_MAX_FIXED]],
            "fixed_hidden": max(len(fixed) - _MAX_FIXED, 0),
            "accounts": assessment.accounts,
            "run": assessment.run,
            "snapshot": assessment.snapshot,
            "thresholds": assessment.thresholds,
            "version": __version__,
        }

    def _groups(self, kind: str) -> Iterator[_Group]:
        for result in self._overview.rules:
            if result.counts[kind]:
                yield self._group(kind, result)

    def _group(self, kind: str, result: RuleResult) -> _Group:
        kept = result.rows.get(kind, [])[: self._room]
        self._room -= len(kept)
        summary = result.summary
        title = summary.title if summary else Text(result.rule, result.rule)
        is_explained = summary is not None and kind != "pass"
        is_first = result.rule not in self._told
        self._told.add(result.rule)
        return _Group(
            kind=kind, rule=result.rule, severity=kept[0].severity if kept else result.severity, title=title,
            why=summary.why if summary and is_explained else None,
            fix=summary.fix if summary and is_explained else None,
            anchor=self._anchors[result.rule], is_first=is_first,
            guide=guide_of(summary) if summary and is_first else None,
            words=f"{result.rule} {message(title.en)} {message(title.ja)}", count=result.counts[kind],
            hidden=result.counts[kind] - len(kept), rows=tuple(self._row(verdict) for verdict in kept),
        )  # fmt: skip

    def _row(self, verdict: Verdict) -> _Row:
        new = self._assessment.changes.new
        return _Row(
            kind=kind_of(verdict), rule=verdict.rule, severity=verdict.severity, account=clean(verdict.account),
            account_label=clean(self._labels.get(verdict.account, verdict.account)), region=clean(verdict.region),
            resource=cut_middle(short_resource(verdict.resource), _RESOURCE), message=verdict.message,
            reason=verdict.reason if verdict.status is Status.UNKNOWN else None, mute=verdict.mute,
            is_new=bool(new) and verdict.id in new, first_seen=verdict.first_seen,
            evidence=() if verdict.status is Status.PASS else _evidence(verdict.evidence), cli=self._cli(verdict),
        )  # fmt: skip

    def _cli(self, verdict: Verdict) -> str:
        """How to mend this very resource; "" rather than a command that is cut."""
        rule = self._summaries.get(verdict.rule)
        if verdict.status is not Status.FAIL or rule is None or not rule.remedy.cli:
            return ""
        command = filled_cli(rule.remedy.cli, verdict)
        is_whole = all(len(line) <= html_markup.LINE for line in command.split("\n"))
        return html_markup.lines(command) if is_whole else ""

    def _fixed(self, verdict: Verdict) -> dict[str, object]:
        rule = self._summaries.get(verdict.rule)
        return {
            "title": rule.title if rule else Text(verdict.rule, verdict.rule),
            "account_label": clean(self._labels.get(verdict.account, verdict.account)),
            "region": clean(verdict.region),
            "resource": cut_middle(short_resource(verdict.resource), _RESOURCE),
        }


def _evidence(evidence: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    return tuple((clean(str(name)), value) for name, value in list(evidence.items())[:_MAX_EVIDENCE])


def _figures(score: Score) -> list[_Figure]:
    total = score.controls_passed + score.controls_failed + score.controls_unknown
    controls = _both("score_controls_figure", passed=score.controls_passed, all=total) if total else _percent(None)
    rest = _both("score_controls_rest", failed=score.controls_failed, unknown=score.controls_unknown)
    return [
        _Figure("score_controls", controls, rest, score.controls),
        _Figure("score_risk", _percent(score.risk_weighted), _both("score_risk_rest"), score.risk_weighted),
        _Figure("score_coverage", _percent(score.coverage), _both("score_coverage_rest"), score.coverage),
    ]


def _percent(ratio: float | None) -> Text:
    return both_of(lambda language: percent(ratio, language))


def _both(name: str, **values: object) -> Text:
    return say_both(f"report.{name}", **values)


def _label(account: Account) -> Markup:
    return html_markup.markup(both_of(lambda language: account_label(account, language)))


def _assumed(account: Account) -> Text:
    return both_of(lambda each: say("report.regions_assumed", each, account=account_label(account, each)))


def _name(text: str) -> str:
    return clean(text, _NAME)


def _policy() -> str:
    style, script = (_hash(_asset(name)) for name in ("assess.css", "assess.js"))
    return f"default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> str:
    return (files("sakimori.outputs.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sakimori.outputs.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(
        say=html_markup.spoken(lambda name: f"report.{name}"),
        say_page=html_markup.spoken(lambda name: f"report_page.{name}"),
        say_story=html_markup.spoken(lambda name: f"story.{name}"),
        say_framework=html_markup.spoken(lambda name: f"report_frameworks.{name}"),
        counted=html_markup.count_in(lambda name: f"report.{name}"),
        counted_page=html_markup.count_in(lambda name: f"report_page.{name}"),
        both=html_markup.markup, steps=html_markup.steps, joined=html_markup.joined, value_of=html_markup.value,
        name=_name, label_of=_label,
    )  # fmt: skip
    return environment.get_template("assess.html.j2")
