from typing import Any

from sakimori.model.words import Severity
from sakimori.outputs.notify.message import MessageKind
from sakimori.outputs.notify.slack_blocks import escaped, slack_message
from sakimori.outputs.notify.text_form import text_form

from .conftest import message
from .sinks import wrong_blocks

JAPANESE = """\
🟥 CRITICAL | 漏洩したアクセスキーの不正使用を検知 | アカウント 1234-5678-9012 (prod-web) | SKM-20261123-01
…7WML (user s3-manager / 所有: 田中)  203.0.113.42 (NL, hosting)  02:14–02:32 JST
41サービス × 16リージョン、805回（拒否97%）
いま:
  1. アクセスキーを無効化する
     sakimori respond SKM-20261123-01
  2. 誤検知なら理由を書く
     sakimori findings close SKM-20261123-01
期限: 2026-11-24 02:10 JST
根拠: R-shape-01 | 範囲: 17/17 リージョン
"""
ENGLISH = """\
🟥 CRITICAL | A leaked access key is being used | acct 1234-5678-9012 (prod-web) | SKM-20261123-01
…7WML (user s3-manager / owner: Tanaka)  203.0.113.42 (NL, hosting)  17:14–17:32 UTC
41 services × 16 regions, 805 calls (97% denied)
Now:
  1. Deactivate the access key
     sakimori respond SKM-20261123-01
  2. If it is a false alarm, say why
     sakimori findings close SKM-20261123-01
Due: 2026-11-23 17:10 UTC
Based on: R-shape-01 | 17 of 17 regions
"""


def shown(payload: dict[str, Any]) -> str:
    """What a person reads in Slack, a block after the other."""
    blocks = [*payload["blocks"], *payload["attachments"][0]["blocks"]]
    texts = [each["elements"][0] if each["type"] == "context" else each["text"] for each in blocks]
    return "\n--\n".join(each["text"] for each in texts)


def test_text_form_is_that_of_the_design() -> None:
    assert text_form(message(language="ja")) == JAPANESE
    assert text_form(message()) == ENGLISH


def test_slack_shows_the_same_in_blocks() -> None:
    payload = slack_message(message(language="ja"))
    assert payload["text"] == JAPANESE.splitlines()[0]
    assert payload["attachments"][0]["color"] == "#7B001C"
    assert (
        shown(payload)
        == """\
🟥 CRITICAL | 漏洩したアクセスキーの不正使用を検知
--
<!here>
--
アカウント 1234-5678-9012 (prod-web) | SKM-20261123-01
--
…7WML (user s3-manager / 所有: 田中)  203.0.113.42 (NL, hosting)  02:14–02:32 JST
41サービス × 16リージョン、805回（拒否97%）
--
いま:
① アクセスキーを無効化する
    sakimori respond SKM-20261123-01
② 誤検知なら理由を書く
    sakimori findings close SKM-20261123-01
--
期限: 2026-11-24 02:10 JST
--
根拠: R-shape-01 | 範囲: 17/17 リージョン"""
    )


def test_severity_has_an_icon_a_word_and_a_colour() -> None:
    found = {
        severity: (payload["text"].partition(" |")[0], payload["attachments"][0]["color"])
        for severity in Severity
        for payload in [slack_message(message(severity=severity))]
    }
    assert found == {
        Severity.CRITICAL: ("🟥 CRITICAL", "#7B001C"),
        Severity.HIGH: ("🟧 HIGH", "#D13212"),
        Severity.MEDIUM: ("🟨 MEDIUM", "#FF9900"),
        Severity.LOW: ("🟩 LOW", "#1D8102"),
        Severity.INFORMATIONAL: ("⬜ INFO", "#687078"),
    }


def test_everybody_is_called_for_what_is_critical_and_needs_them_now() -> None:
    calling = {
        (severity, kind)
        for severity in Severity
        for kind in MessageKind
        if "<!here>" in str(slack_message(message(severity=severity, kind=kind)))
    }
    kinds = {MessageKind.CASE, MessageKind.UPDATE, MessageKind.STORM, MessageKind.ESCALATION}
    assert calling == {(Severity.CRITICAL, kind) for kind in kinds}


def test_kind_is_told_where_the_headline_may_not() -> None:
    first = {kind: text_form(message(kind=kind, language="ja")).partition(" | アカウント")[0] for kind in MessageKind}
    headline = "漏洩したアクセスキーの不正使用を検知"
    assert first[MessageKind.CASE] == f"🟥 CRITICAL | {headline}"
    assert first[MessageKind.UPDATE] == f"🟥 CRITICAL | 続報 | {headline}"
    assert first[MessageKind.CLOSED] == f"✅ 対応済み | {headline}"
    assert first[MessageKind.ESCALATION] == f"🟥 CRITICAL | 未対応 | {headline}"


def test_message_without_a_body_is_whole() -> None:
    bare = message(case="", account="", account_name="", lines=(), steps=(), footer="", deadline=None, headline="")
    assert wrong_blocks(slack_message(bare)) == ""
    assert text_form(bare) == "🟥 CRITICAL\n"


def test_digest_of_ten_thousand_is_cut_and_says_so() -> None:
    digest = message(kind=MessageKind.DIGEST, entries=tuple(f"case {number} " + "x" * 500 for number in range(10_000)))
    payload = slack_message(digest)
    assert wrong_blocks(payload) == ""
    assert "… and 9900 more" in shown(payload)
    assert shown(payload).endswith("17 of 17 regions")
    assert len(text_form(digest)) < 100_000


def test_cut_never_falls_within_an_entity() -> None:
    for limit in range(2, 40):
        cut = escaped("&<>" * 30, limit)
        assert len(cut) <= limit
        assert cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "") == "…"
