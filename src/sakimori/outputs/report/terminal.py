"""The first screen after an assessment: what is wrong, in sentences, and the one thing to do next."""

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text as Styled

from sakimori.model.assessment import Assessment
from sakimori.model.framework import RequirementResult
from sakimori.model.verdict import Verdict
from sakimori.model.words import GLOBAL, Severity
from sakimori.outputs.report import framework_words
from sakimori.outputs.report.gap_groups import group_gaps
from sakimori.outputs.report.headline import headline, scope
from sakimori.outputs.report.overview import Overview, RuleResult, overview_of
from sakimori.outputs.report.words import account_label, counted, cut_middle, percent, short_resource
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say, text
from sakimori.texts.template import fill

# Signs of East Asian width "neutral": "ambiguous" ones (▲ ● ■) take two cells in many Japanese terminals.
_SIGNS: Final = {
    Severity.CRITICAL: ("✖", "X", "bold red"),
    Severity.HIGH: ("▴", "^", "red"),
    Severity.MEDIUM: ("▪", "=", "yellow"),
    Severity.LOW: ("▫", "-", "cyan"),
    Severity.INFORMATIONAL: ("◦", ".", "dim"),
}
_GAP_LINES: Final = 6
_REQUIREMENTS: Final = 10
_REQUIREMENT_ID: Final = 20
_CONDITIONS: Final = 5
_RESOURCE_CELLS: Final = 60
_SENTENCE: Final = 300
_STEP: Final = 800
_NARROWEST: Final = 30
_WIDEST: Final = 110


def print_assessment(assessment: Assessment, console: Console, language: Language, *, limit: int = 10) -> None:
    """Print the screen; findings of at most `limit` rules. The last line is the next step or its command."""
    _Screen(assessment, console, language).show(limit)


class _Screen:
    """Lines are broken here, not by rich, which knows no Japanese line breaking; nothing is ever read as markup."""

    def __init__(self, assessment: Assessment, console: Console, language: Language) -> None:
        self._assessment = assessment
        self._console = console
        self._language: Language = language
        self._width = min(max(console.width, _NARROWEST), _WIDEST)
        self._alone = len(assessment.accounts) == 1
        self._labels = {a.account.id: a.account.alias or a.account.id for a in assessment.accounts}

    def show(self, limit: int) -> None:
        overview = overview_of(self._assessment, {"fail": 1, "muted": 0})
        self._line(scope(self._assessment, self._language), "dim")
        self._line(headline(self._assessment, overview, self._language), "bold")
        self._line("")
        self._score()
        self._findings(overview, limit)
        self._frameworks()
        self._changes()
        self._gaps()
        self._muted(overview)
        self._next()

    def _line(self, text: str, style: str = "", *, first: str = "", indent: int = 0) -> None:
        """`text` broken at the width: `first` before its first line, `indent` cells before the others."""
        rest = " " * indent
        for number, line in enumerate(wrap(text, self._width - indent)):
            self._print(Styled((first if number == 0 else rest) + line, style=style if line else ""))

    def _print(self, line: Styled) -> None:
        self._console.print(line, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def _say(self, identifier: str, **values: object) -> str:
        return say(f"report.{identifier}", self._language, **values)

    def _score(self) -> None:
        score = self._assessment.score
        all_controls = score.controls_passed + score.controls_failed + score.controls_unknown
        share = percent(score.controls, self._language)
        controls = self._say("score_controls_value", passed=score.controls_passed, all=all_controls, percent=share)
        if all_controls > score.controls_passed:
            rest = self._say("score_controls_rest", failed=score.controls_failed, unknown=score.controls_unknown)
            controls = f"{controls}  {rest}"
        rows = (
            (self._say("score_controls"), controls if all_controls else share),
            (self._say("score_risk"), percent(score.risk_weighted, self._language)),
            (self._say("score_coverage"), percent(score.coverage, self._language)),
        )
        widest = max(cell_len(label) for label, _ in rows)
        for label, value in rows:
            padding = " " * (widest - cell_len(label) + 2)
            self._line(value, first=f"  {label}{padding}", indent=widest + 4)

    def _findings(self, overview: Overview, limit: int) -> None:
        failing = overview.failing
        for result in failing[:limit]:
            self._line("")
            self._finding(result)
        hidden = failing[limit:]
        if hidden:
            self._line("")
            findings = sum(result.counts["fail"] for result in hidden)
            self._line(counted("report.more_rules", len(hidden), self._language, findings=findings, rules=len(hidden)))

    def _finding(self, result: RuleResult) -> None:
        verdict = result.rows["fail"][0]
        sign, plain, style = _SIGNS[verdict.severity]
        words = [self._say(f"severity_{severity}") for severity in Severity]
        indent = max(cell_len(word) for word in words) + 4
        word = self._say(f"severity_{verdict.severity}")
        gap = " " * (indent - 2 - cell_len(word))
        lines = wrap(clean(verdict.message.in_(self._language), _SENTENCE), self._width - indent)
        head = f"{plain if self._console.options.ascii_only else sign} {word}"
        self._print(Styled.assemble((head, style), gap, lines[0]))
        for line in lines[1:]:
            self._print(Styled(" " * indent + line))
        for line in wrap(self._where(verdict, result), self._width - indent):
            self._print(Styled(" " * indent + line, style="dim"))

    def _where(self, verdict: Verdict, result: RuleResult) -> str:
        account = "" if self._alone else clean(self._labels.get(verdict.account, verdict.account))
        region = "" if verdict.region == GLOBAL else clean(verdict.region)
        resource = cut_middle(short_resource(verdict.resource), _RESOURCE_CELLS)
        parts = [part for part in (account, region, resource) if part]
        more = result.counts["fail"] - 1
        if more:
            parts.append(self._say("more_here", count=more))
        if result.new:
            parts.append(self._say("some_new", count=result.new) if more else self._say("is_new"))
        return f"{' · '.join(parts)}  [{verdict.rule}]"

    def _frameworks(self) -> None:
        """How each stands in numbers, and the requirements that somebody has to look after."""
        for framework in self._assessment.frameworks:
            self._line("")
            self._line(framework_words.framework_name(framework, self._language), "bold")
            self._line(framework_words.held_line(framework, self._language), first="  ", indent=2)
            self._line(framework_words.totals(framework, self._language), first="  ", indent=2)
            for condition in framework.conditions[:_CONDITIONS]:
                self._line(framework_words.condition_line(condition, self._language), first="  ", indent=4)
            self._requirements([each for each in framework.requirements if each.status in framework_words.OPEN])

    def _requirements(self, wanting: Sequence[RequirementResult]) -> None:
        """Status, id and title of each, the worst first."""
        shown = sorted(wanting, key=lambda each: framework_words.OPEN.index(each.status))[:_REQUIREMENTS]
        words = {each.status: framework_words.status_word(each.status, self._language) for each in shown}
        ids = [cut_middle(each.id, _REQUIREMENT_ID) for each in shown]
        widest = max((cell_len(word) for word in words.values()), default=0), max(map(cell_len, ids), default=0)
        indent = sum(widest) + 6
        for each, identifier in zip(shown, ids, strict=True):
            word = words[each.status]
            first = f"  {word}{' ' * (widest[0] - cell_len(word) + 2)}{identifier}"
            title = clean(each.title.in_(self._language), _SENTENCE)
            if indent > self._width // 2:  # no room beside: the title goes below
                self._line(f"{word}  {identifier}", first="  ", indent=4)
                self._line(title, first="    ", indent=4)
            else:
                self._line(title, first=f"{first}{' ' * (indent - cell_len(first))}", indent=indent)
        if len(wanting) > _REQUIREMENTS:
            more = framework_words.more_line(len(wanting) - _REQUIREMENTS, self._language)
            self._line(more, first="  ", indent=4)

    def _changes(self) -> None:
        changes = self._assessment.changes
        if changes.previous_run_at is None:
            return
        self._line("")
        previous = show_time(changes.previous_run_at, self._language)
        self._line(self._say("changes", previous=previous, new=len(changes.new), fixed=len(changes.fixed),
                             open=len(changes.still_open)))  # fmt: skip

    def _gaps(self) -> None:
        groups = group_gaps(self._assessment.gaps)
        assumed = [each.account for each in self._assessment.accounts if not each.account.regions_are_known]
        if not groups and not assumed:
            return
        self._line("")
        self._line(self._say("gaps_heading"), "bold")
        for account in assumed[:_GAP_LINES]:
            label = account_label(account, self._language)
            self._line(self._say("regions_assumed", account=label), first="  ", indent=4)
        for group in groups[:_GAP_LINES]:
            self._line(group.sentence(self._language, self._labels), first="  ", indent=4)
        if len(groups) > _GAP_LINES:
            self._line(counted("report.gaps_more", len(groups) - _GAP_LINES, self._language), first="  ", indent=4)

    def _muted(self, overview: Overview) -> None:
        if not overview.muted:
            return
        self._line("")
        identifier = "muted_until" if overview.next_expiry else "muted"
        self._line(self._say(identifier, count=overview.muted, until=overview.next_expiry))

    def _next(self) -> None:
        """The step and its command; a command is never broken, so that it can be copied."""
        assessment = self._assessment
        command = clean(assessment.next_command)
        if assessment.next_step is None and not command:
            return
        self._line("")
        if assessment.next_step is not None:
            told = clean(assessment.next_step.in_(self._language), _STEP)
            # Not by `say`, which cuts each value to the length of a name.
            step = fill(text("report.next_step").in_(self._language), {"step": told}, str)
            self._line(step, "bold")
        else:
            self._line(self._say("next_command"), "bold")
        if command:
            self._print(Styled(f"  $ {command}", style="bold green"))
