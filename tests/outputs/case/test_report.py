"""The report for the house, the timeline, and the questionnaire."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sakimori.model.errors import RuleError, UsageError
from sakimori.model.verdict import Text
from sakimori.outputs.case.causes import find_cause, load_causes, read_causes
from sakimori.outputs.case.facts import CaseFacts, Claim, DataEvents, DigestResult, ItemState, Moment
from sakimori.outputs.case.report_html import ReportRequest, coverage, headline, open_points, summary, write_report
from sakimori.outputs.case.timeline_csv import COLUMNS, write_timeline
from sakimori.outputs.evidence.store import EvidenceStore
from sakimori.texts.language import LANGUAGES, Language

from .stories import KEY, at, instance, review, whole

HOSTILE = "<script>alert(1)</script>\u202e\x1b[2J"


def page(facts: CaseFacts, language: Language, tmp_path: Path) -> str:
    store = EvidenceStore(tmp_path / "case", lambda: datetime(2026, 11, 23, tzinfo=UTC))
    store.add(
        "users", call="iam:ListUsers", region="us-east-1", account="111122223333", payload={}, rows=0, coverage=HOSTILE
    )
    stream = io.StringIO()
    write_report(
        ReportRequest(facts=facts, evidence=store.pieces(), head=store.head, made_at=at(600)), language, stream
    )
    return stream.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_the_whole_case_and_loads_nothing(language: Language, tmp_path: Path) -> None:
    facts = whole()
    shown = page(facts, language, tmp_path)
    wanted = [
        facts.case,
        "E-012",
        "svc-backup",
        "invoices-2026",
        "1,234.50",
        facts.negatives[0].coverage.in_(language),
        "198.51.100.7",
        "sato",
        facts.open_questions[0].in_(language),
    ]
    assert [each for each in wanted if each not in shown] == []
    assert shown.count("i-0000000000000000") == 8
    assert KEY not in shown  # what is handed around names a key as logs do
    assert not any(each in shown for each in ("<script", "http://", "https://", "<img", "<link", "url("))
    assert "default-src 'none'" in shown
    assert "case_report." not in shown


def test_what_outsiders_chose_is_text_and_nothing_else(tmp_path: Path) -> None:
    moment = Moment(at=at(1), what=Text(en=HOSTILE, ja=HOSTILE), source=HOSTILE, actor=HOSTILE, evidence=(HOSTILE,))
    facts = whole(
        user=HOSTILE,
        subject=HOSTILE,
        moments=(moment,),
        resources=Claim((instance(1, id=HOSTILE, kind=HOSTILE, region=HOSTILE),), ("E-1",)),
    )
    shown = page(facts, "ja", tmp_path)
    assert "<script" not in shown
    assert "\u202e" not in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_is_said_to_be_unknown(language: Language, tmp_path: Path) -> None:
    empty = CaseFacts(case="SKM-20261123-R01", accounts=("111122223333",))
    shown = page(empty, language, tmp_path)
    unknown = "不明" if language == "ja" else "unknown"
    assert shown.count(unknown) > 6
    assert ("まだ調査していません" if language == "ja" else "has not been examined yet") in " ".join(
        summary(empty, language)
    )
    assert ("まだ封じ込めが完了していません" if language == "ja" else "Not contained yet") in headline(empty, language)
    assert len(open_points(empty, language)) >= 3
    assert ("見つかりませんでした" if language == "ja" else "None was found") not in shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("digest", DigestResult)
@pytest.mark.parametrize("data", DataEvents)
def test_every_limit_of_what_was_looked_through_is_shown(
    language: Language, digest: DigestResult, data: DataEvents
) -> None:
    facts = whole(review=review(digest=digest, data_events=data, regions=3, digest_files=(7, 9)))
    said = coverage(facts, language)
    assert len(said) == 4
    assert ("17 リージョン中 3" if language == "ja" else "3 of 17") in said[0]


def test_what_is_left_stands_in_the_first_line() -> None:
    facts = whole(resources=Claim((instance(1, state=ItemState.OPEN), instance(2)), ("E-1",)))
    assert "1 件が未対応" in headline(facts, "ja")


@pytest.mark.slow
def test_a_huge_case_is_cut_and_says_so(tmp_path: Path) -> None:
    facts = whole(moments=tuple(replace(whole().moments[0], at=at(number)) for number in range(1_500)))
    shown = page(facts, "ja", tmp_path)
    assert "ほか 501 件は表示していません" in shown


# -- the timeline -----------------------------------------------------------------------


def rows(facts: CaseFacts, language: Language = "en") -> list[dict[str, str]]:
    stream = io.StringIO(newline="")
    write_timeline(facts, stream, language)
    text = stream.getvalue()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))  # as DFIR-IRIS reads it


def test_the_timeline_has_the_columns_that_dfir_iris_asks_for() -> None:
    found = rows(whole())
    assert tuple(found[0]) == COLUMNS
    assert [each["event_title"] for each in found] == [
        "GetCallerIdentity from an unknown address",
        "Deactivate the key",
    ]
    first = found[0]
    assert (first["event_date"], first["event_tz"]) == ("2026-11-23T02:22:00.000000", "+00:00")
    assert datetime.fromisoformat(first["event_date"] + first["event_tz"]) == at(8)
    assert (first["event_assets"], first["event_iocs"], first["event_category"], first["event_tags"]) == (
        "",
        "",
        "",
        "recon",
    )
    japanese = rows(whole(), "ja")[0]
    assert datetime.fromisoformat(japanese["event_date"] + japanese["event_tz"]) == at(8)


def test_no_cell_is_a_formula_nor_breaks_a_line() -> None:
    text = "=cmd|' /C calc'!A0\r\n\u2028\x0b\x1cx,\"y"
    moment = Moment(at=at(1), what=Text(en=text, ja=text), source=text, actor=text, raw=text, tags=(text, "a|b"))
    (row,) = rows(whole(moments=(moment,), steps=()))
    assert None not in row.values()
    assert len(row) == len(COLUMNS)
    assert not any(value.startswith(("=", "+", "-", "@")) for name, value in row.items() if name != "event_tz")
    assert row["event_tags"].count("|") == 1


# -- the questionnaire -----------------------------------------------------------------------


def test_the_questionnaire_asks_for_every_way_in_both_languages() -> None:
    groups = load_causes()
    causes = [cause for group in groups for cause in group.causes]
    assert (len(groups), len(causes)) == (4, 11)
    for cause in causes:
        for text in (cause.title, cause.phrase, cause.ask, cause.look, cause.fix):
            assert any("\u3040" <= each <= "\u9fff" for each in text.ja)
            assert text.en.isascii()
        assert not cause.phrase.ja.endswith("。")


def test_a_cause_that_is_none_is_refused_with_the_nearest() -> None:
    assert find_cause("malware").title.en
    with pytest.raises(UsageError) as caught:
        find_cause("malwar")
    assert caught.value.values["near"] == "malware"


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "a: 1",
        "- {id: x}",
        "- {id: x, title: {en: a, ja: b}, causes: [{id: y}]}",
        "- {id: x, title: {en: a}, causes: []}",
    ],
)
def test_a_damaged_questionnaire_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "causes.yaml"
    path.write_text(text)
    with pytest.raises(RuleError) as caught:
        read_causes(path)
    assert caught.value.values["line"] == 1
