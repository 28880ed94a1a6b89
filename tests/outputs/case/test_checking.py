"""A reply that a person edited: every claim that the case does not carry is told."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakimori.outputs.case.checking import check_reply
from sakimori.outputs.case.facts import CaseFacts, Claim
from sakimori.outputs.case.reply import write_reply
from sakimori.texts.language import LANGUAGES, Language
from sakimori.texts.sentences import say
from sakimori.texts.sentences import text as sentence

from .stories import whole, with_data_events


def faults(added: str, language: Language, facts: CaseFacts | None = None) -> list[str]:
    facts = facts or whole()
    text = f"{write_reply(facts, language).text}\n{added}"
    return [each.text.removeprefix("case_reply.") for each in check_reply(text, facts, language)]


@pytest.mark.parametrize(
    ("language", "added"),
    [
        ("en", "There was no data exfiltration."), ("en", "No customer data was accessed."), ("en", "We found no evidence of exfiltration."),
        ("en", "The data was not taken."), ("en", "The attacker did not access any data."), ("en", "Nothing was stolen."), ("en", "NO DATA WAS LEAKED"),
        ("ja", "データの持ち出しはございませんでした。"), ("ja", "情報漏洩は確認されておりません。"), ("ja", "顧客情報の流出は認められませんでした。"),
        ("ja", "データの持ち出しはありませんでした。"), ("ja", "オブジェクトの読み取りは発生していません。"), ("ja", "情報の流出は確認しておりません。"),
    ],
)  # fmt: skip
def test_that_no_data_was_taken_is_refused_unless_data_events_cover_all(language: Language, added: str) -> None:
    assert faults(added, language) == ["no_exfiltration"]
    assert faults(added, language, with_data_events()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_forced_sentence_may_not_be_taken_out(language: Language) -> None:
    text = write_reply(whole(), language).text
    sentence = (
        "データイベントの記録がないため、持ち出しの有無は断定できません。"
        if language == "ja"
        else "Data events were not recorded, so we cannot determine whether data was taken."
    )
    assert [each.text for each in check_reply(text.replace(sentence, ""), whole(), language)] == [
        "case_reply.no_wording"
    ]


@pytest.mark.parametrize(
    ("language", "added"),
    [
        ("en", "It was found at 2026-11-23 03:59 UTC."), ("en", "It was found on 24 December 2026."), ("en", "On November 25, 2026 we met."),
        ("en", "On 2026-13-45 we met."), ("ja", "2026年11月23日 15時59分に確認しました。"), ("ja", "2026/11/30 に完了しました。"),
        ("ja", "２０２６-１１-２３ ０１:０１ JST に確認しました。"),
    ],
)  # fmt: skip
def test_a_time_that_the_case_does_not_know_is_told(language: Language, added: str) -> None:
    assert faults(added, language) == ["unknown_time"]


@pytest.mark.parametrize(
    ("language", "added"),
    [
        ("en", "It was deactivated at 2026-11-23 02:47 UTC."), ("en", "On 23 November 2026 it was deactivated."),
        ("ja", "2026年11月23日 11時47分に無効化しました。"), ("ja", "2026/11/23 に無効化しました。"),
    ],
)  # fmt: skip
def test_a_time_that_it_knows_may_be_written_in_any_way(language: Language, added: str) -> None:
    assert faults(added, language) == []


def test_a_time_of_the_other_zone_is_told() -> None:
    assert faults("2026-11-23 02:47 UTC に無効化しました。", "ja") == ["other_zone"]
    assert faults("Deactivated at 2026-11-23 11:47 JST.", "en") == ["other_zone"]


@pytest.mark.parametrize(
    "added",
    [
        "AKIA" + "ZZZZZZZZZZZZEXAM", "arn:aws:iam::111122223333:role/other", "444455556666", "4444-5555-6666", "i-0abcdef1234567890", "SKM-20261123-R02",
        "203.0.113.9", "IAM user somebody",
    ],
)  # fmt: skip
def test_an_id_that_the_case_does_not_know_is_told(added: str) -> None:
    assert faults(f"We also saw {added} there.", "en") == ["unknown_id"]
    if "IAM user" not in added:
        assert faults(f"{added} も確認しました。", "ja") == ["unknown_id"]


def test_ids_of_the_case_are_known_in_every_way_of_writing() -> None:
    assert faults("Account 1111-2222-3333, 198.51.100.7, arn:aws:iam::111122223333:role/build.", "en") == []


@pytest.mark.parametrize(
    ("language", "added"),
    [("en", "We rotated 9 keys."), ("en", "In 16 Regions we looked."), ("en", "There were 99,999 management events."), ("ja", "アクセスキー 9 個を確認しました。"), ("ja", "21 リージョンを確認しました。"), ("ja", "イベント ９９９ 件を確認しました。")],
)  # fmt: skip
def test_a_number_that_the_case_does_not_know_is_told(language: Language, added: str) -> None:
    assert faults(added, language) == ["unknown_count"]


def test_an_amount_that_the_case_does_not_know_is_told() -> None:
    assert faults("It cost $1,234.50 in all.", "en") == []
    assert faults("It cost $12,345 in all.", "en") == ["unknown_amount"]
    assert faults("料金は 9,999 ドルでした。", "ja") == ["unknown_amount"]


def test_that_a_key_was_deleted_or_all_were_rotated_must_be_so() -> None:
    facts = whole(deleted=None, keys=None)
    assert faults("The key was deleted.", "en", facts) == ["not_deleted"]
    assert faults("当該アクセスキーは削除済みです。", "ja", facts) == ["not_deleted"]
    assert faults("The key will be deleted soon, it is not yet gone.", "en", whole()) == []
    assert faults("すべてのアクセスキーをローテーションしました。", "ja", facts) == ["not_all_rotated"]
    assert faults("All access keys were rotated.", "en", facts) == ["not_all_rotated"]
    assert faults("All access keys were rotated. The key was deleted.", "en") == []


@pytest.mark.parametrize(
    ("language", "added"),
    [
        ("en", "MFA was not enabled for this user."), ("en", "Security Hub also shows critical findings."), ("en", "Our alarms did not fire."),
        ("en", "We have 240 EC2 instances in production."), ("en", "The user had AdministratorAccess."), ("en", "It happened through our own fault."),
        ("en", "We had no logging and lacked monitoring."), ("ja", "MFA は設定されていませんでした。"), ("ja", "Security Hub でほかの検出結果も出ております。"),
        ("ja", "アラームは発報しませんでした。"), ("ja", "当該ユーザーには管理者権限を付与していました。"), ("ja", "弊社の過失によるものです。"), ("ja", "CloudTrail のログ監視に不備がありました。"),
    ],
)  # fmt: skip
def test_what_aws_did_not_ask_for_is_told(language: Language, added: str) -> None:
    assert "volunteered" in faults(added, language)


def test_a_reply_stays_in_one_language() -> None:
    assert faults("対応は完了しました。", "en") == ["other_language"]
    assert faults("We have now finished all of the work that was needed.", "ja") == ["other_language"]
    assert faults("AWS Budgets、AWS CloudTrail、Amazon GuardDuty を利用しています。", "ja") == []


def test_the_subject_of_an_abuse_report_stays_as_it_is() -> None:
    facts = whole(is_abuse=True, subject="Your AWS Abuse Report [12345678901-1]")
    text = write_reply(facts, "en").text
    assert check_reply(f"Subject: Re: {facts.subject}\n\n{text}", facts, "en") == ()
    assert [each.text for each in check_reply(f"Subject: our answer\n\n{text}", facts, "en")] == [
        "case_reply.other_subject"
    ]


def test_length_emptiness_and_what_cannot_be_seen_are_told() -> None:
    assert "case_reply.too_long" in [each.text for each in check_reply("あ" * 8_001, whole(), "ja")]
    assert "case_reply.empty" in [each.text for each in check_reply(" \n", whole(), "ja")]
    assert faults("a\u202eb", "en") == ["invisible"]


@pytest.mark.slow
@settings(deadline=None)
@given(text=st.text(max_size=400), language=st.sampled_from(LANGUAGES))
def test_any_text_can_be_checked(text: str, language: Language) -> None:
    check_reply(text, whole(), language)
    check_reply(text, CaseFacts(case="", accounts=(), keys=Claim(())), language)


@pytest.mark.slow
def test_a_hostile_text_does_not_stall_the_check() -> None:
    for text in (
        "no data " * 20_000,
        "key " * 30_000,
        "データ" * 40_000,
        "1," * 60_000,
        "2026-11-23 " * 15_000,
        "arn:aws:" * 20_000,
        "a, " * 60_000,
        "MFA " * 40_000,
    ):
        for language in LANGUAGES:
            check_reply(text, whole(), language)


@pytest.mark.parametrize(
    ("language", "refused", "offered"),
    [
        ("en", "The key was deleted from the repository.", "The key was removed from the repository."),
        ("ja", "キーをリポジトリから削除しました。", "キーはリポジトリから取り除きました。"),
        ("en", "The key was deleted.", "The exposed access key AKIAIOSFODNN7EXAMPLE was deactivated at 2026-11-23 02:31 UTC."),
        ("en", "All access keys were rotated.", "1 of the 3 access keys of the account were rotated; the rest is in progress."),
        ("en", "No data was taken.", "Data events were not recorded, so we cannot determine whether data was taken."),
    ],
)  # fmt: skip
def test_each_refusal_offers_a_wording_that_is_not_refused(language: Language, refused: str, offered: str) -> None:
    facts = replace(whole(), deleted=None)
    if facts.keys:
        keys = tuple(
            replace(each, rotated_at=each.rotated_at if not n else None) for n, each in enumerate(facts.keys.value)
        )
        facts = replace(facts, keys=replace(facts.keys, value=keys))
    found = [each for each in check_reply(refused, facts, language, tells_review=False) if "wording" in each.values]
    (told,) = [str(each.values["wording"]) for each in found]
    assert say(found[0].text, language, **found[0].values).endswith(told)
    assert not [each.text for each in check_reply(told, facts, language, tells_review=False)]
    assert told.partition(" ")[0] == offered.partition(" ")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_says_what_to_do_instead(language: Language) -> None:
    for name in ("volunteered", "other_language", "unknown_time", "other_zone", "unknown_id", "unknown_count", "unknown_amount", "invisible", "too_long"):  # fmt: skip
        told = sentence(f"case_reply.{name}").in_(language)
        assert len([each for each in re.split(r"(?<=[.。:：]) ?", told) if each.strip()]) > 1, told
