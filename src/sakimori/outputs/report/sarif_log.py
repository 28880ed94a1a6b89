"""A SARIF 2.1.0 log of one run, for code scanning and the viewers of editors.

A finding of an account stands in no file. Code scanning takes no result without one, so
each gets an address of its own, `<account>/<Region>/<resource>`, beside the logical
location that names the resource as AWS does. Sources: OASIS SARIF 2.1.0 (kind and level:
3.27.9 and 3.27.10, messages: 3.11) and GitHub's "SARIF support for code scanning"
(which properties it reads, and its limits: 25,000 results and 20 tags a rule).
"""

import re
from collections.abc import Iterator
from typing import Final, TextIO
from urllib.parse import quote

from sakimori.model.assessment import Assessment, RuleSummary
from sakimori.model.verdict import Verdict
from sakimori.model.version import __version__
from sakimori.model.words import Confidence, Status
from sakimori.outputs.report.framework_words import related
from sakimori.outputs.report.gap_groups import group_gaps
from sakimori.outputs.report.plain_values import as_json, plain, utc
from sakimori.outputs.report.rule_help import help_markdown, help_text
from sakimori.outputs.report.sarif_words import LEVEL, SCHEMA, SCORE
from sakimori.outputs.report.words import cut_middle, message, short_resource
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say, text
from sakimori.texts.template import fill

_PRECISION: Final = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_MARKUP: Final = re.compile(r"([\\\[\]])")
_TAGS: Final = 10
_NAME: Final = 255
_TEXT: Final = 1000


def write_sarif(assessment: Assessment, stream: TextIO, language: Language) -> None:
    """Write the log, one result a line: open failures, muted ones (suppressed), and unknown ones (kind `open`)."""
    log = _Log(assessment, language)
    stream.write(f'{{"$schema":{as_json(SCHEMA)},"version":"2.1.0","runs":[{{\n')
    stream.writelines(f"{as_json(key)}:{as_json(value)},\n" for key, value in log.head().items())
    stream.write('"results":[')
    for number, result in enumerate(log.results()):
        stream.write(",\n" if number else "\n")
        stream.write(as_json(result))
    stream.write("]\n}]}\n")


class _Log:
    def __init__(self, assessment: Assessment, language: Language) -> None:
        self._assessment = assessment
        self._language: Language = language
        self._places = {rule.id: place for place, rule in enumerate(assessment.rules)}

    def head(self) -> dict[str, object]:
        rules = [self._rule(rule) for rule in self._assessment.rules]
        driver = {"name": "sakimori", "version": __version__, "language": self._language, "rules": rules}
        return {
            "tool": {"driver": driver},
            "language": self._language,
            "columnKind": "unicodeCodePoints",
            "automationDetails": {"id": f"sakimori/{clean(self._assessment.run)}"},
            "invocations": [self._invocation()],
        }

    def results(self) -> Iterator[dict[str, object]]:
        for verdict in self._assessment.verdicts:
            if verdict.status is not Status.PASS:
                yield self._result(verdict)

    def _rule(self, rule: RuleSummary) -> dict[str, object]:
        links = [link for link in rule.references if link.startswith("https://")]
        tags = ["security", *([str(rule.story)] if rule.story else []), *related(rule.frameworks)]
        record: dict[str, object] = {
            "id": rule.id,
            "name": "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", rule.id)) or rule.id,
            "shortDescription": {"text": clean(rule.title.in_(self._language), _TEXT)},
            "fullDescription": {"text": clean(rule.why.in_(self._language), _TEXT)},
            "help": {"text": help_text(rule, self._language), "markdown": help_markdown(rule, self._language)},
            "defaultConfiguration": {"level": LEVEL[rule.severity]},
            "properties": {
                "tags": list(dict.fromkeys(clean(tag, _NAME) for tag in tags))[:_TAGS],
                "precision": _PRECISION[rule.confidence],
                "security-severity": SCORE[rule.severity],
            },
        }
        return record | {"helpUri": quote(links[0], safe=":/?#[]@!$&'()*+,;=%~")} if links else record

    def _invocation(self) -> dict[str, object]:
        """That the run came to its end, and what it could not read."""
        labels = {
            covered.account.id: covered.account.alias or covered.account.id for covered in self._assessment.accounts
        }
        groups = group_gaps(self._assessment.gaps)
        return {
            "executionSuccessful": True,
            "endTimeUtc": utc(self._assessment.as_of),
            "toolExecutionNotifications": [
                {"level": "warning", "message": _message(group.sentence(self._language, labels))} for group in groups
            ],
        }

    def _result(self, verdict: Verdict) -> dict[str, object]:
        identity = verdict.id
        is_open = verdict.status is Status.UNKNOWN
        result: dict[str, object] = {
            "ruleId": verdict.rule,
            "kind": "open" if is_open else "fail",
            "level": "none" if is_open else LEVEL[verdict.severity],
            "message": _message(self._sentence(verdict)),
            "locations": [_location(verdict)],
            "partialFingerprints": {"sakimoriFinding/v1": identity, "primaryLocationLineHash": f"{identity}:1"},
            "properties": {
                "severity": verdict.severity,
                "security-severity": SCORE[verdict.severity],
                "evidence": plain(verdict.evidence),
            },
        }
        if verdict.rule in self._places:
            result["ruleIndex"] = self._places[verdict.rule]
        baseline = self._baseline(identity)
        if baseline:
            result["baselineState"] = baseline
        if verdict.mute is not None:
            reason = clean(verdict.mute.reason, _TEXT)
            result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
        return result

    def _sentence(self, verdict: Verdict) -> str:
        sentence = message(verdict.message.in_(self._language))
        if verdict.status is not Status.UNKNOWN:
            return sentence
        reason = say(f"report.kind_{verdict.reason}", self._language)
        return fill(text("report_files.because").in_(self._language), {"sentence": sentence, "reason": reason}, str)

    def _baseline(self, identity: str) -> str:
        if identity in self._assessment.changes.new:
            return "new"
        return "unchanged" if identity in self._assessment.changes.still_open else ""


def _message(sentence: str) -> dict[str, str]:
    r"""SARIF reads `{0}` as a place to fill and `[a](b)` as a link; these are only signs.

    >>> _message("{0} [a](b)")
    {'text': '{{0}} \\[a\\](b)'}
    """
    shown = _MARKUP.sub(r"\\\1", message(sentence) or "-").replace("{", "{{").replace("}", "}}")
    return {"text": shown}


def _location(verdict: Verdict) -> dict[str, object]:
    name = cut_middle(short_resource(verdict.resource), _NAME)
    parts = (clean(verdict.account), clean(verdict.region), name)
    # A path whose parts cannot lead out of the tree, the same from run to run.
    uri = "/".join(quote(part, safe="") if part.strip(".") else f"_{len(part)}" for part in parts)
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}},
        "logicalLocations": [{"name": name, "fullyQualifiedName": clean(verdict.resource, _TEXT), "kind": "resource"}],
    }
