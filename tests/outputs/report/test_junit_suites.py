import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.model.assessment import Assessment, RuleSummary, Score
from sakimori.model.verdict import Text, Verdict
from sakimori.model.words import Confidence, Severity, Status
from sakimori.outputs.report.junit_suites import write_junit
from sakimori.texts.language import LANGUAGES, Language

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(assessment: Assessment, language: Language = "en") -> str:
    stream = io.StringIO()
    write_junit(assessment, stream, language)
    return stream.getvalue()


def suites(assessment: Assessment, language: Language = "en") -> ET.Element:
    text = written(assessment, language)
    assert not FORBIDDEN.search(text)
    assert "<!" not in text
    return ET.fromstring(text.encode())  # noqa: S314 - our own text, and it has no document type


def alone(text: str) -> Assessment:
    """One failure whose every text is `text`."""
    verdict = Verdict(
        rule="aws.x.y", status=Status.FAIL, severity=Severity.HIGH, confidence=Confidence.HIGH, partition="aws",
        account=text, region=text, resource=text, resource_type=text, message=Text(text, text),
    )  # fmt: skip
    return Assessment(
        run="r", snapshot="s", as_of=datetime(2026, 11, 23, 5, 2, tzinfo=UTC), thresholds="seed", accounts=(), rules=(),
        verdicts=[verdict], gaps=(), score=Score(controls=None, risk_weighted=None, coverage=None),
    )  # fmt: skip


def consistent(root: ET.Element) -> None:
    """The counts that a page of CI shows are those of the cases below."""
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        assert int(element.get("tests", "")) == len(cases)
        assert int(element.get("failures", "")) == sum(case.find("failure") is not None for case in cases)
        assert int(element.get("skipped", "")) == sum(case.find("skipped") is not None for case in cases)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["sample", "hostile", "framed", "hostile_framed"])
def test_every_document_can_be_read_back(which: str, language: Language, request: pytest.FixtureRequest) -> None:
    given_ = request.getfixturevalue(which)
    root = suites(given_, language)
    consistent(root)
    assert len(list(root.iter("testcase"))) == len(given_.verdicts)


def test_a_rule_is_one_suite_with_its_failures_first(many: Callable[[int], Assessment]) -> None:
    root = suites(many(1000))
    names = [suite.get("name") for suite in root]
    assert len(names) == len(set(names)) == 100
    consistent(root)


def test_failures_fail_and_muted_and_unknown_are_skipped_with_the_reason(sample: Assessment) -> None:
    cases = {case.get("name"): case for case in suites(sample).iter("testcase")}
    failure = cases["111122223333 global arn:aws:iam::111122223333:root"].find("failure")
    assert failure is not None
    assert failure.get("type") == "critical"
    assert "What to do: Turn it off" in (failure.text or "")
    assert sample.verdicts[0].id in (failure.text or "")
    skipped = [each.get("message", "") for case in cases.values() for each in case.iter("skipped")]
    assert skipped[0] == "Muted: Registered with the reseller"
    assert skipped[1].endswith("could not be read. access denied")
    assert len(skipped) == 18


@pytest.mark.slow
@given(st.text(max_size=80))
def test_any_text_is_one_text_of_the_document(text: str) -> None:
    root = ET.fromstring(written(alone(text)).encode())  # noqa: S314 - our own text
    [case] = root.iter("testcase")
    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure"}
    assert case.get("classname") == "aws.x.y"


@pytest.mark.parametrize(
    "text", ["]]>", "<![CDATA[", "&xxe;", '"><failure/>', "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "\x00\x0b\ufffe"]
)
def test_markup_in_a_name_is_only_text(text: str) -> None:
    [failure] = ET.fromstring(written(alone(text)).encode()).iter("failure")  # noqa: S314 - our own text
    printable = "".join(c if c.isprintable() else "\ufffd" for c in text)
    assert failure.get("message") == printable


def test_hostile_names_are_there_to_be_read(hostile: Assessment, hostile_texts: Sequence[str]) -> None:
    assert any(hostile_texts[0] in (case.get("name") or "") for case in suites(hostile).iter("testcase"))


def test_a_rule_that_nobody_summed_up_is_counted_too(sample: Assessment) -> None:
    rules: tuple[RuleSummary, ...] = ()
    root = suites(replace(sample, rules=rules, verdicts=sample.verdicts[:-1]))
    consistent(root)


def test_a_run_with_nothing_in_it_is_a_document(build: Callable[..., Assessment]) -> None:
    root = suites(build([], rules=(), gaps=(), accounts=()))
    assert root.get("tests") == "0"
