"""The reply says what the case shows, nothing that it does not, and always fits."""

import csv
import io
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakimori.model.verdict import Text
from sakimori.outputs.case.checking import check_reply
from sakimori.outputs.case.facts import (
    CaseFacts,
    Claim,
    DataEvents,
    DigestResult,
    ItemState,
    KeyRotation,
    Prevention,
    RootCause,
    StoppedSession,
    Sweep,
)
from sakimori.outputs.case.reply import write_billing_request, write_reply
from sakimori.outputs.case.reply_form import LIMIT, Reply, Weight, length_of
from sakimori.texts.language import LANGUAGES, Language

from .stories import KEY, at, instance, review, whole, with_data_events

FORCED = {
    "ja": "データイベントの記録がないため、持ち出しの有無は断定できません。",
    "en": "Data events were not recorded, so we cannot determine whether data was taken.",
}


def faults(reply: Reply, weight: Weight | None = None) -> list[str]:
    return [each.text.removeprefix("case_reply.") for each in reply.faults if weight in {None, each.weight}]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facts", [whole(), with_data_events()], ids=["no-data-events", "data-events"])
def test_a_case_that_is_done_gives_a_reply_that_stands(facts: CaseFacts, language: Language) -> None:
    for reply in (write_reply(facts, language), write_billing_request(facts, language)):
        assert reply.faults == ()
        assert reply.is_ready
        assert all(each.evidence for each in reply.sentences if each.is_claim)
        assert reply.subject.endswith(facts.subject)


def test_times_are_jst_in_japanese_and_utc_in_english() -> None:
    ja, en = write_reply(whole(), "ja").text, write_reply(whole(), "en").text
    assert "2026-11-23 11:47 JST に無効化" in ja
    assert "UTC" not in ja
    assert "deactivated at 2026-11-23 02:47 UTC" in en
    assert "JST" not in en


@pytest.mark.parametrize("language", LANGUAGES)
def test_whether_data_was_taken_is_said_as_far_as_data_events_reach(language: Language) -> None:
    assert FORCED[language] in write_reply(whole(), language).text
    clear = write_reply(with_data_events(), language).text
    assert FORCED[language] not in clear
    cases = [
        whole(review=review(data_events=DataEvents.PARTIAL, data_reads=0)),
        whole(review=review(data_events=DataEvents.FULL, data_reads=None)),
        whole(review=review(data_events=DataEvents.FULL, data_reads=0, regions=16)),
    ]
    uncertain = "断定できません" if language == "ja" else "cannot determine"
    assert all(uncertain in write_reply(each, language).text for each in cases)
    reads = write_reply(whole(review=review(data_events=DataEvents.FULL, data_reads=431)), language)
    assert "431" in reads.text
    assert reads.is_ready


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_are_told_as_how_many_of_how_many(language: Language) -> None:
    keys = (
        KeyRotation(key_id=KEY, user="deploy", rotated_at=at(430), evidence=("E-012",)),
        KeyRotation(key_id="AKIAI44QH8DHBEXAMPLE", user="mail"),
    )
    reply = write_reply(whole(keys=Claim(keys, ("E-011",)), keys_by=at(3_000)), language)
    wanted = (
        "アクセスキー 2 個のうち 1 個をローテーション"
        if language == "ja"
        else "1 of the 2 access keys of the account were rotated"
    )
    assert wanted in reply.text
    assert faults(reply) == ["keys_not_all"]
    alone = write_reply(whole(keys=Claim((), ("E-011",))), language)
    assert ("ほかのアクセスキーはございません" if language == "ja" else "no other access keys") in alone.text
    unshown = tuple(replace(each, rotated_at=at(1)) for each in keys)  # rotated, but nothing shows it
    assert faults(write_reply(whole(keys=Claim(unshown, ("E-011",))), language)) == ["keys_not_all"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_that_is_not_deleted_is_a_warning_and_no_sentence(language: Language) -> None:
    reply = write_reply(whole(deleted=None), language)
    assert faults(reply) == ["key_not_deleted"]
    assert ("同キーは" if language == "ja" else "The key was deleted") not in reply.text
    assert reply.is_ready


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_claimed_without_evidence(language: Language) -> None:
    bare = CaseFacts(
        case="SKM-20261123-R01", accounts=("111122223333",), key_id=KEY, user="deploy", deactivated=Claim(at(1)), deleted=Claim(at(2)),
        denied=Claim(at(3)), roles_assumed=Claim(3), keys=Claim(()), review=Claim(review().value), iam_items=Claim(()), resources=Claim((instance(1),)),
        second_sweep=Claim(Sweep(at=at(4), regions=17, regions_enabled=17, left=0)), residual=(Claim(Text(en="x", ja="ん")),),
        prevention=Prevention(cost_services=Claim(("budgets", "cloudtrail")), security_services=Claim(("mfa",))), cause=RootCause(cause="malware"),
    )  # fmt: skip
    reply = write_reply(bare, language)
    assert [each for each in reply.sentences if each.is_claim] == []
    assert "CloudTrail" not in reply.text.replace("AWSCompromised", "")
    assert faults(reply).count("no_evidence") >= 9
    empty = write_reply(CaseFacts(case="SKM-20261123-R01", accounts=("111122223333",)), language)
    assert [each for each in empty.sentences if each.is_claim] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_dealt_with_is_not_called_done(language: Language) -> None:
    items = (instance(1), instance(2, state=ItemState.OPEN, state_at=None), instance(3, state=ItemState.KEPT))
    reply = write_reply(
        whole(
            resources=Claim(items, ("E-004",)),
            second_sweep=Claim(Sweep(at=at(9), regions=17, regions_enabled=17, left=1), ("E-010",)),
        ),
        language,
    )
    assert items[2].id not in reply.text
    wanted = (
        ("1 件は停止、削除または復旧済みで、残りは対応中です", "残存は 1 件")
        if language == "ja"
        else ("1 were stopped, deleted or restored, and the rest is in progress", "found 1 item(s) left")
    )
    assert all(each in reply.text for each in wanted)
    assert reply.is_ready


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_of_an_unfinished_case_passes_its_own_check(language: Language) -> None:
    parts = (
        "deactivated",
        "deleted",
        "denied",
        "roles_assumed",
        "keys",
        "review",
        "iam_items",
        "resources",
        "second_sweep",
    )
    for missing in (*combinations(parts, 1), *combinations(parts, 2), parts):
        facts = replace(whole(), **dict.fromkeys(missing))
        assert faults(write_reply(facts, language), Weight.REFUSED) == [], missing
    nothing = Claim(value=(), evidence=("E-001",))
    facts = replace(whole(), iam_items=nothing, resources=nothing, review=None, key_id="", deleted=None)
    assert faults(write_reply(facts, language), Weight.REFUSED) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_case_without_a_key_speaks_of_none(language: Language) -> None:
    facts = replace(whole(), key_id="", deactivated=None, deleted=None)
    reply = write_reply(facts, language)
    assert not {"key_not_deleted"} & set(faults(reply))
    assert {"en": "role(s) concerned", "ja": "対象となったロール"}[language] in reply.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_none_is_said_within_what_was_looked_through(language: Language) -> None:
    nothing = {"iam_items": Claim((), ("E-004",)), "resources": Claim((), ("E-004",))}
    scope = "確認した範囲では" if language == "ja" else "Within what was reviewed"
    temporary = "一時的なセキュリティ認証情報の" if language == "ja" else "roles or temporary credentials was found"
    everywhere = write_reply(whole(**nothing), language)
    assert scope not in everywhere.text
    assert temporary not in everywhere.text  # a role was assumed: temporary credentials there were
    assert temporary in write_reply(whole(**nothing, roles=(), roles_assumed=Claim(0, ("E-004",))), language).text
    partly = write_reply(whole(**nothing, review=review(regions=15)), language)
    assert partly.text.count(scope) == 2
    assert ("17 リージョンのうち 15 リージョン" if language == "ja" else "15 of 17 enabled Regions") in partly.text


def test_only_roles_whose_sessions_were_revoked_are_called_revoked() -> None:
    reply = write_reply(whole(roles_assumed=Claim(3, ("E-004",))), "ja")
    assert "ロール 3 件のうち 1 件" in reply.text
    assert reply.is_ready


def test_a_review_on_files_that_were_changed_is_not_sent() -> None:
    reply = write_reply(whole(review=review(digest=DigestResult.FAILED, digest_files=(280, 288))), "ja")
    assert faults(reply, Weight.REFUSED) == ["digest_failed"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_fewer_services_than_aws_asks_for_are_told_to_the_person_and_not_to_aws(language: Language) -> None:
    reply = write_reply(
        whole(prevention=Prevention(cost_services=Claim(("budgets", "unknown-one"), ("E-014",)))), language
    )
    assert faults(reply) == ["few_services"]
    assert "AWS Budgets" in reply.text
    assert "unknown-one" not in reply.text


def test_the_house_s_own_notes_stay_in_the_house() -> None:
    facts = whole()
    assert facts.cause.note not in write_reply(facts, "ja").text
    assert "invoices-2026" not in write_reply(facts, "ja").text  # list B


def test_an_english_reply_with_a_japanese_fix_is_refused() -> None:
    japanese = "端末を再構築しました。"
    facts = whole(cause=RootCause(cause="malware", fix=Text(en=japanese, ja=japanese), evidence=("E-1",)))
    assert faults(write_reply(facts, "en"), Weight.REFUSED) == ["other_language"]
    assert write_reply(facts, "ja").is_ready
    untold = whole(cause=RootCause(cause="malware", fix=Text(en="", ja=japanese), evidence=("E-1",)))
    assert faults(write_reply(untold, "en")) == ["not_known"]


def test_an_abuse_report_is_closed_in_its_own_words_and_keeps_its_subject() -> None:
    facts = whole(is_abuse=True, subject="Your AWS Abuse Report [12345678901-1] [AWS ID 111122223333]")
    reply = write_reply(facts, "en")
    assert reply.subject == f"Re: {facts.subject}"
    assert "AWSCompromisedKeyQuarantine" not in reply.text


def test_long_tables_are_cut_and_go_along_whole() -> None:
    items = tuple(instance(number) for number in range(400))
    reply = write_reply(whole(resources=Claim(items, ("E-004",))), "ja")
    assert length_of(reply.text) <= LIMIT
    assert "resources.csv をご参照ください" in reply.text
    (table,) = reply.attachments
    rows = list(csv.reader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [row[1] for row in rows[1:]] == [each.id for each in items]
    shown = reply.text.count("EC2 Instance")
    assert f"ほか {400 - shown} 件" in reply.text
    assert reply.is_ready


def test_the_sum_of_the_bill_is_of_what_is_shown() -> None:
    first = whole().costs[0]
    costs = (
        first,
        replace(first, region="us-west-2", amount=Decimal("0.255"), is_estimate=False),
        replace(first, amount=Decimal(99), evidence=()),
    )
    reply = write_billing_request(whole(costs=costs), "en")
    assert "Total: 1,234.76 USD" in reply.text or "Total: 1,234.75 USD" in reply.text
    assert "99.00" not in reply.text
    assert faults(reply) == ["no_evidence"]
    nothing = write_billing_request(whole(costs=()), "en")
    assert not nothing.is_ready


names = st.text(min_size=1, max_size=400)


lengths = st.tuples(st.integers(0, 300), st.integers(0, 300))


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(length=lengths, words=st.lists(names, min_size=5, max_size=24), language=st.sampled_from(LANGUAGES))
def test_it_never_exceeds_what_aws_takes(length: tuple[int, int], words: list[str], language: Language) -> None:
    (count, costs), (name, user, fix, subject, *what) = length, words
    accounts = what * 3
    items = tuple(
        instance(each, id=name, kind=f"AWS::EC2::{name}", region=name, change=name, account=str(each % 3))
        for each in range(count)
    )
    facts = whole(
        user=user, accounts=tuple(accounts), aws_case=name, subject=subject, cause=RootCause(cause="shared-sheet", fix=Text(en=fix, ja=fix), evidence=("E-1",)),
        iam_items=Claim(items, ("E-4",)), resources=Claim(items, ("E-4",)), residual=tuple(Claim(Text(en=each, ja=each), ("E-5",)) for each in what),
        costs=tuple(replace(whole().costs[0], usage=name, resource=name, region=name) for _ in range(costs)),
    )  # fmt: skip
    for reply in (write_reply(facts, language), write_billing_request(facts, language)):
        assert length_of(reply.text) <= LIMIT
        assert "too_long" not in faults(reply)
        assert all(each.evidence for each in reply.sentences if each.is_claim)
        assert not any(ord(each) < 32 and each != "\n" for each in reply.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_person", [True, False])
def test_temporary_credentials_are_told_as_stopped_and_nothing_asks_to_delete_them(
    is_person: bool, language: Language
) -> None:
    name = "bob@example.com" if is_person else "deploy-role"
    stopped = Claim(StoppedSession(at=at(33), name=name, is_person=is_person), ("E-009",))
    facts = whole(key_id="ASIAIOSFODNN7EXAMPLE", user="", deactivated=None, deleted=None, denied=None, session=stopped)
    reply = write_reply(facts, language)
    assert faults(reply) == []
    first = next(each for each in reply.sentences if name in each.text)
    assert (first.evidence, "ASIAIOSFODNN7EXAMPLE" in first.text) == (("E-009",), True)
    assert faults(write_reply(replace(facts, session=None), language)) == ["not_known"]


def test_what_is_said_of_a_deletion_of_temporary_credentials_is_answered_with_how_they_were_stopped() -> None:
    stopped = Claim(StoppedSession(at=at(33), name="bob@example.com", is_person=True), ("E-009",))
    facts = whole(key_id="ASIAIOSFODNN7EXAMPLE", user="", deactivated=None, deleted=None, denied=None, session=stopped)
    found = check_reply("The access key was deleted.", facts, "en")
    wording = next(each.values["wording"] for each in found if each.text == "case_reply.not_deleted")
    assert "bob@example.com" in str(wording)
