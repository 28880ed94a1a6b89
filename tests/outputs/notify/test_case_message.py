"""What a message says of a case: what, whose, where, since when, how much and what to do, in both languages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.findings.test_detections import imported
from tests.findings.world import FAIL, PASS, USER, at, rule, run, unit, verdict

from sakimori.app.inbox import Desk
from sakimori.findings.inbox import Quiet
from sakimori.findings.life import record
from sakimori.findings.triage import Doing
from sakimori.model.verdict import Text
from sakimori.model.words import Severity
from sakimori.outputs.notify.case_message import case_entry, case_message, closed_message, trial_message
from sakimori.outputs.notify.case_view import CaseView, case_view
from sakimori.outputs.notify.message import Message, MessageKind
from sakimori.outputs.notify.text_form import text_form, title
from sakimori.state.store import open_store
from sakimori.texts.language import Language

from .newsroom import HOUR, NOON, Newsroom, act

TOLD: dict[str, Any] = {"key": "0" * 32, "kind": MessageKind.CASE, "made_at": NOON}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with open_store(tmp_path / "state.db") as opened:
        yield Newsroom(opened)


def view_of(room: Newsroom, number: int = 0) -> CaseView:
    with room.store.read() as connection:
        view = case_view(connection, room.cases()[number]["id"], room.quiet)
    assert view is not None
    return view


def said(room: Newsroom, language: Language, *news: str) -> Message:
    return case_message(view_of(room), language, "prod-web", news, **TOLD)


def test_message_of_a_case_in_english(room: Newsroom) -> None:
    room.record(act(severity=Severity.CRITICAL, last_at=NOON + 90 * timedelta(minutes=1), count=805))
    assert text_form(said(room, "en")).splitlines() == [
        "🟥 CRITICAL | Logging of a trail is stopped | acct 1111-2222-3333 (prod-web) | SKM-20261125-01",
        "Who: arn:aws:iam::111122223333:user/alice",
        "alice stopped the trail main.",
        "From: 192.0.2.1",
        "2026-11-25 03:00 UTC – 2026-11-25 04:30 UTC",
        "Findings: 1, events: 805, Regions: ap-northeast-1",
        "Now:",
        "  1. Look",
        "     sakimori findings show SKM-20261125-01",
        "  2. Take it",
        "     sakimori findings assign SKM-20261125-01 --to me",
        "  3. It was meant",
        "     sakimori findings close SKM-20261125-01 --as benign --reason …",
        "Grounds: cloudtrail-logging-stopped",
    ]


def test_message_of_a_case_in_japanese(room: Newsroom) -> None:
    room.record(act(last_at=NOON + HOUR, count=805))
    assert text_form(said(room, "ja", "severity", "region")).splitlines() == [
        "🟧 HIGH | 証跡の記録が停止されました | アカウント 1111-2222-3333 (prod-web) | SKM-20261125-01",
        "続報: 重要度が上がりました、新しいリージョンで発生しました",
        "対象: arn:aws:iam::111122223333:user/alice",
        "alice が証跡 main を停止しました。",
        "接続元: 192.0.2.1",
        "2026-11-25 12:00 JST 〜 2026-11-25 13:00 JST",
        "検出結果 1 件、イベント 805 回、リージョン: ap-northeast-1",
        "いま:",
        "  1. 詳細を見る",
        "     sakimori findings show SKM-20261125-01",
        "  2. 担当する",
        "     sakimori findings assign SKM-20261125-01 --to me",
        "  3. 正当な操作だった",
        "     sakimori findings close SKM-20261125-01 --as benign --reason …",
        "根拠: cloudtrail-logging-stopped",
    ]


def test_commands_that_a_message_names_can_be_typed(room: Newsroom) -> None:
    room.record(act())
    case = room.cases()[0]["id"]
    Desk(room.store, (), Doing("sato", NOON)).give([case], "me")
    assert view_of(room).owners == ("me",)
    assert [step.command.split()[:3] for step in said(room, "en").steps] == [
        ["sakimori", "findings", verb] for verb in ("show", "assign", "close")
    ]


def test_owner_stands_beside_the_principal(room: Newsroom) -> None:
    room.record(act())
    Desk(room.store, (), Doing("sato", NOON)).give([room.cases()[0]["id"]], "tanaka")
    assert said(room, "en").lines[0] == "Who: arn:aws:iam::111122223333:user/alice (owner: tanaka)"
    assert said(room, "ja").lines[0] == "対象: arn:aws:iam::111122223333:user/alice（担当: tanaka）"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_reason_for_telling_again_has_its_words(room: Newsroom, language: Language) -> None:
    room.record(act())
    words = ("reopened", "severity", "region", "principal", "rule", "count", "again", "untaken")
    told = said(room, language, *words)
    assert told.data["news"] == list(words)
    assert "news_" not in told.lines[0]
    assert len(told.lines[0]) > 40


def test_sources_of_aws_are_named_as_in_its_console(room: Newsroom) -> None:
    room.record(imported())
    assert said(room, "en").footer == "Grounds: Recon:EC2/Portscan, GuardDuty"


def test_deadline_of_a_mail_is_that_of_the_case(room: Newsroom) -> None:
    due = datetime(2026, 11, 24, 17, 10, tzinfo=UTC)
    room.record(act("a", evidence={"deadline": due}), act("a", rule="b", evidence={"deadline": "tomorrow"}))
    assert said(room, "ja").deadline == due


def test_what_is_suppressed_does_not_count_and_is_mentioned(room: Newsroom) -> None:
    room.record(act("a"), act("a", rule="b", count=99, region="us-east-1", severity=Severity.CRITICAL))
    room.quiet = Quiet(lambda told: "quiet-1" if told.rule == "b" else "", lambda _: True)
    view = view_of(room)
    assert (view.findings, view.suppressed, view.count, view.severity, view.regions) == (1, 1, 1, Severity.HIGH, ("ap-northeast-1",))  # fmt: skip
    assert "Suppressed besides: 1." in said(room, "en").lines
    assert "ほかに 1 件が抑制済みです。" in said(room, "ja").lines


def test_posture_names_its_resources(room: Newsroom) -> None:
    checked, names = rule(USER), [f"user-{number}" for number in range(5)]
    record(room.store, run(0, [checked], [unit(USER)]), [verdict(FAIL, checked, name) for name in names])
    told = said(room, "en")
    assert any(line.startswith("Resources (5): user-") and line.endswith(" and 2 more") for line in told.lines)
    assert told.steps[0].command == "sakimori explain aws.test.aws_iam_user"
    assert any(line.startswith("リソース 5 件: user-") for line in said(room, "ja").lines)


def test_closed_case_of_posture_has_the_title_of_what_was_last(room: Newsroom) -> None:
    checked = rule(USER)
    record(room.store, run(0, [checked], [unit(USER)]), [verdict(FAIL, checked)])
    record(room.store, run(1, [checked], [unit(USER)]), [verdict(PASS, checked)])
    view = view_of(room)
    assert (view.is_open, view.title) == (False, Text(en="r is open.", ja="r は公開されています。"))
    told = closed_message(view, "ja", "", **(TOLD | {"kind": MessageKind.CLOSED, "made_at": at(1)}))
    assert title(told).startswith("✅ 対応済み | r は公開されています。")
    assert told.lines == ("問題のあるリソースはなくなりました。",)


def test_case_in_a_digest_is_one_line(room: Newsroom) -> None:
    room.record(act())
    assert case_entry(view_of(room), "en", "prod-web") == (
        "High | Logging of a trail is stopped | 111122223333 (prod-web) | arn:aws:iam::111122223333:user/alice"
        " | findings: 1 | SKM-20261125-01"
    )
    assert case_entry(view_of(room), "ja", "").endswith(" | 検出結果 1 件 | SKM-20261125-01")


def test_names_that_an_outsider_chose_move_and_break_nothing(room: Newsroom) -> None:
    odd = "x\r\nBcc: a\u202egnp\x1b[2J" + "y" * 100_000
    found = act("", account="111122223333", origins=(odd,), resources=(odd,), title=Text(en=odd, ja=odd), message=Text(en=odd, ja=odd), subject=odd)  # fmt: skip
    room.record(found)
    told = said(room, "en")
    for words in (told.headline, *told.lines, case_entry(view_of(room), "en", odd)):
        assert len(words) <= 600
        assert words.isprintable()


def test_lists_in_a_case_are_bounded(room: Newsroom) -> None:
    room.record(*(act("a", rule=f"rule-{n}", region=f"r-{n}", origins=(f"192.0.2.{n}",), resources=(f"b-{n}",)) for n in range(60)))  # fmt: skip
    view = view_of(room)
    assert {len(view.rules), len(view.regions), len(view.origins), len(view.resources)} == {20}
    assert (view.findings, view.count) == (60, 60)
    assert sum(line.endswith(" and 17 more") for line in said(room, "en").lines) == 2


def test_case_that_is_not_there_is_none(room: Newsroom) -> None:
    with room.store.read() as connection:
        assert case_view(connection, "SKM-20000101-01", room.quiet) is None


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "This is a test. There is nothing to do."), ("ja", "これはテストです。対応は不要です。")],
)
def test_trial_says_that_there_is_nothing_to_do(language: Language, words: str) -> None:
    assert trial_message(language, key="0" * 32, made_at=NOON).headline == words
