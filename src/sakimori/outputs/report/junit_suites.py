"""Test results in JUnit's XML, for the pages of CI systems: one suite a rule, one case a resource.

A failure is an open one; muted and unknown ones are skipped, with the reason. No standard
defines this form; the elements and attributes are those that Jenkins and GitLab read.
There is no document type, no entity but XML's own, and no character that XML 1.0 forbids.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC
from itertools import groupby
from typing import Final, TextIO

from markupsafe import Markup

from sakimori.model.assessment import Assessment, RuleSummary
from sakimori.model.verdict import Verdict
from sakimori.model.words import Status
from sakimori.outputs.report.overview import kind_of
from sakimori.outputs.report.words import message
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_NAME: Final = 1000
_COUNTS: Final = Markup('tests="{}" failures="{}" errors="0" skipped="{}"')
_SUITES: Final = Markup('<testsuites name="sakimori" {}>\n')
_SUITE: Final = Markup('<testsuite name="{}" {} timestamp="{}" time="0">\n')
_CASE: Final = Markup('<testcase classname="{}" name="{}" time="0"{}\n')
_FAILURE: Final = Markup('><failure type="{}" message="{}">{}</failure></testcase>')
_SKIPPED: Final = Markup('><skipped message="{}"/></testcase>')
_PASSED: Final = Markup("/>")


def write_junit(assessment: Assessment, stream: TextIO, language: Language) -> None:
    """Write the document; what did not pass is held until the passes of its rule come by."""
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    stream.writelines(_Suites(assessment, language).lines())
    stream.write("</testsuites>\n")


class _Suites:
    def __init__(self, assessment: Assessment, language: Language) -> None:
        self._assessment = assessment
        self._language: Language = language
        self._rules: dict[str, RuleSummary] = {rule.id: rule for rule in assessment.rules}
        moment = assessment.as_of if assessment.as_of.tzinfo is None else assessment.as_of.astimezone(UTC)
        self._time = moment.strftime("%Y-%m-%dT%H:%M:%S")
        self._undone: dict[str, list[Verdict]] = {}

    def lines(self) -> Iterator[str]:
        passes: Iterator[Verdict] = iter(())
        verdicts = iter(self._assessment.verdicts)
        for verdict in verdicts:
            if verdict.status is Status.PASS:
                passes = _chained(verdict, verdicts)
                break
            self._undone.setdefault(verdict.rule, []).append(verdict)
        counts = [(0, 0, 0), *(self._counts(rule) for rule in {*self._rules, *self._undone})]
        yield _SUITES.format(_COUNTS.format(*(sum(column) for column in zip(*counts, strict=True))))
        for rule, passed in groupby(passes, key=lambda verdict: verdict.rule):
            yield from self._suite(rule, passed)
        for rule in list(self._undone):
            yield from self._suite(rule, iter(()))

    def _counts(self, rule: str) -> tuple[int, int, int]:
        """Cases, failures and skipped ones of a rule."""
        undone: Sequence[Verdict] = self._undone.get(rule, ())
        failed = sum(kind_of(verdict) == "fail" for verdict in undone)
        passed = self._rules[rule].passed if rule in self._rules else 0
        return len(undone) + passed, failed, len(undone) - failed

    def _suite(self, rule: str, passed: Iterator[Verdict]) -> Iterator[str]:
        counts = _COUNTS.format(*self._counts(rule))
        yield _SUITE.format(clean(rule, _NAME), counts, self._time)
        for verdict in self._undone.pop(rule, ()):
            yield self._case(verdict, self._outcome(verdict))
        for verdict in passed:
            yield self._case(verdict, _PASSED)
        yield "</testsuite>\n"

    @staticmethod
    def _case(verdict: Verdict, outcome: Markup) -> str:
        place = " ".join(clean(part, _NAME) for part in (verdict.account, verdict.region, verdict.resource))
        return _CASE.format(clean(verdict.rule, _NAME), place, outcome)

    def _outcome(self, verdict: Verdict) -> Markup:
        sentence = message(verdict.message.in_(self._language))
        if verdict.mute is not None:
            return _SKIPPED.format(say("report.muted_because", self._language, reason=verdict.mute.reason))
        if verdict.status is Status.UNKNOWN:
            reason = say(f"report.kind_{verdict.reason}", self._language)
            return _SKIPPED.format(f"{sentence} {reason}")
        rule = self._rules.get(verdict.rule)
        fix = f"{say('report.fix', self._language)} {message(rule.fix.in_(self._language))}" if rule else ""
        lines = (sentence, fix, verdict.id)
        return _FAILURE.format(str(verdict.severity), sentence, "\n".join(line for line in lines if line))


def _chained(first: Verdict, others: Iterator[Verdict]) -> Iterator[Verdict]:
    yield first
    yield from others
