"""Detections as a person reads them: a thief's tool that tries all Regions is one paragraph, not one for each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from sakimori.model.detection import Detection
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.outputs.report.detection_pages import SHOWN, write_detections
from sakimori.texts.language import Language

T0 = datetime(2026, 10, 3, 17, 0, tzinfo=UTC)
TOOL = Detection(
    rule="attack-tool-used",
    title=Text(en="A tool of attackers", ja="攻撃用のツール"),
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    first_at=T0,
    last_at=T0,
    count=3,
    principal="arn:aws:iam::111122223333:user/ci",
    origins=("203.0.113.18",),
    account="111122223333",
    region="us-east-1",
    message=Text(en="It was used (us-east-1).", ja="使用されました（us-east-1）。"),
)
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


def in_regions(*regions: str) -> list[Detection]:
    return [
        replace(TOOL, region=region, first_at=T0 + timedelta(minutes=n), last_at=T0 + timedelta(minutes=n + 1))
        for n, region in enumerate(regions)
    ]


def shown(*detections: Detection, language: Language = "en", is_recorded: bool = True) -> str:
    stream = StringIO()
    write_detections(detections, {}, stream, language, is_recorded=is_recorded)
    return stream.getvalue()


def test_what_differs_in_its_region_alone_is_told_once_with_all_regions_times_and_events() -> None:
    text = shown(*in_regions(*REGIONS))
    assert text.count("A tool of attackers") == 1
    assert "And 2 more like it, in us-west-2, eu-west-1." in text
    assert "17:00:00 UTC to 2026-10-03 17:03:00 UTC, 9 events · 111122223333 3 Regions" in " ".join(text.split())
    assert "3 detections: High 3." in text


def test_in_japanese_too() -> None:
    text = shown(*in_regions(*REGIONS), language="ja").replace("\n", "").replace(" ", "")
    assert "ほかに同様の検知が2件あります（リージョン:us-west-2、eu-west-1）。" in text
    assert "3リージョン" in text


@pytest.mark.parametrize(
    "other",
    [
        {"principal": "arn:aws:iam::111122223333:user/other"},
        {"origins": ("198.51.100.1",)},
        {"account": "555566667777"},
        {"rule": "another"},
        {"severity": Severity.LOW},
        {"subject": "another"},
        {"evidence": {"errorCode": "AccessDenied"}},
    ],
)
def test_what_differs_in_anything_else_keeps_its_own_paragraph(other: dict[str, object]) -> None:
    text = shown(TOOL, replace(TOOL, region="us-west-2", **other))  # type: ignore[arg-type]
    assert text.count("A tool of attackers") == 2
    assert "more like it" not in text


def test_resources_of_the_others_are_named() -> None:
    first, second = in_regions(*REGIONS[:2])
    text = shown(replace(first, resources=("a",)), replace(second, resources=("a", "b\x1b[31m")))
    assert "And one more like it, in us-west-2, on b\N{REPLACEMENT CHARACTER}[31m." in text


def test_what_came_again_in_the_same_region_is_another_paragraph() -> None:
    text = shown(*in_regions("us-east-1", "us-east-1", "us-west-2"))
    assert text.count("A tool of attackers") == 2
    assert text.count("And one more like it, in us-west-2.") == 1


def test_what_is_left_out_is_counted_by_detection_and_not_by_paragraph() -> None:
    paragraphs = [replace(TOOL, principal=f"arn:aws:iam::111122223333:user/{n}") for n in range(SHOWN)]
    low = [replace(each, severity=Severity.LOW) for each in in_regions(*REGIONS)]
    assert "and 3 more, less grave. All of them: --format json, or `sakimori findings list`." in shown(
        *paragraphs, *low
    )
    assert "and one more, less grave. All of them: --format json.\n" in shown(*paragraphs, low[0], is_recorded=False)
    assert "more, less grave" not in shown(*paragraphs)
