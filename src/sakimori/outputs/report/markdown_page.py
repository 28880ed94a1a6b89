"""One page in Markdown, for an issue, a wiki or a chat: how things stand, what to do first, and the frameworks."""

from collections.abc import Iterator
from typing import Final, TextIO

from sakimori.model.assessment import Assessment
from sakimori.model.framework import FrameworkResult
from sakimori.model.words import GLOBAL, Severity
from sakimori.outputs.report import framework_words
from sakimori.outputs.report.gap_groups import group_gaps
from sakimori.outputs.report.headline import headline, scope
from sakimori.outputs.report.markdown_text import block, escaped, table
from sakimori.outputs.report.overview import Overview, RuleResult, overview_of
from sakimori.outputs.report.words import account_label, counted, cut_middle, percent, short_resource
from sakimori.texts.language import Language, show_time
from sakimori.texts.sentences import say

_FINDINGS: Final = 20
_GAPS: Final = 10
_REQUIREMENTS: Final = 50
_RESOURCE: Final = 100


def write_markdown(assessment: Assessment, stream: TextIO, language: Language) -> None:
    """Write the page in `language`."""
    overview = overview_of(assessment, {"fail": 1, "muted": 0})
    page = _Page(assessment, overview, language)
    stream.write("\n".join(part for part in page.parts() if part))


class _Page:
    def __init__(self, assessment: Assessment, overview: Overview, language: Language) -> None:
        self._assessment = assessment
        self._overview = overview
        self._language: Language = language
        self._labels = {a.account.id: a.account.alias or a.account.id for a in assessment.accounts}

    def parts(self) -> Iterator[str]:
        """The blocks of the page, each ended by a newline."""
        assessment, language = self._assessment, self._language
        yield f"# {escaped(say('report.page_title', language))}\n"
        yield f"**{escaped(headline(assessment, self._overview, language))}**\n"
        yield escaped(scope(assessment, language)) + "\n"
        yield from self._next()
        yield self._scores()
        yield from self._findings()
        for framework in assessment.frameworks:
            yield from self._framework(framework)
        yield from self._gaps()
        yield from self._muted()
        yield escaped(say("report_files.private", language)) + "\n"

    def _say(self, identifier: str, **values: object) -> str:
        return escaped(say(f"report.{identifier}", self._language, **values))

    def _next(self) -> Iterator[str]:
        assessment = self._assessment
        if assessment.next_step or assessment.next_command:
            yield f"## {self._say('next')}\n"
        if assessment.next_step:
            yield escaped(assessment.next_step.in_(self._language)) + "\n"
        if assessment.next_command:
            yield block(assessment.next_command, "sh")

    def _scores(self) -> str:
        score, language = self._assessment.score, self._language
        total = score.controls_passed + score.controls_failed + score.controls_unknown
        share = percent(score.controls, language)
        controls = self._say("score_controls_value", passed=score.controls_passed, all=total, percent=share)
        rows = [
            (self._say("score_controls"), controls if total else escaped(share)),
            (self._say("score_risk"), escaped(percent(score.risk_weighted, language))),
            (self._say("score_coverage"), escaped(percent(score.coverage, language))),
            *((self._say(f"severity_{each}"), str(self._overview.open_by_severity[each])) for each in Severity),
        ]
        headings = [escaped(say(f"report_files.{name}", language)) for name in ("numbers", "value")]
        return table(headings, rows)

    def _findings(self) -> Iterator[str]:
        yield f"## {self._say('section_fail')}\n"
        failing = self._overview.failing
        if not failing:
            yield self._say("section_fail_none") + "\n"
            return
        headings = [self._say("column_severity"), self._say("column_message"),
                    escaped(say("report_files.where", self._language)), self._say("column_fix")]  # fmt: skip
        yield table(headings, [self._finding(result) for result in failing[:_FINDINGS]])
        hidden = failing[_FINDINGS:]
        if hidden:
            findings = sum(result.counts["fail"] for result in hidden)
            identifier, count = "report.more_rules", len(hidden)
            yield escaped(counted(identifier, count, self._language, findings=findings, rules=count)) + "\n"

    def _finding(self, result: RuleResult) -> tuple[str, ...]:
        verdict = result.rows["fail"][0]
        where = [self._labels.get(verdict.account, verdict.account)]
        where += [] if verdict.region == GLOBAL else [verdict.region]
        where.append(cut_middle(short_resource(verdict.resource), _RESOURCE))
        more = result.counts["fail"] - 1
        place = " · ".join(escaped(part) for part in where)
        return (
            self._say(f"severity_{verdict.severity}"),
            escaped(verdict.message.in_(self._language)),
            f"{place} · {self._say('more_here', count=more)}" if more else place,
            escaped(result.summary.fix.in_(self._language)) if result.summary else "",
        )

    def _framework(self, framework: FrameworkResult) -> Iterator[str]:
        language = self._language
        yield f"## {escaped(framework_words.framework_name(framework, language))}\n"
        yield f"{escaped(framework_words.held_line(framework, language))}\n"
        yield f"{escaped(framework_words.totals(framework, language))}\n"
        if framework.conditions:
            lines = (framework_words.condition_line(condition, language) for condition in framework.conditions)
            yield "".join(f"- {escaped(line)}\n" for line in lines)
        wanting = [each for each in framework.requirements if each.status in framework_words.OPEN]
        if not wanting:
            return
        rules = framework_words.rules_by_id(self._assessment)
        rows = [
            (
                escaped(each.id),
                escaped(each.title.in_(language)),
                escaped(framework_words.status_word(each.status, language)),
                "; ".join(
                    escaped(line)
                    for line in (
                        *framework_words.failing_rules(each, rules, language),
                        *framework_words.attestations(each, language),
                        *framework_words.remarks(each, language),
                    )
                ),
            )
            for each in wanting[:_REQUIREMENTS]
        ]
        names = ("requirement", "title", "status", "reason")
        yield table([escaped(say(f"report_frameworks.{name}", language)) for name in names], rows)
        if len(wanting) > _REQUIREMENTS:
            yield escaped(framework_words.more_line(len(wanting) - _REQUIREMENTS, language)) + "\n"

    def _gaps(self) -> Iterator[str]:
        groups = group_gaps(self._assessment.gaps)
        assumed = [each.account for each in self._assessment.accounts if not each.account.regions_are_known]
        if not groups and not assumed:
            return
        yield f"## {self._say('gaps_heading')}\n"
        lines = [
            self._say("regions_assumed", account=account_label(account, self._language)) for account in assumed[:_GAPS]
        ]
        lines += [escaped(group.sentence(self._language, self._labels)) for group in groups[:_GAPS]]
        if len(groups) > _GAPS:
            lines.append(escaped(counted("report.gaps_more", len(groups) - _GAPS, self._language)))
        yield "".join(f"- {line}\n" for line in lines)

    def _muted(self) -> Iterator[str]:
        changes = self._assessment.changes
        if changes.previous_run_at is not None:
            previous = show_time(changes.previous_run_at, self._language)
            yield self._say("changes", previous=previous, new=len(changes.new), fixed=len(changes.fixed),
                            open=len(changes.still_open)) + "\n"  # fmt: skip
        if self._overview.muted:
            identifier = "muted_until" if self._overview.next_expiry else "muted"
            yield self._say(identifier, count=self._overview.muted, until=self._overview.next_expiry) + "\n"
