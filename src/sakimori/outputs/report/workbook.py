"""The workbook (xlsx): a first sheet for whoever has one minute, then frameworks, all results and the gaps.

Written sheet by sheet and row by row: a hundred thousand results need no hundred thousand
objects. It holds no formula, no macro and no link to elsewhere.
"""

from collections.abc import Iterable
from datetime import UTC
from typing import BinaryIO, Final

from openpyxl import Workbook

from sakimori.model.assessment import Assessment
from sakimori.model.framework import FrameworkResult, RequirementResult, RequirementStatus
from sakimori.model.verdict import Verdict
from sakimori.model.words import Severity, Status
from sakimori.outputs.report import framework_words
from sakimori.outputs.report.csv_table import COLUMNS, VerdictRows
from sakimori.outputs.report.gap_groups import group_gaps
from sakimori.outputs.report.headline import headline, scope
from sakimori.outputs.report.overview import Overview, RuleResult, overview_of
from sakimori.outputs.report.words import account_label, counted, cut_middle, percent, short_resource
from sakimori.outputs.report.workbook_sheet import HEADING, LABEL, LAST_ROW, PLAIN, Look, Sheet, Value
from sakimori.texts.language import Language, show_time
from sakimori.texts.sentences import say

_FONTS: Final = {"ja": "Yu Gothic", "en": "Calibri"}
_TITLE: Final = Look(size=14, is_bold=True, is_wrapped=False)
_STRONG: Final = Look(is_bold=True)
_BAND: Final = Look(ink="1F5A7A", fill="E8F0F4", is_bold=True, is_wrapped=False)
_SEVERITIES: Final = {
    Severity.CRITICAL: Look(ink="8B0015", fill="F8D7DA", is_bold=True),
    Severity.HIGH: Look(ink="8A2A06", fill="FBE3D6", is_bold=True),
    Severity.MEDIUM: Look(ink="6B4E00", fill="FFF3CD"),
    Severity.LOW: Look(ink="1D4E79", fill="DCEAF7"),
    Severity.INFORMATIONAL: Look(ink="444444", fill="ECECEC"),
}
_STATUSES: Final = {
    Status.FAIL: Look(ink="8B0015", is_bold=True),
    Status.UNKNOWN: Look(ink="6B4E00", is_bold=True),
    Status.PASS: Look(ink="1F6B45"),
}
_REQUIREMENTS: Final = {
    RequirementStatus.FAIL: Look(ink="8B0015", fill="F8D7DA", is_bold=True),
    RequirementStatus.UNKNOWN: Look(ink="6B4E00", fill="FFF3CD", is_bold=True),
    RequirementStatus.TO_ATTEST: Look(ink="1D4E79", fill="DCEAF7", is_bold=True),
    RequirementStatus.ATTESTED: Look(ink="1F6B45", fill="E3F2E9"),
    RequirementStatus.PASS: Look(ink="1F6B45", fill="E3F2E9"),
}
_WIDTHS: Final = {
    "status": 9, "severity": 9, "title": 36, "message": 60, "account": 15, "alias": 16, "region": 16, "resource": 44,
    "resource_type": 24, "change": 12, "reason": 24, "muted": 24, "muted_until": 12, "first_seen": 18,
    "last_seen": 18, "fix": 48, "rule": 36, "evidence": 40, "id": 34, "requirements": 30,
}  # fmt: skip
_GAPS: Final = ("accounts", "region", "gap_table", "gap_parent", "gap_kind", "gap_call", "gap_code", "gap_message")
_GAP_WIDTHS: Final = (15, 16, 30, 44, 40, 36, 24, 60)
_REQUIREMENT: Final = ("requirement", "title", "status", "rules", "counts", "failing", "attested", "reason")
_REQUIREMENT_WIDTHS: Final = (14, 50, 16, 40, 26, 44, 34, 44)
_WORST: Final = 5
_LISTED: Final = 10
_RESOURCE: Final = 120


def write_xlsx(assessment: Assessment, stream: BinaryIO, language: Language) -> None:
    """Write the workbook, its headings and words in `language`."""
    book = Workbook(write_only=True)
    book.properties.creator = "sakimori"
    book.properties.title = say("report.page_title", language)
    moment = assessment.as_of if assessment.as_of.tzinfo is None else assessment.as_of.astimezone(UTC)
    book.properties.created = book.properties.modified = moment.replace(tzinfo=None)
    _Book(assessment, book, language).write()
    book.save(stream)


class _Book:
    def __init__(self, assessment: Assessment, book: Workbook, language: Language) -> None:
        self._assessment = assessment
        self._book = book
        self._language: Language = language
        self._labels = {a.account.id: a.account.alias or a.account.id for a in assessment.accounts}

    def write(self) -> None:
        overview = overview_of(self._assessment, {"fail": 1, "muted": 0})
        _Summary(self._assessment, overview, self._sheet("sheet_summary", (20, 100)), self._language).write()
        for framework in self._assessment.frameworks:
            self._framework(framework)
        self._findings()
        self._gaps()

    def _sheet(self, title: str, widths: Iterable[int]) -> Sheet:
        return Sheet(self._book, self._say(title), tuple(widths), _FONTS[self._language])

    def _say(self, identifier: str, **values: object) -> str:
        return say(f"report_files.{identifier}", self._language, **values)

    def _framework(self, framework: FrameworkResult) -> None:
        language = self._language
        sheet = Sheet(self._book, framework.id, _REQUIREMENT_WIDTHS, _FONTS[language])
        sheet.table()
        headings = [say(f"report_frameworks.{name}", language) for name in _REQUIREMENT]
        sheet.write(*headings, looks=[HEADING] * len(headings))
        for requirement in framework.requirements:
            look = _REQUIREMENTS.get(requirement.status, PLAIN)
            sheet.write(*self._requirement(requirement), looks=(PLAIN, PLAIN, look))
        sheet.add_filter()
        sheet.write("")
        for line in (
            framework_words.framework_name(framework, language),
            framework_words.held_line(framework, language),
            *(framework_words.condition_line(each, language) for each in framework.conditions),
            framework_words.source_line(framework, language),
        ):
            sheet.write("", line)

    def _requirement(self, requirement: RequirementResult) -> tuple[Value, ...]:
        language = self._language
        place = framework_words.place(requirement, language)
        rules = framework_words.rules_by_id(self._assessment)
        return (
            requirement.id,
            (*((f"[{place}]",) if place else ()), requirement.title.in_(language)),
            framework_words.status_word(requirement.status, language),
            tuple(rule.id for rule in requirement.rules),
            framework_words.rule_counts(requirement, language),
            framework_words.failing_rules(requirement, rules, language),
            framework_words.attestations(requirement, language),
            framework_words.remarks(requirement, language),
        )

    def _findings(self) -> None:
        sheet = self._sheet("sheet_findings", (_WIDTHS[name] for name in COLUMNS))
        sheet.table()
        headings = [say(f"report.column_{name}", self._language) for name in COLUMNS]
        sheet.write(*headings, looks=[HEADING] * len(headings))
        rows = VerdictRows(self._assessment, self._language)
        for number, verdict in enumerate(self._assessment.verdicts):
            if sheet.rows == LAST_ROW - 1:
                hidden = len(self._assessment.verdicts) - number
                sheet.write(counted("report.rows_hidden", hidden, self._language))
                break
            sheet.write(*rows.row(verdict), looks=self._looks(verdict))
        sheet.add_filter()

    @staticmethod
    def _looks(verdict: Verdict) -> tuple[Look, Look]:
        is_open = verdict.status is not Status.PASS and verdict.mute is None
        return _STATUSES[verdict.status], _SEVERITIES[verdict.severity] if is_open else PLAIN

    def _gaps(self) -> None:
        sheet = self._sheet("sheet_gaps", _GAP_WIDTHS)
        sheet.table()
        headings = [
            say("report.column_region", self._language) if name == "region" else self._say(name) for name in _GAPS
        ]
        sheet.write(*headings, looks=[HEADING] * len(headings))
        for gap in self._assessment.gaps[: LAST_ROW - 1]:
            kind = say(f"report.kind_{gap.kind}", self._language)
            account = self._labels.get(gap.account, gap.account)
            sheet.write(account, gap.region, gap.table, gap.parent, kind, gap.call, gap.code, gap.message)
        sheet.add_filter()


class _Summary:
    """What a superior wants to know, on one page of paper."""

    def __init__(self, assessment: Assessment, overview: Overview, sheet: Sheet, language: Language) -> None:
        self._assessment = assessment
        self._overview = overview
        self._sheet = sheet
        self._language: Language = language
        self._labels = {a.account.id: a.account.alias or a.account.id for a in assessment.accounts}

    def write(self) -> None:
        self._sheet.portrait()
        self._title()
        self._scores()
        self._findings()
        self._frameworks()
        self._gaps()
        self._next()

    def _say(self, identifier: str, **values: object) -> str:
        return say(f"report_files.{identifier}", self._language, **values)

    def _row(self, label: str, value: Value, look: Look = PLAIN, label_look: Look = LABEL) -> None:
        self._sheet.write(label, value, looks=(label_look, look))

    def _band(self, text: str) -> None:
        self._row("", "")
        self._row(text, "", _BAND, _BAND)

    def _title(self) -> None:
        assessment, language = self._assessment, self._language
        self._row(say("report.page_title", language), "", label_look=_TITLE)
        labels = [account_label(covered.account, language) for covered in assessment.accounts]
        more = [self._say("and_more", count=len(labels) - _LISTED)] if len(labels) > _LISTED else []
        self._row(self._say("accounts"), (*labels[:_LISTED], *more))
        self._row(self._say("as_of"), show_time(assessment.as_of, language))
        self._row("", scope(assessment, language))
        self._row("", headline(assessment, self._overview, language), _STRONG)

    def _scores(self) -> None:
        score, language = self._assessment.score, self._language
        total = score.controls_passed + score.controls_failed + score.controls_unknown
        share = percent(score.controls, language)
        controls = share
        if total:
            passed = say(
                "report.score_controls_value", language, passed=score.controls_passed, all=total, percent=share
            )
            rest = say("report.score_controls_rest", language, failed=score.controls_failed,
                       unknown=score.controls_unknown)  # fmt: skip
            controls = f"{passed}  {rest}"
        self._band(self._say("scores"))
        self._row(say("report.score_controls", language), controls)
        risk, coverage = percent(score.risk_weighted, language), percent(score.coverage, language)
        self._row(say("report.score_risk", language), f"{risk}  {say('report.score_risk_rest', language)}")
        self._row(say("report.score_coverage", language), f"{coverage}  {say('report.score_coverage_rest', language)}")

    def _findings(self) -> None:
        language = self._language
        self._band(self._say("open_findings"))
        for severity in Severity:
            word = say(f"report.severity_{severity}", language)
            self._row(word, self._overview.open_by_severity[severity], PLAIN, _SEVERITIES[severity])
        if self._overview.muted:
            self._row(say("report.status_muted", language), self._overview.muted)
        self._band(self._say("worst"))
        for result in self._overview.failing[:_WORST]:
            self._worst(result)
        if not self._overview.failing:
            self._row("", self._say("none"))

    def _worst(self, result: RuleResult) -> None:
        verdict = result.rows["fail"][0]
        language = self._language
        more = result.counts["fail"] - 1
        where = [self._labels.get(verdict.account, verdict.account), verdict.region]
        where.append(cut_middle(short_resource(verdict.resource), _RESOURCE))
        if more:
            where.append(say("report.more_here", language, count=more))
        word = say(f"report.severity_{verdict.severity}", language)
        self._row(word, (verdict.message.in_(language), " · ".join(where)), PLAIN, _SEVERITIES[verdict.severity])

    def _frameworks(self) -> None:
        if not self._assessment.frameworks:
            return
        language = self._language
        self._band(say("report_frameworks.heading", language))
        for framework in self._assessment.frameworks[:_LISTED]:
            lines = [
                framework_words.held_line(framework, language),
                framework_words.totals(framework, language),
                *(framework_words.condition_line(each, language) for each in framework.conditions),
            ]
            self._row(framework_words.framework_name(framework, language), tuple(lines))

    def _gaps(self) -> None:
        groups = group_gaps(self._assessment.gaps)
        if not groups:
            return
        self._band(self._say("sheet_gaps"))
        for group in groups[:_LISTED]:
            self._row("", group.sentence(self._language, self._labels))
        if len(groups) > _LISTED:
            self._row("", self._say("and_more", count=len(groups) - _LISTED))

    def _next(self) -> None:
        assessment, language = self._assessment, self._language
        if assessment.next_step or assessment.next_command:
            self._band(say("report.next", language))
        if assessment.next_step:
            self._row("", assessment.next_step.in_(language), _STRONG)
        if assessment.next_command:
            self._row(self._say("command"), assessment.next_command)
        self._row("", "")
        self._row(self._say("run"), f"{assessment.run} · {assessment.snapshot} · {assessment.thresholds}")
        self._row("", self._say("private"), LABEL)
